/*
title: Unusual protocols
group: detections
order: 120
severity: low
description: >
  Flows of an IP protocol besides ICMP, TCP, UDP and the tunnels GRE and ESP. Few programs speak others: a tunnel that
  nobody set up, a routing daemon, a probe. Find out what speaks it; add wanted ones to the threshold `protocols`.
thresholds: {protocols: [1, 6, 17, 58, 47, 50]}
columns:
  who: {label: Source, kind: address}
  what: {label: Protocol and destination, kind: text}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Flows, kind: number}
  protocol: {label: Protocol, kind: protocol}
  dstaddr: {label: Destination, kind: address}
  accepted: {label: Accepted, kind: number}
  rejected: {label: Rejected, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
SELECT
  srcaddr AS who,
  'protocol ' || CAST(protocol AS varchar) || ' to ' || dstaddr AS what,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen,
  sum(flows) AS amount,
  protocol,
  dstaddr,
  sum(CASE WHEN action = 'ACCEPT' THEN flows ELSE 0 END) AS accepted,
  sum(CASE WHEN action = 'REJECT' THEN flows ELSE 0 END) AS rejected,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  CASE WHEN min(interface_id) = max(interface_id) THEN min(interface_id) END AS interface_id,
  max_by(aws_account, flows) AS aws_account,
  max_by(aws_region, flows) AS aws_region
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}'
  AND protocol NOT IN ({{ params.thresholds.protocols | join(", ") }})
GROUP BY srcaddr, dstaddr, protocol
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
