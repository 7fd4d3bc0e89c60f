"""The AWS regions that settings may name.

The list catches misspelled regions when settings are loaded, rather than as a target whose logs never arrive. A region
that AWS opened since is added without a release, by the setting `extra_regions`.

Source: "Regions" in the AWS General Reference and the pages of the GovCloud and China partitions.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Final

REGIONS: Final = frozenset(
    {
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-central-1",
        "ca-west-1",
        "cn-north-1",
        "cn-northwest-1",
        "eu-central-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-gov-east-1",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    }
)


def unknown_region(region: str, known: Collection[str] = REGIONS) -> str:
    """What to tell somebody who named a region that is not among the known ones."""
    candidates = difflib.get_close_matches(region, sorted(known), n=3)
    # Letters that changed places ('us-esat-1') are the commonest slip, and look as near to another region.
    same_letters = [candidate for candidate in candidates if sorted(candidate) == sorted(region)]
    guess = f"did you mean {[*same_letters, *candidates][0]!r}? " if candidates else ""
    return f"{region!r} is not a known AWS region; {guess}a region newer than the list goes into extra_regions"
