-- A day of some targets of one source, from raw to typed, in one reading: every line goes to one folder, by what it is.
-- ACCEPT, REJECT, NONE: records, by action. GAP: NODATA and SKIPDATA. QUARANTINE: what is no record, and why.
{%- set source = source_named(params.source) %}
{%- set text = source.file_format == "text" %}
{%- set names = source.fields | map(attribute="name") | list %}
UNLOAD (
  WITH
{%- if text %}
  lines AS (
    SELECT line, split(line, ' ') AS f, "$path" AS file, aws_account, aws_region
    FROM {{ source.lines_table }}
    WHERE dt = '{{ params.day }}' AND {{ of_targets(params.source, params.first, params.last) }}
  ),
  parsed AS (
    SELECT
      line, f, file, aws_account, aws_region
  {%- for field in source.fields %}
      {%- if field.hive_type == "string" %},
      nullif(element_at(f, {{ loop.index }}), '-') AS {{ quoted(field.column) }}
      {%- else %},
      TRY_CAST(nullif(element_at(f, {{ loop.index }}), '-') AS {{ trino_type(field.hive_type) }}) AS {{ quoted(field.column) }}
      {%- endif %}
  {%- endfor %}
    FROM lines
  ),
{%- else %}
  parsed AS (
    SELECT
      json_format(CAST(map_filter(map(
        ARRAY[{% for field in source.fields %}'{{ field.column }}'{{ ", " if not loop.last }}{% endfor %}],
        ARRAY[{% for field in source.fields %}CAST({{ quoted(field.column) }} AS varchar){{ ", " if not loop.last }}{% endfor %}]
      ), (name, value) -> value IS NOT NULL) AS json)) AS line,
      "$path" AS file, aws_account, aws_region
  {%- for field in source.fields %},
      {% if field.hive_type == "string" %}nullif({{ quoted(field.column) }}, '-') AS {% endif %}{{ quoted(field.column) }}
  {%- endfor %}
    FROM {{ source.table }}
    WHERE dt = '{{ params.day }}' AND {{ of_targets(params.source, params.first, params.last) }}
  ),
{%- endif %}
  judged AS (
    SELECT *, CASE
{%- if text %}
      WHEN element_at(f, 1) = '{{ names[0] }}' THEN 'a header line'
      WHEN cardinality(f) <> {{ names | length }} THEN 'has ' || CAST(cardinality(f) AS varchar) || ' fields, not {{ names | length }}'
  {%- for field in source.fields if field.hive_type != "string" %}
      WHEN {{ quoted(field.column) }} IS NULL AND element_at(f, {{ names.index(field.name) + 1 }}) <> '-' THEN '{{ field.name }} is no {{ "whole number" }}'
  {%- endfor %}
{%- endif %}
{%- if "log-status" in names %}
      WHEN log_status IS NULL OR log_status NOT IN ('OK', 'NODATA', 'SKIPDATA') THEN 'log-status is not OK, NODATA or SKIPDATA'
{%- endif %}
{%- if "action" in names %}
      WHEN action NOT IN ('ACCEPT', 'REJECT') THEN 'action is not ACCEPT or REJECT'
{%- endif %}
{%- for name in ("start", "end") if name in names %}
      WHEN {{ quoted(name) }} IS NULL THEN '{{ name }} is missing'
      WHEN {{ quoted(name) }} NOT BETWEEN 0 AND 99999999999999 THEN '{{ name }} is no time'
{%- endfor %}
{%- for name in ("srcaddr", "dstaddr") if name in names %}
      WHEN NOT regexp_like({{ name }}, '^[0-9a-fA-F.:]+$') THEN '{{ name }} is no address'
{%- endfor %}
    END AS reason
    FROM parsed
  )
  SELECT
{%- for field in source.fields if field.name != "action" %}
  {%- if field.name in ("start", "end") %}
    CASE WHEN reason IS NULL THEN CAST(from_unixtime(if({{ quoted(field.column) }} > 100000000000, {{ quoted(field.column) }} / 1000, {{ quoted(field.column) }})) AS timestamp) END AS {{ quoted(field.column) }},
  {%- else %}
    CASE WHEN reason IS NULL THEN {{ quoted(field.column) }} END AS {{ quoted(field.column) }},
  {%- endif %}
{%- endfor %}
    reason,
    CASE WHEN reason IS NOT NULL THEN file END AS file,
    CASE WHEN reason IS NOT NULL THEN line END AS line,
    aws_account,
    aws_region,
    CASE
      WHEN reason IS NOT NULL THEN 'QUARANTINE'
{%- if "log-status" in names %}
      WHEN log_status <> 'OK' THEN 'GAP'
{%- endif %}
      ELSE {% if "action" in names %}coalesce(action, 'NONE'){% else %}'NONE'{% endif %}
    END AS kind
  FROM judged
)
TO '{{ run_location("flow_records", params, run_id, ti.try_number) }}'
WITH (format = 'PARQUET', compression = 'ZSTD', partitioned_by = ARRAY['aws_account', 'aws_region', 'kind'])
