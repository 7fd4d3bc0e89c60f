"""The kinds of incidents: scenes that a detection must find, and near misses that it must not.

Each kind is a function that writes records through a `Stage` and says what it planted. The rules are those
of the rejected-traffic report with their default thresholds; attempts are REJECT records unless the rule
speaks of accepted traffic. A scene that must be found by its number of attempts keeps within one hour of
the clock, so that sliding windows and hourly buckets both see it whole. Scenes use addresses and ports
that trigger no other rule than their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from ipaddress import IPv4Network
from types import MappingProxyType

from .incidents import Planted, Stage
from .network import CORPORATE_NETWORK, PUBLIC_ROLES, THREAT_LIST, Network
from .records import UDP, Records
from .seeding import number

Scene = Callable[[Stage], None]

REJECT_SPIKE = "reject-spike"
"""The one kind without a scene: that day's background rejects are more than doubled, or, as a near miss,
raised by a tenth (`reject_rise`)."""

SPIKE_EVERY = 29
"""Days between two reject spikes of a target: never two within the 28 days that a day is compared with."""

_LOW_SCAN_PORTS = (21, 23, 81, 110, 111, 135, 139, 143, 445, 512, 873, 993, 1080, 1723, 2049, 2375, 4567, 5000)
_SCAN_PORTS = (*_LOW_SCAN_PORTS, 5060, 5800, 7547, 8000, 8009, 8081, 8888, 9000, 9090, 10000, 10250, 27015)
_MB = 1_000_000


def _public_interface(stage: Stage) -> int:
    return stage.pick(stage.net.interfaces(PUBLIC_ROLES[0], PUBLIC_ROLES[-1]), 1)[0]


def _app(stage: Stage) -> int:
    return stage.pick(stage.net.interfaces("app"), 1)[0]


def _attempts(stage: Stage, ports: Sequence[int], *, seconds_apart: tuple[int, int]) -> None:
    """One stranger is rejected by one interface on the ports, one after the other."""
    interface, source = _public_interface(stage), stage.stranger()
    at = stage.hour() + stage.between(0, 300)
    for port in ports:
        stage.arrive(interface, source, port, at)
        at += stage.between(*seconds_apart)


def repeated_http(stage: Stage) -> None:
    """3 or more attempts on 80/443 by one source within 300 seconds."""

    def http(n: int) -> list[int]:
        return [(443, 80)[i % 2] for i in range(n)]

    _attempts(stage, http(stage.between(3, 8)), seconds_apart=(10, 30))
    stage.say("repeated_http", "attempts on 80 and 443 within 300 seconds")
    _attempts(stage, http(2), seconds_apart=(5, 60))
    stage.say("repeated_http", "two attempts only", near_miss=True)
    _attempts(stage, http(3), seconds_apart=(160, 200))
    stage.say("repeated_http", "three attempts in more than 300 seconds", near_miss=True)


def _brute_force(detection: str, port: int) -> Scene:
    """10 or more attempts by one source on one destination in 60 minutes."""

    def scene(stage: Stage) -> None:
        _attempts(stage, [port] * stage.between(10, 18), seconds_apart=(20, 120))
        stage.say(detection, "attempts within 60 minutes")
        _attempts(stage, [port] * 9, seconds_apart=(20, 120))
        stage.say(detection, "nine attempts only", near_miss=True)
        _attempts(stage, [port] * 12, seconds_apart=(470, 490))
        stage.say(detection, "twelve attempts, at most eight in any 60 minutes", near_miss=True)

    return scene


def vertical_scan(stage: Stage) -> None:
    """1 source, 1 destination, 10 or more distinct ports in 60 minutes."""
    _attempts(stage, stage.pick(_SCAN_PORTS, stage.between(10, 15)), seconds_apart=(1, 90))
    stage.say("vertical_scan", "distinct ports within 60 minutes")
    _attempts(stage, stage.pick(_SCAN_PORTS, 9), seconds_apart=(1, 90))
    stage.say("vertical_scan", "nine ports only", near_miss=True)
    _attempts(stage, stage.pick(_SCAN_PORTS, 12), seconds_apart=(590, 610))
    stage.say("vertical_scan", "twelve ports, at most seven in any 60 minutes", near_miss=True)


def horizontal_scan(stage: Stage) -> None:
    """1 source, 1 port, 25 or more destinations in 60 minutes."""
    reachable = range(stage.net.first["idle"])
    for destinations, near_miss in ((stage.between(25, len(reachable)), False), (24, True)):
        source, port, at = stage.stranger(), stage.pick((445, 8088, 5900, 23), 1)[0], stage.hour()
        for interface in stage.pick(reachable, destinations):
            stage.arrive(interface, source, port, at)
            at += stage.between(1, 60)
        note = "24 destinations only" if near_miss else "destinations of one port within 60 minutes"
        stage.say("horizontal_scan", note, near_miss=near_miss)


def egress_vertical_scan(stage: Stage) -> None:
    """A vertical scan of a public address by a host of ours, stopped on the way out."""
    for ports, near_miss in ((stage.between(10, 15), False), (9, True)):
        interface, target, at = _app(stage), stage.stranger(), stage.hour()
        for port in stage.pick(_SCAN_PORTS, ports):
            stage.leave(interface, target, port, at, accepted=False)
            at += stage.between(1, 90)
        note = "nine ports only" if near_miss else "distinct ports within 60 minutes"
        stage.say("egress_vertical_scan", note, near_miss=near_miss)


def egress_horizontal_scan(stage: Stage) -> None:
    """A horizontal scan of public addresses by a host of ours, stopped on the way out."""
    for destinations, port, near_miss in ((stage.between(25, 40), 445, False), (24, 1433, True)):
        interface, at = _app(stage), stage.hour()
        for target in stage.strangers(destinations):
            stage.leave(interface, target, port, at, accepted=False)
            at += stage.between(1, 60)
        note = "24 destinations only" if near_miss else "destinations of one port within 60 minutes"
        stage.say("egress_horizontal_scan", note, near_miss=near_miss)


def accepted_after_rejected(stage: Stage) -> None:
    """A source rejected 10 or more times and later accepted on the same destination."""

    def play(rejects: int, *, accepted_first: bool = False) -> None:
        interface, source, at = _public_interface(stage), stage.stranger(), stage.hour()
        if accepted_first:
            stage.arrive(interface, source, 8443, at - 600, accepted=True)
        for _ in range(rejects):
            stage.arrive(interface, source, 8443, at)
            at += stage.between(10, 120)
        if not accepted_first:
            stage.arrive(interface, source, 8443, at + 60, accepted=True)

    play(stage.between(10, 14))
    stage.say("accepted_after_rejected", "rejected, and later accepted")
    play(9)
    stage.say("accepted_after_rejected", "nine rejects only before it was accepted", near_miss=True)
    play(12, accepted_first=True)
    stage.say("accepted_after_rejected", "accepted before it was rejected, not after", near_miss=True)


def large_egress(stage: Stage) -> None:
    """Bytes from one private to one public address over 500 MB a day."""
    for total, near_miss in ((stage.between(600, 900) * _MB, False), (stage.between(440, 480) * _MB, True)):
        interface, target, flows = _app(stage), stage.stranger(), stage.between(6, 10)
        # Ten minutes apart at least, and irregular: neither repeated HTTP nor a beacon.
        for number_of_ten_minutes in sorted(stage.pick(range(6, 132), flows)):
            size = total // flows
            at = stage.midnight + 600 * number_of_ten_minutes + stage.between(0, 60)
            stage.leave(interface, target, 443, at, accepted=True, packets=size // 1400, size=size, seconds=50)
        note = "under 500 MB" if near_miss else "over 500 MB"
        stage.say("large_egress", f"{note} in the day to one address", near_miss=near_miss)


def unapproved_dns(stage: Stage) -> None:
    """Port 53/853 to a public resolver that is not on the list."""
    for port, protocol in ((53, UDP), (853, 6)):
        interface, resolver, at = _app(stage), stage.stranger(), stage.hour()
        for _ in range(stage.between(2, 5)):
            stage.leave(interface, resolver, port, at, accepted=True, protocol=protocol, packets=1, size=70)
            at += stage.between(20, 600)
        stage.say("unapproved_dns", f"port {port} to a public resolver")
    interface, resolver, at = _app(stage), int(CORPORATE_NETWORK[53]), stage.hour()
    for _ in range(4):
        stage.leave(interface, resolver, 53, at, accepted=True, protocol=UDP, packets=1, size=70)
        at += stage.between(20, 600)
    stage.say("unapproved_dns", "port 53 to a private resolver", near_miss=True)


def unusual_protocol(stage: Stage) -> None:
    """A protocol that is not 1, 6, 17, 58, 47 or 50."""
    unusual = stage.pick((4, 41, 89, 103, 132, 136), 1)[0]
    for protocol, near_miss in ((unusual, False), (47, True), (50, True)):
        stage.leave(_app(stage), stage.stranger(), 0, stage.hour(), accepted=True, protocol=protocol)
        note = "a usual tunnel" if near_miss else "an unusual protocol"
        stage.say("unusual_protocol", f"{note}, number {protocol}", near_miss=near_miss)


def cleartext_accepted(stage: Stage) -> None:
    """A cleartext service accepted from a public address."""
    port = stage.pick((21, 110, 143), 1)[0]
    stage.arrive(_public_interface(stage), stage.stranger(), port, stage.hour(), accepted=True)
    stage.say("cleartext_accepted", f"port {port} accepted from a public address")
    stage.arrive(_public_interface(stage), stage.stranger(), port, stage.hour())
    stage.say("cleartext_accepted", f"port {port} rejected", near_miss=True)
    stage.arrive(_public_interface(stage), _corporate(stage), port, stage.hour(), accepted=True)
    stage.say("cleartext_accepted", f"port {port} accepted from a private address", near_miss=True)


def admin_port_accepted(stage: Stage) -> None:
    """An ACCEPT from a public address on an administrative port."""
    port = stage.pick((22, 3389), 1)[0]
    stage.arrive(_public_interface(stage), stage.stranger(), port, stage.hour(), accepted=True)
    stage.say("admin_port_accepted", f"port {port} accepted from a public address")
    stage.arrive(_public_interface(stage), stage.stranger(), port, stage.hour())
    stage.say("admin_port_accepted", f"port {port} rejected", near_miss=True)
    web = stage.pick(stage.net.interfaces("web"), 1)[0]
    stage.arrive(web, _corporate(stage), port, stage.hour(), accepted=True)
    stage.say("admin_port_accepted", f"port {port} accepted from a private address", near_miss=True)


def _corporate(stage: Stage) -> int:
    return int(CORPORATE_NETWORK[stage.between(1000, 60000)])


def threat_list(stage: Stage) -> None:
    """Traffic from and to addresses on the threat list (network.THREAT_LIST)."""
    listed = IPv4Network(THREAT_LIST[0])
    stage.arrive(_public_interface(stage), int(listed[stage.between(1, 254)]), 8443, stage.hour())
    stage.say("threat_list", "from a listed network, rejected")
    alone = int(IPv4Network(THREAT_LIST[1])[0])
    stage.leave(_app(stage), alone, 8443, stage.hour(), accepted=True, packets=12, size=1800)
    stage.say("threat_list", "to a listed address, accepted")
    beyond = int(listed.broadcast_address) + stage.between(1, 254)
    stage.arrive(_public_interface(stage), beyond, 8443, stage.hour())
    stage.say("threat_list", "from the network next to a listed one", near_miss=True)


def beaconing(stage: Stage) -> None:
    """Regular accepted outbound flows of one pair."""
    flows = stage.between(64, 80)
    first = stage.midnight + 3600 + stage.between(0, 600)

    def call(interface: int, target: int, at: int, srcport: int | None = None, seconds: int = 3) -> None:
        stage.leave(interface, target, 443, at, accepted=True, packets=9, size=1480, srcport=srcport, seconds=seconds)

    interface, target = _app(stage), stage.stranger()
    for i in range(flows):
        call(interface, target, first + 900 * i + stage.between(-4, 4))
    stage.say("beaconing", "a new connection every 15 minutes")
    interface, target = _app(stage), stage.stranger()
    for at in sorted(stage.pick(range(first, first + 900 * flows), flows)):
        call(interface, target, at)
    stage.say("beaconing", "as many connections, at random times", near_miss=True)
    interface, target, srcport = _app(stage), stage.stranger(), stage.between(32768, 60999)
    for i in range(flows):
        call(interface, target, first + stage.aggregation_seconds * i, srcport, stage.aggregation_seconds - 1)
    stage.say("beaconing", "one long connection, a record every aggregation interval", near_miss=True)


SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        "repeated-http": repeated_http,
        "ssh-brute-force": _brute_force("ssh_brute_force", 22),
        "large-egress": large_egress,
        "horizontal-scan": horizontal_scan,
        "unapproved-dns": unapproved_dns,
        "rdp-brute-force": _brute_force("rdp_brute_force", 3389),
        "unusual-protocol": unusual_protocol,
        "egress-horizontal-scan": egress_horizontal_scan,
        "cleartext-accepted": cleartext_accepted,
        "vertical-scan": vertical_scan,
        "admin-port-accepted": admin_port_accepted,
        "winrm-brute-force": _brute_force("winrm_brute_force", 5985),
        "threat-list": threat_list,
        "egress-vertical-scan": egress_vertical_scan,
        "beaconing": beaconing,
        "database-brute-force": _brute_force("database_brute_force", 5432),
        "accepted-after-rejected": accepted_after_rejected,
    }
)
"""The scenes by kind, in the order in which a target's days take them in turn."""

KINDS = (*SCENES, REJECT_SPIKE)
"""Every kind of incident."""


def play(
    net: Network, day: date, kinds: Sequence[str], *, seed: int, aggregation_seconds: int
) -> tuple[list[Planted], list[Records]]:
    """The kinds' scenes on one target's day: what was planted, and its records."""
    planted: list[Planted] = []
    records: list[Records] = []
    for kind in kinds:
        stage = Stage(net, day, seed, kind, aggregation_seconds)
        SCENES[kind](stage)
        planted += stage.planted
        records.append(stage.records())
    return planted, records


def in_turn(kind: str, *, seed: int, account: str, region: str, day: date, every: int) -> bool:
    """Whether a kind is due on a target that day: once in so many days, targets and kinds taking turns."""
    return (day.toordinal() + KINDS.index(kind) + number(seed, account, region, "turn")) % every == 0
