/*
title: Rejected flows by protocol
group: traffic
order: 100
description: >
  Nearly everything is TCP, UDP and ICMP. Other protocols are rare in a VPC: tunnels (GRE, ESP) that nobody set up, or
  crafted packets. Ask the owner of the interface.
chart: {type: bars, x: protocol, y: flows}
columns:
  protocol: {label: Protocol, kind: protocol}
  flows: {label: Rejected flows, kind: number}
  share: {label: Share of all rejected, kind: share}
  sources: {label: Sources, kind: number}
  destinations: {label: Destinations, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
*/
SELECT
  protocol,
  sum(flows) AS flows,
  round(CAST(sum(flows) AS double) / sum(sum(flows)) OVER (), 4) AS share,
  count(DISTINCT srcaddr) AS sources,
  count(DISTINCT dstaddr) AS destinations,
  sum(packets) AS packets,
  sum(bytes) AS bytes
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
GROUP BY protocol
ORDER BY flows DESC, protocol
LIMIT {{ params.limit }}
