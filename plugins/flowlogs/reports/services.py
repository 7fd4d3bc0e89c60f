"""Names of well-known ports (IANA service names), for people who read port numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SERVICES: Final[Mapping[int, str]] = MappingProxyType(
    {
        20: "ftp-data", 21: "ftp", 22: "ssh", 23: "telnet", 25: "smtp", 53: "dns", 67: "dhcp", 69: "tftp", 80: "http",
        88: "kerberos", 110: "pop3", 111: "rpcbind", 123: "ntp", 135: "msrpc", 137: "netbios", 139: "netbios",
        143: "imap", 161: "snmp", 179: "bgp", 389: "ldap", 443: "https", 445: "smb", 465: "smtps", 500: "ike",
        514: "syslog", 587: "submission", 636: "ldaps", 853: "dns-over-tls", 873: "rsync", 993: "imaps", 995: "pop3s",
        1080: "socks", 1194: "openvpn", 1433: "mssql", 1521: "oracle", 1723: "pptp", 1883: "mqtt", 1900: "ssdp",
        2049: "nfs", 2181: "zookeeper", 2375: "docker", 2376: "docker-tls", 3128: "proxy", 3268: "ldap-gc",
        3306: "mysql", 3389: "rdp", 4443: "https-alt", 4500: "ipsec-nat", 5060: "sip", 5353: "mdns", 5432: "postgresql",
        5555: "adb", 5672: "amqp", 5900: "vnc", 5985: "winrm", 5986: "winrm-tls", 6379: "redis", 6443: "kubernetes",
        8000: "http-alt", 8080: "http-alt", 8443: "https-alt", 8888: "http-alt", 9042: "cassandra", 9092: "kafka",
        9200: "elasticsearch", 10250: "kubelet", 11211: "memcached", 27017: "mongodb",
    }
)  # fmt: skip


def service_name(port: int) -> str | None:
    """`ssh` for 22; None for a port without a common name."""
    return SERVICES.get(port)
