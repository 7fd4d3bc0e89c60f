"""IP addresses and prefixes."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("IPADDRESS '10.0.0.1'", "10.0.0.1"),
    ("IPADDRESS '2001:db8::1'", "2001:db8::1"),
    ("cast('2001:0db8:0:0:0:ff00:0042:8329' as ipaddress)", "2001:db8::ff00:42:8329"),
    ("cast('::ffff:1.2.3.4' as ipaddress)", "1.2.3.4"),
    ("cast('::' as ipaddress)", "::"),
    ("cast('::1' as ipaddress)", "::1"),
    ("cast('1::' as ipaddress)", "1::"),
    ("cast('1:0:0:2:0:0:0:3' as ipaddress)", "1:0:0:2::3"),
    ("cast('fe80::1:0:0:1' as ipaddress)", "fe80::1:0:0:1"),
    ("contains('10.0.0.0/8', IPADDRESS '10.255.255.255')", "true"),
    ("contains('10.0.0.0/8', IPADDRESS '11.255.255.255')", "false"),
    ("contains('2001:0db8:0:0:0:ff00:0042:8329/128', IPADDRESS '2001:0db8:0:0:0:ff00:0042:8329')", "true"),
    ("contains('2001:0db8:0:0:0:ff00:0042:8329/128', IPADDRESS '2001:0db8:0:0:0:ff00:0042:8328')", "false"),
    ("contains('0.0.0.0/0', IPADDRESS '11.255.255.255')", "true"),
    ("contains('10.0.0.0/8', cast(NULL as ipaddress))", None),
    ("contains('::/0', IPADDRESS '2001:db8::')", "true"),
    ("cast(IPADDRESS '10.0.0.1' as varchar)", "10.0.0.1"),
    ("IPADDRESS '10.0.0.9' < IPADDRESS '10.0.0.10'", "true"),
    ("IPADDRESS '255.255.255.255' < IPADDRESS '2001:db8::'", "true"),
    ("try_cast('300.1.1.1' as ipaddress)", None),
    ("try_cast('-' as ipaddress)", None),
    ("try_cast('1:2:3' as ipaddress)", None),
    ("try_cast('1::2::3' as ipaddress)", None),
    ("try_cast('01.2.3.4' as ipaddress)", None),
    ("try_cast('g::1' as ipaddress)", None),
    ("ip_prefix(IPADDRESS '192.168.255.255', 9)", "192.128.0.0/9"),
    ("ip_prefix('2001:0db8:85a3:0001:0001:8a2e:0370:7334', 48)", "2001:db8:85a3::/48"),
    ("ip_subnet_min(IPPREFIX '192.64.1.1/9')", "192.0.0.0"),
    ("ip_subnet_max(IPPREFIX '192.64.1.1/9')", "192.127.255.255"),
    ("ip_subnet_range(IPPREFIX '1.2.3.160/24')", "[1.2.3.0, 1.2.3.255]"),
    ("ip_subnet_range(IPPREFIX '64:ff9b::52f4/120')", "[64:ff9b::5200, 64:ff9b::52ff]"),
    ("is_subnet_of(IPPREFIX '1.2.3.128/26', IPADDRESS '1.2.3.129')", "true"),
    ("is_subnet_of(IPPREFIX '64:fa9b::17/64', IPADDRESS '64:ffff::17')", "false"),
    ("is_subnet_of(IPPREFIX '192.168.3.131/26', IPPREFIX '192.168.3.144/30')", "true"),
    ("cast('192.168.3.131/26' as ipprefix)", "192.168.3.128/26"),
    ("cast(IPADDRESS '1.2.3.4' as ipprefix)", "1.2.3.4/32"),
]

FAILURES = [
    ("cast('300.0.0.1' as ipaddress)", "INVALID_CAST_ARGUMENT: Cannot cast value to IPADDRESS: 300.0.0.1"),
    (
        "contains('10.0.0.0/33', IPADDRESS '10.0.0.1')",
        "INVALID_CAST_ARGUMENT: Cannot cast value to IPPREFIX: 10.0.0.0/33",
    ),
    ("contains('10.0.0.0', IPADDRESS '10.0.0.1')", "INVALID_CAST_ARGUMENT: Cannot cast value to IPPREFIX: 10.0.0.0"),
    ("ip_prefix(IPADDRESS '10.0.0.1', 33)", "INVALID_FUNCTION_ARGUMENT"),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES)
def test_value(answer: Answer, expression: str, expected: str | None) -> None:
    """An expression has the value that Trino gives it."""
    assert answer(expression) == expected


@pytest.mark.parametrize(("expression", "error"), FAILURES)
def test_failure(answer: Answer, expression: str, error: str) -> None:
    """A query fails with Trino's error."""
    with pytest.raises(QueryFailed) as failure:
        answer(expression)
    assert str(failure.value).startswith(error)


addresses = st.one_of(
    st.ip_addresses(v=4),
    st.ip_addresses(v=6),
    # Runs of zeros of every length and place, which texts compress.
    st.lists(st.sampled_from([0, 0, 0, 1, 0xFFFF, 0x0A00]), min_size=8, max_size=8).map(
        lambda groups: ipaddress.IPv6Address(":".join(f"{group:x}" for group in groups))
    ),
).filter(lambda address: address.version == 4 or address.ipv4_mapped is None)


@settings(deadline=None, max_examples=60)
@given(found=st.lists(addresses, min_size=1, max_size=20))
def test_texts_are_those_of_rfc_5952(rows: Callable[[str], list[tuple[str | None, ...]]], found: list) -> None:
    """An address written out in full comes back in its shortest form."""
    values = ", ".join(f"('{address.exploded}')" for address in found)
    answers = rows(f"SELECT CAST(CAST(t AS ipaddress) AS varchar) FROM (VALUES {values}) AS v(t)")
    assert [text for (text,) in answers] == [str(address) for address in found]


@settings(deadline=None, max_examples=60)
@given(data=st.data(), address=addresses)
def test_prefixes_are_networks(
    rows: Callable[[str], list[tuple[str | None, ...]]],
    data: st.DataObject,
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    """First and last address of a prefix, and what it contains, are those of the network."""
    bits = data.draw(st.integers(0, address.max_prefixlen))
    other = data.draw(addresses)
    network = ipaddress.ip_network((address, bits), strict=False)
    ((prefix, first, last, contains, is_in),) = rows(
        f"SELECT p, ip_subnet_min(p), ip_subnet_max(p), contains('{network}', IPADDRESS '{other}'), "
        f"is_subnet_of(p, IPADDRESS '{address}') FROM (SELECT ip_prefix(IPADDRESS '{address}', {bits}) AS p)"
    )
    if network.version == 4 or network.network_address.ipv4_mapped is None:
        assert prefix == str(network)
        assert first == str(network.network_address)
    assert contains == str(other.version == network.version and other in network).lower()
    assert is_in == "true"
    if network.version == 4 or network.broadcast_address.ipv4_mapped is None:
        assert last == str(network.broadcast_address)
