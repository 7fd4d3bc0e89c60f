"""The services of docker-compose.yaml as plain processes on this machine, with its variables: `make topology`.

So what production runs on (PostgreSQL, Redis, Celery) is tried where there is no Docker engine, CI among them, and can be
killed and watched.
"""
