"""Aggregate functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_PERCENTILES = ("bigint", "real", "double")

TABLE: dict[str, str] = {
    "count() -> bigint": "count[]",
    "count(T) -> bigint": "count[{0}]",
    "count_if(boolean) -> bigint": "count[CASE WHEN {0} THEN 1 END]",
    **{f"sum({name}) -> bigint": "CAST(sum[{0}] AS BIGINT)" for name in _INTEGERS},
    "sum(D) -> D+": "CAST(sum[{0}] AS DECIMAL(38, {D.scale}))",
    "sum(real) -> real": "CAST(sum[{0}] AS FLOAT)",
    "sum(double) -> double": "sum[{0}]",
    **{f"avg({name}) -> double": "avg[{0}]" for name in _INTEGERS},
    "avg(D) -> D": (
        "CAST(trino_scaled(trino_decimal_quotient(trino_unscaled(sum[{0}], {D.scale}), "
        "trino_unscaled(nullif(count[{0}], 0), {D.scale}), {D.scale}), {D.scale}) AS {D})"
    ),
    "avg(real) -> real": "CAST(avg[{0}] AS FLOAT)",
    "avg(double) -> double": "avg[{0}]",
    "min(T) -> T": "min[{0}]",
    "max(T) -> T": "max[{0}]",
    "min(T, bigint) -> array(T)": "min[{0}, {1}]",
    "max(T, bigint) -> array(T)": "max[{0}, {1}]",
    "min_by(T, U) -> T": "arg_min_null[{0}, {1}]",
    "max_by(T, U) -> T": "arg_max_null[{0}, {1}]",
    "min_by(T, U, bigint) -> array(T)": "arg_min[{0}, {1}, {2}]",
    "max_by(T, U, bigint) -> array(T)": "arg_max[{0}, {1}, {2}]",
    "arbitrary(T) -> T": "any_value[{0}]",
    "any_value(T) -> T": "any_value[{0}]",
    "array_agg(T) -> array(T)": "list[{0}]",
    "set_agg(T) -> array(T)": "list[DISTINCT {0}]",
    "set_union(array(T)) -> array(T)": "trino_distinct_elements(flatten(list[{0}]))",
    "map_agg(K, V) -> map(K, V)": "trino_map_of_first(list[struct_pack(key := {0}, value := {1})])",
    "multimap_agg(K, V) -> map(K, array(V))": "trino_map_of_all(list[struct_pack(key := {0}, value := {1})])",
    "map_union(map(K, V)) -> map(K, V)": "trino_map_of_first(flatten(list[map_entries({0})]))",
    "histogram(T) -> map(T, bigint)": "CAST(histogram[{0}] AS MAP({T}, BIGINT))",
    # Exact where Trino may be off by 2.3 %: an answer here never depends on how a sketch was merged.
    "approx_distinct(T) -> bigint": "count[DISTINCT {0}]",
    "approx_distinct(T, double) -> bigint": "count[DISTINCT {0}]",
    **{f"approx_percentile({name}, double) -> {name}": "quantile_disc[{0}, {1}]" for name in _PERCENTILES},
    **{
        f"approx_percentile({name}, array(double)) -> array({name})": "quantile_disc[{0}, {1}]" for name in _PERCENTILES
    },
    "bool_and(boolean) -> boolean": "bool_and[{0}]",
    "bool_or(boolean) -> boolean": "bool_or[{0}]",
    "every(boolean) -> boolean": "bool_and[{0}]",
    "bitwise_and_agg(bigint) -> bigint": "bit_and[{0}]",
    "bitwise_or_agg(bigint) -> bigint": "bit_or[{0}]",
    "bitwise_xor_agg(bigint) -> bigint": "bit_xor[{0}]",
    "geometric_mean(double) -> double": "geomean[{0}]",
    "stddev(double) -> double": "stddev_samp[{0}]",
    "variance(double) -> double": "var_samp[{0}]",
    **{f"{name}(double) -> double": f"{name}[{{0}}]" for name in ("stddev_samp", "stddev_pop", "var_samp", "var_pop")},
    **{
        f"{name}(double, double) -> double": f"{name}[{{0}}, {{1}}]"
        for name in ("corr", "covar_samp", "covar_pop", "regr_slope", "regr_intercept")
    },
}

SPECIAL: dict[str, SpecialCall] = {}

MACROS: tuple[str, ...] = (
    # The distinct elements; DuckDB's list_distinct leaves NULL out.
    "CREATE OR REPLACE TEMP MACRO trino_distinct_elements(elements) AS "
    "list_concat(list_distinct(elements), CASE WHEN len(elements) > list_count(elements) THEN [NULL] ELSE [] END)",
    # Entries without a key are left out; of entries with the same key the first is kept.
    "CREATE OR REPLACE TEMP MACRO trino_keyed(entries) AS list_filter(entries, lambda e: e.key IS NOT NULL)",
    "CREATE OR REPLACE TEMP MACRO trino_keys_of(entries) AS "
    "list_distinct(list_transform(trino_keyed(entries), lambda e: e.key))",
    "CREATE OR REPLACE TEMP MACRO trino_map_of_first(entries) AS "
    "CASE WHEN len(trino_keys_of(entries)) = len(entries) THEN map_from_entries(entries) ELSE "
    "map(trino_keys_of(entries), list_transform(trino_keys_of(entries), "
    "lambda k: list_extract(list_filter(entries, lambda e: e.key = k), 1).value)) END",
    "CREATE OR REPLACE TEMP MACRO trino_map_of_all(entries) AS "
    "CASE WHEN entries IS NOT NULL THEN map(trino_keys_of(entries), list_transform(trino_keys_of(entries), "
    "lambda k: list_transform(list_filter(entries, lambda e: e.key = k), lambda e: e.value))) END",
)
