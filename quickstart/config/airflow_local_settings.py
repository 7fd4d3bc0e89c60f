"""What Airflow imports at its start: here, in the scheduler, the modules that nearly every task needs.

LocalExecutor forks tasks off the scheduler's process; what that has imported, none of the hundreds of tasks has to import
anew (half a second each).
"""

import sys

if "scheduler" in sys.argv:
    import airflow.dag_processing.dagbag
    import airflow.providers.amazon.aws.hooks.s3
    import airflow.providers.amazon.aws.operators.athena  # noqa: F401

__all__: list[str] = []
