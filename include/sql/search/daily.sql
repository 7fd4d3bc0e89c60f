-- The day's summary, for search: `most` rows, those with the largest shares of their action's flows and bytes; the rest
-- is added up by account, region, source, action and hour, so that sums stay exact.
{%- set keys = "aws_account, aws_region, source, interface_id, srcaddr, dstaddr, dstport, protocol, flow_direction, hour" %}
WITH daily AS (
  SELECT *
  FROM flow_daily
  WHERE dt = '{{ params.day }}'
),
shared AS (
  SELECT
    *,
    CAST(flows AS double) / sum(flows) OVER (PARTITION BY action)
      + coalesce(CAST(bytes AS double) / nullif(sum(bytes) OVER (PARTITION BY action), 0), 0) AS share
  FROM daily
),
ranked AS (
  -- The actions in turn, for rejected flows are small and would never be among the largest.
  SELECT *, row_number() OVER (ORDER BY place_in_action, action) AS place
  FROM (
    SELECT *, row_number() OVER (PARTITION BY action ORDER BY share DESC, {{ keys }}) AS place_in_action
    FROM shared
  )
)
SELECT
  {{ keys }}, action, flows, packets, bytes, first_seen AS "start", last_seen AS "end", 'summary' AS detail
FROM ranked
WHERE place <= {{ params.most }}
UNION ALL
SELECT
  aws_account, aws_region, source, NULL, NULL, NULL, NULL, NULL, NULL, hour,
  action, sum(flows), sum(packets), sum(bytes), min(first_seen), max(last_seen), 'other'
FROM ranked
WHERE place > {{ params.most }}
GROUP BY aws_account, aws_region, source, action, hour
