/*
title: Beaconing candidates
group: detections
order: 150
severity: medium
description: >
  A host of yours contacted one public address and port 24 times or more over four hours or longer, at nearly equal
  distances of two minutes or more: implants call home like that, and so do update checks and monitoring agents.
  Connections that last, and hosts that talk all the time, are not meant; interruptions are forgiven. Find the process,
  and who runs the address; put what you know on the allowlist.
thresholds:
  {contacts: 24, hours: 4, min_gap_seconds: 120, max_variation: 0.2, max_pauses: 0.1, aggregation_seconds: 600, except_ports: [123]}
editions: [daily, weekly]
columns:
  who: {label: Host, kind: address}
  what: {label: Destination}
  first_seen: {label: First contact, kind: time}
  last_seen: {label: Last contact, kind: time}
  amount: {label: Contacts, kind: number}
  gap_seconds: {label: Seconds between two, kind: number}
  variation: {label: Their variation (0 is a clock), kind: number}
  dstaddr: {label: Destination address, kind: address}
  dstport: {label: Port, kind: port}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
{%- set limits = params.thresholds %}
{%- set pair = "srcaddr, dstaddr, dstport, interface_id, aws_account, aws_region" %}
WITH pairs AS (
  -- The summary tells which pairs are worth sorting the records of.
  SELECT
    srcaddr, dstaddr, dstport, aws_account, aws_region, sum(packets) AS packets, sum(bytes) AS bytes
  FROM flow_daily
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'ACCEPT'
    AND dstport > 0 AND coalesce(protocol, 6) IN (6, 17)
{%- if limits.except_ports %}
    -- Clocks ask for the time by the clock.
    AND dstport NOT IN ({{ limits.except_ports | join(", ") }})
{%- endif %}
    -- IPv6: our own hosts have public addresses too.
    AND {{ is_public("dstaddr") }} AND ({{ is_private("srcaddr") }} OR flow_direction = 'egress')
  GROUP BY srcaddr, dstaddr, dstport, aws_account, aws_region
  HAVING sum(flows) >= {{ limits.contacts }}
    AND date_diff('second', min(first_seen), max(last_seen)) >= {{ limits.hours }} * 3600
),
records AS (
  SELECT
    found.srcaddr, found.dstaddr, found.dstport, found.interface_id, found.aws_account, found.aws_region,
    found."start", pairs.packets, pairs.bytes,
    lag(found."start") OVER (
      PARTITION BY
        found.srcaddr, found.dstaddr, found.dstport, found.interface_id, found.aws_account, found.aws_region,
        found.srcport
      ORDER BY found."start"
    ) AS same_before
  FROM flow_records AS found
  JOIN pairs
    ON pairs.srcaddr = found.srcaddr AND pairs.dstaddr = found.dstaddr AND pairs.dstport = found.dstport
    AND pairs.aws_account = found.aws_account AND pairs.aws_region = found.aws_region
  WHERE found.dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND found.action = 'ACCEPT'
),
openings AS (
  -- A connection that lasts has a record every aggregation interval, which looks regular: only its first counts.
  -- Records can begin late, hence a fifth more.
  SELECT *, lag("start") OVER (PARTITION BY {{ pair }} ORDER BY "start") AS before
  FROM records
  WHERE same_before IS NULL
    OR date_diff('second', same_before, "start") > {{ limits.aggregation_seconds }} * 1.2
),
contacts AS (
  -- Connections that follow each other quickly are one contact; a host that talks all the time makes one in all.
  SELECT *, date_diff('second', lag("start") OVER (PARTITION BY {{ pair }} ORDER BY "start"), "start") AS gap
  FROM openings
  WHERE before IS NULL OR date_diff('second', before, "start") >= {{ limits.min_gap_seconds }}
),
gaps AS (
  SELECT *, approx_percentile(gap, 0.5) OVER (PARTITION BY {{ pair }}) * 2.5 AS pause
  FROM contacts
),
regular AS (
  -- A gap far above the usual one is a pause: the host was off, a contact failed, AWS lost records.
  SELECT
    {{ pair }},
    min("start") AS first_seen,
    max("start") AS last_seen,
    count(*) AS contacts,
    avg(gap) FILTER (WHERE gap <= pause) AS mean_gap,
    stddev(gap) FILTER (WHERE gap <= pause) / avg(gap) FILTER (WHERE gap <= pause) AS variation,
    min(packets) AS packets,
    min(bytes) AS bytes
  FROM gaps
  GROUP BY {{ pair }}
  HAVING count(*) >= {{ limits.contacts }}
    AND date_diff('second', min("start"), max("start")) >= {{ limits.hours }} * 3600
    AND count_if(gap > pause) <= {{ limits.max_pauses }} * count(gap)
    AND stddev(gap) FILTER (WHERE gap <= pause) <= {{ limits.max_variation }} * avg(gap) FILTER (WHERE gap <= pause)
)
SELECT
  srcaddr AS who,
  if(strpos(dstaddr, ':') > 0, '[' || dstaddr || ']', dstaddr) || ':' || CAST(dstport AS varchar) AS what,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen,
  max(contacts) AS amount,
  CAST(round(max_by(mean_gap, contacts)) AS bigint) AS gap_seconds,
  round(max_by(variation, contacts), 3) AS variation,
  dstaddr,
  dstport,
  max(packets) AS packets,
  max(bytes) AS bytes,
  if(min(interface_id) = max(interface_id), min(interface_id)) AS interface_id,
  array_join(array_sort(array_agg(DISTINCT aws_account)), ', ') AS aws_account,
  array_join(array_sort(array_agg(DISTINCT aws_region)), ', ') AS aws_region
FROM regular
GROUP BY srcaddr, dstaddr, dstport
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
