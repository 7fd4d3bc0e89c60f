/*
title: Sources rejected for the first time
group: traffic
order: 150
description: >
  Addresses that were rejected in the reported days and never in the 28 days before. The internet brings new ones every
  day; look at those with many flows, and at private ones. Every row says how many new ones there are in all, and how many
  of the 28 days have a summary: with few of them, little is known and much looks new.
columns:
  srcaddr: {label: Source, kind: address}
  network: {label: Network}
  flows: {label: Rejected flows, kind: number}
  destinations: {label: Destinations, kind: number}
  ports: {label: Ports, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  new_sources: {label: New sources in all, kind: number}
  baseline_days: {label: Days known before, kind: number}
*/
WITH found AS (
  SELECT
    srcaddr,
    sum(flows) AS flows,
    count(DISTINCT dstaddr) AS destinations,
    count(DISTINCT dstport) AS ports,
    sum(packets) AS packets,
    sum(bytes) AS bytes,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    count(*) OVER () AS new_sources
  FROM flow_daily
  WHERE dt BETWEEN '{{ params.baseline_first }}' AND '{{ params.last }}' AND action = 'REJECT' AND srcaddr IS NOT NULL
  GROUP BY srcaddr
  HAVING min(dt) >= '{{ params.first }}'
),
-- Of days without a summary nobody knows what was rejected; only partition keys are read for their number.
baseline AS (
  SELECT count(DISTINCT dt) AS days
  FROM flow_daily
  WHERE dt >= '{{ params.baseline_first }}' AND dt < '{{ params.first }}'
)
SELECT
  srcaddr,
  CASE WHEN {{ is_private("srcaddr") }} THEN 'private' ELSE 'public' END AS network,
  flows, destinations, ports, packets, bytes, first_seen, last_seen, new_sources,
  baseline.days AS baseline_days
FROM found
CROSS JOIN baseline
ORDER BY flows DESC, srcaddr
LIMIT {{ params.limit }}
