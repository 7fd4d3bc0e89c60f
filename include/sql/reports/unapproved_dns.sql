/*
title: DNS at resolvers that are not approved
group: detections
order: 110
severity: medium
description: >
  Accepted flows from private addresses to port 53 or 853 of a public address that is not among the approved resolvers.
  Lookups there escape your logs and blocks, and data can be carried off in them. Point the host at the VPC's resolver,
  or add the resolver to the threshold `resolvers`.
thresholds: {ports: [53, 853], resolvers: []}
columns:
  who: {label: Our address, kind: address}
  what: {label: Resolver, kind: text}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Flows, kind: number}
  dstaddr: {label: Destination, kind: address}
  dstport: {label: Port, kind: port}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
SELECT
  srcaddr AS who,
  dstaddr || ':' || CAST(dstport AS varchar) AS what,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen,
  sum(flows) AS amount,
  dstaddr,
  dstport,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  CASE WHEN min(interface_id) = max(interface_id) THEN min(interface_id) END AS interface_id,
  max_by(aws_account, flows) AS aws_account,
  max_by(aws_region, flows) AS aws_region
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'ACCEPT' AND protocol IN (6, 17)
  AND dstport IN ({{ params.thresholds.ports | join(", ") }})
  AND {{ is_private("srcaddr") }} AND {{ is_public("dstaddr") }}
{%- if params.thresholds.resolvers %}
  AND dstaddr NOT IN ({% for resolver in params.thresholds.resolvers %}'{{ resolver }}'{{ ", " if not loop.last }}{% endfor %})
{%- endif %}
GROUP BY srcaddr, dstaddr, dstport
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
