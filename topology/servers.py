"""PostgreSQL and Redis from Debian's packages, as processes of our own with data of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class MissingServer(Exception):
    """A server is not installed; the message says how to get it."""


@dataclass(frozen=True)
class PostgreSQL:
    """A cluster in `folder`, with the user and the database `airflow`.

    PostgreSQL refuses to run as root, so then it runs as the user `postgres`, who comes with the package.
    """

    folder: Path
    port: int
    password: str

    @property
    def data(self) -> Path:
        """The cluster's files."""
        return self.folder / "data"

    def make(self) -> None:
        """Make the cluster, unless it is there.

        Raises:
            MissingServer: without PostgreSQL.
        """
        if self.data.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
            shutil.chown(password_file, "postgres")
        options = ["--username=airflow", "--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"]
        self._run([*self._command("initdb"), *options, str(self.data)])

    def command(self) -> list[str]:
        """What runs the server."""
        options = [f"-p{self.port}", "-h127.0.0.1", "-k", str(self.folder), "-c", "max_connections=200"]
        return [*self._command("postgres"), "-D", str(self.data), *options]

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        command = [*self._command("pg_isready"), "-q", "-h127.0.0.1", f"-p{self.port}"]
        return subprocess.run(command, check=False).returncode == 0

    def make_database(self) -> None:
        """Make the database `airflow`, unless it is there."""
        connection = ["-h127.0.0.1", f"-p{self.port}", "-Uairflow"]
        environ = {**os.environ, "PGPASSWORD": self.password}
        asked = [*self._command("psql"), *connection, "-dpostgres", "-tAc"]
        there = subprocess.run(
            [*asked, "SELECT 1 FROM pg_database WHERE datname = 'airflow'"], env=environ, capture_output=True
        )
        if there.stdout.strip() != b"1":
            self._run([*self._command("createdb"), *connection, "airflow"], environ)

    def _command(self, program: str) -> list[str]:
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 and program in ("initdb", "postgres") else []
        return [*as_user, _postgresql_program(program)]

    @staticmethod
    def _run(command: Sequence[str], environ: Mapping[str, str] | None = None) -> None:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{command[-1]}: {done.stderr or done.stdout}")


def redis_command(folder: Path, port: int, command: Sequence[str]) -> list[str]:
    """The Compose file's command for Redis, on a port and with data of our own.

    Raises:
        MissingServer: without Redis.
    """
    program = shutil.which(command[0])
    if program is None:
        raise MissingServer("redis-server is missing: apt-get install redis-server (make topology does)")
    folder.mkdir(parents=True, exist_ok=True)
    return [program, *command[1:], "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]


def _postgresql_program(name: str) -> str:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(installed[-1]) if installed else shutil.which(name)
    if found is None:
        raise MissingServer(f"PostgreSQL's {name} is missing: apt-get install postgresql (make topology does)")
    return found
