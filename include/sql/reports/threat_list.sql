/*
title: Addresses on the threat list
group: detections
order: 140
severity: high
description: >
  Traffic with an address or network on the list that you keep in the table threat_list (CSV files in S3, an address or
  network and a note a line). Rejected probes from listed addresses are usual; accepted flows, and flows of ours to
  them, are not: look at those hosts first.
columns:
  who: {label: Listed address, kind: address}
  what: {label: Direction, kind: text}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Flows, kind: number}
  accepted: {label: Accepted, kind: number}
  rejected: {label: Rejected, kind: number}
  dstaddr: {label: "Our address, if one", kind: address}
  ours: {label: Our addresses, kind: number}
  bytes: {label: Bytes, kind: bytes}
  entry: {label: Entry}
  note: {label: Note}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
WITH entries AS (
  -- What is neither an address nor a network is passed over.
  SELECT entry, max(note) AS note, split_part(entry, '/', 1) AS address
  FROM (SELECT trim(entry) AS entry, trim(note) AS note FROM threat_list)
  WHERE TRY_CAST(split_part(entry, '/', 1) AS ipaddress) IS NOT NULL
    AND regexp_like(entry, '^([0-9.]+(/(3[0-2]|[12]?[0-9]))?|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$')
  GROUP BY entry
),
sides AS (
  SELECT
    side, address, other, action, aws_account, aws_region,
    sum(flows) AS flows, sum(bytes) AS bytes, min(first_seen) AS first_seen, max(last_seen) AS last_seen
  FROM flow_daily
  CROSS JOIN UNNEST(ARRAY['to us', 'from us'], ARRAY[srcaddr, dstaddr], ARRAY[dstaddr, srcaddr]) AS t (side, address, other)
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND {{ is_public("address") }}
  GROUP BY side, address, other, action, aws_account, aws_region
),
addresses AS (
  SELECT DISTINCT address FROM sides
),
listed AS (
  SELECT addresses.address, entry, note
  FROM addresses
  JOIN entries ON entries.address = addresses.address
  WHERE strpos(entry, '/') = 0 OR entry LIKE '%/32' OR entry LIKE '%/128'
  UNION
  -- Networks of IPv4: only those of the same first number are compared.
  SELECT addresses.address, entry, note
  FROM addresses
  JOIN entries ON split_part(entries.address, '.', 1) = split_part(addresses.address, '.', 1)
  WHERE strpos(entry, '.') > 0 AND CAST(split_part(entry, '/', 2) AS varchar) NOT IN ('', '0', '1', '2', '3', '4', '5', '6', '7')
    AND contains(entry, TRY_CAST(addresses.address AS ipaddress))
  UNION
  SELECT addresses.address, entry, note
  FROM addresses
  CROSS JOIN entries
  WHERE strpos(entry, '/') > 0
    AND (strpos(entry, ':') > 0 OR split_part(entry, '/', 2) IN ('0', '1', '2', '3', '4', '5', '6', '7'))
    AND contains(entry, TRY_CAST(addresses.address AS ipaddress))
),
entry_of AS (
  SELECT address, min(entry) AS entry, min_by(note, entry) AS note
  FROM listed
  GROUP BY address
)
SELECT
  sides.address AS who,
  side AS what,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen,
  sum(flows) AS amount,
  sum(CASE WHEN action = 'ACCEPT' THEN flows ELSE 0 END) AS accepted,
  sum(CASE WHEN action = 'REJECT' THEN flows ELSE 0 END) AS rejected,
  CASE WHEN min(other) = max(other) THEN min(other) END AS dstaddr,
  count(DISTINCT other) AS ours,
  sum(bytes) AS bytes,
  min(entry) AS entry,
  min(note) AS note,
  max_by(aws_account, flows) AS aws_account,
  max_by(aws_region, flows) AS aws_region
FROM sides
JOIN entry_of ON entry_of.address = sides.address
GROUP BY sides.address, side
ORDER BY accepted DESC, amount DESC, who, what
LIMIT {{ params.limit }}
