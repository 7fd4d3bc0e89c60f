/*
title: Top rejected pairs of source and destination
group: traffic
order: 80
description: >
  Who was rejected by whom. A pair with many flows on one port is a client that keeps trying: a missing rule, or a
  password guesser. A pair with many ports is a scan of that host.
columns:
  srcaddr: {label: Source, kind: address}
  dstaddr: {label: Destination, kind: address}
  flows: {label: Rejected flows, kind: number}
  share: {label: Share of all rejected, kind: share}
  ports: {label: Ports, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
*/
SELECT
  srcaddr,
  dstaddr,
  sum(flows) AS flows,
  round(CAST(sum(flows) AS double) / sum(sum(flows)) OVER (), 4) AS share,
  count(DISTINCT dstport) AS ports,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
GROUP BY srcaddr, dstaddr
ORDER BY flows DESC, srcaddr, dstaddr
LIMIT {{ params.limit }}
