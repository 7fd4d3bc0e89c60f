/*
title: More rejects than usual
group: detections
order: 90
severity: medium
description: >
  A target (source, account, region) had more rejected flows in a day than its mean of the 28 days before plus three
  standard deviations, and at least 100 more than that mean. Each day of an edition is compared with the days before the
  edition's first; targets with fewer than five known days are not judged. One port or source with most of the rejects
  means a scan, or a rule that somebody changed; many of each mean that something of yours has become visible.
thresholds: {sigmas: 3, days_needed: 5, min_flows: 100}
columns:
  who: {label: Account and region}
  what: {label: Source of the logs}
  first_seen: {label: First rejected, kind: time}
  last_seen: {label: Last rejected, kind: time}
  amount: {label: Rejected flows of the worst day, kind: number}
  day: {label: Worst day, kind: day}
  usual: {label: Usual a day, kind: number}
  deviation: {label: Standard deviation, kind: number}
  baseline_days: {label: Days known before, kind: number}
  days: {label: Days above, kind: number}
  top_port: {label: Its most rejected port}
  top_source: {label: Its most rejected source}
  packets: {label: Packets of that day, kind: number}
  bytes: {label: Bytes of that day, kind: bytes}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
{%- set limits = params.thresholds %}
{%- set baseline = "dt >= '" ~ params.baseline_first ~ "' AND dt < '" ~ params.first ~ "'" %}
WITH known AS (
  -- Days with traffic but without rejects count too. Only partition keys are read for them.
  SELECT DISTINCT dt, source, aws_account, aws_region
  FROM flow_daily
  WHERE {{ baseline }}
),
before AS (
  SELECT dt, source, aws_account, aws_region, sum(flows) AS flows
  FROM flow_daily
  WHERE {{ baseline }} AND action = 'REJECT'
  GROUP BY dt, source, aws_account, aws_region
),
usual AS (
  SELECT
    known.source, known.aws_account, known.aws_region,
    count(*) AS days,
    avg(coalesce(before.flows, 0)) AS mean,
    coalesce(stddev(coalesce(before.flows, 0)), 0) AS deviation
  FROM known
  LEFT JOIN before
    ON before.dt = known.dt AND before.source = known.source
    AND before.aws_account = known.aws_account AND before.aws_region = known.aws_region
  GROUP BY known.source, known.aws_account, known.aws_region
  HAVING count(*) >= {{ limits.days_needed }}
),
sums AS (
  -- The days themselves, and what they consist of by port and by source, in one reading.
  SELECT
    dt, source, aws_account, aws_region, dstport, srcaddr, grouping(dstport, srcaddr) AS level,
    sum(flows) AS flows, sum(packets) AS packets, sum(bytes) AS bytes,
    min(first_seen) AS first_seen, max(last_seen) AS last_seen
  FROM flow_daily
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
  GROUP BY GROUPING SETS (
    (dt, source, aws_account, aws_region),
    (dt, source, aws_account, aws_region, dstport),
    (dt, source, aws_account, aws_region, srcaddr)
  )
),
days AS (
  SELECT
    dt, source, aws_account, aws_region,
    max(flows) FILTER (WHERE level = 3) AS flows,
    max(packets) FILTER (WHERE level = 3) AS packets,
    max(bytes) FILTER (WHERE level = 3) AS bytes,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    max_by(dstport, flows) FILTER (WHERE level = 1) AS top_port,
    max_by(srcaddr, flows) FILTER (WHERE level = 2) AS top_source
  FROM sums
  GROUP BY dt, source, aws_account, aws_region
)
SELECT
  days.aws_account || '/' || days.aws_region AS who,
  days.source AS what,
  min(days.first_seen) AS first_seen,
  max(days.last_seen) AS last_seen,
  max(days.flows) AS amount,
  max_by(days.dt, days.flows) AS day,
  CAST(round(max(usual.mean)) AS bigint) AS usual,
  CAST(round(max(usual.deviation)) AS bigint) AS deviation,
  max(usual.days) AS baseline_days,
  count(*) AS days,
  CAST(max_by(days.top_port, days.flows) AS varchar) AS top_port,
  max_by(days.top_source, days.flows) AS top_source,
  max_by(days.packets, days.flows) AS packets,
  max_by(days.bytes, days.flows) AS bytes,
  days.aws_account,
  days.aws_region
FROM days
JOIN usual
  ON usual.source = days.source AND usual.aws_account = days.aws_account AND usual.aws_region = days.aws_region
WHERE days.flows > usual.mean + {{ limits.sigmas }} * usual.deviation
  -- Where rejects are rare, or the same every day, a few more are no spike.
  AND days.flows >= usual.mean + {{ limits.min_flows }}
GROUP BY days.source, days.aws_account, days.aws_region
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
