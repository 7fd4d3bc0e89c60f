"""Tables as relations of DuckDB: partitions chosen, objects listed, files read with Hive's semantics, files written."""
