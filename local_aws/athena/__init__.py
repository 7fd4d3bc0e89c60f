"""The local Athena: Hive DDL and Trino SQL over the objects of S3 and the tables of Glue."""
