/*
title: Cleartext services accepted from public addresses
group: detections
order: 130
severity: high
description: >
  A public address was let in on a port whose service sends passwords or data unencrypted (FTP, Telnet, SMTP, POP3, IMAP,
  LDAP) or that should never face the internet (MySQL, PostgreSQL, Redis, Elasticsearch, MongoDB). Mail servers receive
  on 25 from everywhere: put their interfaces on the allowlist. Close the rule otherwise, and look at what
  the destination sent back where many bytes went through.
thresholds: {ports: [21, 23, 25, 110, 143, 389, 3306, 5432, 6379, 9200, 27017]}
columns:
  who: {label: Source, kind: address}
  what: {label: Destination}
  first_seen: {label: First accepted, kind: time}
  last_seen: {label: Last accepted, kind: time}
  amount: {label: Accepted flows, kind: number}
  service: {label: Service}
  connections: {label: Connections, kind: number}
  dstaddr: {label: Destination address, kind: address}
  dstport: {label: Port, kind: port}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
{%- set names = {
  21: "FTP", 23: "Telnet", 25: "SMTP", 80: "HTTP", 110: "POP3", 143: "IMAP", 389: "LDAP", 1433: "SQL Server",
  1521: "Oracle", 3306: "MySQL", 5432: "PostgreSQL", 6379: "Redis", 9200: "Elasticsearch", 11211: "Memcached",
  27017: "MongoDB",
} %}
SELECT
  srcaddr AS who,
  if(strpos(dstaddr, ':') > 0, '[' || dstaddr || ']', dstaddr) || ':' || CAST(dstport AS varchar) AS what,
  min("start") AS first_seen,
  max("start") AS last_seen,
  count(*) AS amount,
  CASE dstport
{%- for port, name in names.items() %}
    WHEN {{ port }} THEN '{{ name }}'
{%- endfor %}
  END AS service,
  count(DISTINCT srcport) AS connections,
  dstaddr,
  dstport,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  if(min(interface_id) = max(interface_id), min(interface_id)) AS interface_id,
  array_join(array_sort(array_agg(DISTINCT aws_account)), ', ') AS aws_account,
  array_join(array_sort(array_agg(DISTINCT aws_region)), ', ') AS aws_region
-- Not the summary: it cannot tell a client from a server that answers a client of ours, or the NAT gateway, on 5432.
FROM flow_records
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'ACCEPT'
  AND dstport IN ({{ params.thresholds.ports | join(", ") }}) AND coalesce(protocol, 6) = 6
  AND {{ is_public("srcaddr") }} AND dstaddr IS NOT NULL
  -- IPv6: our own hosts have public addresses too.
  AND ({{ is_private("dstaddr") }} OR coalesce(flow_direction, 'ingress') = 'ingress')
  -- SYN without ACK opens a connection, SYN with ACK answers; without flags, clients have ports from 1024 on.
  AND CASE
    WHEN bitwise_and(tcp_flags, 2) = 2 THEN bitwise_and(tcp_flags, 16) = 0
    ELSE coalesce(srcport, 65535) >= 1024
  END
GROUP BY srcaddr, dstaddr, dstport
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
