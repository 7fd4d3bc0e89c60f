"""What the settings want of the alarms' path in AWS: patterns, sample records, requests. No Airflow, no boto3."""
