"""The rejected-traffic report: from query results to tables, charts, findings, a page and messages. No Airflow here."""
