/*
title: Rejected flows by hour and destination port
group: traffic
order: 30
description: >
  In which hours (UTC) flows were rejected, and on which of the most rejected ports. Background noise is about even over
  the day; a single high hour of one port is a scan, or a release that needs a rule. Editions of several days add up the
  same hour of each.
thresholds: {ports: 8}
chart: {type: stacked_bars, x: hour, y: flows, series: port}
columns:
  hour: {label: Hour (UTC), kind: number}
  port: {label: Port}
  flows: {label: Rejected flows, kind: number}
*/
{%- set ports = params.thresholds.ports | int %}
WITH rejects AS (
  SELECT
    hour, dstport, sum(flows) AS flows,
    sum(sum(flows)) OVER (PARTITION BY dstport) AS flows_of_port
  FROM flow_daily
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
  GROUP BY hour, dstport
),
placed AS (
  -- A port's rows have the same place. More places than there are to show are one: the others.
  SELECT
    CAST(hour AS bigint) AS hour, dstport, flows,
    least(dense_rank() OVER (ORDER BY flows_of_port DESC, dstport), {{ ports }} + 1) AS place
  FROM rejects
),
named AS (
  SELECT
    hour, place, sum(flows) AS flows,
    if(place > {{ ports }}, 'other', coalesce(CAST(min(dstport) AS varchar), 'none')) AS port
  FROM placed
  GROUP BY hour, place
),
ports AS (
  SELECT place, max(port) AS port, map_agg(hour, flows) AS flows_by_hour
  FROM named
  GROUP BY place
)
-- Every hour of every port, so that the axis has no holes. The setting of ports bounds the rows, not the report's limit,
-- which would cut off the last hours.
SELECT hours.hour, port, coalesce(element_at(flows_by_hour, hours.hour), 0) AS flows
FROM ports
CROSS JOIN UNNEST(sequence(0, 23)) AS hours (hour)
ORDER BY hours.hour, place
LIMIT {{ 24 * (ports + 1) }}
