-- What a run's curated files hold, by source, target and kind: rows, those SKIPDATA, and records of another day.
-- Asked before they are published. `runs` are the folders that the day's UNLOADs wrote. To count rows reads none of
-- them; of the begins only those row groups are read that have some outside the day.
{%- macro written(rows, skipdata, outside_day, condition) %}
SELECT
  run,
  regexp_extract("$path", '/aws_account=([0-9]{12})/', 1) AS aws_account,
  regexp_extract("$path", '/aws_region=([a-z0-9-]+)/', 1) AS aws_region,
  regexp_extract("$path", '/kind=([A-Z]+)/', 1) AS kind,
  {{ rows }} AS rows,
  {{ skipdata }} AS skipdata,
  {{ outside_day }} AS outside_day
FROM flow_staging
WHERE lake_table = 'flow_records' AND dt = '{{ params.day }}'
  AND run IN ({% for run in params.runs %}'{{ run }}'{{ ", " if not loop.last }}{% endfor %})
  {{- condition }}
GROUP BY 1, 2, 3, 4
{%- endmacro %}
{{- written("count(*)", "count_if(log_status = 'SKIPDATA')", "0", "") }}
UNION ALL
{{- written("0", "0", "count(*)", " AND \"start\" < TIMESTAMP '" ~ params.day ~ " 00:00:00'") }}
UNION ALL
{{- written("0", "0", "count(*)", " AND \"start\" >= TIMESTAMP '" ~ params.day ~ " 00:00:00' + INTERVAL '1' DAY") }}
ORDER BY 1, 2, 3, 4
