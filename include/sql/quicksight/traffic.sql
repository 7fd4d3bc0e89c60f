-- Traffic for the dashboard: flow_daily of the last days, of each day max_rows_per_day rows at most, totals kept.
--
-- A day with more rows keeps those with most traffic. What is left is added up by interface, of which again those with
-- most traffic are kept; what is then left is added up by account, region, source and action. Rejected flows also keep
-- their hour, unless so many accounts and regions are there that their hours alone would fill half of the day.
-- Every window and join is by day: a filter on `day` around this query still prunes the partitions.
{%- set quicksight = settings().quicksight %}
{%- set most = quicksight.max_rows_per_day %}
{%- set sums = "sum(flows) AS flows, sum(packets) AS packets, sum(bytes) AS bytes, min(first_seen) AS first_seen, max(last_seen) AS last_seen" %}
{#- The rank of rows within their day: a row's shares of the flows and of the bytes of its action, ACCEPT and REJECT in
    turn, because rejected flows are small and would never be among the largest. The rest only makes it one order. #}
{%- macro ranked(rows, more) %}
  SELECT *, row_number() OVER (PARTITION BY dt ORDER BY place_in_action, action) AS place
  FROM (
    SELECT
      *,
      row_number() OVER (
        PARTITION BY dt, action
        ORDER BY share DESC, aws_account, aws_region, source, interface_id, hour{{ more }}
      ) AS place_in_action
    FROM (
      SELECT
        *,
        CAST(flows AS double) / sum(flows) OVER (PARTITION BY dt, action)
          + coalesce(CAST(bytes AS double) / nullif(sum(bytes) OVER (PARTITION BY dt, action), 0), 0) AS share
      FROM {{ rows }}
    )
  )
{%- endmacro %}
WITH daily AS (
  SELECT *
  FROM {{ settings().athena.database }}.flow_daily
  WHERE dt >= CAST(date_add('day', -{{ quicksight.history_days }}, current_date) AS varchar)
),
days AS (
  SELECT
    dt,
    sum(found) <= {{ most }} AS whole,
    count(*) <= {{ most // 2 }} AS by_hour,
    if(count(*) <= {{ most // 2 }}, count(*), count(DISTINCT aws_account || aws_region || source || action)) AS rests
  FROM (
    SELECT dt, aws_account, aws_region, source, action, hour, count(*) AS found
    FROM daily
    GROUP BY dt, aws_account, aws_region, source, action, hour
  )
  GROUP BY dt
),
flows AS (
  SELECT ranked.*, whole, by_hour, ({{ most }} - rests) / 2 AS room
  FROM (
  {{- ranked("daily", ", srcaddr, dstaddr, dstport, protocol, flow_direction") }}
  ) AS ranked
  JOIN days ON days.dt = ranked.dt
),
interfaces AS (
  {{- ranked("(
        SELECT
          dt, aws_account, aws_region, source, action, interface_id, if(by_hour, hour) AS hour, room, " ~ sums ~ "
        FROM flows
        WHERE NOT whole AND place > room
        GROUP BY dt, aws_account, aws_region, source, action, interface_id, if(by_hour, hour), room
      )", "") }}
)
SELECT
  CAST(dt AS timestamp) AS day, aws_account AS account, aws_region AS region, source, interface_id,
  srcaddr, dstaddr, dstport, protocol, action, coalesce(flow_direction, 'unknown') AS direction, hour,
  date_add('hour', hour, CAST(dt AS timestamp)) AS hour_start,
  flows, packets, bytes, first_seen, last_seen,
  'flow' AS detail
FROM flows
WHERE whole OR place <= room
UNION ALL
SELECT
  CAST(dt AS timestamp), aws_account, aws_region, source, interface_id,
  'other', 'other', CAST(NULL AS integer), CAST(NULL AS integer), action, 'other', hour,
  date_add('hour', hour, CAST(dt AS timestamp)),
  flows, packets, bytes, first_seen, last_seen,
  'interface'
FROM interfaces
WHERE place <= room
UNION ALL
SELECT
  CAST(dt AS timestamp), aws_account, aws_region, source, 'other',
  'other', 'other', CAST(NULL AS integer), CAST(NULL AS integer), action, 'other', hour,
  date_add('hour', hour, CAST(dt AS timestamp)),
  sum(flows), sum(packets), sum(bytes), min(first_seen), max(last_seen),
  'account'
FROM interfaces
WHERE place > room
GROUP BY dt, aws_account, aws_region, source, action, hour
