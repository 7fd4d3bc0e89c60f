"""Partitions of the catalog: what is put comes back, in order, by value, by page, by segment."""

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.glue.catalog import (
    AlreadyExists,
    Catalog,
    CatalogStore,
    ConcurrentModification,
    EntityNotFound,
    InvalidInput,
    InvalidState,
)

COLUMNS = [{"Name": "version", "Type": "int"}, {"Name": "action", "Type": "string"}]
DESCRIPTOR = {
    "Columns": COLUMNS,
    "Location": "s3://logs/",
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "SerdeInfo": {"SerializationLibrary": "LazySimpleSerDe", "Parameters": {"field.delim": " "}},
}


def create_table(catalog: Catalog, *keys: tuple[str, str], name: str = "t") -> None:
    partition_keys = [{"Name": key, "Type": hive_type} for key, hive_type in keys]
    catalog.create_table("default", {"Name": name, "PartitionKeys": partition_keys, "StorageDescriptor": DESCRIPTOR})


def partition(*values: str, **descriptor: object) -> dict:
    location = f"s3://logs/{'/'.join(values)}/"
    return {"Values": list(values), "StorageDescriptor": {**DESCRIPTOR, "Location": location, **descriptor}}


def values_of(page: list[dict]) -> list[list[str]]:
    return [entry["Values"] for entry in page]


@pytest.fixture
def by_day(catalog: Catalog) -> Catalog:
    """A table partitioned by a string day and an int hour, with two days of three hours."""
    create_table(catalog, ("dt", "string"), ("hour", "int"))
    catalog.create_partitions(
        "default", "t", [partition(f"2026-11-{day}", str(hour)) for day in (21, 22) for hour in (2, 10, 9)]
    )
    return catalog


class TestWhatIsPut:
    @pytest.mark.parametrize(
        "put",
        [
            {"Values": ["a"]},
            {"Values": ["a"], "StorageDescriptor": {}},
            {"Values": ["a"], "StorageDescriptor": {"Location": ""}},
            {"Values": ["a"], "StorageDescriptor": {"Columns": []}, "Parameters": {}},
            {"Values": ["  a '\" % ☃ "], "StorageDescriptor": DESCRIPTOR},
            {
                "Values": ["a"],
                "StorageDescriptor": {
                    **DESCRIPTOR,
                    "Compressed": False,
                    "NumberOfBuckets": -1,
                    "SkewedInfo": {"SkewedColumnNames": []},
                },
                "Parameters": {"objects": "3"},
                "LastAccessTime": datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
            },
        ],
    )
    def test_comes_back(self, catalog, put):
        create_table(catalog, ("k", "string"))
        assert catalog.create_partitions("default", "t", [put]) == []
        got = catalog.get_partition("default", "t", put["Values"])
        assert abs(datetime.now(UTC) - got.pop("CreationTime")) < timedelta(minutes=1)
        assert got == {
            **put,
            "DatabaseName": "default",
            "TableName": "t",
            "CatalogId": "111122223333",
        }

    def test_may_be_changed_by_the_caller_without_changing_the_catalog(self, by_day):
        by_day.get_partition("default", "t", ["2026-11-21", "2"])["StorageDescriptor"]["Columns"].clear()
        got = by_day.get_partition("default", "t", ["2026-11-21", "2"])
        assert got["StorageDescriptor"]["Columns"] == COLUMNS

    def test_is_told_from_values_that_mean_the_same(self, catalog):
        create_table(catalog, ("hour", "int"))
        assert catalog.create_partitions("default", "t", [partition("1"), partition("01")]) == []
        page, _ = catalog.partitions("default", "t", "hour = 1")
        assert values_of(page) == [["01"], ["1"]]
        assert catalog.get_partition("default", "t", ["01"])["StorageDescriptor"]["Location"] == "s3://logs/01/"


class TestCreating:
    def test_answers_those_that_exist_and_makes_the_others(self, by_day):
        existing, new = partition("2026-11-21", "2", Location="s3://elsewhere/"), partition("2026-11-23", "0")
        assert by_day.create_partitions("default", "t", [existing, new, new]) == [
            {
                "PartitionValues": values,
                "ErrorDetail": {
                    "ErrorCode": "AlreadyExistsException",
                    "ErrorMessage": "Partition already exists.",
                },
            }
            for values in (["2026-11-21", "2"], ["2026-11-23", "0"])
        ]
        kept = by_day.get_partition("default", "t", ["2026-11-21", "2"])
        assert kept["StorageDescriptor"]["Location"] == "s3://logs/2026-11-21/2/"
        assert by_day.get_partition("default", "t", ["2026-11-23", "0"])

    @pytest.mark.parametrize("values", [[], ["2026-11-24"], ["2026-11-24", "1", "x"], ["2026-11-24", ""], None])
    def test_refuses_a_wrong_number_of_values_and_makes_none(self, by_day, values):
        with pytest.raises(InvalidInput):
            by_day.create_partitions("default", "t", [partition("2026-11-24", "1"), {"Values": values}])
        assert len(by_day.partitions("default", "t")[0]) == 6

    def test_is_refused_for_a_table_without_partition_keys(self, catalog):
        create_table(catalog)
        with pytest.raises(InvalidInput, match="no partition"):
            catalog.create_partitions("default", "t", [{"Values": []}])
        assert catalog.partitions("default", "t") == ([], None)
        assert list(catalog.partition_values("default", "t")) == []

    def test_needs_the_table(self, catalog):
        with pytest.raises(EntityNotFound, match=r"default\.nope"):
            catalog.create_partitions("default", "nope", [partition("x")])


class TestUpdating:
    def test_replaces_all_but_the_creation_time(self, by_day):
        before = by_day.get_partition("default", "t", ["2026-11-21", "2"])
        by_day.update_partition("default", "t", ["2026-11-21", "2"], {"StorageDescriptor": {"Location": "s3://new/"}})
        after = by_day.get_partition("default", "t", ["2026-11-21", "2"])
        assert after == {**before, "StorageDescriptor": {"Location": "s3://new/"}}

    def test_may_change_the_values(self, by_day):
        by_day.update_partition("default", "t", ["2026-11-21", "2"], partition("2026-11-20", "23"))
        page, _ = by_day.partitions("default", "t", "hour > 20")
        assert values_of(page) == [["2026-11-20", "23"]]
        with pytest.raises(EntityNotFound):
            by_day.get_partition("default", "t", ["2026-11-21", "2"])

    def test_never_onto_another_partition(self, by_day):
        with pytest.raises(AlreadyExists):
            by_day.update_partition("default", "t", ["2026-11-21", "2"], partition("2026-11-21", "10"))

    def test_in_a_batch_answers_what_failed(self, by_day):
        failures = by_day.update_partitions(
            "default",
            "t",
            [
                (["2026-11-21", "2"], {"StorageDescriptor": {"Location": "s3://new/"}}),
                (["2026-11-21", "3"], {}),
                (["2026-11-21"], {}),
            ],
        )
        assert [(f["PartitionValueList"], f["ErrorDetail"]["ErrorCode"]) for f in failures] == [
            (["2026-11-21", "3"], "EntityNotFoundException"),
            (["2026-11-21"], "InvalidInputException"),
        ]
        got = by_day.get_partition("default", "t", ["2026-11-21", "2"])
        assert got["StorageDescriptor"] == {"Location": "s3://new/"}


class TestDeleting:
    def test_removes_one(self, by_day):
        by_day.delete_partition("default", "t", ["2026-11-21", "2"])
        with pytest.raises(EntityNotFound):
            by_day.delete_partition("default", "t", ["2026-11-21", "2"])
        assert len(by_day.partitions("default", "t")[0]) == 5

    def test_in_a_batch_answers_what_failed(self, by_day):
        errors = by_day.delete_partitions("default", "t", [["2026-11-21", "2"], ["x", "1"], ["2026-11-22", "9"]])
        assert [(e["PartitionValues"], e["ErrorDetail"]["ErrorCode"]) for e in errors] == [
            (["x", "1"], "EntityNotFoundException")
        ]
        assert len(by_day.partitions("default", "t")[0]) == 4


class TestReading:
    def test_is_in_the_order_of_the_typed_values(self, by_day):
        assert values_of(by_day.partitions("default", "t")[0]) == [
            [f"2026-11-{day}", hour] for day in (21, 22) for hour in ("2", "9", "10")
        ]

    def test_by_values_leaves_out_what_does_not_exist(self, by_day):
        wanted = [["2026-11-22", "9"], ["2026-11-22", "11"], ["2026-11-21", "2"]]
        assert values_of(by_day.batch_get_partitions("default", "t", wanted)) == [wanted[0], wanted[2]]

    def test_without_columns_if_wanted(self, by_day):
        page, _ = by_day.partitions("default", "t", exclude_column_schema=True)
        assert all("Columns" not in entry["StorageDescriptor"] for entry in page)
        assert all(entry["StorageDescriptor"]["Location"] for entry in page)

    @pytest.mark.parametrize("cursor", ["nonsense", "é", "WyJhIl0=", "W10=", "e30=", "WzEsMl0="])
    def test_with_a_cursor_that_is_none_is_refused(self, by_day, cursor):
        with pytest.raises(InvalidInput, match="NextToken"):
            by_day.partitions("default", "t", after=cursor)

    def test_goes_on_after_the_partition_where_it_stopped_even_when_that_has_gone(self, by_day):
        page, cursor = by_day.partitions("default", "t", limit=2)
        by_day.delete_partition("default", "t", page[-1]["Values"])
        assert cursor is not None
        rest, end = by_day.partitions("default", "t", after=cursor)
        assert values_of(rest) == [["2026-11-21", "10"]] + [["2026-11-22", hour] for hour in ("2", "9", "10")]
        assert end is None

    def test_an_expression_over_a_value_that_its_type_cannot_hold_is_refused_naming_it(self, by_day):
        by_day.create_partitions("default", "t", [partition("2026-11-23", "noon")])
        with pytest.raises(InvalidState, match=r'"noon".*int.*hour'):
            by_day.partitions("default", "t", "hour = 2")
        assert len(by_day.partitions("default", "t", "dt > '2000'")[0]) == 7
        assert values_of(by_day.partitions("default", "t")[0])[-1] == ["2026-11-23", "noon"]


class TestThePlannersPath:
    def test_gives_values_location_and_what_differs_from_the_table(self, by_day):
        by_day.create_partitions(
            "default",
            "t",
            [
                partition("2026-11-23", "1", InputFormat="Parquet", Columns=COLUMNS[:1]),
                {"Values": ["2026-11-23", "2"]},
            ],
        )
        rows = {values: rest for values, *rest in by_day.partition_values("default", "t", "dt >= '2026-11-22'")}
        assert rows == {
            ("2026-11-22", "2"): ["s3://logs/2026-11-22/2/", {}],
            ("2026-11-22", "9"): ["s3://logs/2026-11-22/9/", {}],
            ("2026-11-22", "10"): ["s3://logs/2026-11-22/10/", {}],
            ("2026-11-23", "1"): [
                "s3://logs/2026-11-23/1/",
                {"InputFormat": "Parquet", "Columns": COLUMNS[:1]},
            ],
            ("2026-11-23", "2"): [None, {}],
        }

    def test_fails_at_the_call(self, by_day):
        with pytest.raises(InvalidInput):
            by_day.partition_values("default", "t", "nope = 1")
        with pytest.raises(EntityNotFound):
            by_day.partition_values("default", "nope")

    def test_sees_one_state_however_slowly_it_is_read(self, by_day):
        rows = by_day.partition_values("default", "t")
        seen = [next(rows)[0]]
        by_day.delete_partitions("default", "t", values_of(by_day.partitions("default", "t")[0]))
        seen += [values for values, _, _ in rows]
        assert len(seen) == 6
        assert by_day.partitions("default", "t") == ([], None)

    def test_may_be_left_half_read(self, by_day):
        for _ in range(50):
            next(by_day.partition_values("default", "t"))
        by_day.delete_table("default", "t")


class TestChangingThePartitionKeys:
    def update(self, catalog: Catalog, *keys: tuple[str, str]) -> None:
        catalog.update_table(
            "default", {"Name": "t", "PartitionKeys": [{"Name": name, "Type": type_} for name, type_ in keys]}
        )

    def test_another_type_compares_anew(self, by_day):
        self.update(by_day, ("day", "date"), ("hour", "string"))
        page, _ = by_day.partitions("default", "t", "hour < '2' AND day = '2026-11-21'")
        assert values_of(page) == [["2026-11-21", "10"]]
        self.update(by_day, ("dt", "string"), ("hour", "int"))
        page, _ = by_day.partitions("default", "t", "hour < 9 AND dt = '2026-11-21'")
        assert values_of(page) == [["2026-11-21", "2"]]

    def test_another_number_is_refused_while_there_are_partitions(self, by_day):
        with pytest.raises(InvalidInput, match="from 2 to 1"):
            self.update(by_day, ("dt", "string"))
        by_day.delete_partitions("default", "t", values_of(by_day.partitions("default", "t")[0]))
        self.update(by_day, ("dt", "string"))
        assert by_day.create_partitions("default", "t", [partition("x")]) == []
        by_day.delete_partition("default", "t", ["x"])
        self.update(by_day)
        self.update(by_day, ("n", "int"))
        assert by_day.create_partitions("default", "t", [partition("7")]) == []


class TestTwentyThousand:
    """Enough for many pages; one catalog for all the tests."""

    @pytest.fixture(scope="class")
    def large(self, tmp_path_factory):
        store = CatalogStore(tmp_path_factory.mktemp("large") / "glue.sqlite")
        catalog = store.catalog("1", "r")
        create_table(catalog, ("dt", "date"), ("account", "string"), ("hour", "int"))
        days = [(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(day)).date().isoformat() for day in range(200)]
        rows = [
            partition(day, f"{account:012}", str(hour))
            for account in range(10)
            for hour in (0, 6, 23, 9, 12, 3, 1, 17, 20, 10)
            for day in days
        ]
        assert catalog.create_partitions("default", "t", rows[:10_000]) == []
        assert catalog.create_partitions("default", "t", rows[10_000:]) == []
        yield catalog
        store.close()

    def pages(self, catalog, expression=None, **options):
        cursor, pages = None, []
        while not pages or cursor:
            page, cursor = catalog.partitions("default", "t", expression, after=cursor, **options)
            pages.append([tuple(entry["Values"]) for entry in page])
        return pages

    def test_pages_hold_every_partition_once_in_order(self, large):
        pages = self.pages(large, limit=1000)
        assert [len(page) for page in pages] == [1000] * 20
        listed = [values for page in pages for values in page]
        assert len(set(listed)) == 20_000
        assert listed == sorted(listed, key=lambda values: (values[0], values[1], int(values[2])))

    def test_segments_share_out_the_partitions(self, large):
        segments = [
            {values for page in self.pages(large, limit=700, segment=(number, 7)) for values in page}
            for number in range(7)
        ]
        assert sum(map(len, segments)) == 20_000
        assert len(set().union(*segments)) == 20_000
        assert all(segments)

    @pytest.mark.parametrize(
        ("expression", "count"),
        [
            ("dt = '2026-03-01'", 100),
            ("dt >= '2026-01-31' and dt < '2026-02-02'", 200),
            ("account = '000000000003'", 2000),
            ("hour = 23", 2000),
            ("hour = '6' AND account = '000000000003'", 200),
            ("hour > 9 AND dt = '2026-03-01'", 50),
            ("hour BETWEEN 10 AND 17", 6000),
            ("account LIKE '%9' AND hour IN (1, 3)", 400),
            ("NOT (account LIKE '%9' OR hour <> 3)", 1800),
            ("hour = 5", 0),
        ],
    )
    def test_expressions_page_to_the_same_as_the_planner_gets(self, large, expression, count):
        paged = [values for page in self.pages(large, expression, limit=999) for values in page]
        planned = [values for values, _, _ in large.partition_values("default", "t", expression)]
        assert len(paged) == count
        assert sorted(paged) == sorted(planned)

    def test_locations_are_each_partitions_own(self, large):
        for values, location, overrides in large.partition_values("default", "t", "dt = '2026-03-01'"):
            assert location == f"s3://logs/{'/'.join(values)}/"
            assert overrides == {}


class TestThreads:
    def test_each_partition_is_made_once_however_many_try(self, catalog):
        create_table(catalog, ("dt", "string"), ("hour", "int"))
        inputs = [partition(f"2026-11-{day}", str(hour)) for day in range(10, 15) for hour in range(24)]
        start = threading.Barrier(8)

        def create(_: int) -> int:
            start.wait()
            batches = [inputs[begin : begin + 10] for begin in range(0, len(inputs), 10)]
            return sum(len(b) - len(catalog.create_partitions("default", "t", b)) for b in batches)

        with ThreadPoolExecutor(8) as pool:
            created = list(pool.map(create, range(8)))
        assert sum(created) == len(inputs) == len(catalog.partitions("default", "t")[0])

    def test_readers_see_batches_whole(self, catalog):
        create_table(catalog, ("batch", "int"), ("n", "int"))
        done = threading.Event()

        def write() -> None:
            for batch in range(40):
                inputs = [partition(str(batch), str(n)) for n in range(25)]
                catalog.create_partitions("default", "t", inputs)
            done.set()

        def read() -> list[int]:
            sizes = []
            while not done.is_set():
                sizes.append(len(catalog.partitions("default", "t")[0]))
            return sizes

        with ThreadPoolExecutor(4) as pool:
            readers = [pool.submit(read) for _ in range(3)]
            pool.submit(write).result()
            sizes = [reader.result() for reader in readers]
        assert all(size % 25 == 0 for reader in sizes for size in reader)
        assert all(reader == sorted(reader) for reader in sizes)
        assert len(catalog.partitions("default", "t")[0]) == 1000

    def test_the_first_update_of_a_version_wins(self, catalog):
        create_table(catalog, ("dt", "string"))

        def update(number: int) -> bool:
            try:
                catalog.update_table("default", {"Name": "t", "Description": str(number)}, version_id="0")
            except ConcurrentModification:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(update, range(8))) == 1


class TestRestart:
    def test_what_was_made_is_there_after_reopening(self, tmp_path):
        file = tmp_path / "folder" / "glue.sqlite"
        first = CatalogStore(file)
        create_table(first.catalog("1", "r"), ("dt", "string"))
        first.catalog("1", "r").create_partitions("default", "t", [partition("x")])
        before = first.catalog("1", "r").get_partition("default", "t", ["x"])
        first.close()
        second = CatalogStore(file)
        assert second.catalog("1", "r").get_partition("default", "t", ["x"]) == before
        assert second.catalog("1", "r").get_table("default", "t")["VersionId"] == "0"
        second.close()

    def test_what_was_answered_survives_a_kill(self, tmp_path):
        program = """
import sys
from pathlib import Path
from local_aws.glue.catalog import CatalogStore
catalog = CatalogStore(Path(sys.argv[1])).catalog("1", "r")
catalog.create_table("default", {"Name": "t", "PartitionKeys": [{"Name": "n", "Type": "int"}]})
for batch in range(10_000):
    catalog.create_partitions("default", "t", [{"Values": [f"{batch}{n:02}"]} for n in range(100)])
    print(batch, flush=True)
"""
        file = tmp_path / "glue.sqlite"
        root = Path(__file__).parents[4]
        writer = subprocess.Popen(
            [sys.executable, "-c", program, str(file)], cwd=root, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        answered = -1
        for line in writer.stdout:
            answered = int(line)
            if answered == 20:
                writer.send_signal(signal.SIGKILL)
        writer.wait()
        store = CatalogStore(file)
        batches = [int(v) // 100 for (v,), _, _ in store.catalog("1", "r").partition_values("default", "t")]
        assert set(batches) >= set(range(answered + 1))
        assert all(batches.count(batch) == 100 for batch in set(batches))
        store.close()


@st.composite
def changes(draw):
    """Creates, updates and deletes of partitions over few values, so that they meet."""
    values = st.tuples(st.sampled_from(["a", "b", "A"]), st.sampled_from(["1", "01", "2", "x"]))
    change = st.one_of(
        st.tuples(st.just("create"), st.lists(st.tuples(values, st.integers(0, 3)), max_size=4)),
        st.tuples(st.just("update"), values, values, st.integers(0, 3)),
        st.tuples(st.just("delete"), st.lists(values, max_size=3)),
    )
    return draw(st.lists(change, max_size=12))


@pytest.fixture(scope="module")
def shared_catalog(tmp_path_factory):
    store = CatalogStore(tmp_path_factory.mktemp("shared") / "glue.sqlite")
    yield store.catalog("1", "r")
    store.close()


@given(changes())
@settings(max_examples=60, deadline=None)
def test_any_sequence_of_changes_does_what_a_dictionary_does(shared_catalog, sequence):
    table = f"model_{len(shared_catalog.list_tables('default'))}"
    create_table(shared_catalog, ("k", "string"), ("n", "int"), name=table)
    model: dict[tuple[str, str], int] = {}

    def put(values: tuple[str, str], mark: int) -> dict:
        return {"Values": list(values), "Parameters": {"mark": str(mark)}}

    for kind, *arguments in sequence:
        if kind == "create":
            failed = []
            for values, mark in arguments[0]:
                if values in model:
                    failed.append(list(values))
                else:
                    model[values] = mark
            errors = shared_catalog.create_partitions("default", table, [put(*each) for each in arguments[0]])
            assert [error["PartitionValues"] for error in errors] == failed
        elif kind == "update":
            old, new, mark = arguments
            fails = old not in model or (new != old and new in model)
            assert len(shared_catalog.update_partitions("default", table, [(old, put(new, mark))])) == fails
            if not fails:
                del model[old]
                model[new] = mark
        else:
            failed = [values for values in arguments[0] if model.pop(values, None) is None]
            errors = shared_catalog.delete_partitions("default", table, arguments[0])
            assert [tuple(error["PartitionValues"]) for error in errors] == failed
    stored = shared_catalog.partitions("default", table)[0]
    assert {tuple(p["Values"]): int(p["Parameters"]["mark"]) for p in stored} == model
