/*
title: Rejected flows by weekday and hour
group: traffic
order: 40
description: >
  The usual week of rejects over the last four weeks (of a month: as many weeks as it takes), the reported days among
  them: flows of an hour (UTC), on average of the days that have a summary. Something that runs by the clock, a job or a
  scanner, stands out as a column or a cell. Weekdays without any summary are left out.
thresholds: {weeks: 4}
chart: {type: heatmap, x: hour, y: flows_per_day, series: weekday}
columns:
  weekday: {label: Weekday}
  hour: {label: Hour (UTC), kind: number}
  flows_per_day: {label: Rejected flows a day, kind: number}
  flows: {label: Rejected flows, kind: number}
  days: {label: Days, kind: number}
*/
{#- Whole weeks, so that every weekday counts as often as the others. #}
{%- set weeks = "(date_diff('day', DATE '" ~ params.first ~ "', DATE '" ~ params.last ~ "') + 7) / 7" %}
{%- set span = "(7 * greatest(" ~ params.thresholds.weeks | int ~ ", " ~ weeks ~ "))" %}
WITH hours AS (
  -- hour is NULL for what was not rejected; those rows tell that the day has a summary.
  SELECT
    day_of_week(CAST(dt AS date)) AS weekday, CAST(hour AS bigint) AS hour,
    sum(flows) AS flows,
    dense_rank() OVER (PARTITION BY day_of_week(CAST(dt AS date)) ORDER BY dt) AS nth_day
  FROM flow_daily
  WHERE dt BETWEEN CAST(date_add('day', 1 - {{ span }}, DATE '{{ params.last }}') AS varchar) AND '{{ params.last }}'
  GROUP BY dt, hour
),
sums AS (
  SELECT weekday, hour, sum(flows) AS flows, max(nth_day) AS days
  FROM hours
  GROUP BY weekday, hour
),
weekdays AS (
  SELECT weekday, max(days) AS days, map_agg(hour, flows) FILTER (WHERE hour IS NOT NULL) AS flows_by_hour
  FROM sums
  GROUP BY weekday
)
-- A whole grid: an hour without rejects is 0. It has 168 cells at most, none of which the report's limit may cut off.
SELECT
  element_at(ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'], weekdays.weekday) AS weekday,
  day_hours.hour,
  round(CAST(coalesce(element_at(flows_by_hour, day_hours.hour), 0) AS double) / days, 1) AS flows_per_day,
  coalesce(element_at(flows_by_hour, day_hours.hour), 0) AS flows,
  days
FROM weekdays
CROSS JOIN UNNEST(sequence(0, 23)) AS day_hours (hour)
ORDER BY weekdays.weekday, day_hours.hour
