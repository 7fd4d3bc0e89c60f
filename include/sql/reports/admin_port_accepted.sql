/*
title: Administrative ports accepted from public addresses
group: detections
order: 30
severity: high
description: >
  A public address was let in on a port that administers hosts (SSH, Telnet, RDP, VNC, WinRM). It should reach a bastion
  or nothing at all; put your own offices' addresses on the allowlist. Few packets mean that the host did not
  answer, but the rule is open all the same: close it, and look at the host's logins where many bytes went through.
thresholds: {ports: [22, 23, 3389, 5900, 5985, 5986]}
columns:
  who: {label: Source, kind: address}
  what: {label: Destination}
  first_seen: {label: First accepted, kind: time}
  last_seen: {label: Last accepted, kind: time}
  amount: {label: Accepted flows, kind: number}
  connections: {label: Connections, kind: number}
  dstaddr: {label: Destination address, kind: address}
  dstport: {label: Port, kind: port}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
SELECT
  srcaddr AS who,
  if(strpos(dstaddr, ':') > 0, '[' || dstaddr || ']', dstaddr) || ':' || CAST(dstport AS varchar) AS what,
  min("start") AS first_seen,
  max("start") AS last_seen,
  count(*) AS amount,
  count(DISTINCT srcport) AS connections,
  dstaddr,
  dstport,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  if(min(interface_id) = max(interface_id), min(interface_id)) AS interface_id,
  array_join(array_sort(array_agg(DISTINCT aws_account)), ', ') AS aws_account,
  array_join(array_sort(array_agg(DISTINCT aws_region)), ', ') AS aws_region
FROM flow_records
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'ACCEPT'
  AND dstport IN ({{ params.thresholds.ports | join(", ") }}) AND coalesce(protocol, 6) = 6
  AND {{ is_public("srcaddr") }} AND dstaddr IS NOT NULL
  -- IPv6: our own hosts have public addresses too.
  AND ({{ is_private("dstaddr") }} OR coalesce(flow_direction, 'ingress') = 'ingress')
  -- A server's reply to a client of ours that happens to use port 3389 is no login. SYN without ACK opens a connection,
  -- SYN with ACK answers; without flags, servers have ports below 1024 and clients do not.
  AND CASE
    WHEN bitwise_and(tcp_flags, 2) = 2 THEN bitwise_and(tcp_flags, 16) = 0
    ELSE dstport < 1024 OR coalesce(srcport, 65535) >= 1024
  END
GROUP BY srcaddr, dstaddr, dstport
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
