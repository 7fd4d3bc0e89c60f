# Airflow's official image with this repository's pinned requirements.
FROM apache/airflow:3.3.2-python3.11
COPY requirements-production.txt /requirements.txt
RUN pip install --no-cache-dir --requirement /requirements.txt
COPY --chown=airflow:root config /opt/airflow/config
COPY --chown=airflow:root dags /opt/airflow/dags
COPY --chown=airflow:root plugins /opt/airflow/plugins
COPY --chown=airflow:root include /opt/airflow/include
