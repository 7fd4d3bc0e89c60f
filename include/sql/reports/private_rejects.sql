/*
title: Rejects between private addresses
group: traffic
order: 130
description: >
  Flows from one private address to another that were rejected. Nearly always a rule is missing and something does not
  work; ask the owner of the destination. A host that tries what it never needs (22, 445, 3389, many hosts) may be in the
  wrong hands and looking for the next one.
columns:
  srcaddr: {label: Source, kind: address}
  dstaddr: {label: Destination, kind: address}
  dstport: {label: Port, kind: port}
  protocol: {label: Protocol, kind: protocol}
  flows: {label: Rejected flows, kind: number}
  interfaces: {label: Interfaces, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
*/
SELECT
  srcaddr,
  dstaddr,
  dstport,
  protocol,
  sum(flows) AS flows,
  count(DISTINCT interface_id) AS interfaces,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
  AND {{ is_private("srcaddr") }} AND {{ is_private("dstaddr") }}
GROUP BY srcaddr, dstaddr, dstport, protocol
ORDER BY flows DESC, srcaddr, dstaddr, dstport, protocol
LIMIT {{ params.limit }}
