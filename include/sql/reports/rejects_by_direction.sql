/*
title: Rejected flows by direction
group: traffic
order: 110
description: >
  Whether rejected flows came in or went out, as the interface saw them; logs of version 5 and later tell, others do not
  count here. Most rejects come in. Those that go out were sent by hosts of yours: see the rejects that leave us.
chart: {type: bars, x: flow_direction, y: flows}
columns:
  flow_direction: {label: Direction}
  flows: {label: Rejected flows, kind: number}
  share: {label: Share, kind: share}
  sources: {label: Sources, kind: number}
  destinations: {label: Destinations, kind: number}
  interfaces: {label: Interfaces, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
*/
SELECT
  flow_direction,
  sum(flows) AS flows,
  round(CAST(sum(flows) AS double) / sum(sum(flows)) OVER (), 4) AS share,
  count(DISTINCT srcaddr) AS sources,
  count(DISTINCT dstaddr) AS destinations,
  count(DISTINCT interface_id) AS interfaces,
  sum(packets) AS packets,
  sum(bytes) AS bytes
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT' AND flow_direction IS NOT NULL
GROUP BY flow_direction
ORDER BY flows DESC, flow_direction
LIMIT {{ params.limit }}
