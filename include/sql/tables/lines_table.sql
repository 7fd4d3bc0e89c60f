-- The files of a text source line by line, so that what is no record can be told from what is. Curation reads this.
{%- set source = source_named(params.source) %}
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.{{ source.lines_table }} (
  line string COMMENT 'a whole line'
)
PARTITIONED BY (dt string, aws_account string, aws_region string)
ROW FORMAT DELIMITED
FIELDS TERMINATED BY '\001'
LOCATION '{{ source.table_location }}'
TBLPROPERTIES ('skip.header.line.count' = '1')
