-- The day's summary: flows, packets and bytes by interface, addresses, destination port, protocol, action, direction.
-- Accepted replies are of one row whatever port they return to: else there would be nearly as many rows as records.
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.flow_daily (
  interface_id string COMMENT 'network interface that recorded the flows',
  srcaddr string COMMENT 'source address',
  dstaddr string COMMENT 'destination address',
  dstport int COMMENT 'destination port; 0 for ICMP; NULL of accepted replies, which go to a port of the client',
  protocol int COMMENT 'IANA protocol number',
  flow_direction string COMMENT 'ingress or egress; NULL where the format lacks it',
  hour int COMMENT 'of rejected flows the hour (UTC, 0 to 23) in which they began; NULL for others',
  flows bigint COMMENT 'records',
  packets bigint COMMENT 'packets',
  bytes bigint COMMENT 'bytes',
  first_seen timestamp COMMENT 'begin of the first record (UTC)',
  last_seen timestamp COMMENT 'begin of the last record (UTC)'
)
PARTITIONED BY (dt string, aws_account string, aws_region string, source string, action string)
STORED AS PARQUET
LOCATION '{{ settings().lake.location_of("flow_daily") }}'
