/*
title: Top rejected destination ports
group: traffic
order: 50
description: >
  The ports that rejected flows were sent to. Most of them belong to the internet's background noise (23, 445, 3389);
  look twice at a port of a service that you run.
chart: {type: bars, x: port, y: flows}
columns:
  port: {label: Port, kind: port}
  protocol: {label: Protocol, kind: protocol}
  flows: {label: Rejected flows, kind: number}
  sources: {label: Sources, kind: number}
  destinations: {label: Destinations, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
*/
SELECT
  dstport AS port,
  protocol,
  sum(flows) AS flows,
  count(DISTINCT srcaddr) AS sources,
  count(DISTINCT dstaddr) AS destinations,
  sum(packets) AS packets,
  sum(bytes) AS bytes
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
GROUP BY dstport, protocol
ORDER BY flows DESC, port, protocol
LIMIT {{ params.limit }}
