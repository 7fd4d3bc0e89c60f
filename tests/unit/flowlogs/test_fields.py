"""The fields of flow log records: the table, LogFormat and header lines, columns of raw and curated tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs import fields
from flowlogs.fields import (
    DEFAULT_FIELDS,
    DEFAULT_LOG_FORMAT,
    FIELDS,
    LogFormatError,
    TcpFlag,
    curated_columns,
    header_line,
    log_format,
    parse_log_format,
    protocol_name,
    raw_columns,
    record_version,
)

some_fields = st.lists(st.sampled_from(list(FIELDS.values())), min_size=1, unique=True)


def names(parsed):
    return [field.name for field in parsed]


@pytest.mark.parametrize(
    ("version", "count", "first", "last"),
    [
        (2, 14, "version", "log-status"),
        (3, 7, "vpc-id", "pkt-dstaddr"),
        (4, 4, "region", "sublocation-id"),
        (5, 4, "pkt-src-aws-service", "traffic-path"),
        (6, 18, "resource-type", "packets-lost-ttl-expired"),
        (7, 10, "ecs-cluster-arn", "ecs-task-id"),
        (8, 1, "reject-reason", "reject-reason"),
        (9, 1, "resource-id", "resource-id"),
        (10, 1, "encryption-status", "encryption-status"),
    ],
)
def test_each_version_brings_its_fields_in_the_documented_order(version, count, first, last):
    of_version = [field.name for field in FIELDS.values() if field.version == version]
    assert (len(of_version), of_version[0], of_version[-1]) == (count, first, last)


def test_numbers_have_the_widths_of_awss_parquet_files():
    widths = {field.name: field.hive_type for field in FIELDS.values() if field.hive_type != "string"}
    int_32 = {"version", "srcport", "dstport", "protocol", "tcp-flags", "traffic-path", "encryption-status"}
    assert {name for name, width in widths.items() if width == "int"} == int_32
    assert {name for name, width in widths.items() if width == "bigint"} == {
        *("packets", "bytes", "start", "end"),
        *("packets-lost-no-route", "packets-lost-blackhole"),
        *("packets-lost-mtu-exceeded", "packets-lost-ttl-expired"),
    }


def test_the_default_format_is_awss():
    assert DEFAULT_LOG_FORMAT == (
        "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} "
        "${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
    )
    assert parse_log_format(DEFAULT_LOG_FORMAT) == DEFAULT_FIELDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${version} ${account-id} ${action}", ["version", "account-id", "action"]),
        ("version account-id action", ["version", "account-id", "action"]),
        ("  ${end}\n  ${start}\t${version} \n", ["end", "start", "version"]),
        ("account-id bytes dstaddr vpc-id", ["account-id", "bytes", "dstaddr", "vpc-id"]),
        ("resource-type tgw-id tgw-src-eni", ["resource-type", "tgw-id", "tgw-src-eni"]),
    ],
)
def test_reads_a_log_format_or_a_header_line_in_its_order(text, expected):
    assert names(parse_log_format(text)) == expected


@given(some_fields)
def test_log_format_and_header_line_are_read_back(chosen):
    assert parse_log_format(log_format(chosen)) == tuple(chosen)
    assert parse_log_format(header_line(chosen)) == tuple(chosen)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; write the flow log's LogFormat, such as '${version} ${account-id} ${action}'"),
        ("${acount-id}", "'acount-id' is not a flow log field; did you mean 'account-id'?"),
        ("${account_id}", "'account_id' is not a flow log field; did you mean 'account-id'?"),
        ("version interfaceid", "'interfaceid' is not a flow log field; did you mean 'interface-id'?"),
        ("numpackets", "'numpackets' is not a flow log field; did you mean 'packets'?"),
        (
            "${zzz}",
            "'zzz' is not a flow log field of versions 2 to 10; declare a newer one in extra_fields",
        ),
        (
            "${scraddr} ${version} ${dstadr}",
            "'scraddr' is not a flow log field; did you mean 'srcaddr'?; "
            "'dstadr' is not a flow log field; did you mean 'dstaddr'?",
        ),
        (
            "${version}${action}",
            "'${version}${action}' is not of the form ${field-name}; separate the fields by one space each",
        ),
        ("${version} action", "'action' is not of the form ${field-name}; separate the fields by one space each"),
        (
            "$${version}",
            "'$${version}' is not of the form ${field-name}; separate the fields by one space each",
        ),
        ("version action version", "names 'version' more than once; a column can stand only once"),
    ],
)
def test_says_what_is_wrong_with_a_format(text, message):
    with pytest.raises(LogFormatError) as raised:
        parse_log_format(text)
    assert str(raised.value) == message


def test_a_field_newer_than_the_table_is_declared_with_its_type():
    parsed = parse_log_format("${version} ${next-hop-id} ${hop-count}", {"next-hop-id": "string", "hop-count": "int"})
    assert raw_columns(parsed, "text") == (("version", "int"), ("next_hop_id", "string"), ("hop_count", "int"))
    assert record_version(parsed) == 11


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"Next-Hop": "string"}, "extra field 'Next-Hop' is not spelled as AWS spells fields"),
        ({"next_hop": "string"}, "extra field 'next_hop' is not spelled as AWS spells fields"),
        ({"x) LOCATION 's3://evil'": "string"}, "is not spelled as AWS spells fields"),
        ({"srcaddr": "string"}, "extra field 'srcaddr' exists already; remove it from extra_fields"),
        ({"sourceaddress": "string"}, "extra field 'sourceaddress' exists already"),
        ({"aws-account": "string"}, "extra field 'aws-account' exists already"),
        ({"dt": "string"}, "extra field 'dt' exists already"),
        ({"next-hop": "text"}, "extra field 'next-hop' has the type 'text'; use one of string, int, bigint"),
    ],
)
def test_a_declared_field_has_to_fit(extra, message):
    with pytest.raises(LogFormatError, match="extra field") as raised:
        parse_log_format("version", extra)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("version action", 2),
        ("tcp-flags version", 3),
        ("az-id tcp-flags", 4),
        ("flow-direction srcaddr", 5),
        ("tgw-id flow-direction", 6),
        ("ecs-task-id version", 7),
        ("reject-reason vpc-id", 8),
        ("resource-id", 9),
        ("version encryption-status reject-reason", 10),
    ],
)
def test_a_records_version_is_the_highest_of_its_fields(text, version):
    assert record_version(parse_log_format(text)) == version


def test_text_columns_of_version_2_are_those_of_the_athena_guides():
    assert raw_columns(DEFAULT_FIELDS, "text") == (
        ("version", "int"),
        ("account", "string"),
        ("interfaceid", "string"),
        ("sourceaddress", "string"),
        ("destinationaddress", "string"),
        ("sourceport", "int"),
        ("destinationport", "int"),
        ("protocol", "int"),
        ("numpackets", "bigint"),
        ("numbytes", "bigint"),
        ("starttime", "bigint"),
        ("endtime", "bigint"),
        ("action", "string"),
        ("logstatus", "string"),
    )


def test_parquet_columns_are_named_as_in_the_files():
    parsed = parse_log_format("${account-id} ${start} ${pkt-src-aws-service} ${tcp-flags}")
    assert raw_columns(parsed, "parquet") == (
        ("account_id", "string"),
        ("start", "bigint"),
        ("pkt_src_aws_service", "string"),
        ("tcp_flags", "int"),
    )


def test_later_fields_of_text_are_in_snake_case():
    parsed = parse_log_format("${srcaddr} ${pkt-srcaddr} ${ecs-task-id}")
    assert [column for column, _ in raw_columns(parsed, "text")] == ["sourceaddress", "pkt_srcaddr", "ecs_task_id"]


def test_curated_columns_have_awss_names_and_times_as_timestamps():
    parsed = parse_log_format("${interface-id} ${start} ${end} ${bytes}")
    assert curated_columns(parsed) == (
        ("interface_id", "string"),
        ("start", "timestamp"),
        ("end", "timestamp"),
        ("bytes", "bigint"),
    )
    assert len(curated_columns()) == len(FIELDS)


@given(some_fields, st.sampled_from(["text", "parquet"]))
def test_no_columns_collide(chosen, file_format):
    columns = [column for column, _ in raw_columns(chosen, file_format)] + list(fields.PARTITION_COLUMNS)
    assert len(set(columns)) == len(columns)


@pytest.mark.parametrize(
    ("value", "flags"),
    [
        (3, TcpFlag.SYN | TcpFlag.FIN),
        (18, TcpFlag.SYN | TcpFlag.ACK),
        (19, TcpFlag.SYN | TcpFlag.ACK | TcpFlag.FIN),
        (4, TcpFlag.RST),
        (8, TcpFlag.PSH),
    ],
)
def test_tcp_flags_are_bits(value, flags):
    assert TcpFlag(value) == flags


def test_coded_values_have_meanings():
    assert sorted(fields.TRAFFIC_PATHS) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert fields.TRAFFIC_PATHS[8] == "internet gateway"
    assert sorted(fields.ENCRYPTION_STATUSES) == [0, 1, 2, 3]
    assert [protocol_name(number) for number in (1, 6, 17, 58, 200)] == ["ICMP", "TCP", "UDP", "ICMPv6", "200"]
