-- Coverage for the dashboard: of each of the last days and each target what arrived and what it held.
-- The ledger has one row of each; if ever it had more, the newest is taken.
SELECT
  CAST(dt AS timestamp) AS day, account, region, source, status, coalesce(reason, '') AS reason,
  objects, bytes, records, curated, accepted, rejected, unparsable AS quarantined, nodata, skipdata, outside_day,
  CAST(from_iso8601_timestamp(newest_object) AS timestamp) AS newest_object,
  coalesce(revision, 1) AS revision,
  if(coalesce(revision, 1) > 1, 1, 0) AS late,
  if(coalesce(revision, 1) > 1, objects - objects_before, 0) AS late_objects,
  if(coalesce(revision, 1) > 1, records - records_before, 0) AS late_records,
  cost_usd,
  CAST(from_iso8601_timestamp(recorded_at) AS timestamp) AS recorded_at
FROM (
  SELECT *, row_number() OVER (PARTITION BY dt, source, account, region ORDER BY recorded_at DESC) AS newest
  FROM {{ settings().athena.database }}.flow_runs
  WHERE dt >= CAST(date_add('day', -{{ settings().quicksight.history_days }}, current_date) AS varchar)
)
WHERE newest = 1
