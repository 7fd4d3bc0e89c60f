/*
title: "Coverage: which logs arrived"
group: health
order: 10
description: >
  Every target of the days: whether its logs arrived in time, how many files and lines, and when the newest came. Missing
  and partial ones stand first, with the reason: of those, no other section knows everything. Look at the flow log in the
  target's account (deleted, permission of the bucket), then run the day again.
columns:
  dt: {label: Day, kind: day}
  status: {label: Status}
  source: {label: Source}
  aws_account: {label: Account}
  aws_region: {label: Region}
  reason: {label: Reason}
  objects: {label: Files, kind: number}
  newest_object: {label: Newest file, kind: time}
  records: {label: Lines, kind: number}
*/
SELECT
  dt, status, source, account AS aws_account, region AS aws_region, reason, objects,
  -- The ledger holds a text that ends in Z; like every other time of the report: UTC.
  CAST(from_iso8601_timestamp(newest_object) AS timestamp) AS newest_object,
  records
FROM flow_runs
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}'
ORDER BY
  CASE status WHEN 'missing' THEN 1 WHEN 'partial' THEN 2 WHEN 'complete' THEN 4 ELSE 3 END,
  dt, source, account, region
LIMIT {{ params.limit }}
