/*
title: Traffic with addresses on the threat list
group: detections
order: 140
severity: high
description: >
  Traffic from or to an address on the list that you keep in the lake (table threat_list). A host of yours that reached
  a listed address and was accepted is the serious case: look at it now. A listed source that was rejected is noise that
  your rules have stopped; one that was accepted has been at a service that you offer to everybody, or at an open port.
  Accepted traffic is kept first when there is more than fits; lines of the list that cannot be read are counted.
columns:
  who: {label: Who began, kind: address}
  what: {label: With whom, kind: address}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Flows, kind: number}
  accepted: {label: Accepted, kind: number}
  rejected: {label: Rejected, kind: number}
  listed: {label: Listed address, kind: address}
  entry: {label: Entry of the list}
  note: {label: Its note}
  dstport: {label: "Port, if one", kind: port}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
  unreadable_lines: {label: Unreadable lines of the list, kind: number}
*/
{#- An entry: address, length of the network, what follows. -#}
{%- set line = "'^[\\s\"]*([0-9a-fA-F:.]+)(?:/([0-9]{1,3}))?(?:[\\s\";#]+(.*))?$'" %}
WITH entries AS (
  SELECT
    -- As Trino writes addresses, so that texts can be compared: ::ffff:1.2.3.4 is 1.2.3.4, IPv6 is short.
    CAST(TRY_CAST(regexp_extract(cidr, {{ line }}, 1) AS ipaddress) AS varchar) AS base,
    TRY_CAST(regexp_extract(cidr, {{ line }}, 2) AS integer) AS given_bits,
    coalesce(
      nullif(trim(replace(note, '"', '')), ''),
      nullif(trim(regexp_extract(cidr, {{ line }}, 3)), '')
    ) AS note
  FROM threat_list
  -- Neither comments nor empty lines nor a header.
  WHERE NOT regexp_like(cidr, '^[\s"]*([#;].*)?$') AND NOT regexp_like(cidr, '^[\s"]*[a-zA-Z_]+[\s"]*$')
),
sized AS (
  SELECT
    base, note,
    if(strpos(base, ':') > 0, 128, 32) AS most_bits,
    coalesce(given_bits, if(strpos(base, ':') > 0, 128, 32)) AS bits
  FROM entries
),
networks AS (
  -- `place` is a beginning that all of the network's addresses share; addresses are joined by theirs, so that
  -- a thousand networks are compared with the few addresses near to them, not with a million.
  SELECT
    note, bits,
    CASE WHEN bits <= most_bits THEN base || '/' || CAST(bits AS varchar) END AS network,
    CASE
      WHEN bits = most_bits THEN base
      WHEN most_bits = 128 THEN if(bits >= 16, split_part(base, ':', 1) || ':', 'IPv6')
      WHEN bits >= 16 THEN split_part(base, '.', 1) || '.' || split_part(base, '.', 2) || '.'
      WHEN bits >= 8 THEN split_part(base, '.', 1) || '.'
      ELSE 'IPv4'
    END AS place
  FROM sized
),
seen AS (
  -- Private addresses are our own, even if the list has all of 10.0.0.0/8, as lists of bogus networks do.
  SELECT DISTINCT address
  FROM flow_daily
  CROSS JOIN UNNEST(ARRAY[srcaddr, dstaddr]) AS ends (address)
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND {{ is_public("address") }}
),
addresses AS (
  SELECT
    address,
    if(strpos(address, ':') > 0, CAST(TRY_CAST(address AS ipaddress) AS varchar), address) AS base
  FROM seen
),
listed AS (
  -- Of several entries the narrowest.
  SELECT address, max_by(network, bits) AS entry, max_by(note, bits) AS note
  FROM addresses
  CROSS JOIN UNNEST(
    if(
      strpos(base, ':') > 0,
      ARRAY[base, split_part(base, ':', 1) || ':', 'IPv6'],
      ARRAY[base, split_part(base, '.', 1) || '.' || split_part(base, '.', 2) || '.', split_part(base, '.', 1) || '.', 'IPv4']
    )
  ) AS places (place)
  JOIN networks ON networks.place = places.place
  WHERE contains(network, TRY_CAST(base AS ipaddress))
  GROUP BY address
),
flows AS (
  -- Accepted replies have no port in the summary: they belong to who began.
  SELECT
    if(action = 'ACCEPT' AND dstport IS NULL, dstaddr, srcaddr) AS who,
    if(action = 'ACCEPT' AND dstport IS NULL, srcaddr, dstaddr) AS what,
    address, action, flows, packets, bytes, first_seen, last_seen, dstport, interface_id, aws_account, aws_region
  FROM flow_daily
  CROSS JOIN UNNEST(ARRAY[srcaddr, dstaddr]) AS ends (address)
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL
),
findings AS (
  SELECT
    who, what, listed.address AS listed, listed.entry, listed.note,
    min(first_seen) AS first_seen, max(last_seen) AS last_seen, sum(flows) AS amount,
    sum(if(action = 'ACCEPT', flows, 0)) AS accepted, sum(if(action = 'REJECT', flows, 0)) AS rejected,
    if(min(dstport) = max(dstport), min(dstport)) AS dstport,
    sum(packets) AS packets, sum(bytes) AS bytes,
    if(min(interface_id) = max(interface_id), min(interface_id)) AS interface_id,
    array_join(array_sort(array_agg(DISTINCT aws_account)), ', ') AS aws_account,
    array_join(array_sort(array_agg(DISTINCT aws_region)), ', ') AS aws_region,
    -- Where both ends are listed, one of the two is told.
    row_number() OVER (PARTITION BY who, what ORDER BY listed.address) AS number
  FROM flows
  JOIN listed ON listed.address = flows.address
  GROUP BY who, what, listed.address, listed.entry, listed.note
),
chosen AS (
  SELECT *
  FROM findings
  WHERE number = 1
  ORDER BY accepted > 0 DESC, amount DESC, who, what
  LIMIT {{ params.limit }}
)
SELECT
  who, what, first_seen, last_seen, amount, accepted, rejected, listed, entry, note, dstport, packets, bytes,
  interface_id, aws_account, aws_region,
  (SELECT count(*) FROM networks WHERE network IS NULL) AS unreadable_lines
FROM chosen
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
