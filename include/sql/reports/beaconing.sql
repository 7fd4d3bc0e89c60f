/*
title: Beaconing candidates
group: detections
order: 150
severity: medium
description: >
  A host of ours that is accepted at one public address and port again and again at nearly even intervals, over hours.
  Programs that wait for orders do this, and so do health checks and updates: look at whose the address is before you
  look at the host. A connection that stays open is left out, though its records come evenly too.
thresholds: {contacts: 24, variation: 0.15, min_idle_seconds: 120, hours: 6}
columns:
  who: {label: Our address, kind: address}
  what: {label: Public address, kind: text}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Contacts, kind: number}
  seconds_between: {label: Seconds between contacts, kind: number}
  variation: {label: Variation of the intervals, kind: share}
  dstaddr: {label: Destination, kind: address}
  dstport: {label: Port, kind: port}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
WITH contacts AS (
  SELECT
    aws_account, aws_region, interface_id, srcaddr, dstaddr, dstport, bytes, "start",
    date_diff('second', lag("start") OVER pair, "start") AS between_starts,
    -- A connection that goes on has its next record where the last one ended, whatever the aggregation interval.
    date_diff('second', lag("end") OVER pair, "start") AS idle
  FROM flow_records
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'ACCEPT' AND protocol IN (6, 17)
    AND dstport < 32768 AND {{ is_private("srcaddr") }} AND {{ is_public("dstaddr") }}
  WINDOW pair AS (PARTITION BY aws_account, aws_region, interface_id, srcaddr, dstaddr, dstport ORDER BY "start")
),
beacons AS (
  SELECT
    aws_account, aws_region, interface_id, srcaddr, dstaddr, dstport,
    min("start") AS first_seen,
    max("start") AS last_seen,
    count(*) AS contacts,
    avg(between_starts) AS seconds_between,
    stddev_samp(between_starts) / nullif(avg(between_starts), 0) AS variation,
    sum(bytes) AS bytes
  FROM contacts
  GROUP BY aws_account, aws_region, interface_id, srcaddr, dstaddr, dstport
  HAVING count(*) >= {{ params.thresholds.contacts }}
    AND avg(idle) >= {{ params.thresholds.min_idle_seconds }}
    AND stddev_samp(between_starts) <= {{ params.thresholds.variation }} * avg(between_starts)
    AND date_diff('second', min("start"), max("start")) >= {{ params.thresholds.hours }} * 3600
)
SELECT
  srcaddr AS who,
  dstaddr || ':' || CAST(dstport AS varchar) AS what,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen,
  max(contacts) AS amount,
  CAST(round(max_by(seconds_between, contacts)) AS bigint) AS seconds_between,
  max_by(variation, contacts) AS variation,
  dstaddr,
  dstport,
  sum(bytes) AS bytes,
  CASE WHEN min(interface_id) = max(interface_id) THEN min(interface_id) END AS interface_id,
  max_by(aws_account, contacts) AS aws_account,
  max_by(aws_region, contacts) AS aws_region
FROM beacons
GROUP BY srcaddr, dstaddr, dstport
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
