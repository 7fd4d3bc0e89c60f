-- The day's partitions of one source's table, each at its own location. Targets {{ params.first }} to {{ params.last }}.
ALTER TABLE {{ settings().athena.database }}.{{ params.table }} ADD IF NOT EXISTS
{%- for partition in partitions_of(params.source, ti.xcom_pull(task_ids="the_day"), params.first, params.last) %}
  PARTITION (dt = '{{ partition.dt }}', aws_account = '{{ partition.aws_account }}', aws_region = '{{ partition.aws_region }}')
    LOCATION '{{ partition.location }}'
{%- endfor %}
