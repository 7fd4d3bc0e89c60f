/*
title: Unusual protocols
group: detections
order: 120
severity: medium
description: >
  Traffic, accepted or rejected, of an IP protocol other than TCP, UDP, ICMP and the usual tunnels (GRE 47, ESP 50).
  SCTP, OSPF or VRRP may belong to an appliance of yours: add its number to the threshold "protocols". IP in IP (4) and
  IPv6 in IPv4 (41) are tunnels, through which data leaves unseen; look at the host when one was accepted. A few rejected
  packets from outside are noise.
thresholds: {protocols: [1, 6, 17, 58, 47, 50]}
columns:
  who: {label: Source, kind: address}
  what: {label: Protocol and destination}
  first_seen: {label: First seen, kind: time}
  last_seen: {label: Last seen, kind: time}
  amount: {label: Flows, kind: number}
  accepted: {label: Accepted, kind: number}
  rejected: {label: Rejected, kind: number}
  protocol: {label: Protocol, kind: protocol}
  dstaddr: {label: Destination, kind: address}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
  interface_id: {label: "Interface, if one", kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
*/
{%- set names = {
  0: "IPv6 hop-by-hop options", 2: "IGMP", 4: "IP in IP", 33: "DCCP", 41: "IPv6 in IPv4", 51: "AH", 88: "EIGRP",
  89: "OSPF", 94: "IPIP", 103: "PIM", 112: "VRRP", 115: "L2TP", 132: "SCTP", 136: "UDPLite", 137: "MPLS in IP",
} %}
SELECT
  srcaddr AS who,
  CASE protocol
{%- for number, name in names.items() %}
    WHEN {{ number }} THEN '{{ name }} ({{ number }})'
{%- endfor %}
    ELSE 'protocol ' || CAST(protocol AS varchar)
  END || ' to ' || dstaddr AS what,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen,
  sum(flows) AS amount,
  sum(if(action = 'ACCEPT', flows, 0)) AS accepted,
  sum(if(action = 'REJECT', flows, 0)) AS rejected,
  protocol,
  dstaddr,
  sum(packets) AS packets,
  sum(bytes) AS bytes,
  if(min(interface_id) = max(interface_id), min(interface_id)) AS interface_id,
  array_join(array_sort(array_agg(DISTINCT aws_account)), ', ') AS aws_account,
  array_join(array_sort(array_agg(DISTINCT aws_region)), ', ') AS aws_region
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}'
  AND protocol NOT IN ({{ params.thresholds.protocols | join(", ") }})
  AND srcaddr IS NOT NULL AND dstaddr IS NOT NULL
GROUP BY srcaddr, dstaddr, protocol
ORDER BY amount DESC, who, what
LIMIT {{ params.limit }}
