"""`python -m local_aws.traffic live` and `probe`: records written to a log group as time passes, or on demand."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

from .fields import DEFAULT_LOG_FORMAT, LogField, parse_log_format
from .live import WATCHED_PORTS, LiveTraffic
from .log_group import LogGroup, events_by_stream
from .network import Network, network
from .plan import Target
from .probe import Probe
from .records import OK, Records
from .regions import REGIONS
from .scenes import SCENES

COMMANDS = ("live", "probe")
FAILED = 1
_TICK_SECONDS = 1.0
_LIVE = (
    "Writes the records of a small shop's network to a log group as time passes, a log stream an interface, until "
    "Ctrl-C: accepted traffic, rejects, and NODATA of idle interfaces every aggregation interval. Endpoint, region "
    "and credentials are found as the AWS CLI finds them."
)
_PROBE = (
    "Writes REJECT records of a few attempts of one stranger on one interface to a log group: 3 attempts on port 80 "
    "within 300 seconds, unless asked for others. The command fails unless every record is taken."
)


def main(arguments: Sequence[str]) -> int:
    """Run one of COMMANDS, the first argument; the exit code. Ctrl-C is the usual end of `live`."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        run = _probing(options) if options.command == "probe" else _living(options)
    except ValueError as error:
        parser.error(str(error))
    try:
        log_group = LogGroup(options.log_group, endpoint_url=options.endpoint_url, region=options.region)
        if log_group.ensure():
            print(f"made the log group {log_group.name}")
        run(log_group)
    except Exception as error:  # an endpoint's, of many kinds
        print(f"{parser.prog}: log group {options.log_group}: {error}", file=sys.stderr)
        return FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    where = common.add_argument_group("where it goes")
    where.add_argument("--log-group", default="/flowlogs/vpc", metavar="NAME", help="made if missing (%(default)s)")
    where.add_argument("--log-format", default=DEFAULT_LOG_FORMAT, metavar="FIELDS", help="'${version} …'")
    where.add_argument("--endpoint-url", metavar="URL", help="of CloudWatch Logs, when it is not AWS's own")
    network_of = common.add_argument_group("whose network it is")
    network_of.add_argument("--account", default="123456789012", help="(%(default)s)")
    network_of.add_argument("--region", choices=REGIONS, default="us-east-1", metavar="REGION", help="(%(default)s)")
    network_of.add_argument("--interfaces", type=int, default=32, metavar="N", help="(%(default)s)")
    network_of.add_argument("--seed", type=int, default=1, metavar="N", help="(%(default)s)")

    parser = argparse.ArgumentParser(prog="python -m local_aws.traffic", description="Records for a log group.")
    commands = parser.add_subparsers(dest="command", required=True)
    live = commands.add_parser("live", parents=[common], help="traffic as time passes", description=_LIVE)
    live.add_argument("--seconds", type=float, metavar="N", help="how long (until Ctrl-C)")
    live.add_argument("--records-per-minute", type=float, default=120, metavar="N", help="about (%(default)s)")
    live.add_argument("--speed", type=float, default=1, metavar="N", help="so many times as much (%(default)s)")
    live.add_argument("--reject-share", type=float, default=0.15, metavar="PART", help="0 to 1 (%(default)s)")
    live.add_argument(
        "--quiet-ports",
        nargs="*",
        type=int,
        default=WATCHED_PORTS,
        metavar="PORT",
        help=f"no background reject goes to these ({', '.join(map(str, WATCHED_PORTS))}); none given: all are noisy",
    )
    live.add_argument(
        "--incidents",
        nargs="+",
        choices=(*SCENES, "all", "none"),
        default=["none"],
        metavar="KIND",
        help="of docs/traffic.md, each at its times of this day (none)",
    )
    live.add_argument("--aggregation-seconds", type=int, default=60, metavar="N", help="60 or 600 (%(default)s)")
    probe = commands.add_parser("probe", parents=[common], help="rejected attempts, now", description=_PROBE)
    probe.add_argument("--attempts", type=int, default=3, metavar="N", help="(%(default)s)")
    probe.add_argument("--within", type=float, default=300, metavar="SECONDS", help="the last one is now (%(default)s)")
    probe.add_argument("--port", type=int, default=80, help="(%(default)s)")
    probe.add_argument("--source", metavar="IP", help="who tries (a public address that appears nowhere else)")
    probe.add_argument("--target", metavar="IP", help="an interface of the network (its first load balancer)")
    probe.add_argument(
        "--paced", action="store_true", help="make the attempts as time passes; else all are written at once"
    )
    return parser


def _living(options: argparse.Namespace) -> Callable[[LogGroup], None]:
    kinds = {"all": tuple(SCENES), "none": ()}.get(options.incidents[0], tuple(options.incidents))
    fields = parse_log_format(options.log_format)
    traffic = LiveTraffic(
        Target(options.account, options.region),
        records_per_minute=options.records_per_minute,
        speed=options.speed,
        reject_share=options.reject_share,
        quiet_ports=tuple(options.quiet_ports),
        incidents=kinds,
        interfaces=options.interfaces,
        aggregation_seconds=options.aggregation_seconds,
        seed=options.seed,
    )
    return lambda log_group: _live(log_group, traffic, fields, options.seconds)


def _live(log_group: LogGroup, traffic: LiveTraffic, fields: tuple[LogField, ...], seconds: float | None) -> None:
    net = traffic.network
    progress = Progress(sys.stderr.isatty())
    began = written_to = time.time()
    stop = float("inf") if seconds is None else began + seconds
    try:
        progress.count(_write(log_group, net, fields, traffic.idle_interfaces(began)))
        while written_to < stop:
            time.sleep(min(_TICK_SECONDS, max(0.0, stop - time.time())))
            now = min(time.time(), stop)
            progress.count(_write(log_group, net, fields, traffic.between(written_to, now)))
            written_to = now
    except KeyboardInterrupt:
        pass
    finally:
        progress.end()
    print(f"{progress.records:,} records, {progress.rejects:,} rejected, in {progress.seconds:.0f} s: {log_group.name}")


def _probing(options: argparse.Namespace) -> Callable[[LogGroup], None]:
    probe = Probe(options.attempts, options.within, options.port, options.source, options.target)
    fields = parse_log_format(options.log_format)
    net = network(options.seed, options.account, options.region, options.interfaces)
    interface = probe.interface(net)

    def run(log_group: LogGroup) -> None:
        now = time.time()
        source = probe.stranger(net, now)
        moments = probe.moments(now)
        taken = 0
        if options.paced:
            for previous, moment in zip([moments[0], *moments], moments, strict=False):
                time.sleep(moment - previous)
                attempt = probe.records(net, source, [time.time()], time.time())
                taken += log_group.write(events_by_stream(net, fields, attempt))
        else:
            taken = log_group.write(events_by_stream(net, fields, probe.records(net, source, moments, now)))
        print(
            f"{taken} rejected attempts of {IPv4Address(source)} on {net.ipv4(interface)}:{probe.port} "
            f"({net.interface_id(interface)}): {log_group.name}"
        )
        if taken < probe.attempts:
            raise RuntimeError(f"{probe.attempts - taken} of {probe.attempts} records were too old to be taken")

    return run


def _write(log_group: LogGroup, net: Network, fields: tuple[LogField, ...], records: Records) -> Records:
    log_group.write(events_by_stream(net, fields, records))
    return records


class Progress:
    """What was written so far, on standard error: in place on a terminal, else a line every ten seconds."""

    def __init__(self, on_terminal: bool) -> None:
        self._on_terminal = on_terminal
        self._began = self._told = time.monotonic()
        self.records = 0
        self.rejects = 0

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def count(self, records: Records) -> None:
        """Some records were written."""
        self.records += len(records)
        self.rejects += int(((records.status == OK) & ~records.accepted).sum())
        now = time.monotonic()
        if not self._on_terminal and now - self._told < 10:
            return
        self._told = now
        line = f"{self.seconds:4.0f} s  {self.records:,} records  {self.rejects:,} rejected"
        print(f"\r{line}\033[K" if self._on_terminal else line, end="" if self._on_terminal else "\n", file=sys.stderr)
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._on_terminal:
            print(file=sys.stderr)
