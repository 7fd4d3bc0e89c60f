/*
title: Traffic by interface
group: traffic
order: 170
description: >
  The network interfaces with the most bytes, and what they accepted and rejected. It answers what a day's volume is made
  of: NAT gateways, load balancers and databases stand on top. An interface that was never here before moves data it did
  not move before.
chart: {type: bars, x: interface_id, y: bytes}
columns:
  interface_id: {label: Interface, kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
  bytes: {label: All bytes, kind: bytes}
  accepted_flows: {label: Accepted flows, kind: number}
  rejected_flows: {label: Rejected flows, kind: number}
  accepted_packets: {label: Accepted packets, kind: number}
  rejected_packets: {label: Rejected packets, kind: number}
  accepted_bytes: {label: Accepted bytes, kind: bytes}
  rejected_bytes: {label: Rejected bytes, kind: bytes}
*/
SELECT
  interface_id, aws_account, aws_region,
  coalesce(sum(bytes), 0) AS bytes,
{%- for column in ("flows", "packets", "bytes") %}
  coalesce(sum({{ column }}) FILTER (WHERE action = 'ACCEPT'), 0) AS accepted_{{ column }},
  coalesce(sum({{ column }}) FILTER (WHERE action = 'REJECT'), 0) AS rejected_{{ column }}{{ "," if not loop.last }}
{%- endfor %}
FROM flow_daily
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}'
GROUP BY interface_id, aws_account, aws_region
ORDER BY bytes DESC, interface_id, aws_account, aws_region
LIMIT {{ params.limit }}
