/*
title: Top rejected interfaces, against what they accepted
group: traffic
order: 90
description: >
  The network interfaces at which most flows were rejected, beside the flows that they accepted. Interfaces with a public
  address reject much and all the time. One that rejects nearly everything may have lost a rule, or nobody needs it.
chart: {type: bars, x: interface_id, y: rejected_flows}
columns:
  interface_id: {label: Interface, kind: interface}
  aws_account: {label: Account}
  aws_region: {label: Region}
  rejected_flows: {label: Rejected flows, kind: number}
  accepted_flows: {label: Accepted flows, kind: number}
  rejected_share: {label: Rejected of both, kind: share}
  sources: {label: Rejected sources, kind: number}
  ports: {label: Rejected ports, kind: number}
*/
WITH sums AS (
  SELECT
    interface_id, aws_account, aws_region,
    sum(flows) FILTER (WHERE action = 'REJECT') AS rejected_flows,
    coalesce(sum(flows) FILTER (WHERE action = 'ACCEPT'), 0) AS accepted_flows,
    count(DISTINCT srcaddr) FILTER (WHERE action = 'REJECT') AS sources,
    count(DISTINCT dstport) FILTER (WHERE action = 'REJECT') AS ports
  FROM flow_daily
  WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action IN ('ACCEPT', 'REJECT')
  GROUP BY interface_id, aws_account, aws_region
)
SELECT
  interface_id, aws_account, aws_region, rejected_flows, accepted_flows,
  round(CAST(rejected_flows AS double) / (rejected_flows + accepted_flows), 4) AS rejected_share,
  sources, ports
FROM sums
WHERE rejected_flows > 0
ORDER BY rejected_flows DESC, interface_id, aws_account, aws_region
LIMIT {{ params.limit }}
