"""docker-compose.yaml and Dockerfile without a Docker engine; `make topology` runs the services as processes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from tests.conftest import ROOT
from topology.compose import ComposeError, services

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())
AIRFLOW = ("init", "api-server", "scheduler", "dag-processor", "triggerer", "worker")
NAMES = sorted(COMPOSE["services"])
TEXT = (ROOT / "docker-compose.yaml").read_text()
EXAMPLE = dict(re.findall(r"^#? ?(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
WANTED = dict.fromkeys(re.findall(r"\$\{(\w+):\?", TEXT), "secret")


def test_it_is_as_the_compose_specification_has_it():
    parsed = PyCompose.from_json(json.dumps(COMPOSE))
    assert sorted(parsed.service_names()) == NAMES


def test_it_has_every_service_of_airflow_on_celery_postgresql_and_redis():
    search = {"opensearch", "opensearch-dashboards"}
    assert set(AIRFLOW) | {"postgres", "redis", "local-aws"} | search == set(NAMES)
    environment = COMPOSE["services"]["scheduler"]["environment"]
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert COMPOSE["services"]["local-aws"]["profiles"] == ["local-aws"]
    assert all(COMPOSE["services"][name]["profiles"] == ["search"] for name in search)
    assert all("profiles" not in COMPOSE["services"][name] for name in (*AIRFLOW, "postgres", "redis"))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "init"])
def test_each_service_comes_back_and_says_whether_it_is_well(name):
    service = COMPOSE["services"][name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", [name for name in AIRFLOW if name != "init"])
def test_airflow_waits_for_what_it_needs(name):
    conditions = {other: how["condition"] for other, how in COMPOSE["services"][name]["depends_on"].items()}
    assert conditions == {
        "postgres": "service_healthy",
        "redis": "service_healthy",
        "init": "service_completed_successfully",
    }


@pytest.mark.parametrize("name", AIRFLOW)
def test_each_variable_is_an_option_of_airflow(name):
    from airflow.configuration import conf

    known = {
        (section, option) for section, found in conf.configuration_description.items() for option in found["options"]
    }
    for variable in COMPOSE["services"][name]["environment"]:
        _, section, option, *_ = [*variable.lower().split("__"), "", ""]
        # Options of Celery come with its provider, which the tests' environment has not; `make topology` needs them.
        if variable.startswith("AIRFLOW__") and section != "celery":
            assert (section, option) in known, variable


def test_each_setting_of_the_pipeline_is_one():
    from flowlogs.settings import load_settings

    found = [name for name in COMPOSE["services"]["scheduler"]["environment"] if name.startswith("FLOWLOGS__")]
    for name in found:
        value: Any = load_settings()
        for part in name.lower().split("__")[1:]:
            assert hasattr(value, part), name
            value = getattr(value, part)


@pytest.mark.parametrize("name", [name for name in AIRFLOW if name not in ("init", "worker")])
def test_each_command_is_one_of_airflow(name):
    from airflow.cli.cli_parser import ALL_COMMANDS_DICT

    program, command = COMPOSE["services"][name]["command"]
    assert program == "airflow"
    assert command in ALL_COMMANDS_DICT


def test_mounted_folders_are_there_and_readonly():
    for volume in COMPOSE["services"]["worker"]["volumes"]:
        source, _, how = volume.split(":") if volume.count(":") == 2 else (*volume.split(":"), "")
        if source.startswith("."):
            assert (ROOT / source).is_dir()
            assert how == "ro"
        else:
            assert source in COMPOSE["volumes"]


def test_secrets_come_from_the_environment_and_the_example_names_each():
    assert WANTED, "there are secrets"
    assert all(EXAMPLE[name] == "" for name in WANTED), "the example holds no secret"
    assert set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT)) - set(EXAMPLE) == set()
    for line in TEXT.splitlines():
        if re.search(r"(PASSWORD|SECRET|FERNET_KEY|requirepass)\b.*[:,]", line) and not line.lstrip().startswith("#"):
            assert "${" in line or "$$" in line, line


def test_a_missing_secret_is_named():
    with pytest.raises(ComposeError, match="POSTGRES_PASSWORD: set POSTGRES_PASSWORD"):
        services({**WANTED, "POSTGRES_PASSWORD": ""}, {})


def test_as_processes_the_services_find_each_other_on_this_machine():
    found = services(WANTED, {"postgres": 5433, "redis": 6380, "api-server": 8081})
    environment = found["worker"].environment
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith("airflow:secret@127.0.0.1:5433/airflow")
    assert environment["AIRFLOW__CELERY__BROKER_URL"] == "redis://:secret@127.0.0.1:6380/0"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8081/execution/"
    assert environment["AIRFLOW_CONN_AWS_DEFAULT"] == "aws://?region_name=us-east-1"
    assert '--username "$ADMIN_USERNAME"' in found["init"].command[-1]


def pins(file: str) -> dict[str, str]:
    """The versions that a compiled file of requirements pins."""
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", (ROOT / file).read_text(), re.MULTILINE))


def test_the_image_is_of_the_pinned_airflow_and_has_what_the_dags_need():
    text = (ROOT / "Dockerfile").read_text()
    production, dags = pins("requirements-production.txt"), pins("requirements.txt")
    assert f"FROM apache/airflow:{dags['apache-airflow']}-python3.11" in text
    assert {name: production[name] for name in dags} == dags
    for source, target in re.findall(r"^COPY (?:--chown=\S+ )?(\S+) (\S+)$", text, re.MULTILINE):
        assert (ROOT / source).exists()
        if target.startswith("/opt/airflow/"):
            assert target == f"/opt/airflow/{source}"
