"""Types of settings with rules of their own: names, accounts, S3 places, shares.

Each refuses what does not fit with a sentence that says what would. Anything that ends in SQL text or in a key passes
through one of these.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from flowlogs.regions import REGIONS, unknown_region
from flowlogs.targets import ACCOUNT_PATTERN


class Section(BaseModel):
    """A section of the settings: frozen, and without keys that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)


def _matching(pattern: str, remedy: str) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.ASCII)

    def validate(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise ValueError(remedy)
        return value

    return validate


def _account_text(value: object) -> object:
    """YAML reads an unquoted account as a number; a leading zero is lost there, so only 12 digits are taken back."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _bucket(value: str) -> str:
    rule = "use 3 to 63 lower-case letters, digits, dots and hyphens, beginning and ending with a letter or digit"
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value, re.ASCII) is None or ".." in value:
        raise ValueError(f"is not an S3 bucket's name; {rule}")
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return value
    raise ValueError("is not an S3 bucket's name, because it is an IP address")


def _key_prefix(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9!_.*()/=+@-]*", value, re.ASCII) is None:
        raise ValueError("is not a usable key prefix; use letters, digits and !_.*()/=+@-")
    if "//" in value or value.startswith("/"):
        raise ValueError("is not a usable key prefix; write it without a leading slash and without empty parts")
    if "AWSLogs" in value.split("/"):
        raise ValueError("goes too far; give only what stands before AWSLogs/, or leave it empty")
    return value.rstrip("/") + "/" if value else ""


def _s3_uri(value: str) -> str:
    bucket, slash, prefix = value.removeprefix("s3://").partition("/")
    if not value.startswith("s3://") or not bucket:
        raise ValueError("is not an S3 location; write s3://bucket/prefix/")
    return f"s3://{_bucket(bucket)}/{_key_prefix(prefix) if slash else ''}"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What validating a setting needs from around it; handed down as pydantic's validation context."""

    folder: Path = field(default_factory=Path.cwd)
    """The folder that relative paths start from: that of the settings file."""
    regions: frozenset[str] = REGIONS
    """The regions that may be named."""

    @classmethod
    def of(cls, info: ValidationInfo) -> Surroundings:
        """The surroundings of a value that is being validated; the defaults outside of `load_settings`."""
        return info.context if isinstance(info.context, cls) else cls()


def _known_region(value: str, info: ValidationInfo) -> str:
    known = Surroundings.of(info).regions
    if value not in known:
        raise ValueError(unknown_region(value, known))
    return value


Identifier = Annotated[
    str,
    AfterValidator(
        _matching(
            r"[a-z][a-z0-9_]{0,127}",
            "is not a usable name; begin with a lower-case letter, then lower-case letters, digits and underscores",
        )
    ),
]
"""A name that stands in SQL: of a database, a table, a source. Athena stores names in lower case."""

WorkGroupName = Annotated[
    str,
    AfterValidator(
        _matching(r"[a-zA-Z0-9._-]{1,128}", "is not a work group's name; use up to 128 letters, digits, and ._-")
    ),
]

AccountId = Annotated[
    str,
    BeforeValidator(_account_text),
    AfterValidator(
        _matching(ACCOUNT_PATTERN, "is not an AWS account id; write its 12 digits in quotes, leading zeros too")
    ),
]

RegionName = Annotated[
    str,
    AfterValidator(_matching(r"[a-z]{2,}(-[a-z]+)+-[0-9]+", "is not spelled as a region is; write it as 'us-east-1'")),
]
"""A region by its spelling alone, known or not."""

Region = Annotated[str, AfterValidator(_known_region)]
"""A known region, or one that `extra_regions` adds."""

BucketName = Annotated[str, AfterValidator(_bucket)]
KeyPrefix = Annotated[str, AfterValidator(_key_prefix)]
S3Uri = Annotated[str, AfterValidator(_s3_uri)]

TopicArn = Annotated[
    str,
    AfterValidator(
        _matching(
            rf"arn:aws[a-z-]*:sns:[a-z0-9-]+:{ACCOUNT_PATTERN}:[A-Za-z0-9_-]{{1,256}}",
            "is not an SNS topic's ARN; write arn:aws:sns:region:account:name",
        )
    ),
]

Positive = Annotated[float, Field(gt=0)]
PositiveCount = Annotated[int, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, 0 to 1."""

MINIMUM_SCAN_CUTOFF: Final = 10_000_000
"""The smallest bytes-scanned limit that an Athena work group takes (10 MB)."""


def _cidr(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise ValueError("is no address or network; write 198.51.100.7, 198.51.100.0/24 or 2001:db8::/32") from None


Cidr = Annotated[str, AfterValidator(_cidr)]
"""A network, or an address as a network of its own."""

PortNumber = Annotated[int, Field(ge=0, le=65535)]

InterfaceId = Annotated[
    str, AfterValidator(_matching(r"eni-[0-9a-f]{1,32}", "is not a network interface; write it as eni-0a1b2c3d"))
]

ThresholdText = Annotated[
    str, AfterValidator(_matching(r"[A-Za-z0-9_.:/-]{1,64}", "is no threshold; use letters, digits and _.:/-"))
]

ThresholdValue = int | float | tuple[int, ...] | tuple[ThresholdText, ...]
"""A threshold of a section of the report: a number, or a list of numbers or of texts. It ends in SQL text."""
