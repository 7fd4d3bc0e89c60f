"""Airflow's hooks and operators pointed at the running local AWS, without Airflow's database."""

from __future__ import annotations

import uuid

import pytest


@pytest.fixture
def airflow_connection(local_aws, monkeypatch):
    """The environment in which `aws_default` is the local AWS."""
    for name, value in local_aws.connection.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def database(local_aws) -> str:
    """A Glue database of the test's own."""
    name = f"test_{uuid.uuid4().hex[:10]}"
    local_aws.client("glue").create_database(DatabaseInput={"Name": name})
    return name
