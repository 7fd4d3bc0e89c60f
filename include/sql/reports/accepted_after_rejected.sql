/*
title: Accepted after ten rejects or more
group: detections
order: 40
severity: high
description: >
  A source was rejected ten times or more and later accepted by the same destination: somebody may have found the open
  door, or opened it. From a public source any port counts; a private one has to be accepted on the very port
  that rejected it, because hosts that use each other are often refused elsewhere. See who changed the rules between the
  rejects and the accept, and what the destination did since.
thresholds: {rejects: 10}
columns:
  who: {label: Source, kind: address}
  what: {label: Destination}
  first_seen: {label: First rejected, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Rejects, kind: number}
  last_accepted: {label: Last accepted, kind: time}
  dstaddr: {label: Destination address, kind: address}
  dstport: {label: Last port accepted, kind: port}
  accepted_flows: {label: Accepted flows of these days, kind: number}
  accepted_bytes: {label: Accepted bytes of these days, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
{%- set limits = params.thresholds %}
WITH rejected AS (
  SELECT
    srcaddr, dstaddr, aws_account, aws_region,
    if({{ is_private("srcaddr") }}, dstport, -1) AS port,
    count(*) AS rejects,
    min("start") AS first_at,
    max("start") AS last_at,
    element_at(min("start", {{ limits.rejects }}), {{ limits.rejects }}) AS enough_at
  FROM flow_records
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT'
    AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL
    -- A ping that comes through is no open door.
    AND coalesce(protocol, 6) NOT IN (1, 58)
    -- Whatever does not leave us. IPv6: our own hosts have public addresses too.
    AND ({{ is_private("dstaddr") }}
      OR {{ is_public("srcaddr") }} AND coalesce(flow_direction, 'ingress') = 'ingress')
    -- No late or blocked replies: later ones are often accepted. SYN without ACK opens a connection, SYN with ACK
    -- answers; without flags, a server's port that sends to a client's is taken for a reply.
    AND CASE
      WHEN bitwise_and(tcp_flags, 2) = 2 THEN bitwise_and(tcp_flags, 16) = 0
      ELSE NOT coalesce(srcport < 1024 AND dstport >= 1024 OR srcport < 32768 AND dstport >= 32768, false)
    END
  GROUP BY srcaddr, dstaddr, aws_account, aws_region, if({{ is_private("srcaddr") }}, dstport, -1)
  HAVING count(*) >= {{ limits.rejects }}
),
accepted AS (
  -- The last flow accepted is all there is to know; the summary has it, and the many records need no reading.
  SELECT
    srcaddr, dstaddr, aws_account, aws_region, dstport, interface_id, flows, bytes, last_seen,
    if({{ is_private("srcaddr") }}, dstport, -1) AS port
  FROM flow_daily
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'ACCEPT'
    AND coalesce(protocol, 6) NOT IN (1, 58)
    -- The summary's replies have no port.
    AND dstport IS NOT NULL
),
let_in AS (
  SELECT
    rejected.*, accepted.dstport, accepted.interface_id, accepted.flows, accepted.bytes, accepted.last_seen
  FROM rejected
  JOIN accepted
    ON rejected.srcaddr = accepted.srcaddr AND rejected.dstaddr = accepted.dstaddr
    AND rejected.aws_account = accepted.aws_account AND rejected.aws_region = accepted.aws_region
    AND rejected.port = accepted.port AND accepted.last_seen > rejected.enough_at
)
SELECT
  srcaddr AS who,
  CASE
    WHEN port < 0 THEN dstaddr
    ELSE if(strpos(dstaddr, ':') > 0, '[' || dstaddr || ']', dstaddr) || ':' || CAST(port AS varchar)
  END AS what,
  min(first_at) AS first_seen,
  greatest(max(last_at), max(last_seen)) AS last_seen,
  max(rejects) AS amount,
  max(last_seen) AS last_accepted,
  dstaddr,
  max_by(dstport, last_seen) AS dstport,
  sum(flows) AS accepted_flows,
  sum(bytes) AS accepted_bytes,
  if(min(interface_id) = max(interface_id), min(interface_id)) AS interface_id,
  array_join(array_sort(array_agg(DISTINCT aws_account)), ', ') AS aws_account,
  array_join(array_sort(array_agg(DISTINCT aws_region)), ', ') AS aws_region
FROM let_in
GROUP BY srcaddr, dstaddr, port
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
