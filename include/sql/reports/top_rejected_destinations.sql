/*
title: Top rejected destinations
group: traffic
order: 70
description: >
  The addresses that rejected flows were sent to. A host of yours that many sources try is visible from outside: is that
  meant? A public address here was tried from inside; the rejects that leave us have a section of their own.
chart: {type: bars, x: dstaddr, y: flows}
columns:
  dstaddr: {label: Destination, kind: address}
  network: {label: Network}
  flows: {label: Rejected flows, kind: number}
  share: {label: Share of all rejected, kind: share}
  sources: {label: Sources, kind: number}
  ports: {label: Ports, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
*/
SELECT
  dstaddr,
  CASE WHEN {{ is_private("dstaddr") }} THEN 'private' WHEN {{ is_public("dstaddr") }} THEN 'public' END AS network,
  sum(flows) AS flows,
  round(CAST(sum(flows) AS double) / sum(sum(flows)) OVER (), 4) AS share,
  count(DISTINCT srcaddr) AS sources,
  count(DISTINCT dstport) AS ports,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
GROUP BY dstaddr
ORDER BY flows DESC, dstaddr
LIMIT {{ params.limit }}
