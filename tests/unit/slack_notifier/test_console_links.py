from __future__ import annotations

from datetime import UTC, datetime

import pytest
from console_links import ConsoleLinks

START, END = datetime(2021, 7, 15, 21, tzinfo=UTC), datetime(2021, 7, 18, 20, 59, 59, tzinfo=UTC)


def test_logs_insights_is_written_as_the_console_writes_it():
    link = ConsoleLinks("https://{region}.console.aws.amazon.com", "eu-west-1").insights("/aws/My_group", START, END)
    assert link == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:logs-insights$3FqueryDetail$3D"
        "$257E$2528end$257E$25272021-07-18T20*3a59*3a59.000Z$257Estart$257E$25272021-07-15T21*3a00*3a00.000Z"
        "$257EtimeType$257E$2527ABSOLUTE$257Etz$257E$2527UTC$257EeditorString$257E$2527"
        "fields*20*40timestamp*2c*20*40message*20*7c*20sort*20*40timestamp*20asc*20*7c*20limit*201000"
        "$257Esource$257E$2528$257E$2527*2faws*2fMy*5fgroup$2529$2529"
    )


@pytest.mark.parametrize(
    ("arn", "home"),
    [
        ("", "https://{region}.console.aws.amazon.com"),
        ("arn:aws:cloudwatch:eu-west-1:1:alarm:a", "https://{region}.console.aws.amazon.com"),
        ("arn:aws-cn:cloudwatch:cn-north-1:1:alarm:a", "https://{region}.console.amazonaws.cn"),
        ("arn:aws-us-gov:cloudwatch:us-gov-west-1:1:alarm:a", "https://console.amazonaws-us-gov.com"),
    ],
)
def test_each_partition_has_its_console(arn, home):
    link = ConsoleLinks("https://{region}.console.aws.amazon.com", "r-1", arn).alarm("a b/c")
    assert link == f"{home.replace('{region}', 'r-1')}/cloudwatch/home?region=r-1#alarmsV2:alarm/a%20b%2Fc"


def test_no_console_no_links():
    assert ConsoleLinks("", "eu-west-1").alarm("a") == ""
    assert ConsoleLinks("https://console", "").alarm("a") == ""
