/*
title: Lines that are no record
group: health
order: 30
description: >
  Lines that could not be read as a record, counted by the reason, with one of them. No other section counts them. A few
  are usual, after a file was cut off; many of one target mean that its flow log has another format than the settings
  say: compare the line with the source's log_format.
thresholds: {characters: 300}
columns:
  source: {label: Source}
  aws_account: {label: Account}
  aws_region: {label: Region}
  reason: {label: Reason}
  lines: {label: Lines, kind: number}
  files: {label: Files, kind: number}
  sample_line: {label: One of the lines}
  sample_file: {label: Its file}
*/
WITH named AS (
  -- Order of file and line: the sample is the same whenever the query runs.
  SELECT
    source, aws_account, aws_region, reason, file, line,
    coalesce(file, '') || ' ' || coalesce(line, '') AS place
  FROM flow_quarantine
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}'
)
SELECT
  source, aws_account, aws_region, reason,
  count(*) AS lines,
  count(DISTINCT file) AS files,
  substr(min_by(line, place), 1, {{ params.thresholds.characters | int }}) AS sample_line,
  min_by(file, place) AS sample_file
FROM named
GROUP BY source, aws_account, aws_region, reason
ORDER BY lines DESC, source, aws_account, aws_region, reason
LIMIT {{ params.limit }}
