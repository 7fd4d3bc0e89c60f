"""The network behind one target: its VPC, subnets and interfaces, and the addresses of the world outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .records import OWN_IPV6_PREFIX, Numbers, pack_ipv6
from .regions import REGIONS
from .seeding import digest, mixed, number

Text = NDArray[np.bytes_]

ROLES = ("load-balancer", "nat", "bastion", "web", "app", "database", "cache", "dns", "idle")
"""What interfaces are for. The first four stand in public subnets and are what the internet reaches."""

PUBLIC_ROLES = ROLES[:4]
_FIXED_COUNTS = MappingProxyType(
    {"load-balancer": 3, "nat": 1, "bastion": 1, "database": 3, "cache": 1, "dns": 1, "idle": 2}
)
_WITHOUT_INSTANCE = {"load-balancer", "nat", "database", "cache", "idle"}

THREAT_LIST = ("45.148.10.0/24", "45.155.205.233/32", "45.134.26.0/23")
"""The addresses that planted threat-list incidents come from; no other traffic uses 45.0.0.0/8."""

CORPORATE_NETWORK = IPv4Network("10.240.0.0/16")
"""The office, reached through a virtual private gateway: private addresses outside every VPC."""

# Every group of an IPv6 address non-zero: then its text needs no `::`.
_NO_ZERO_GROUPS = 0x0001_0001_0001
_SPECIAL = {0, 10, 100, 127, 169, 172, 192, 198, 203, 45, 52}
_PUBLIC_OCTETS = np.array([o for o in range(1, 224) if o not in _SPECIAL], dtype=np.int64)

AWS_BLOCKS = MappingProxyType({"S3": "52.216.0.0/15", "DYNAMODB": "52.94.0.0/22", "EC2": "52.94.192.0/18"})
"""Public ranges of AWS services that the traffic talks to."""


def public_ipv4(bits: Numbers | NDArray[np.uint64]) -> Numbers:
    """Public IPv4 addresses made from random bits: never private, reserved, of AWS_BLOCKS or listed."""
    bits = (bits >> bits.dtype.type(1)).astype(np.int64)
    return (_PUBLIC_OCTETS[bits % len(_PUBLIC_OCTETS)] << 24) | (bits >> 8 & 0xFFFFFF)


def public_ipv6(bits: Numbers) -> Numbers:
    """Public IPv6 addresses made from random bits (48 of them for the host, 5 for the prefix)."""
    packed: Numbers = pack_ipv6(bits >> 48 & 31, bits & 0xFFFFFFFFFFFF | _NO_ZERO_GROUPS)
    return packed


@dataclass(frozen=True, slots=True)
class Network:
    """What a target looks like from inside. Arrays have one element an interface, in the order of ROLES.

    `first` and `count` say where a role's interfaces stand; `address` and `ipv6` are the interfaces' own;
    `text` holds the values of the fields that depend on the interface alone, by AWS's field name;
    `constants` those that depend on the target alone.
    """

    account: str
    region: str
    first: MappingProxyType[str, int]
    count: MappingProxyType[str, int]
    address: Numbers
    ipv6: Numbers
    ipv6_prefix: str
    text: MappingProxyType[str, Text]
    constants: MappingProxyType[str, str]

    def interfaces(self, *roles: str) -> range:
        """The interfaces of a role, or of several that stand side by side in ROLES."""
        return range(self.first[roles[0]], self.first[roles[-1]] + self.count[roles[-1]])

    def interface_id(self, interface: int) -> str:
        """The interface's `eni-…`."""
        name: bytes = self.text["interface-id"][interface]
        return name.decode()

    def ipv4(self, interface: int) -> str:
        """The interface's private address as text."""
        return str(IPv4Address(int(self.address[interface])))


def role_counts(interfaces: int) -> dict[str, int]:
    """How many interfaces of each role a network of that size has."""
    elastic = interfaces - sum(_FIXED_COUNTS.values())
    counts = dict(_FIXED_COUNTS) | {"web": elastic - elastic // 2, "app": elastic // 2}
    return {role: counts[role] for role in ROLES}


@lru_cache(maxsize=256)
def network(seed: int, account: str, region: str, interfaces: int) -> Network:
    """The network of one target; the same arguments give the same network."""

    def identifier(kind: str, *what: object) -> str:
        return f"{kind}-0{digest(seed, account, region, kind, *what).hex()[:16]}"

    counts = role_counts(interfaces)
    first = dict(zip(ROLES, np.cumsum([0, *counts.values()])[:-1].tolist(), strict=True))
    roles = [role for role, count in counts.items() for _ in range(count)]
    # 10.16 to 10.207: clear of the corporate network.
    second_octet = 16 + number(seed, account, region, "cidr") % 192
    zones = [i % 3 for i in range(interfaces)]
    subnets = [("public" if role in PUBLIC_ROLES else "private", zone) for role, zone in zip(roles, zones, strict=True)]
    addresses = []
    for i, (kind, zone) in enumerate(subnets):
        third_octet = zone * 16 + (0 if kind == "public" else 128) + i // 200
        addresses.append((10 << 24) | (second_octet << 16) | (third_octet << 8) | (10 + i % 200))
    hosts = mixed(np.arange(interfaces, dtype=np.int64), number(seed, account, region, "ipv6"))
    ipv6 = pack_ipv6(OWN_IPV6_PREFIX, (hosts >> np.uint64(16)).astype(np.int64) | _NO_ZERO_GROUPS)
    block = number(seed, account, region, "ipv6 block")
    zone_prefix = REGIONS[region].zone_prefix
    vpc = identifier("vpc")
    enis = [identifier("eni", i) for i in range(interfaces)]
    instances = ["-" if r in _WITHOUT_INSTANCE else identifier("i", i) for i, r in enumerate(roles)]
    text = {
        "interface-id": enis,
        "subnet-id": [identifier("subnet", *subnet) for subnet in subnets],
        "instance-id": instances,
        "az-id": [f"{zone_prefix}-az{1 + zone}" for zone in zones],
        "resource-id": ["-" if i == "-" else i for i in instances],
        **_ecs_text(account, region, roles, identifier),
    }
    constants = {
        "account-id": account,
        "region": region,
        "vpc-id": vpc,
        "sublocation-type": "-",
        "sublocation-id": "-",
        "encryption-status": "0",
    }
    return Network(
        account=account,
        region=region,
        first=MappingProxyType(first),
        count=MappingProxyType(counts),
        address=np.array(addresses, dtype=np.int64),
        ipv6=ipv6,
        ipv6_prefix=f"2600:1f18:{1 + block % 0xFFFE:x}:{1 + (block >> 16) % 0xFFFE:x}:1:",
        text=MappingProxyType({name: np.array(values, dtype=np.bytes_) for name, values in text.items()}),
        constants=MappingProxyType(constants | _transit_gateway_constants(account, zone_prefix, vpc, identifier)),
    )


def _ecs_text(account: str, region: str, roles: Iterable[str], identifier: Any) -> dict[str, list[str]]:
    """ECS fields: the app tier runs in containers, nothing else does."""
    names = {
        "ecs-cluster-arn": "arn:aws:ecs:{region}:{account}:cluster/shop",
        "ecs-cluster-name": "shop",
        "ecs-container-instance-arn": "arn:aws:ecs:{region}:{account}:container-instance/shop/{id}",
        "ecs-container-instance-id": "{id}",
        "ecs-container-id": "{id}-{short}",
        "ecs-second-container-id": "-",
        "ecs-service-name": "orders",
        "ecs-task-definition-arn": "arn:aws:ecs:{region}:{account}:task-definition/orders:7",
        "ecs-task-arn": "arn:aws:ecs:{region}:{account}:task/shop/{id}",
        "ecs-task-id": "{id}",
    }
    values: dict[str, list[str]] = {name: [] for name in names}
    for i, role in enumerate(roles):
        task = digest(identifier("task", i)).hex()
        for name, form in names.items():
            filled = form.format(region=region, account=account, id=task[:32], short=int(task[:8], 16))
            values[name].append(filled if role == "app" else "-")
    return values


def _transit_gateway_constants(account: str, zone_prefix: str, vpc: str, identifier: Any) -> dict[str, str]:
    """The fields of a transit gateway's flow log: this VPC's attachment talks to one other VPC's."""
    return {
        "resource-type": "TransitGateway",
        "tgw-id": identifier("tgw"),
        "tgw-attachment-id": identifier("tgw-attach"),
        "tgw-pair-attachment-id": identifier("tgw-attach", "pair"),
        "tgw-src-vpc-account-id": account,
        "tgw-dst-vpc-account-id": account,
        "tgw-src-vpc-id": vpc,
        "tgw-dst-vpc-id": identifier("vpc", "pair"),
        "tgw-src-subnet-id": identifier("subnet", "tgw"),
        "tgw-dst-subnet-id": identifier("subnet", "tgw pair"),
        "tgw-src-eni": identifier("eni", "tgw"),
        "tgw-dst-eni": identifier("eni", "tgw pair"),
        "tgw-src-az-id": f"{zone_prefix}-az1",
        "tgw-dst-az-id": f"{zone_prefix}-az2",
    }
