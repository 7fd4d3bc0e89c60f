"""`python -m local_aws`: serve the local AWS until interrupted."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import signal
import socket
import sys
from pathlib import Path


def main() -> None:
    """Parse the command line, check the port and the data folder, serve."""
    parser = argparse.ArgumentParser(prog="python -m local_aws", description="An AWS on this machine.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=4566, help="port to listen on (default %(default)s)")
    parser.add_argument(
        "--data", type=Path, default=Path(".run/local_aws"), help="folder of all state (default %(default)s)"
    )
    parser.add_argument(
        "--smtp-port", type=int, default=0, help="port that takes e-mails (default: any free one, which is printed)"
    )
    parser.add_argument(
        "--enforce-iam", action="store_true", help="let IAM users and roles do only what their policies allow"
    )
    arguments = parser.parse_args()
    data: Path = arguments.data.resolve()
    _check_port(arguments.host, arguments.port)
    smtp = _smtp_socket(arguments.host, arguments.smtp_port)
    with _lock(data):
        asyncio.run(_serve(arguments.host, arguments.port, data, smtp, enforce_iam=arguments.enforce_iam))


def _check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(f"local AWS: cannot listen on {host}:{port}: {error.strerror}. Choose another with --port.")


def _smtp_socket(host: str, port: int) -> socket.socket:
    from local_aws.inbox.smtp import bound_socket

    try:
        return bound_socket(host, port)
    except (OSError, OverflowError) as error:
        sys.exit(f"local AWS: cannot take e-mails on {host}:{port}: {error}. Choose another with --smtp-port.")


@contextlib.contextmanager
def _lock(data: Path):  # type: ignore[no-untyped-def]
    """Two servers on one folder would overwrite each other's state."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "lock").open("w")
    except OSError as error:
        sys.exit(f"local AWS: cannot write to {data}: {error.strerror}. Choose another folder with --data.")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"local AWS: another server uses {data}. Stop it, or choose another folder with --data.")
        yield


async def _serve(host: str, port: int, data: Path, smtp: socket.socket, *, enforce_iam: bool) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    from local_aws.server import create_app

    config = Config()
    config.bind = [f"{host}:{port}"]
    config.keep_alive_timeout = 75  # longer than botocore's pool keeps an idle connection
    config.graceful_timeout = 3
    config.loglevel = "WARNING"
    config.accesslog = None

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopped.set)

    async def until_stopped() -> None:
        await stopped.wait()

    print(f"local AWS: http://{host}:{port} (data in {data}; Ctrl-C stops it)", flush=True)
    smtp_port = smtp.getsockname()[1]
    print(f"e-mail and Slack messages: http://{host}:{port}/_inbox (SMTP port {smtp_port})", flush=True)
    app = create_app(data, host=host, port=port, smtp=smtp, enforce_iam=enforce_iam)
    await serve(app, config, shutdown_trigger=until_stopped)


if __name__ == "__main__":
    main()
