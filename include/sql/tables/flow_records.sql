-- Every valid record of every source, typed; `-` is NULL, a field that the source's format lacks is NULL.
-- A query on rejects reads the partitions with action = 'REJECT' alone.
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.flow_records (
{%- for column, hive_type in record_columns() %}
  `{{ column }}` {{ hive_type }}{{ "," if not loop.last }}
{%- endfor %}
)
PARTITIONED BY (dt string, aws_account string, aws_region string, source string, action string)
STORED AS PARQUET
LOCATION '{{ settings().lake.location_of("flow_records") }}'
