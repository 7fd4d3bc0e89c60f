/*
title: Revised after the first report
group: health
order: 15
description: >
  Targets whose files changed when their day was curated already: logs that came late, or were delivered again. The day was
  curated anew with them, and this report is made of what there is now. Compare the lines: what an earlier report said of
  these targets counted only those before. When it happens often, wait longer (arrival in the settings).
columns:
  dt: {label: Day, kind: day}
  source: {label: Source}
  aws_account: {label: Account}
  aws_region: {label: Region}
  revision: {label: Revision, kind: number}
  records_before: {label: Lines before, kind: number}
  records: {label: Lines now, kind: number}
  objects_before: {label: Files before, kind: number}
  objects: {label: Files now, kind: number}
  newest_object: {label: Newest file, kind: time}
  recorded_at: {label: Curated anew, kind: time}
*/
SELECT
  dt, source, account AS aws_account, region AS aws_region, revision, records_before, records, objects_before, objects,
  -- The ledger holds texts that end in Z; like every other time of the report: UTC.
  CAST(from_iso8601_timestamp(newest_object) AS timestamp) AS newest_object,
  CAST(from_iso8601_timestamp(recorded_at) AS timestamp) AS recorded_at
FROM flow_runs
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND revision > 1
ORDER BY abs(records - records_before) DESC, dt, source, account, region
LIMIT {{ params.limit }}
