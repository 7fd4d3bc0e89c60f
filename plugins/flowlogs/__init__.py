"""VPC flow logs: the domain (settings, fields, layout) and its Airflow hooks, operators and sensors."""
