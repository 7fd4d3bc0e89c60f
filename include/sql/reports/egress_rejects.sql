/*
title: Rejects that leave us
group: traffic
order: 140
description: >
  Hosts of yours (private addresses) whose flows to public addresses were rejected, by port. A host that keeps trying is
  misconfigured, or compromised and calling home: 25, 6667 and a port with many destinations are bad signs. Replies that
  a network ACL blocks show here too, with high ports. One of the destinations is shown.
columns:
  srcaddr: {label: Source, kind: address}
  dstport: {label: Port, kind: port}
  protocol: {label: Protocol, kind: protocol}
  flows: {label: Rejected flows, kind: number}
  destinations: {label: Destinations, kind: number}
  dstaddr: {label: One of them, kind: address}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
*/
SELECT
  srcaddr,
  dstport,
  protocol,
  sum(flows) AS flows,
  count(DISTINCT dstaddr) AS destinations,
  min(dstaddr) AS dstaddr,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
  AND {{ is_private("srcaddr") }} AND {{ is_public("dstaddr") }}
GROUP BY srcaddr, dstport, protocol
ORDER BY flows DESC, srcaddr, dstport, protocol
LIMIT {{ params.limit }}
