-- What a run wrote and no table shows yet, to be counted before it is published. A run's folder is named in the
-- query (`lake_table`, `dt` and `run`), so nothing has to be registered.
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.flow_staging (
  `start` timestamp,
  log_status string,
  packets bigint,
  bytes bigint,
  flows bigint
)
PARTITIONED BY (lake_table string, dt string, run string)
STORED AS PARQUET
LOCATION '{{ settings().lake.location_of("flow_staging") }}'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.lake_table.type' = 'enum',
  'projection.lake_table.values' = 'flow_records,flow_daily',
  'projection.dt.type' = 'injected',
  'projection.run.type' = 'injected',
  'storage.location.template' = '{{ settings().lake.location_of("${lake_table}") }}dt=${dt}/run=${run}/'
)
