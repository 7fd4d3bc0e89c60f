"""Numbers as text, and decimals as scaled whole numbers: what casts and operators are computed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {}

SPECIAL: dict[str, SpecialCall] = {}

MACROS: tuple[str, ...] = (
    # Double.toString of Java: between 1E-3 and 1E7 as a decimal, else d.dddE±n. DuckDB's text has the same digits.
    """CREATE OR REPLACE TEMP MACRO trino_double_text(x) AS CASE
        WHEN isnan(x) THEN 'NaN'
        WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
        WHEN x = 0 OR (abs(x) >= 0.001 AND abs(x) < 10000000) THEN CAST(x AS VARCHAR)
        ELSE trino_scientific(CAST(x AS VARCHAR)) END""",
    "CREATE OR REPLACE TEMP MACRO trino_real_text(x) AS trino_double_text(x)",
    """CREATE OR REPLACE TEMP MACRO trino_scientific(t) AS CASE
        WHEN contains(t, 'e') THEN trino_mantissa(replace(split_part(t, 'e', 1), '.', ''))
            || 'E' || CAST(split_part(t, 'e', 2) AS INTEGER)
        WHEN starts_with(ltrim(t, '-'), '0.') THEN CASE WHEN starts_with(t, '-') THEN '-' ELSE '' END
            || trino_mantissa(ltrim(t, '-0.')) || 'E-'
            || (length(regexp_extract(t, '0[.](0*)', 1)) + 1)
        ELSE trino_mantissa(replace(t, '.', '')) || 'E' || (strpos(ltrim(t, '-'), '.') - 2) END""",
    # CAST(double AS varchar): always d.dddE±n, and zero is 0E0 (Trino, DoubleOperators).
    """CREATE OR REPLACE TEMP MACRO trino_scientific_text(x) AS CASE
        WHEN isnan(x) THEN 'NaN'
        WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
        WHEN x = 0 THEN CASE WHEN starts_with(CAST(x AS VARCHAR), '-') THEN '-0E0' ELSE '0E0' END
        ELSE trino_scientific(CAST(x AS VARCHAR)) END""",
    # Digits, with a sign or not, as d.ddd without zeros at the end.
    """CREATE OR REPLACE TEMP MACRO trino_mantissa(digits) AS
        regexp_extract(digits, '^-?[0-9]') || '.'
        || coalesce(nullif(regexp_extract(digits, '^-?[0-9]([0-9]*?)0*$', 1), ''), '0')""",
    "CREATE OR REPLACE TEMP MACRO trino_power_of_ten(n) AS CAST(rpad('1', CAST(n AS INTEGER) + 1, '0') AS HUGEINT)",
    # A decimal as a whole number of 10^-scale; its own scale is not more than that.
    """CREATE OR REPLACE TEMP MACRO trino_unscaled(x, scale) AS
        CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT)
        * trino_power_of_ten(scale - length(split_part(CAST(x AS VARCHAR), '.', 2)))""",
    # The decimal text of a whole number of 10^-scale.
    """CREATE OR REPLACE TEMP MACRO trino_scaled(n, scale) AS CASE
        WHEN scale = 0 THEN CAST(n AS VARCHAR)
        ELSE CASE WHEN n < 0 THEN '-' ELSE '' END
            || regexp_replace(
                repeat('0', scale + 1 - length(CAST(abs(n) AS VARCHAR))) || CAST(abs(n) AS VARCHAR),
                '([0-9]{' || scale || '})$', '.\\1') END""",
    # The quotient of two whole numbers of the same unit, as a whole number of 10^-scale, rounded half away from zero.
    """CREATE OR REPLACE TEMP MACRO trino_decimal_quotient(a, b, scale) AS
        (a * trino_power_of_ten(scale)) // nullif(b, 0)
        + CASE WHEN abs((a * trino_power_of_ten(scale)) % nullif(b, 0)) * 2 >= abs(b) THEN sign(a) * sign(b)
          ELSE 0 END""",
)
