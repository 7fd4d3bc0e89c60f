-- The raw table of one source: the files as delivered, columns in the order of the flow log's LogFormat.
{%- set source = source_named(params.source) %}
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.{{ source.table }} (
{%- for column, hive_type in source.raw_columns %}
  `{{ column }}` {{ hive_type }}{{ "," if not loop.last }}
{%- endfor %}
)
PARTITIONED BY (dt string, aws_account string, aws_region string)
{%- if source.file_format == "parquet" %}
STORED AS PARQUET
LOCATION '{{ source.table_location }}'
{%- else %}
ROW FORMAT DELIMITED
FIELDS TERMINATED BY ' '
LOCATION '{{ source.table_location }}'
TBLPROPERTIES ('skip.header.line.count' = '1')
{%- endif %}
