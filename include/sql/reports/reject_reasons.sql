/*
title: Why flows were rejected
group: traffic
order: 120
description: >
  The reason that AWS gives in logs of version 8 and later, where it is not a security group or network ACL: BPA, for
  example, is VPC Block Public Access. A reason that is new here means that somebody switched that protection on, or that
  something tries to get around it.
chart: {type: bars, x: reject_reason, y: flows}
columns:
  reject_reason: {label: Reason}
  flows: {label: Rejected flows, kind: number}
  share: {label: Share, kind: share}
  sources: {label: Sources, kind: number}
  destinations: {label: Destinations, kind: number}
  interfaces: {label: Interfaces, kind: number}
  packets: {label: Packets, kind: number}
  bytes: {label: Bytes, kind: bytes}
*/
SELECT
  reject_reason,
  count(*) AS flows,
  round(CAST(count(*) AS double) / sum(count(*)) OVER (), 4) AS share,
  count(DISTINCT srcaddr) AS sources,
  count(DISTINCT dstaddr) AS destinations,
  count(DISTINCT interface_id) AS interfaces,
  sum(packets) AS packets,
  sum(bytes) AS bytes
FROM flow_records
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT' AND reject_reason IS NOT NULL
GROUP BY reject_reason
ORDER BY flows DESC, reject_reason
LIMIT {{ params.limit }}
