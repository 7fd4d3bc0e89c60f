-- The records without traffic: NODATA (there was none) and SKIPDATA (AWS lost some).
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.flow_gaps (
  log_status string COMMENT 'NODATA or SKIPDATA',
  account_id string COMMENT 'account of the interface',
  interface_id string COMMENT 'network interface',
  `start` timestamp COMMENT 'begin of the interval (UTC)',
  `end` timestamp COMMENT 'end of the interval (UTC)'
)
PARTITIONED BY (dt string, aws_account string, aws_region string, source string)
STORED AS PARQUET
LOCATION '{{ settings().lake.location_of("flow_gaps") }}'
