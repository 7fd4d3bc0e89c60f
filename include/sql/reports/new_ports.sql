/*
title: Ports rejected for the first time
group: traffic
order: 160
description: >
  Destination ports, by protocol, that flows were rejected on in the reported days and never in the 28 days before. A new
  port with many sources is often a fresh vulnerability that the internet looks for: do you run that service? Every row
  says how many new ones there are in all, and how many of the 28 days have a summary.
columns:
  port: {label: Port, kind: port}
  protocol: {label: Protocol, kind: protocol}
  flows: {label: Rejected flows, kind: number}
  sources: {label: Sources, kind: number}
  destinations: {label: Destinations, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  new_ports: {label: New ports in all, kind: number}
  baseline_days: {label: Days known before, kind: number}
*/
WITH found AS (
  SELECT
    dstport AS port,
    protocol,
    sum(flows) AS flows,
    count(DISTINCT srcaddr) AS sources,
    count(DISTINCT dstaddr) AS destinations,
    sum(packets) AS packets,
    sum(bytes) AS bytes,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    count(*) OVER () AS new_ports
  FROM flow_daily
  WHERE dt BETWEEN '{{ params.baseline_first }}' AND '{{ params.last }}' AND action = 'REJECT' AND dstport IS NOT NULL
  GROUP BY dstport, protocol
  HAVING min(dt) >= '{{ params.first }}'
),
-- Of days without a summary nobody knows what was rejected; only partition keys are read for their number.
baseline AS (
  SELECT count(DISTINCT dt) AS days
  FROM flow_daily
  WHERE dt >= '{{ params.baseline_first }}' AND dt < '{{ params.first }}'
)
SELECT
  port, protocol, flows, sources, destinations, packets, bytes, first_seen, last_seen, new_ports,
  baseline.days AS baseline_days
FROM found
CROSS JOIN baseline
ORDER BY flows DESC, port, protocol
LIMIT {{ params.limit }}
