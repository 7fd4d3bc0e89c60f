"""Trino SQL (Athena engine version 3) for DuckDB: parsing, analysis, translation, rendering of results.

statements (what was asked) -> query.translate (names, types, DuckDB SQL) -> render (Athena's CSV text)
"""
