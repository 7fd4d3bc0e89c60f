/*
title: Brute force on SSH, RDP, WinRM or a database
group: detections
order: 20
severity: medium
description: >
  One public source made ten attempts or more at one service of one destination within 60 minutes: every rejected
  record, and every accepted connection, however many records it has. Where all were rejected the rules hold and nothing
  needs doing at once; where some were accepted somebody may be guessing passwords, so look at the host's logins and
  close the port to the internet.
thresholds: {attempts: 10, minutes: 60, ports: [22, 3389, 5985, 5986, 1433, 1521, 3306, 5432, 27017]}
columns:
  who: {label: Source, kind: address}
  what: {label: Service}
  first_seen: {label: First attempt, kind: time}
  last_seen: {label: Last attempt, kind: time}
  amount: {label: Most attempts within the time, kind: number}
  rejected: {label: Rejected, kind: number}
  accepted: {label: Accepted, kind: number}
  dstaddr: {label: Destination, kind: address}
  dstport: {label: "Port, if one", kind: port}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
{%- set limits = params.thresholds %}
WITH records AS (
  SELECT
    srcaddr, dstaddr, dstport, interface_id, aws_account, aws_region, action, "start", packets, bytes,
    CASE
      WHEN dstport = 22 THEN 'SSH'
      WHEN dstport = 3389 THEN 'RDP'
      WHEN dstport IN (5985, 5986) THEN 'WinRM'
      WHEN dstport IN (1433, 1521, 3306, 5432, 27017) THEN 'database'
      ELSE 'port ' || CAST(dstport AS varchar)
    END AS service,
    lag("start") OVER (
      PARTITION BY srcaddr, dstaddr, aws_account, aws_region, dstport, srcport, action ORDER BY "start"
    ) AS same_before
  FROM flow_records
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action IN ('ACCEPT', 'REJECT')
    AND dstport IN ({{ limits.ports | join(", ") }}) AND coalesce(protocol, 6) = 6
    AND {{ is_public("srcaddr") }} AND dstaddr IS NOT NULL
    -- IPv6: our own hosts have public addresses too.
    AND ({{ is_private("dstaddr") }} OR coalesce(flow_direction, 'ingress') = 'ingress')
    -- A server's reply to a client that happens to use one of these ports is no attempt.
    AND CASE
      WHEN bitwise_and(tcp_flags, 2) = 2 THEN bitwise_and(tcp_flags, 16) = 0
      ELSE dstport < 1024 OR coalesce(srcport, 65535) >= 1024
    END
),
attempts AS (
  SELECT
    *,
    -- An accepted connection has a record every aggregation interval: only its first is an attempt.
    sum(if(action = 'ACCEPT' AND "start" <= same_before + INTERVAL '{{ limits.minutes }}' MINUTE, 0, 1)) OVER (
      -- 10.0.0.5 of one network is not that of another: only where it was attacked it is shown.
      PARTITION BY srcaddr, dstaddr, aws_account, aws_region, service ORDER BY "start"
      RANGE BETWEEN INTERVAL '{{ limits.minutes }}' MINUTE PRECEDING AND CURRENT ROW
    ) AS within
  FROM records
),
bursts AS (
  SELECT * FROM (
    SELECT *, max(within) OVER (PARTITION BY srcaddr, dstaddr, aws_account, aws_region, service) AS most FROM attempts
  )
  WHERE most >= {{ limits.attempts }}
)
SELECT
  srcaddr AS who,
  service || ' on ' || dstaddr AS what,
  min("start") AS first_seen,
  max("start") AS last_seen,
  max(within) AS amount,
  count_if(action = 'REJECT') AS rejected,
  count_if(action = 'ACCEPT') AS accepted,
  dstaddr,
  if(min(dstport) = max(dstport), min(dstport)) AS dstport,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  if(min(interface_id) = max(interface_id), min(interface_id)) AS interface_id,
  array_join(array_sort(array_agg(DISTINCT aws_account)), ', ') AS aws_account,
  array_join(array_sort(array_agg(DISTINCT aws_region)), ', ') AS aws_region
FROM bursts
GROUP BY srcaddr, dstaddr, service
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
