/*
title: Reject spikes
group: detections
order: 90
severity: medium
description: >
  A target whose rejected flows of a day are far above its own last four weeks: above their mean by three standard
  deviations. A new scanner, a release without its rule, or a host that lost its way. Look at the day's top rejected
  sources and ports of the target; a spike of one port names the cause.
thresholds: {sigmas: 3, days_needed: 5, min_flows: 50}
columns:
  who: {label: Target, kind: text}
  what: {label: Source of the logs, kind: text}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Rejected flows of the day, kind: number}
  dt: {label: Day, kind: day}
  usual: {label: Usual flows of a day, kind: number}
  highest_usual: {label: Highest that is usual, kind: number}
  baseline_days: {label: Days compared with, kind: number}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
WITH days AS (
  SELECT
    source, aws_account, aws_region, dt,
    CAST(sum(flows) AS double) AS flows,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM flow_daily
  WHERE dt BETWEEN '{{ params.baseline_first }}' AND '{{ params.last }}' AND action = 'REJECT'
  GROUP BY source, aws_account, aws_region, dt
),
baseline AS (
  SELECT
    source, aws_account, aws_region,
    avg(flows) AS usual,
    avg(flows) + {{ params.thresholds.sigmas }} * coalesce(stddev_samp(flows), 0e0) AS highest_usual,
    count(*) AS baseline_days
  FROM days
  WHERE dt < '{{ params.first }}'
  GROUP BY source, aws_account, aws_region
  HAVING count(*) >= {{ params.thresholds.days_needed }}
),
spikes AS (
  SELECT
    days.source, days.aws_account, days.aws_region, dt, flows, first_seen, last_seen, usual, highest_usual, baseline_days,
    row_number() OVER (PARTITION BY days.source, days.aws_account, days.aws_region ORDER BY flows DESC, dt) AS place
  FROM days
  JOIN baseline
    ON baseline.source = days.source AND baseline.aws_account = days.aws_account
    AND baseline.aws_region = days.aws_region
  WHERE dt >= '{{ params.first }}' AND flows > highest_usual AND flows >= {{ params.thresholds.min_flows }}
)
SELECT
  aws_account || '/' || aws_region AS who,
  source AS what,
  first_seen,
  last_seen,
  CAST(flows AS bigint) AS amount,
  dt,
  CAST(round(usual) AS bigint) AS usual,
  CAST(round(highest_usual) AS bigint) AS highest_usual,
  baseline_days,
  aws_account,
  aws_region
FROM spikes
WHERE place = 1
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
