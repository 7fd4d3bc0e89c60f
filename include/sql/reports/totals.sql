/*
title: Accepted and rejected traffic
group: traffic
order: 10
description: >
  All flows of all targets by what became of them, beside the same number of days just before and the same weekdays
  before that do not overlap (of one day: the day before and the same weekday last week). An empty comparison means that
  those days have no summary. A sudden fall is as suspicious as a rise: look at the coverage first. NONE stands for flows
  of logs whose format has no action.
columns:
  action: {label: Action}
  flows: {label: Flows, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  flows_before: {label: "Flows, days before", kind: number}
  change: {label: Change, kind: share}
  flows_week_before: {label: "Flows, same weekdays before", kind: number}
  week_change: {label: Change to those weekdays, kind: share}
*/
{%- set days = "(date_diff('day', DATE '" ~ params.first ~ "', DATE '" ~ params.last ~ "') + 1)" %}
{%- set weeks = "(7 * ((" ~ days ~ " + 6) / 7))" %}
{%- macro earlier(day, by) %}CAST(date_add('day', -{{ by }}, DATE '{{ day }}') AS varchar){% endmacro %}
{%- set reported = "dt BETWEEN '" ~ params.first ~ "' AND '" ~ params.last ~ "'" %}
{%- set before = "dt BETWEEN " ~ earlier(params.first, days) ~ " AND " ~ earlier(params.first, 1) %}
{%- set week_before = "dt BETWEEN " ~ earlier(params.first, weeks) ~ " AND " ~ earlier(params.last, weeks) %}
WITH sums AS (
  SELECT
    action,
    sum(flows) FILTER (WHERE {{ reported }}) AS flows,
    sum(packets) FILTER (WHERE {{ reported }}) AS packets,
    sum(bytes) FILTER (WHERE {{ reported }}) AS bytes,
    sum(flows) FILTER (WHERE {{ before }}) AS flows_before,
    sum(flows) FILTER (WHERE {{ week_before }}) AS flows_week_before
  FROM flow_daily
  -- Only the days that are compared, not all between them.
  WHERE {{ reported }} OR {{ before }} OR {{ week_before }}
  GROUP BY action
),
compared AS (
  SELECT
    action,
    coalesce(flows, 0) AS flows,
    if(flows IS NULL, 0, packets) AS packets,
    if(flows IS NULL, 0, bytes) AS bytes,
    -- None of an action on days that have a summary is 0; days without a summary are unknown: NULL.
    if(sum(flows_before) OVER () IS NULL, NULL, coalesce(flows_before, 0)) AS flows_before,
    if(sum(flows_week_before) OVER () IS NULL, NULL, coalesce(flows_week_before, 0)) AS flows_week_before
  FROM (VALUES 'ACCEPT', 'REJECT') AS actions (action)
  FULL JOIN sums USING (action)
)
SELECT
  action, flows, packets, bytes,
  flows_before, round((flows - flows_before) / CAST(nullif(flows_before, 0) AS double), 4) AS change,
  flows_week_before, round((flows - flows_week_before) / CAST(nullif(flows_week_before, 0) AS double), 4) AS week_change
FROM compared
ORDER BY action
LIMIT {{ params.limit }}
