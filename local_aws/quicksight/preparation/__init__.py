"""Data preparation: QuickSight's expressions and the transforms of logical tables, as DuckDB SQL."""
