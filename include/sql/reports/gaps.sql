/*
title: Intervals without data, by target
group: health
order: 20
description: >
  NODATA is an interval in which an interface had no traffic: usual for idle ones. SKIPDATA is one in which AWS lost
  records, so counts are too low; one such line can stand for many flows. Shares are of all lines of the target. When
  SKIPDATA comes back on the same target, open a case with AWS.
columns:
  source: {label: Source}
  aws_account: {label: Account}
  aws_region: {label: Region}
  records: {label: Lines, kind: number}
  skipdata: {label: SKIPDATA, kind: number}
  skipdata_share: {label: Share of SKIPDATA, kind: share}
  nodata: {label: NODATA, kind: number}
  nodata_share: {label: Share of NODATA, kind: share}
*/
SELECT
  source, account AS aws_account, region AS aws_region,
  sum(records) AS records,
  sum(skipdata) AS skipdata,
  round(CAST(sum(skipdata) AS double) / nullif(sum(records), 0), 4) AS skipdata_share,
  sum(nodata) AS nodata,
  round(CAST(sum(nodata) AS double) / nullif(sum(records), 0), 4) AS nodata_share
FROM flow_runs
WHERE dt BETWEEN '{{ params.first }}' AND '{{ params.last }}'
GROUP BY source, account, region
HAVING sum(skipdata) > 0 OR sum(nodata) > 0
ORDER BY skipdata_share DESC, nodata_share DESC, source, aws_account, aws_region
LIMIT {{ params.limit }}
