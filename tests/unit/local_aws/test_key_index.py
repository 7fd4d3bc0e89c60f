"""Listings by the key index are those of S3: ordered, paged, collapsed by delimiter."""

from hypothesis import given
from hypothesis import strategies as st

from local_aws.key_index import KeyIndex, list_page

keys = st.sets(st.text(alphabet="ab/é", min_size=1, max_size=6), max_size=30)


def rows_of(all_keys: set[str], prefix: str, delimiter: str) -> list[str]:
    """The rows of a whole listing, the slow and plain way."""
    rows = set()
    for key in all_keys:
        if key.startswith(prefix):
            head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
            rows.add(prefix + head + delimiter if found else key)
    return sorted(rows)


@given(keys, st.sampled_from(["", "a", "a/", "b"]), st.sampled_from(["", "/"]), st.integers(1, 4))
def test_pages_together_are_the_whole_listing_in_order(all_keys, prefix, delimiter, size):
    index = KeyIndex({key: {} for key in all_keys})
    rows, after, truncated = [], "", True
    while truncated:
        found, common_prefixes, truncated, after = list_page(index, prefix, delimiter, size, after)
        assert len(found) + len(common_prefixes) <= size
        rows += sorted(found + common_prefixes)
    assert rows == rows_of(all_keys, prefix, delimiter)


@given(keys, st.text(alphabet="ab/", max_size=4))
def test_start_after_need_not_be_a_key(all_keys, after):
    index = KeyIndex({key: {} for key in all_keys})
    found, _, truncated, _ = list_page(index, "", "", 1000, after)
    assert found == sorted(key for key in all_keys if key > after)
    assert not truncated


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["a", "a/b", "b", "ba"])), max_size=30))
def test_the_order_follows_every_change(changes):
    index, plain = KeyIndex({}), {}
    for put, key in changes:
        if put:
            index[key] = plain[key] = {}
        else:
            assert index.pop(key, None) == plain.pop(key, None)
    assert index == plain
    assert index.page("", "", 10) == sorted(plain)
