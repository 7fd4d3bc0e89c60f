"""Space-delimited patterns, with the user guide's and the API reference's examples, and flow logs."""

from __future__ import annotations

import pytest

from tests.unit.local_aws.logs.matching import extracted, matches, refusal

NOT_FOUND = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
FOUND = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534'
FAILED = '127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324'


@pytest.mark.parametrize(
    ("pattern", "selected"),
    [
        ("[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]", [NOT_FOUND]),
        ("[..., request =*.html*, status_code = 4*, bytes]", [NOT_FOUND]),
        ("[..., request=*.html*, status_code=4*,]", [NOT_FOUND]),
        (
            "[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]",
            [NOT_FOUND],
        ),
        ("[ip, server, username, timestamp, request, status_code, bytes > 1000]", [NOT_FOUND, FOUND, FAILED]),
        ("[ip, server, username, timestamp, request, status_code, bytes > 1534]", [FAILED]),
        ("[ip, server, username, timestamp, request, status_code, bytes >= 1.534e3]", [NOT_FOUND, FOUND, FAILED]),
        ("[ip, user, username, timestamp, request, status_code = 4* && status_code != 403, bytes]", [NOT_FOUND]),
        ("[..., status_code=200, size]", [FOUND]),
        ('[ip, user != "-", ...]', [NOT_FOUND]),
        ('[..., request = "GET /index.html HTTP/1.0", status_code, bytes]', [NOT_FOUND]),
        (r"[ip=%127\.0\.0\.[1-9]%, user, ..., status = %[24]0\d%, bytes]", [NOT_FOUND, FOUND]),
        ("[..., status != %^[24]%, bytes]", [FAILED]),
        ("[ip, user, ...]", [NOT_FOUND, FOUND, FAILED]),
        ("[]", [NOT_FOUND, FOUND, FAILED]),
        ("[..., (status >= 200 && status < 300) || status = 5*, bytes]", [FOUND, FAILED]),
        ("[..., status >= 200 && status < 300 || status = 5*, bytes]", [FOUND, FAILED]),
        ("[..., status >= 200 && (status < 300 || status = 4*), bytes]", [NOT_FOUND, FOUND]),
    ],
)
def test_access_logs(pattern, selected):
    assert [message for message in (NOT_FOUND, FOUND, FAILED) if matches(pattern, message)] == selected


ERROR = "ERROR 09/25/2014 12:00:02 Failed to process request"
WARNING = "WARNING 09/25/2014 12:00:02 Invalid user request"
INFO = "INFO 09/25/2014 12:00:00 GET /service/resource/67 1200"
PART = "INFO 09/25/2014 12:00:01 POST /service/resource/67/part/111 1310"


@pytest.mark.parametrize(
    ("pattern", "selected"),
    [
        ("[w1=ERROR, w2]", [ERROR]),
        ("[w1=ERROR || W1=WARNING, w2]", [ERROR, WARNING]),
        ("[w1=ERROR || w1=%WARN%, w2]", [ERROR, WARNING]),
        ("[w1!=ERROR && w1!=WARNING, w2]", [INFO, PART]),
        ("[w1=ERROR]", []),  # without a blank field after it, w1 is the whole line
        ("[line = *request]", [ERROR, WARNING]),
        ("[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]", [INFO]),
        ("[logLevel, date, time, method, url=%/service/resource/[0-9]+/part/[0-9]+$%, response_time]", [PART]),
    ],
)
def test_words_in_order(pattern, selected):
    assert [message for message in (ERROR, WARNING, INFO, PART) if matches(pattern, message)] == selected


FLOW_LOG = (
    "[version, account_id, interface_id, srcaddr{}, dstaddr, srcport, dstport{}, protocol{}, packets, bytes{}, "
    "start, end, action{}, log_status]"
)
ATTEMPT = "2 123456789010 eni-1235b8ca123456789 203.0.113.12 172.31.16.139 49761 443 6 20 4249 1418530010 1418530070 REJECT OK"
SKIPPED = "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - SKIPDATA"


@pytest.mark.parametrize(
    ("conditions", "selected"),
    [
        (("", "=80 || dstport=443", "=6", "", ""), True),
        (("", "=80 || dstport=22", "=6", "", ""), False),
        (("=203.0.113.*", "", "", "", "=REJECT"), True),
        (("=203.0.*.12", "", "", "", ""), False),  # an asterisk within a text is an asterisk
        (("=198.51.*", "", "", "", "=REJECT"), False),
        (("", " < 1024", "", " >= 4249", ""), True),
        (("", " <= 442", "", "", ""), False),
        (("", " != 22", " != 17", " != 0", " != ACCEPT"), True),
        (('="203.0.113.12"', '="443"', "", "", '="RE*"'), True),
    ],
)
def test_flow_logs(conditions, selected):
    assert matches(FLOW_LOG.format(*conditions), ATTEMPT) is selected


def test_a_dash_is_no_number():
    assert not matches(FLOW_LOG.format("", " >= 0", "", "", ""), SKIPPED)
    assert not matches(FLOW_LOG.format("", " < 1024", "", "", ""), SKIPPED)
    assert matches(FLOW_LOG.format("", " != 22", "", "", ""), SKIPPED)
    assert matches("[..., log_status = SKIPDATA]", SKIPPED)


@pytest.mark.parametrize("written", ["443", "443.0", "+443", "4.43e2"])
def test_numbers_are_equal_however_they_are_written(written):
    assert matches(f"[a = {written}, b]", "443 x")
    assert not matches(f"[a != {written}, b]", "443 x")
    assert not matches(f'[a = "x{written}", b]', "443 x")


class TestFields:
    def test_every_field_takes_a_word_and_the_last_the_rest(self):
        assert not matches("[a, b, c]", "1 2")
        assert matches("[a, b, c]", "1 2 3")
        assert extracted("[a, b, c]", "1 2 3 [4 5] 6 ")["$c"] == "3 [4 5] 6"
        assert not matches("[a]", "")

    def test_brackets_and_quotation_marks_hold_a_field_together(self):
        assert extracted("[]", '[a b] "c d" [e]f "g"h [ i') == {
            "$1": "a b",
            "$2": "c d",
            "$3": "[e]f",
            "$4": '"g"h',
            "$5": "[",
            "$6": "i",
        }
        assert extracted("[]", '[] "" x]') == {"$1": "", "$2": "", "$3": "x]"}

    def test_a_long_message_of_opening_marks_is_read_at_once(self):
        for message in ("[ " * 100_000, '" x' * 100_001, "[ " * 100_000 + "]x"):
            assert matches("[first, ...]", message)

    def test_an_ellipsis_takes_no_word_or_any_number(self):
        assert matches("[a = 1, ..., b = 2]", "1 2")
        assert matches("[a = 1, ..., b = 2]", "1 x y z 2")
        assert not matches("[a, ..., b]", "1")

    def test_named_and_unnamed_values(self):
        assert extracted("[ip, identity, user_id, timestamp, request, status_code, size]", FOUND) == {
            "$ip": "127.0.0.1",
            "$identity": "-",
            "$user_id": "frank",
            "$timestamp": "10/Oct/2000:13:25:15 -0700",
            "$request": "GET /apache_pb.gif HTTP/1.0",
            "$status_code": "200",
            "$size": "1534",
        }
        assert extracted("[..., request=*.html*, status_code=4*,]", NOT_FOUND) == {
            "$1": "127.0.0.1",
            "$2": "Prod",
            "$3": "frank",
            "$4": "10/Oct/2000:13:25:15 -0700",
            "$request": "GET /index.html HTTP/1.0",
            "$status_code": "404",
            "$7": "1534",
        }
        assert extracted("[]", "a b") == {"$1": "a", "$2": "b"}


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("[a = ]", "a value after '=' expected, not the end, at character 6"),
        ("[a = 1 ||]", "a field name expected"),
        ("[a == 1]", "a value after '=' expected, not '='"),
        ("[a =! 1]", "'!' is no operator"),
        ("[a & b]", "'&' is no operator"),
        ("[a b]", "a comparison after 'a' expected, not 'b'"),
        ("[(a = 1, b]", "')' expected"),
        ("[a, ..., b, ..., c]", "one ellipsis"),
        ("[a, b, a]", "two fields 'a'"),
        ("[1a]", "'1a' is no field name"),
        ("[account-id]", "'account-id' is no field name"),
        # AWS answers "Invalid filter pattern" to this example of an older user guide, too
        ("[ip, user, username, timestamp, request, status_code = 4* && bytes > 1000]", "names 'bytes'"),
        ("[a > x]", "compares with a number"),
        ('[a > "1"]', "compares with a number"),
        ("[a = 10.0.0.0/8]", "Invalid character(s) in term '10.0.0.0/8'"),
        ("[a = ü]", "Invalid character(s) in term 'ü'"),
        ('[a = "x]', "quotation mark is not closed"),
        ("[a = %x]", "not closed with %"),
        ("[$.a = 1]", "a field name expected"),
        ("[" + "(" * 100 + "a = 1" + ")" * 100 + "]", "parentheses nest deeper than 50"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern, problem):
    assert problem in refusal(pattern)
