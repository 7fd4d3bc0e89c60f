-- Rows in the files of some targets of one source. Reads all of them again: asked only when the day does not add up.
{%- set source = source_named(params.source) %}
SELECT aws_account, aws_region, count(*) AS rows
FROM {{ source.file_tables | last }}
WHERE dt = '{{ params.day }}' AND {{ of_targets(params.source, params.first, params.last) }}
GROUP BY aws_account, aws_region
ORDER BY aws_account, aws_region
