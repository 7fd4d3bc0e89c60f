-- Addresses and networks that the team keeps, a line each: `203.0.113.7,seen in March` or `198.51.100.0/24,`. A line
-- that is neither, such as a comment, is passed over. Put CSV files (gzip or not) at the location.
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.threat_list (
  entry string COMMENT 'address or network',
  note string COMMENT 'why it is listed'
)
ROW FORMAT DELIMITED
FIELDS TERMINATED BY ','
LOCATION '{{ settings().lake.location_of("threat_list") }}'
