/*
title: Large transfers to one public address
group: detections
order: 100
severity: high
description: >
  Accepted bytes of a day from one private to one public address, above a fixed limit or far above what that pair
  usually moves. Backups and updates do this, and so does someone who carries data off. Find out whose the address is;
  allow known ones in the allowlist.
thresholds: {megabytes: 500, sigmas: 3, days_needed: 5, min_megabytes: 50}
columns:
  who: {label: Our address, kind: address}
  what: {label: Public address, kind: address}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Bytes of the day, kind: bytes}
  dt: {label: Day, kind: day}
  usual: {label: Usual bytes of a day, kind: bytes}
  baseline_days: {label: Days compared with, kind: number}
  flows: {label: Flows, kind: number}
  packets: {label: Packets, kind: number}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
WITH days AS (
  SELECT
    aws_account, aws_region, srcaddr, dstaddr, dt,
    CAST(sum(bytes) AS double) AS bytes,
    sum(flows) AS flows,
    sum(packets) AS packets,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen
  FROM flow_daily
  WHERE dt BETWEEN '{{ params.baseline_first }}' AND '{{ params.last }}' AND action = 'ACCEPT'
    AND {{ is_private("srcaddr") }} AND {{ is_public("dstaddr") }}
  GROUP BY aws_account, aws_region, srcaddr, dstaddr, dt
),
judged AS (
  SELECT
    *,
    avg(CASE WHEN dt < '{{ params.first }}' THEN bytes END) OVER pair AS usual,
    stddev_samp(CASE WHEN dt < '{{ params.first }}' THEN bytes END) OVER pair AS deviation,
    count(CASE WHEN dt < '{{ params.first }}' THEN 1 END) OVER pair AS baseline_days
  FROM days
  WINDOW pair AS (PARTITION BY aws_account, aws_region, srcaddr, dstaddr)
),
large AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY srcaddr, dstaddr ORDER BY bytes DESC, dt, aws_account, aws_region) AS place
  FROM judged
  WHERE dt >= '{{ params.first }}'
    AND (
      bytes > {{ params.thresholds.megabytes }} * 1e6
      OR (
        baseline_days >= {{ params.thresholds.days_needed }}
        AND bytes > {{ params.thresholds.min_megabytes }} * 1e6
        AND bytes > usual + {{ params.thresholds.sigmas }} * deviation
      )
    )
)
SELECT
  srcaddr AS who,
  dstaddr AS what,
  first_seen,
  last_seen,
  CAST(bytes AS bigint) AS amount,
  dt,
  CAST(round(usual) AS bigint) AS usual,
  baseline_days,
  flows,
  packets,
  aws_account,
  aws_region
FROM large
WHERE place = 1
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
