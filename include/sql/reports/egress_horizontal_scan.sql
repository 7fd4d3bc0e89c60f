/*
title: Horizontal scans by our hosts of public addresses
group: detections
order: 80
severity: high
description: >
  A host of ours was stopped on the way out to one port of 25 public addresses or more within 60 minutes. Worms and
  botnets do this on 22, 23, 445 or 3389: isolate the host and find the process. On 443 or 123 it is more often a host
  that lacks a rule for what it needs.
thresholds: {destinations: 25, minutes: 60}
columns:
  who: {label: Source, kind: address}
  what: {label: Port}
  first_seen: {label: First attempt, kind: time}
  last_seen: {label: Last attempt, kind: time}
  amount: {label: Most destinations within the time, kind: number}
  dstport: {label: Port number, kind: port}
  protocol: {label: Protocol, kind: protocol}
  destinations: {label: Some destinations}
  flows: {label: Rejected flows, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
{%- set limits = params.thresholds %}
{%- set window = "INTERVAL '" ~ limits.minutes ~ "' MINUTE" %}
WITH rejects AS (
  -- The packet's own addresses where the format has them: a NAT gateway's are not meant.
  SELECT
    coalesce(pkt_srcaddr, srcaddr) AS srcaddr, coalesce(pkt_dstaddr, dstaddr) AS dstaddr, dstport,
    coalesce(protocol, 6) AS protocol, interface_id, aws_account, aws_region, "start", packets, bytes
  FROM flow_records
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
    AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL AND dstport IS NOT NULL
    -- What leaves us; the rest is in horizontal_scan.
    -- IPv6: our own hosts have public addresses too.
    AND {{ is_public("coalesce(pkt_dstaddr, dstaddr)") }}
    AND ({{ is_private("coalesce(pkt_srcaddr, srcaddr)") }} OR flow_direction = 'egress')
    -- No late or blocked replies, which go to a new port of the client each time. SYN without ACK opens a connection,
    -- SYN with ACK answers; without flags, a server's port that sends to a client's is taken for a reply.
    AND CASE
      WHEN bitwise_and(tcp_flags, 2) = 2 THEN bitwise_and(tcp_flags, 16) = 0
      ELSE NOT coalesce(srcport < 1024 AND dstport >= 1024 OR srcport < 32768 AND dstport >= 32768, false)
    END
),
probes AS (
  -- Grouped by the length of the window: what is in one group is never further apart than that.
  SELECT
    srcaddr, aws_account, aws_region, protocol, dstport, dstaddr,
    min("start") AS first_at, max("start") AS last_at, count(*) AS flows, sum(packets) AS packets, sum(bytes) AS bytes,
    min(interface_id) AS interface_id, max(interface_id) AS last_interface
  FROM rejects
  GROUP BY
    srcaddr, aws_account, aws_region, protocol, dstport, dstaddr,
    floor(to_unixtime("start") / ({{ limits.minutes }} * 60))
),
neighbours AS (
  SELECT
    *,
    count(*) OVER (PARTITION BY srcaddr, aws_account, aws_region, protocol, dstport) AS probes,
    lag(last_at) OVER same AS before,
    lead(first_at) OVER same AS next
  FROM probes
  WINDOW same AS (PARTITION BY srcaddr, aws_account, aws_region, protocol, dstport, dstaddr ORDER BY first_at)
),
steps AS (
  -- A destination counts from its first record until the window has passed since its last: one up, one down. Records
  -- no further apart than the window go on counting.
  SELECT neighbours.*, moment, step, counted
  FROM neighbours
  CROSS JOIN UNNEST(
    ARRAY[first_at, last_at + {{ window }}],
    ARRAY[if(first_at <= before + {{ window }}, 0, 1), if(next <= last_at + {{ window }}, 0, -1)],
    ARRAY[1, 0]
  ) AS change (moment, step, counted)
  WHERE probes >= {{ limits.destinations }}
),
windows AS (
  SELECT
    *,
    sum(step) OVER (
      PARTITION BY srcaddr, aws_account, aws_region, protocol, dstport ORDER BY moment, step DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS within
  FROM steps
),
scans AS (
  -- 10.0.0.5 of one network is not that of another: only where it was scanned it is shown.
  SELECT * FROM (
    SELECT *, max(within) OVER (PARTITION BY srcaddr, aws_account, aws_region, protocol, dstport) AS most FROM windows
  )
  WHERE most >= {{ limits.destinations }}
)
SELECT
  srcaddr AS who,
  CASE protocol
    WHEN 6 THEN 'port ' || CAST(dstport AS varchar)
    WHEN 17 THEN 'UDP port ' || CAST(dstport AS varchar)
    WHEN 1 THEN 'ICMP'
    WHEN 58 THEN 'ICMPv6'
    ELSE 'protocol ' || CAST(protocol AS varchar) || if(dstport > 0, ' port ' || CAST(dstport AS varchar), '')
  END AS what,
  min(first_at) AS first_seen,
  max(last_at) AS last_seen,
  max(within) AS amount,
  dstport,
  protocol,
  array_join(slice(array_sort(array_agg(DISTINCT dstaddr)), 1, 5), ', ')
    || if(count(DISTINCT dstaddr) > 5, ', …', '') AS destinations,
  sum(flows * counted) AS flows,
  sum(packets * counted) AS packets,
  sum(bytes * counted) AS bytes,
  if(min(interface_id) = max(last_interface), min(interface_id)) AS interface_id,
  array_join(array_sort(array_agg(DISTINCT aws_account)), ', ') AS aws_account,
  array_join(array_sort(array_agg(DISTINCT aws_region)), ', ') AS aws_region
FROM scans
GROUP BY srcaddr, protocol, dstport
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
