-- What a run's curated files hold, by source, target and kind: rows, those SKIPDATA, and records of another day.
-- Asked before they are published. `runs` are the folders that the day's UNLOADs wrote.
{%- set day = params.day %}
SELECT
  run,
  regexp_extract("$path", '/aws_account=([0-9]{12})/', 1) AS aws_account,
  regexp_extract("$path", '/aws_region=([a-z0-9-]+)/', 1) AS aws_region,
  regexp_extract("$path", '/kind=([A-Z]+)/', 1) AS kind,
  count(*) AS rows,
  count_if(log_status = 'SKIPDATA') AS skipdata,
  count_if("start" < TIMESTAMP '{{ day }} 00:00:00' OR "start" >= TIMESTAMP '{{ day }} 00:00:00' + INTERVAL '1' DAY) AS outside_day
FROM flow_staging
WHERE lake_table = 'flow_records' AND dt = '{{ day }}' AND run IN ({% for run in params.runs %}'{{ run }}'{{ ", " if not loop.last }}{% endfor %})
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
