"""Live traffic and the prober: what passes between two times, and the attempts on demand."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.traffic import Target
from local_aws.traffic.fields import DEFAULT_LOG_FORMAT, parse_log_format
from local_aws.traffic.live import WATCHED_PORTS, LiveTraffic
from local_aws.traffic.log_group import events_by_stream
from local_aws.traffic.network import network
from local_aws.traffic.probe import Probe
from local_aws.traffic.records import OK

NOW = 1_795_490_430.5
TARGET = Target("111122223333", "us-east-1")
FIELDS = parse_log_format(DEFAULT_LOG_FORMAT)
NET = network(1, TARGET.account, TARGET.region, 32)


def rows(records):
    """The records' lines in words, by log stream."""
    streams = events_by_stream(NET, FIELDS, records)
    return [(stream, event, event.message.split(" ")) for stream, events in streams.items() for event in events]


def test_records_end_in_the_time_asked_for_and_lie_in_their_interfaces_streams():
    live = LiveTraffic(TARGET, records_per_minute=6000)
    found = rows(live.between(NOW, NOW + 10))
    assert 800 < len(found) < 1200
    for stream, event, words in found:
        assert re.fullmatch(r"eni-[0-9a-f]{17}-all", stream)
        assert stream == f"{words[2]}-all"
        assert event.timestamp == int(words[10]) * 1000
        assert NOW < int(words[11]) <= NOW + 10
        assert words[:2] == ["2", TARGET.account]
    by_stream = [event.timestamp for stream, event, _ in found if stream == found[0][0]]
    assert by_stream == sorted(by_stream)


@settings(max_examples=20)
@given(st.lists(st.floats(0.1, 30), min_size=2, max_size=20))
def test_rejects_come_steadily_however_often_one_looks(pauses):
    live = LiveTraffic(TARGET, records_per_minute=600, reject_share=1, quiet_ports=())

    def rejects(begin: float, end: float) -> int:
        return int((live.between(begin, end).status == OK).sum())

    moments = [NOW + pause for pause in itertools.accumulate(pauses, initial=0)]
    looks = [rejects(begin, end) for begin, end in itertools.pairwise(moments)]
    assert sum(looks) == rejects(moments[0], moments[-1])
    assert sum(looks) > 0


def test_the_same_times_give_the_same_records_and_speed_gives_more():
    live = LiveTraffic(TARGET)
    assert rows(live.between(NOW, NOW + 30)) == rows(live.between(NOW, NOW + 30))
    fast = LiveTraffic(TARGET, speed=20)
    assert len(fast.between(NOW, NOW + 30)) > 10 * len(live.between(NOW, NOW + 30))


def test_watched_ports_get_no_reject_unless_asked_for():
    quiet = LiveTraffic(TARGET, records_per_minute=60_000).between(NOW, NOW + 10)
    noisy = LiveTraffic(TARGET, records_per_minute=60_000, quiet_ports=()).between(NOW, NOW + 10)
    assert not (~quiet.accepted & np.isin(quiet.dstport, WATCHED_PORTS)).any()
    assert (~noisy.accepted & np.isin(noisy.dstport, WATCHED_PORTS)).any()


def test_idle_interfaces_have_a_record_each_interval():
    live = LiveTraffic(TARGET, records_per_minute=0)
    assert len(live.between(NOW, NOW + 20)) == 0
    found = rows(live.between(NOW, NOW + 60))
    assert {words[13] for _, _, words in found} == {"NODATA"}
    assert {(int(words[11]) - int(words[10]), int(words[11]) % 60) for _, _, words in found} == {(60, 0)}
    assert [stream for stream, *_ in found] == [f"{NET.interface_id(i)}-all" for i in NET.interfaces("idle")]


def test_incidents_are_played_at_their_times():
    live = LiveTraffic(TARGET, records_per_minute=0, incidents=("ssh-brute-force",))
    midnight = NOW - NOW % 86_400
    day = live.between(midnight, midnight + 86_399)
    attempts = [words for _, _, words in rows(day) if words[13] == "OK"]
    assert len([words for words in attempts if words[6] == "22" and words[12] == "REJECT"]) >= 10


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"records_per_minute": -1}, "records per minute -1: at least 0"),
        ({"speed": 0}, "speed 0: more than 0"),
        ({"reject_share": 2}, "reject share 2: from 0 to 1"),
        ({"aggregation_seconds": 61}, "aggregation seconds 61: AWS has 60 and 600"),
        ({"interfaces": 1}, "interfaces 1: from"),
        ({"incidents": ("flood",)}, "incident 'flood': known are"),
    ],
)
def test_wrong_live_arguments_are_named(wrong, problem):
    with pytest.raises(ValueError, match=re.escape(problem)):
        LiveTraffic(TARGET, **wrong)


@given(st.integers(1, 50), st.floats(0, 3600), st.integers(1, 65_535))
def test_a_probe_is_so_many_rejects_of_one_stranger_within_the_time(attempts, within, port):
    probe = Probe(attempts=attempts, within=within, port=port)
    moments = probe.moments(NOW)
    found = rows(probe.records(NET, probe.stranger(NET, NOW), moments, NOW))
    assert len(found) == attempts
    assert {(words[6], words[12], words[13]) for *_, words in found} == {(str(port), "REJECT", "OK")}
    assert len({(words[2], words[3], words[4]) for *_, words in found}) == 1
    starts = [int(words[10]) for *_, words in found]
    assert NOW - within - 1 < min(starts)
    assert max(int(words[11]) for *_, words in found) <= NOW
    assert max(starts) == int(NOW)


def test_who_probes_whom_can_be_chosen():
    target = NET.ipv4(NET.first["bastion"])
    probe = Probe(attempts=1, source="198.51.100.7", target=target)
    ((stream, _, words),) = rows(probe.records(NET, probe.stranger(NET, NOW), [NOW], NOW))
    assert words[3:5] == ["198.51.100.7", target]
    assert stream == f"{NET.interface_id(NET.first['bastion'])}-all"


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"attempts": 0}, "attempts 0: at least 1"),
        ({"within": -1}, "within -1: 0 seconds or more"),
        ({"port": 0}, "port 0: from 1 to 65535"),
        ({"source": "moon"}, "source 'moon': an IPv4 address"),
        ({"target": "::1"}, "target '::1': an IPv4 address"),
    ],
)
def test_wrong_probe_arguments_are_named(wrong, problem):
    with pytest.raises(ValueError, match=re.escape(problem)):
        Probe(**wrong)


def test_a_target_outside_the_network_is_named():
    with pytest.raises(
        ValueError, match=r"target 192\.0\.2\.1: no interface of the network has it; these are public: "
    ):
        Probe(target="192.0.2.1").interface(NET)
