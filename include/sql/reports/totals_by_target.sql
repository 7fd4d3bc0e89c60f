/*
title: Accepted and rejected traffic by target
group: traffic
order: 20
description: >
  The flows of each account and region, beside the same number of days just before (of one day: the day before). An empty
  comparison means that the target has no summary of those days; 0 flows where there were some before, that its logs may
  be missing: see the coverage. Look at the targets whose rejects grew much more than the others'.
columns:
  source: {label: Source}
  aws_account: {label: Account}
  aws_region: {label: Region}
  flows: {label: All flows, kind: number}
  rejected_flows: {label: Rejected flows, kind: number}
  rejected_before: {label: "Rejected, days before", kind: number}
  rejected_change: {label: Change of rejected, kind: share}
  accepted_flows: {label: Accepted flows, kind: number}
  accepted_before: {label: "Accepted, days before", kind: number}
  accepted_change: {label: Change of accepted, kind: share}
  rejected_packets: {label: Rejected packets, kind: number}
  rejected_bytes: {label: Rejected bytes, kind: bytes}
  accepted_packets: {label: Accepted packets, kind: number}
  accepted_bytes: {label: Accepted bytes, kind: bytes}
*/
{%- set days = "(date_diff('day', DATE '" ~ params.first ~ "', DATE '" ~ params.last ~ "') + 1)" %}
{%- set reported = "dt >= '" ~ params.first ~ "'" %}
{%- set before = "dt < '" ~ params.first ~ "'" %}
WITH sums AS (
  SELECT
    source, aws_account, aws_region,
    coalesce(sum(flows) FILTER (WHERE {{ reported }}), 0) AS flows,
{%- for action, name in (("REJECT", "rejected"), ("ACCEPT", "accepted")) %}
    coalesce(sum(flows) FILTER (WHERE {{ reported }} AND action = '{{ action }}'), 0) AS {{ name }}_flows,
    coalesce(sum(packets) FILTER (WHERE {{ reported }} AND action = '{{ action }}'), 0) AS {{ name }}_packets,
    coalesce(sum(bytes) FILTER (WHERE {{ reported }} AND action = '{{ action }}'), 0) AS {{ name }}_bytes,
    -- A target without any summary of the days before is unknown there, not 0.
    if(count_if({{ before }}) > 0, coalesce(sum(flows) FILTER (WHERE {{ before }} AND action = '{{ action }}'), 0))
      AS {{ name }}_before{{ "," if not loop.last }}
{%- endfor %}
  FROM flow_daily
  WHERE dt BETWEEN CAST(date_add('day', -{{ days }}, DATE '{{ params.first }}') AS varchar) AND '{{ params.last }}'
  GROUP BY source, aws_account, aws_region
)
SELECT
  source, aws_account, aws_region, flows,
  rejected_flows, rejected_before,
  round((rejected_flows - rejected_before) / CAST(nullif(rejected_before, 0) AS double), 4) AS rejected_change,
  accepted_flows, accepted_before,
  round((accepted_flows - accepted_before) / CAST(nullif(accepted_before, 0) AS double), 4) AS accepted_change,
  rejected_packets, rejected_bytes, accepted_packets, accepted_bytes
FROM sums
ORDER BY rejected_flows DESC, source, aws_account, aws_region
LIMIT {{ params.limit }}
