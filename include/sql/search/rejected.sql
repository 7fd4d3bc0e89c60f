-- The day's rejected records, for search; of the targets in `summarised`, which have too many, flow_daily by the hour.
-- Equal records stand side by side, because documents tell them apart by their number among equals.
{%- set kept = ["interface_id", "srcaddr", "dstaddr", "dstport", "protocol", "flow_direction", "packets", "bytes"] %}
{%- set others = params.summarised %}
SELECT
{%- for column, hive_type in record_columns() %}
  {{ quoted(column) }},
{%- endfor %}
  aws_account, aws_region, source, action, CAST(NULL AS integer) AS hour, 1 AS flows, 'record' AS detail
FROM flow_records
WHERE dt = '{{ params.day }}' AND action = 'REJECT'
{%- if others %} AND NOT ({{ of_named_targets(others) }}){% endif %}
{%- if others %}
UNION ALL
SELECT
{%- for column, hive_type in record_columns() %}
  {% if column in kept %}{{ column }}
  {%- elif column == "start" %}first_seen
  {%- elif column == "end" %}last_seen
  {%- elif hive_type == "timestamp" %}CAST(NULL AS timestamp)
  {%- else %}CAST(NULL AS {{ trino_type(hive_type) }}){% endif %},
{%- endfor %}
  aws_account, aws_region, source, action, hour, flows, 'summary'
FROM flow_daily
WHERE dt = '{{ params.day }}' AND action = 'REJECT' AND ({{ of_named_targets(others) }})
{%- endif %}
ORDER BY "start", aws_account, aws_region, source
{%- for column, _ in record_columns() if column != "start" %}, {{ quoted(column) }}{% endfor %}, hour
