/*
title: Rejected TCP, record by record
group: traffic
order: 180
description: >
  The records of rejected TCP flows, ordered by source address; the same rows again mean that the source tried again.
  It is the place to look up a source by hand; the sections above count, and the CSV or the query itself hold the rest.
columns:
  day: {label: Day of the week (1 is Monday), kind: number}
  dt: {label: Day, kind: day}
  interface_id: {label: Interface, kind: interface}
  srcaddr: {label: Source, kind: address}
  dstport: {label: Port, kind: port}
  action: {label: Action}
  protocol: {label: Protocol, kind: protocol}
*/
SELECT day_of_week(from_iso8601_timestamp(dt)) AS day, dt, interface_id, srcaddr, dstport, action, protocol
FROM flow_records
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}' AND action = 'REJECT' AND protocol = 6
ORDER BY srcaddr, dt, interface_id, dstport
LIMIT {{ params.limit }}
