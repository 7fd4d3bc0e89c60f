# The developer's manual: `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3.11
PORT ?= 4566
DATA ?= .run/local_aws
AIRFLOW_PORT ?= 8080
DAYS ?= 3
ONCE ?=
UV := .venv/bin/uv
UV_VERSION := 0.13.9
# Bytecode is compiled once, not by each of the many processes that Airflow starts.
INSTALL := $(UV) pip install --quiet --compile-bytecode --requirements
PYTEST := .venv/bin/pytest

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  settings:    PORT=$(PORT) AIRFLOW_PORT=$(AIRFLOW_PORT) DATA=$(DATA) DAYS=$(DAYS) ONCE=1"

.PHONY: run
run: .venv/.production .venv-local-aws/.installed ## Local AWS, Airflow, sample logs, pipeline; ONCE=1 exits when done
	@PYTHONPATH=plugins .venv/bin/python -m quickstart --port $(PORT) --airflow-port $(AIRFLOW_PORT) --days $(DAYS) $(if $(ONCE),--once)

.PHONY: local-aws
local-aws: .venv-local-aws/.installed ## The local AWS alone, in the foreground
	@exec .venv-local-aws/bin/python -m local_aws --port $(PORT) --data $(DATA)

.PHONY: test
test: .venv/.development .venv-local-aws/.installed browser check ## What must pass before each commit: checks, then tests
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder -m "not long"

.PHONY: test-long
test-long: .venv/.development .venv-local-aws/.installed ## The tests that take minutes: each failure caused, real search servers, planted incidents
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder -m long

.PHONY: check
check: .venv/.development ## Lint, format and types, changing nothing
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

.PHONY: format
format: .venv/.development ## Format the code and mend what lint can mend
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

.PHONY: bench
bench: .venv/.development .venv-local-aws/.installed ## Benchmarks; writes docs/benchmarks.md
	PYTHONPATH=plugins .venv/bin/python -m benchmarks

.PHONY: lock
lock: .venv/.development ## Compile requirements*.in to pinned requirements*.txt
	$(UV) pip compile --quiet --no-header --python-version 3.11 requirements.in -o requirements.txt
	$(UV) pip compile --quiet --no-header --python-version 3.11 -c requirements.txt requirements-dev.in -o requirements-dev.txt
	$(UV) pip compile --quiet --no-header --python-version 3.11 -c requirements.txt requirements-production.in -o requirements-production.txt
	$(UV) pip compile --quiet --no-header --python-version 3.11 local_aws/requirements.in -o local_aws/requirements.txt

.PHONY: browser
browser: ## A browser for the UI tests (Debian's chromium), where there is none
	@command -v chromium >/dev/null || { echo "installing chromium"; \
	  { apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null 2>&1; } \
	  || { echo "the UI tests need chromium: install it (apt-get install chromium) and try again"; exit 1; }

.PHONY: topology
topology: .venv/.production .venv-local-aws/.installed .venv-production/.installed servers ## docker-compose.yaml's services as processes: PostgreSQL, Redis, Celery; backfills 2 days
	PYTHONPATH=plugins .venv/bin/python -m topology --days 2

.PHONY: kills
kills: .venv/.production .venv-local-aws/.installed .venv-production/.installed servers ## 20 times kill -9 during a backfill on that; writes docs/kills.md
	PYTHONPATH=plugins .venv/bin/python -m topology --days 5 --kills 20 --page docs/kills.md

.PHONY: servers
servers: ## PostgreSQL and Redis from Debian's packages, where they are missing
	@{ command -v redis-server && ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 || { echo "installing PostgreSQL and Redis"; \
	  { apt-get update -qq && apt-get install -y -qq postgresql redis-server; } >/dev/null 2>&1; } \
	  || { echo "make topology needs PostgreSQL and Redis: install them (apt-get install postgresql redis-server)"; exit 1; }

.PHONY: policies
policies: .venv/.development .venv-local-aws/.installed ## Each statement of the IAM policies removed in turn; writes docs/permissions.md's table
	POLICIES=1 $(PYTEST) tests/integration/test_policies.py

.PHONY: mwaa
mwaa: ## What Amazon MWAA takes, in build/mwaa: dags, plugins.zip, requirements.txt, startup.sh
	@$(PYTHON) -m topology.mwaa build/mwaa

.PHONY: clean
clean: ## Remove the local AWS's and Airflow's state (not the environments)
	rm -rf .run

# Environments: Airflow's, and the local AWS's own (MiniStack pins one exact botocore).
.venv/bin/uv:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11, or name one with PYTHON=/path/to/python3.11"; exit 1; }
	@echo "making the environment .venv"
	@$(PYTHON) -m venv .venv && .venv/bin/python -m pip install --quiet uv==$(UV_VERSION)

.venv/.production: requirements.txt | .venv/bin/uv
	@echo "installing Airflow and the providers into .venv"
	@$(INSTALL) requirements.txt && touch $@

.venv/.development: requirements-dev.txt | .venv/bin/uv
	@echo "installing the tools and tests' packages into .venv"
	@$(INSTALL) requirements-dev.txt && touch $@

.venv-local-aws/.installed: local_aws/requirements.txt | .venv/bin/uv
	@echo "installing the local AWS into .venv-local-aws"
	@$(PYTHON) -m venv .venv-local-aws && $(INSTALL) local_aws/requirements.txt --python .venv-local-aws/bin/python && touch $@

.venv-production/.installed: requirements-production.txt | .venv/bin/uv
	@echo "installing Airflow with Celery into .venv-production"
	@$(PYTHON) -m venv .venv-production && $(INSTALL) requirements-production.txt --python .venv-production/bin/python && touch $@
