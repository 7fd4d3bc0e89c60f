/*
title: Name lookups at unapproved resolvers
group: detections
order: 110
severity: medium
description: >
  A host of yours used a public resolver that is not approved, on port 53 or 853 (DNS over TLS). Hosts in a VPC ask
  Amazon's resolver, which is never logged, or a private one; those that go around it escape your DNS firewall and its
  logs, and tunnels leave that way. No public resolver is approved until you list it, as an address or a CIDR, in the
  threshold "resolvers"; put a recursive resolver of your own, which asks name servers everywhere, on the allowlist.
thresholds: {ports: [53, 853], resolvers: []}
columns:
  who: {label: Host, kind: address}
  what: {label: Resolver and port}
  first_seen: {label: First lookup, kind: time}
  last_seen: {label: Last lookup, kind: time}
  amount: {label: Accepted flows, kind: number}
  dstaddr: {label: Resolver, kind: address}
  dstport: {label: Port, kind: port}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
{%- set limits = params.thresholds %}
SELECT
  srcaddr AS who,
  if(strpos(dstaddr, ':') > 0, '[' || dstaddr || ']', dstaddr) || ':' || CAST(dstport AS varchar) AS what,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen,
  sum(flows) AS amount,
  dstaddr,
  dstport,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  if(min(interface_id) = max(interface_id), min(interface_id)) AS interface_id,
  array_join(array_sort(array_agg(DISTINCT aws_account)), ', ') AS aws_account,
  array_join(array_sort(array_agg(DISTINCT aws_region)), ', ') AS aws_region
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'ACCEPT'
  AND dstport IN ({{ limits.ports | join(", ") }}) AND coalesce(protocol, 17) IN (6, 17)
  -- IPv6: our own hosts have public addresses too.
  AND {{ is_public("dstaddr") }} AND ({{ is_private("srcaddr") }} OR flow_direction = 'egress')
{%- for resolver in limits.resolvers %}
  {%- set bits = "" if "/" in resolver else "/128" if ":" in resolver else "/32" %}
  AND NOT coalesce(contains('{{ resolver }}{{ bits }}', TRY_CAST(dstaddr AS ipaddress)), false)
{%- endfor %}
GROUP BY srcaddr, dstaddr, dstport
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
