/*
title: Top rejected sources
group: traffic
order: 60
description: >
  The addresses whose flows were rejected most. Public ones with many destinations scan the internet and need nothing
  done; one that insists on a single host of yours, or a private address, deserves a look. Destinations and ports are
  counted, not listed: the pairs stand below.
chart: {type: bars, x: srcaddr, y: flows}
columns:
  srcaddr: {label: Source, kind: address}
  network: {label: Network}
  flows: {label: Rejected flows, kind: number}
  share: {label: Share of all rejected, kind: share}
  destinations: {label: Destinations, kind: number}
  ports: {label: Ports, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
*/
SELECT
  srcaddr,
  CASE WHEN {{ is_private("srcaddr") }} THEN 'private' WHEN {{ is_public("srcaddr") }} THEN 'public' END AS network,
  sum(flows) AS flows,
  round(CAST(sum(flows) AS double) / sum(sum(flows)) OVER (), 4) AS share,
  count(DISTINCT dstaddr) AS destinations,
  count(DISTINCT dstport) AS ports,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
GROUP BY srcaddr
ORDER BY flows DESC, srcaddr
LIMIT {{ params.limit }}
