"""Plans written into a folder and read back."""

import itertools
from pathlib import Path

import pytest

from local_aws.traffic import Manifest, TrafficPlan
from tests.unit.local_aws.traffic.reading import Write, write_into


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a plan into a folder of its own."""
    number = itertools.count()

    def into_fresh_folder(plan: TrafficPlan) -> tuple[Manifest, dict[str, bytes]]:
        return write_into(tmp_path / f"bucket-{next(number)}", plan)

    return into_fresh_folder
