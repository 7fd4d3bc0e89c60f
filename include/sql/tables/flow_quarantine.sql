-- The lines that are no record, as they stand in the files.
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.flow_quarantine (
  reason string COMMENT 'why the line is no record',
  file string COMMENT 'S3 URI of its file',
  line string COMMENT 'its text; of Parquet files the row as JSON'
)
PARTITIONED BY (dt string, aws_account string, aws_region string, source string)
STORED AS PARQUET
LOCATION '{{ settings().lake.location_of("flow_quarantine") }}'
