/*
title: Large transfers to public addresses
group: detections
order: 100
severity: medium
description: >
  One host of yours sent one public address more than 500 MB in a day, or more than 50 MB and far more than it used to:
  above its own mean of the 28 days before plus three standard deviations, and at least half as much again, where five
  days or more are known. Backups and downloads from your own servers do that; put their addresses on the allowlist. Of
  anything else find out what the host sent, and who runs the address. A NAT gateway shows as a host of its own, with
  what all hosts behind it sent.
thresholds: {bytes: 500000000, sigmas: 3, days_needed: 5, floor_bytes: 50000000, growth: 1.5}
columns:
  who: {label: Host, kind: address}
  what: {label: Public address, kind: address}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Bytes of the worst day, kind: bytes}
  day: {label: Worst day, kind: day}
  usual: {label: Usual a day, kind: bytes}
  baseline_days: {label: Days known before, kind: number}
  days: {label: Days above, kind: number}
  flows: {label: Flows of these days, kind: number}
  packets: {label: Packets of these days, kind: number}
  bytes: {label: Bytes of these days, kind: bytes}
  dstaddr: {label: Destination address, kind: address}
  dstport: {label: "Port, if one", kind: port}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
{%- set limits = params.thresholds %}
WITH days AS (
  -- By interface: what passes several is recorded at each, and 10.0.0.5 of one network is not that of another.
  SELECT
    dt, srcaddr, dstaddr, interface_id, aws_account, aws_region,
    sum(flows) AS flows, sum(packets) AS packets, sum(bytes) AS bytes,
    min(first_seen) AS first_seen, max(last_seen) AS last_seen,
    -- NULL is the port of a client that was answered.
    min(coalesce(dstport, -1)) AS low_port, max(coalesce(dstport, -1)) AS high_port
  FROM flow_daily
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'ACCEPT'
    -- IPv6: our own hosts have public addresses too.
    AND {{ is_public("dstaddr") }} AND ({{ is_private("srcaddr") }} OR flow_direction = 'egress')
  GROUP BY dt, srcaddr, dstaddr, interface_id, aws_account, aws_region
  HAVING sum(bytes) > least({{ limits.bytes }}, {{ limits.floor_bytes }})
),
-- Of the 28 days, only what the few large pairs sent.
pairs AS (
  SELECT DISTINCT srcaddr, dstaddr, aws_account, aws_region FROM days
),
before_by_interface AS (
  SELECT
    past.dt, past.srcaddr, past.dstaddr, past.aws_account, past.aws_region, past.interface_id, sum(past.bytes) AS bytes
  FROM flow_daily AS past
  JOIN pairs
    ON pairs.srcaddr = past.srcaddr AND pairs.dstaddr = past.dstaddr
    AND pairs.aws_account = past.aws_account AND pairs.aws_region = past.aws_region
  WHERE past.dt >= '{{ params.baseline_first }}' AND past.dt < '{{ params.first }}' AND past.action = 'ACCEPT'
  GROUP BY past.dt, past.srcaddr, past.dstaddr, past.aws_account, past.aws_region, past.interface_id
),
before AS (
  SELECT dt, srcaddr, dstaddr, aws_account, aws_region, max(bytes) AS bytes
  FROM before_by_interface
  GROUP BY dt, srcaddr, dstaddr, aws_account, aws_region
),
usual AS (
  SELECT
    srcaddr, dstaddr, aws_account, aws_region,
    count(*) AS days, avg(bytes) AS mean, coalesce(stddev(bytes), 0) AS deviation
  FROM before
  GROUP BY srcaddr, dstaddr, aws_account, aws_region
)
SELECT
  days.srcaddr AS who,
  days.dstaddr AS what,
  min(days.first_seen) AS first_seen,
  max(days.last_seen) AS last_seen,
  max(days.bytes) AS amount,
  max_by(days.dt, days.bytes) AS day,
  CAST(round(max_by(usual.mean, days.bytes)) AS bigint) AS usual,
  coalesce(max_by(usual.days, days.bytes), 0) AS baseline_days,
  count(DISTINCT days.dt) AS days,
  sum(days.flows) AS flows,
  sum(days.packets) AS packets,
  sum(days.bytes) AS bytes,
  days.dstaddr,
  if(min(low_port) = max(high_port) AND min(low_port) >= 0, min(low_port)) AS dstport,
  if(min(interface_id) = max(interface_id), min(interface_id)) AS interface_id,
  array_join(array_sort(array_agg(DISTINCT days.aws_account)), ', ') AS aws_account,
  array_join(array_sort(array_agg(DISTINCT days.aws_region)), ', ') AS aws_region
FROM days
LEFT JOIN usual
  ON usual.srcaddr = days.srcaddr AND usual.dstaddr = days.dstaddr
  AND usual.aws_account = days.aws_account AND usual.aws_region = days.aws_region
WHERE days.bytes > {{ limits.bytes }}
  OR days.bytes > {{ limits.floor_bytes }} AND usual.days >= {{ limits.days_needed }}
  AND days.bytes > usual.mean + {{ limits.sigmas }} * usual.deviation
  -- A transfer that is nearly the same every day has a deviation of nearly nothing.
  AND days.bytes >= {{ limits.growth }} * usual.mean
GROUP BY days.srcaddr, days.dstaddr
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
