-- The ledger of alarm health: what changed with each check of the alarms, and with the first check of a day what stands.
CREATE EXTERNAL TABLE IF NOT EXISTS {{ settings().athena.database }}.alarm_findings (
  checked_at string COMMENT 'when the check was (UTC)',
  change string COMMENT 'new, worse, resolved; standing: as before, with the first check of a day',
  finding_id string COMMENT 'the same for the same rule and subject at any time',
  rule string COMMENT 'the rule that found it',
  link string COMMENT 'the broken link: flow_log, log_group, filter, metric, alarm, actions, topic, subscription, function, dead_letters, check',
  severity string COMMENT 'critical, high, medium, low or info',
  subject string COMMENT 'what is wrong: name or ARN',
  title string COMMENT 'what is wrong with it, in short',
  explanation string COMMENT 'what was seen',
  remedy string COMMENT 'what to do',
  alarms bigint COMMENT 'alarms that it touches',
  first_seen string COMMENT 'when a check first saw it (UTC)',
  run_id string COMMENT 'the Airflow run'
)
PARTITIONED BY (dt string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION '{{ settings().lake.location_of("alarm_findings") }}'
