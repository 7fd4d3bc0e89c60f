"""JSON patterns, with the user guide's examples."""

from __future__ import annotations

import json

import pytest

from tests.unit.local_aws.logs.matching import extracted, matches, refusal

TRAIL = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "ThisFlag": True,
        "cluster.name": "c",
        "two words": {"it's": 3},
    }
)
USERS = json.dumps(
    {
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
        "actions": ["GET", "PUT", "DELETE"],
        "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
    }
)


@pytest.mark.parametrize(
    ("pattern", "selected"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{ $.eventType = UpdateTrail }", True),
        ("{$.eventType=Update*}", True),
        ("{ $.eventType = update* }", False),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ("{ $.sourceIPAddress != 111.111.* }", False),
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[1] = "value" }', False),
        ('{ $.arrayKey[2] != "value" }', False),
        ('{ $.arrayKey[*] = "another value" }', True),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.objectList[*].id = 2 }", True),
        ("{ $.objectList[*].id = 3 }", False),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.eventType IS NULL }", False),
        ("{ $.missing IS NULL }", False),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.SomeObject NOT EXISTS }", False),
        ("{ $.ThisFlag IS TRUE }", True),
        ("{ $.ThisFlag IS FALSE }", False),
        ("{ $.eventType = %Trail% }", True),
        ("{ $.arrayKey[*] = %val.{2}% }", True),
        (r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }", True),
        ("{ $.['cluster.name'] = \"c\" }", True),
        ("{ $.['two words'].[\"it's\"] = 3 }", True),
        # a selector that leads to an array, an object, null, a boolean or nothing fulfils no comparison
        ('{ $.arrayKey != "x" }', False),
        ('{ $.objectList[0] = "*" }', False),
        ('{ $.SomeObject != "x" }', False),
        ("{ $.ThisFlag = true }", False),
        ('{ $.missing != "x" }', False),
    ],
)
def test_conditions(pattern, selected):
    assert matches(pattern, TRAIL) is selected


@pytest.mark.parametrize(
    ("pattern", "selected"),
    [
        ('{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', True),
        ('{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', False),
        (
            '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }',
            True,
        ),
        (
            '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }',
            False,
        ),
        ("{ $.coordinates[1][2] = 6 }", True),
        ("{ $.users[*].id = 3 && $.actions[*] = PUT && $.coordinates[*][0] = 7 }", True),
    ],
)
def test_compound_conditions(pattern, selected):
    assert matches(pattern, USERS) is selected


@pytest.mark.parametrize(
    ("condition", "fulfils", "fails"),
    [
        ("> 75", 76, 75),
        ("< 50", 49.5, 50),
        (">= 60", 60, 59.9),
        ("<= 5", 5, 5.1),
        ("= 400", 400, 401),
        ("!= 500", 400, 500),
        ("= 1e-3", 0.001, 0.01),
        ("!= 1e+3", 999, 1000),
        ("> +1000", 1001, 1000),
        ("> -1.5", -1, -2),
        ("= 4*", 404, 504),
        ("= 1000", 1e3, 1e4),
        ("> 2", "3", "many"),
        ("= 3", "3", "three"),
        ('= "3"', 3, 4),
        ("= *", 0, None),
        ("< 1e308", 5, True),
    ],
)
def test_numbers(condition, fulfils, fails):
    assert matches(f"{{ $.a {condition} }}", json.dumps({"a": fulfils}))
    assert not matches(f"{{ $.a {condition} }}", json.dumps({"a": fails}))


@pytest.mark.parametrize(
    "message",
    ["", "a", '2024 {"a": 1}', '{"a": 1', '["a"]', "null", '{"a": NaN}', '{"a": ' * 5000, "{}{}", "{" * 10**5],
)
def test_what_is_no_json_object_is_not_selected(message):
    assert not matches("{ $.b NOT EXISTS }", message)


def test_json_extracts_nothing():
    assert extracted('{ $.eventType = "UpdateTrail" }', TRAIL) == {}


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("{}", "a property selector such as $.name expected, not the end"),
        ("{ $.a }", "a comparison, IS or NOT EXISTS after '$.a' expected"),
        ("{ $.a = }", "a value after '=' expected"),
        ("{ $.a == 1 }", "a value after '=' expected, not '='"),
        ("{ a = 1 }", "a property selector such as $.name expected, not 'a'"),
        ("{ $a = 1 }", "'$a' is no property selector"),
        ("{ $[0] = 1 }", "'$[0]' is no property selector"),
        ("{ $ = 1 }", "'$' is no property selector"),
        ("{ $.a[x] = 1 }", "'$.a[x]' is no property selector"),
        ("{ $.a[99999999999] = 1 }", "is no property selector"),
        ("{ $.a.* .b = 1 }", "expected, not"),
        ("{ $.*[*] = 1 }", "more than one wildcard"),
        ("{ $.a[*]=1 || $.b[*]=1 || $.c[*]=1 || $.d[*]=1 }", "at most 3 selectors with a wildcard"),
        ("{ $.a = 1 && }", "a property selector"),
        ("{ ($.a = 1 }", "')' expected"),
        ("{ $.a = 1) }", "expected, not ')'"),
        ("{ $.a = 1 } $.b = 2 }", "Invalid character(s) in term '}'"),
        ("{ $.a IS MAYBE }", "NULL, TRUE or FALSE after IS expected"),
        ("{ $.a IS NOT NULL }", "NULL, TRUE or FALSE after IS expected"),
        ("{ $.a EXISTS }", "expected, not 'EXISTS'"),
        ("{ $.a NOT NULL }", "EXISTS after NOT expected"),
        ("{ $.a < b }", "compares with a number"),
        ("{ $.a = user@example.com }", "Invalid character(s) in term 'user@example.com'"),
        ('{ $.a = "x }', "quotation mark is not closed"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern, problem):
    assert problem in refusal(pattern)
