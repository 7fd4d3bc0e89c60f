"""The page "Flow logs" inside Airflow: what the ledger knows of each day, and a button to run days again."""
