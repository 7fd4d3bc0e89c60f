/*
title: Vertical scans of our hosts
group: detections
order: 50
severity: medium
description: >
  One source, outside or inside, was rejected on ten different ports or more of one destination within 60 minutes. A
  public source is looking for what the host offers: see that nothing of it was accepted. A private source is more
  serious: a scanner of your own belongs on the allowlist, any other host that does this may be taken over.
thresholds: {ports: 10, minutes: 60}
columns:
  who: {label: Source, kind: address}
  what: {label: Destination, kind: address}
  first_seen: {label: First attempt, kind: time}
  last_seen: {label: Last attempt, kind: time}
  amount: {label: Most ports within the time, kind: number}
  ports: {label: Ports}
  dstaddr: {label: Destination address, kind: address}
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
    AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL AND dstport > 0
    -- traceroute sends each probe to another port.
    AND NOT (coalesce(protocol, 6) = 17 AND dstport BETWEEN 33434 AND 33534)
    -- Whatever does not leave us; what does is in egress_vertical_scan.
    -- IPv6: our own hosts have public addresses too.
    AND ({{ is_private("coalesce(pkt_dstaddr, dstaddr)") }}
      OR {{ is_public("coalesce(pkt_srcaddr, srcaddr)") }} AND coalesce(flow_direction, 'ingress') = 'ingress')
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
    srcaddr, dstaddr, aws_account, aws_region, dstport,
    min("start") AS first_at, max("start") AS last_at, count(*) AS flows, sum(packets) AS packets, sum(bytes) AS bytes,
    min(interface_id) AS interface_id, max(interface_id) AS last_interface
  FROM rejects
  GROUP BY
    srcaddr, dstaddr, aws_account, aws_region, dstport,
    floor(to_unixtime("start") / ({{ limits.minutes }} * 60))
),
neighbours AS (
  SELECT
    *,
    count(*) OVER (PARTITION BY srcaddr, dstaddr, aws_account, aws_region) AS probes,
    lag(last_at) OVER same AS before,
    lead(first_at) OVER same AS next
  FROM probes
  WINDOW same AS (PARTITION BY srcaddr, dstaddr, aws_account, aws_region, dstport ORDER BY first_at)
),
steps AS (
  -- A port counts from its first record until the window has passed since its last: one up, one down. Records
  -- no further apart than the window go on counting.
  SELECT neighbours.*, moment, step, counted
  FROM neighbours
  CROSS JOIN UNNEST(
    ARRAY[first_at, last_at + {{ window }}],
    ARRAY[if(first_at <= before + {{ window }}, 0, 1), if(next <= last_at + {{ window }}, 0, -1)],
    ARRAY[1, 0]
  ) AS change (moment, step, counted)
  WHERE probes >= {{ limits.ports }}
),
windows AS (
  SELECT
    *,
    sum(step) OVER (
      PARTITION BY srcaddr, dstaddr, aws_account, aws_region ORDER BY moment, step DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS within
  FROM steps
),
scans AS (
  -- 10.0.0.5 of one network is not that of another: only where it was scanned it is shown.
  SELECT * FROM (
    SELECT *, max(within) OVER (PARTITION BY srcaddr, dstaddr, aws_account, aws_region) AS most FROM windows
  )
  WHERE most >= {{ limits.ports }}
)
SELECT
  srcaddr AS who,
  dstaddr AS what,
  min(first_at) AS first_seen,
  max(last_at) AS last_seen,
  max(within) AS amount,
  array_join(slice(array_sort(array_agg(DISTINCT dstport)), 1, 20), ', ')
    || if(count(DISTINCT dstport) > 20, ', …', '') AS ports,
  dstaddr,
  sum(flows * counted) AS flows,
  sum(packets * counted) AS packets,
  sum(bytes * counted) AS bytes,
  if(min(interface_id) = max(last_interface), min(interface_id)) AS interface_id,
  array_join(array_sort(array_agg(DISTINCT aws_account)), ', ') AS aws_account,
  array_join(array_sort(array_agg(DISTINCT aws_region)), ', ') AS aws_region
FROM scans
GROUP BY srcaddr, dstaddr
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
