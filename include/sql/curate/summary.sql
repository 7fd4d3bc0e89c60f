-- The day's summary of some targets of one source, from its curated records, into a folder of this try alone.
UNLOAD (
  SELECT
    interface_id, srcaddr, dstaddr, dstport, protocol, action, flow_direction,
    CASE WHEN action = 'REJECT' THEN hour("start") END AS hour,
    count(*) AS flows,
    sum(packets) AS packets,
    sum(bytes) AS bytes,
    min("start") AS first_seen,
    max("start") AS last_seen,
    aws_account,
    aws_region
  FROM flow_records
  WHERE dt = '{{ params.day }}' AND source = '{{ params.source }}'
    AND {{ of_targets(params.source, params.first, params.last) }}
  GROUP BY
    interface_id, srcaddr, dstaddr, dstport, protocol, action, flow_direction,
    CASE WHEN action = 'REJECT' THEN hour("start") END,
    aws_account, aws_region
)
TO '{{ run_location("flow_daily", params, run_id, ti.try_number) }}'
WITH (format = 'PARQUET', compression = 'ZSTD', partitioned_by = ARRAY['aws_account', 'aws_region'])
