"""Hive DDL as Athena takes it: parsed into statements, run on the Glue catalog."""

from local_aws.athena.ddl.parse import parse_ddl
from local_aws.athena.ddl.run import run_ddl

__all__ = ["parse_ddl", "run_ddl"]
