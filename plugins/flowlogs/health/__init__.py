"""Judging alarms end to end: what was seen, rules, findings. Plain functions, without Airflow and boto3."""
