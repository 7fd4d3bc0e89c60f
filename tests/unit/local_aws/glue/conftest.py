"""A catalog in a fresh file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.glue.catalog import Catalog, CatalogStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CatalogStore]:
    store = CatalogStore(tmp_path / "glue.sqlite")
    yield store
    store.close()


@pytest.fixture
def catalog(store: CatalogStore) -> Catalog:
    return store.catalog("111122223333", "eu-west-1")
