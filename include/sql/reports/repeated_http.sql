/*
title: Repeated HTTP attempts
group: detections
order: 10
severity: low
description: >
  One source was rejected three times or more on 80 or 443 within 300 seconds, counted over all destinations. Most are
  web scanners, which the rejects have stopped already; a private source is usually a host that lacks a rule it needs.
  Look for the source under the other detections, and at the destination if it is meant to serve the web.
thresholds: {attempts: 3, seconds: 300, ports: [80, 443]}
columns:
  who: {label: Source, kind: address}
  what: {label: Destination}
  first_seen: {label: First attempt, kind: time}
  last_seen: {label: Last attempt, kind: time}
  amount: {label: Most attempts within the time, kind: number}
  flows: {label: Attempts, kind: number}
  destinations: {label: Destinations, kind: number}
  dstaddr: {label: "Destination, if one", kind: address}
  dstport: {label: "Port, if one", kind: port}
  interface_id: {label: "Interface, if one", kind: interface}
  accounts: {label: Accounts, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
*/
{%- set limits = params.thresholds %}
WITH attempts AS (
  SELECT
    srcaddr, dstaddr, dstport, interface_id, aws_account, "start", packets, bytes,
    count(*) OVER (
      PARTITION BY srcaddr ORDER BY "start"
      RANGE BETWEEN INTERVAL '{{ limits.seconds }}' SECOND PRECEDING AND CURRENT ROW
    ) AS within
  FROM flow_records
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
    AND dstport IN ({{ limits.ports | join(", ") }}) AND coalesce(protocol, 6) = 6
    AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL
)
SELECT
  srcaddr AS who,
  -- One finding a source, however many destinations it went to: a scanner of the web would fill the report.
  CASE
    WHEN min(dstaddr) < max(dstaddr) THEN 'several destinations'
    ELSE if(strpos(min(dstaddr), ':') > 0, '[' || min(dstaddr) || ']', min(dstaddr))
  END || ':' || CASE
    WHEN min(dstport) < max(dstport) THEN '{{ limits.ports | join("/") }}'
    ELSE CAST(min(dstport) AS varchar)
  END AS what,
  min("start") AS first_seen,
  max("start") AS last_seen,
  max(within) AS amount,
  count(*) AS flows,
  count(DISTINCT dstaddr) AS destinations,
  if(min(dstaddr) = max(dstaddr), min(dstaddr)) AS dstaddr,
  if(min(dstport) = max(dstport), min(dstport)) AS dstport,
  if(min(interface_id) = max(interface_id), min(interface_id)) AS interface_id,
  count(DISTINCT aws_account) AS accounts,
  sum(packets) AS packets,
  sum(bytes) AS bytes
FROM attempts
GROUP BY srcaddr
HAVING max(within) >= {{ limits.attempts }}
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
