"""The AWS regions that the generator knows: how their availability zone ids begin, and their clock."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Region:
    """A region: the prefix of its availability zone ids (`use1` in `use1-az4`) and the hours that its local
    time is ahead of UTC in winter, which shifts its day and night.
    """

    name: str
    zone_prefix: str
    utc_offset: int


_TABLE = """
us-east-1 use1 -5
us-east-2 use2 -5
us-west-1 usw1 -8
us-west-2 usw2 -8
af-south-1 afs1 2
ap-east-1 ape1 8
ap-east-2 ape2 8
ap-northeast-1 apne1 9
ap-northeast-2 apne2 9
ap-northeast-3 apne3 9
ap-south-1 aps1 5
ap-south-2 aps2 5
ap-southeast-1 apse1 8
ap-southeast-2 apse2 10
ap-southeast-3 apse3 7
ap-southeast-4 apse4 10
ap-southeast-5 apse5 8
ap-southeast-6 apse6 12
ap-southeast-7 apse7 7
ca-central-1 cac1 -5
ca-west-1 caw1 -7
cn-north-1 cnn1 8
cn-northwest-1 cnnw1 8
eu-central-1 euc1 1
eu-central-2 euc2 1
eu-north-1 eun1 1
eu-south-1 eus1 1
eu-south-2 eus2 1
eu-west-1 euw1 0
eu-west-2 euw2 0
eu-west-3 euw3 1
il-central-1 ilc1 2
me-central-1 mec1 4
me-south-1 mes1 3
mx-central-1 mxc1 -6
sa-east-1 sae1 -3
us-gov-east-1 usge1 -5
us-gov-west-1 usgw1 -8
"""

REGIONS = MappingProxyType(
    {
        name: Region(name, zone_prefix, int(offset))
        for name, zone_prefix, offset in (line.split() for line in _TABLE.split("\n") if line)
    }
)
"""The known regions by name."""
