-- What a day of one source holds, by target: all lines, those without traffic, those AWS lost, those that are no
-- record, and those that begin on another day. A start in milliseconds counts as what it means.
{%- set source = source_named(params.source) %}
{%- set status = column(source, "log-status") %}
{%- set start = column(source, "start") %}
{%- set day = ti.xcom_pull(task_ids="the_day") %}
SELECT
  aws_account,
  aws_region,
  count(*) AS records,
{%- if status %}
  count_if({{ status }} = 'NODATA') AS nodata,
  count_if({{ status }} = 'SKIPDATA') AS skipdata,
  count_if({{ status }} IS NULL OR {{ status }} NOT IN ('OK', 'NODATA', 'SKIPDATA')
{%- if start %} OR {{ start }} IS NULL{% endif %}) AS unparsable,
{%- else %}
  0 AS nodata,
  0 AS skipdata,
  {% if start %}count_if({{ start }} IS NULL){% else %}0{% endif %} AS unparsable,
{%- endif %}
{%- if start %}
  count_if(
    from_unixtime(if({{ start }} > 100000000000, {{ start }} / 1000, {{ start }})) < TIMESTAMP '{{ day }} 00:00:00 UTC'
    OR from_unixtime(if({{ start }} > 100000000000, {{ start }} / 1000, {{ start }}))
      >= TIMESTAMP '{{ day }} 00:00:00 UTC' + INTERVAL '1' DAY
  ) AS outside_day
{%- else %}
  0 AS outside_day
{%- endif %}
FROM {{ source.table }}
WHERE dt = '{{ day }}'
GROUP BY aws_account, aws_region
ORDER BY aws_account, aws_region
