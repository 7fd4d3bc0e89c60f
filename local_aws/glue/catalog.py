"""The Glue Data Catalog: databases, tables and their versions, partitions; kept in one SQLite file."""
