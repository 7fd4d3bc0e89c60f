-- The day's summary of some targets of one source, from its curated records, into a folder of this try alone.
-- A reply comes from a service's port (below 32768) and goes to one that a client took (IANA and Linux: from 32768).
{%- set dstport = "CASE WHEN action = 'REJECT' OR srcport >= 32768 OR dstport < 32768 THEN dstport END" %}
UNLOAD (
  SELECT
    interface_id, srcaddr, dstaddr,
    {{ dstport }} AS dstport,
    protocol, flow_direction,
    CASE WHEN action = 'REJECT' THEN hour("start") END AS hour,
    count(*) AS flows,
    sum(packets) AS packets,
    sum(bytes) AS bytes,
    min("start") AS first_seen,
    max("start") AS last_seen,
    aws_account,
    aws_region,
    action
  FROM flow_records
  WHERE dt = '{{ params.day }}' AND source = '{{ params.source }}'
    AND {{ of_targets(params.source, params.first, params.last) }}
  GROUP BY
    interface_id, srcaddr, dstaddr, {{ dstport }}, protocol, flow_direction,
    CASE WHEN action = 'REJECT' THEN hour("start") END,
    aws_account, aws_region, action
)
TO '{{ run_location("flow_daily", params, run_id, ti.try_number) }}'
WITH (format = 'PARQUET', compression = 'ZSTD', partitioned_by = ARRAY['aws_account', 'aws_region', 'action'])
