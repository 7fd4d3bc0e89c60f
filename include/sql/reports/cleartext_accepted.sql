/*
title: Cleartext services accepted from public addresses
group: detections
order: 130
severity: high
description: >
  Flows from public addresses that were accepted on a port whose service speaks in clear or is meant for inside: FTP,
  Telnet, mail, LDAP, databases, caches. Close the port in the security group, or put TLS or a VPN before it.
thresholds: {ports: [21, 23, 25, 110, 143, 389, 3306, 5432, 6379, 9200, 27017]}
columns:
  who: {label: Source, kind: address}
  what: {label: Service, kind: text}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Accepted flows, kind: number}
  dstaddr: {label: Destination, kind: address}
  dstport: {label: Port, kind: port}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
-- Records, because the summary has no source port: from a service's port (below 1024) it is a reply to one of ours.
SELECT
  srcaddr AS who,
  dstaddr || ':' || CAST(dstport AS varchar) AS what,
  min("start") AS first_seen,
  max("start") AS last_seen,
  count(*) AS amount,
  dstaddr,
  dstport,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  CASE WHEN min(interface_id) = max(interface_id) THEN min(interface_id) END AS interface_id,
  min(aws_account) AS aws_account,
  min(aws_region) AS aws_region
FROM flow_records
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'ACCEPT' AND protocol = 6
  AND dstport IN ({{ params.thresholds.ports | join(", ") }}) AND srcport >= 1024
  AND {{ is_public("srcaddr") }} AND coalesce(flow_direction, 'ingress') = 'ingress'
GROUP BY srcaddr, dstaddr, dstport
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
