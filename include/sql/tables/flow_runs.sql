-- The ledger: for each day and target, what arrived and what it held, as its latest run saw it.
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.flow_runs (
  source string COMMENT 'source of the settings',
  account string COMMENT 'AWS account of the target',
  region string COMMENT 'AWS region of the target',
  status string COMMENT 'complete, partial or missing, when the wait for the day ended',
  reason string COMMENT 'why it is not complete, in words',
  objects bigint COMMENT 'files of the day',
  bytes bigint COMMENT 'their size',
  newest_object string COMMENT 'when the newest of them was delivered (UTC)',
  records bigint COMMENT 'lines of the files, headers aside',
  nodata bigint COMMENT 'records that say NODATA',
  skipdata bigint COMMENT 'records that say SKIPDATA: AWS lost some',
  unparsable bigint COMMENT 'lines that are no record, in quarantine',
  outside_day bigint COMMENT 'records that begin on another day',
  bytes_scanned bigint COMMENT 'bytes that Athena scanned for the source, in proportion to the size of the target',
  cost_usd double COMMENT 'what that cost',
  run_id string COMMENT 'the Airflow run',
  recorded_at string COMMENT 'when this row was written (UTC)',
  curated bigint COMMENT 'valid records, in flow_records',
  accepted bigint COMMENT 'of them, those with the action ACCEPT',
  rejected bigint COMMENT 'of them, those with the action REJECT',
  revision bigint COMMENT 'times that it was curated with other files than before; 1 for the first',
  objects_before bigint COMMENT 'files before the last revision',
  records_before bigint COMMENT 'lines before the last revision'
)
PARTITIONED BY (dt string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION '{{ settings().lake.ledger_location }}'
