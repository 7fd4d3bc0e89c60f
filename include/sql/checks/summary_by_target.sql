-- What a run's summary holds, by source and target, to be held against the records. Asked before it is published.
SELECT
  run,
  regexp_extract("$path", '/aws_account=([0-9]{12})/', 1) AS aws_account,
  regexp_extract("$path", '/aws_region=([a-z0-9-]+)/', 1) AS aws_region,
  count(*) AS rows,
  sum(flows) AS flows
FROM flow_staging
WHERE lake_table = 'flow_daily' AND dt = '{{ params.day }}' AND run IN ({% for run in params.runs %}'{{ run }}'{{ ", " if not loop.last }}{% endfor %})
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
