"""Targets of a source: accounts x regions, listed, from a CSV file, without the excluded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.settings import REGIONS, SettingsError, Target
from flowlogs.targets import read_targets_file
from tests.unit.flowlogs.smallest_settings import section, source

ONE, TWO, THREE = "111122223333", "222233334444", "333344445555"


def targets(load, **changes):
    settings = load(section(sources=[source(**{"accounts": None, "regions": None, **changes})]))
    return [f"{target.account}/{target.region}" for target in settings.targets()]


def test_every_account_with_every_region(load):
    assert targets(load, accounts=[ONE, TWO], regions=["us-east-1", "eu-west-1"]) == [
        f"{ONE}/us-east-1",
        f"{ONE}/eu-west-1",
        f"{TWO}/us-east-1",
        f"{TWO}/eu-west-1",
    ]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ([], ["1/us", "1/eu", "2/us", "2/eu", "3/us"]),
        ([f"{ONE}/us-east-1"], ["1/eu", "2/us", "2/eu", "3/us"]),
        ([f"{TWO}/*"], ["1/us", "1/eu", "3/us"]),
        (["*/us-east-1"], ["1/eu", "2/eu"]),
        ([f"{ONE}/*", "*/eu-west-1"], ["2/us", "3/us"]),
        (["999999999999/us-east-1"], ["1/us", "1/eu", "2/us", "2/eu", "3/us"]),
    ],
)
def test_listed_targets_come_besides_and_excluded_ones_do_not(load, exclude, left):
    found = targets(
        load,
        accounts=[ONE, TWO],
        regions=["us-east-1", "eu-west-1"],
        targets=[f"{THREE}/us-east-1", f"{ONE}/us-east-1"],
        exclude=exclude,
    )
    assert [f"{target[0]}/{target[13:15]}" for target in found] == left


def test_a_file_of_targets_lies_beside_the_settings(load, tmp_path):
    (tmp_path / "organisation.csv").write_text(
        "\ufeffName,Account,OU,Region\r\n"
        "# the network team\r\n"
        f'"Shop, EU",{ONE},retail,eu-west-1\r\n'
        "\r\n"
        f"Lab, {TWO} ,research, us-east-1\r\n",
        encoding="utf-8",
    )
    assert targets(load, targets_file="organisation.csv") == [f"{ONE}/eu-west-1", f"{TWO}/us-east-1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has the header ''; its first line must name the columns account and region"),
        (f"{ONE},us-east-1\n", f"has the header '{ONE},us-east-1'; its first line must name the columns account and"),
        ("account,region\n", "has no rows below its header; add account,region lines"),
        (
            f"account,region\n# note\n{ONE},us-east-1\n{ONE[1:]},us-east-1\n",
            f"line 4: '{ONE[1:]}/us-east-1' is not a target; each row holds a 12-digit account and a region",
        ),
        (f"account,region\n{ONE}\n", f"line 2: '{ONE}/' is not a target; each row holds"),
        (f"account,region\n{ONE},*\n", f"line 2: '{ONE}/*' is not a target; each row holds"),
        (
            f"account,region\n{ONE},us-esat-1\n",
            "line 2: 'us-esat-1' is not a known AWS region; did you mean 'us-east-1'? a region newer than the list",
        ),
        (
            f"account,region\n{ONE},us-east-1\n{ONE},us-east-1\n",
            f"line 3: '{ONE}/us-east-1' stands twice; remove one",
        ),
        ("account,region\n" + "x,y\n" * 8, "; and 3 more"),
    ],
)
def test_a_wrong_file_of_targets_is_refused_by_line(load, tmp_path, text, message):
    (tmp_path / "targets.csv").write_text(text)
    with pytest.raises(SettingsError) as raised:
        targets(load, targets_file="targets.csv")
    (found,) = raised.value.problems
    assert str(found).startswith("sources[0].targets_file = 'targets.csv': ")
    assert message in str(found)


def test_a_file_of_targets_that_is_not_there(load, tmp_path):
    with pytest.raises(SettingsError) as raised:
        targets(load, targets_file="none.csv")
    assert (
        f"sources[0].targets_file = 'none.csv': cannot be read (No such file or directory: {tmp_path / 'none.csv'}); "
        "the path is taken from the settings file's folder"
    ) in str(raised.value)


def test_a_file_of_targets_that_is_no_text(load, tmp_path):
    (tmp_path / "targets.csv").write_bytes(b"account,region\n\xff\xfe\n")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        targets(load, targets_file="targets.csv")


def test_thousands_of_targets(load, tmp_path):
    pairs = [(f"{number:012d}", region) for number in range(250) for region in sorted(REGIONS)[:20]]
    (tmp_path / "targets.csv").write_text("account,region\n" + "".join(f"{a},{r}\n" for a, r in pairs))
    assert targets(load, targets_file="targets.csv") == [f"{account}/{region}" for account, region in pairs]


@given(st.lists(st.tuples(st.integers(0, 10**12 - 1), st.sampled_from(sorted(REGIONS))), min_size=1, unique=True))
def test_what_is_written_is_read(tmp_path_factory, pairs):
    written = tuple((f"{account:012d}", region) for account, region in pairs)
    file = tmp_path_factory.mktemp("targets") / "targets.csv"
    file.write_text("region,account\n" + "".join(f"{region},{account}\n" for account, region in written))
    assert read_targets_file(file).targets == written


def test_targets_sort_and_are_written_by_source_account_region():
    assert sorted([Target("b", ONE, "x"), Target("a", TWO, "y"), Target("a", ONE, "z")])[0] == Target("a", ONE, "z")
    assert str(Target("a", ONE, "eu-west-1")) == f"a/{ONE}/eu-west-1"
