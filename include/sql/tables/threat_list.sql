-- Addresses and networks to be warned of. The team keeps them: put any text or CSV files here, .gz too; they are read
-- at every report. One entry a line, with a note behind a comma if you like; lines that begin with # are comments:
--   # from our provider, 2026-11-20
--   198.51.100.7
--   203.0.113.0/24,botnet
--   2001:db8:666::/48,seen in incident 12
-- What is no address or network is skipped and counted by the report. A note ends at its first comma.
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.threat_list (
  cidr string COMMENT 'address or network: 198.51.100.7, 203.0.113.0/24, 2001:db8::/32; or a comment',
  note string COMMENT 'why it is listed'
)
ROW FORMAT DELIMITED
FIELDS TERMINATED BY ','
LOCATION '{{ settings().lake.location_of("threat_list") }}'
