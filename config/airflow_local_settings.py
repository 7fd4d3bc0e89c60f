"""What Airflow imports at its start: where tasks are forked from, the modules that nearly every task needs.

LocalExecutor forks tasks off the scheduler's process, Celery's workers fork their own: what that process has imported,
none of the hundreds of tasks has to import anew (a second or two each). Airflow finds this file in `config/` of its home,
or on PYTHONPATH.
"""

import sys

if "scheduler" in sys.argv or "worker" in sys.argv:
    import airflow.dag_processing.dagbag
    import airflow.providers.amazon.aws.hooks.s3
    import airflow.providers.amazon.aws.operators.athena  # noqa: F401

__all__: list[str] = []
