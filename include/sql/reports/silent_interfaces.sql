/*
title: Interfaces that went silent
group: health
order: 40
description: >
  Network interfaces that had flows in the days before (a week, unless the settings say otherwise) and none in the
  reported days. Most belong to instances that were terminated. If the instance still runs, its flow log was deleted or its network is broken: ask the owner. Where no
  interface of the target logs any more, the logs are missing as a whole: see the coverage; those stand last.
thresholds: {days: 7}
columns:
  interface_id: {label: Interface, kind: interface}
  source: {label: Source}
  aws_account: {label: Account}
  aws_region: {label: Region}
  last_seen: {label: Last flow, kind: time}
  days: {label: Days with flows before, kind: number}
  flows: {label: Flows before, kind: number}
  still_logging: {label: Interfaces of the target that still log, kind: number}
*/
WITH interfaces AS (
  SELECT
    interface_id, source, aws_account, aws_region,
    max(dt) AS last_day,
    max(last_seen) AS last_seen,
    count(DISTINCT dt) AS days,
    sum(flows) AS flows
  FROM flow_daily
  WHERE dt BETWEEN CAST(date_add('day', -{{ params.thresholds.days | int }}, DATE '{{ params.first }}') AS varchar)
      AND '{{ params.last }}'
    AND interface_id IS NOT NULL
  GROUP BY interface_id, source, aws_account, aws_region
),
judged AS (
  SELECT
    *,
    count_if(last_day >= '{{ params.first }}') OVER (PARTITION BY source, aws_account, aws_region) AS still_logging
  FROM interfaces
)
SELECT interface_id, source, aws_account, aws_region, last_seen, days, flows, still_logging
FROM judged
WHERE last_day < '{{ params.first }}'
ORDER BY still_logging = 0, flows DESC, interface_id, source, aws_account, aws_region
LIMIT {{ params.limit }}
