"""CloudWatch alarms: list, watch, set; in the style of the amazon provider's hooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

from flowlogs.aws import BOTOCORE_CONFIG

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
STATES: Final[tuple[AlarmState, ...]] = ("OK", "ALARM", "INSUFFICIENT_DATA")
HistoryType = Literal["ConfigurationUpdate", "StateUpdate", "Action"]

_AT_ONCE = 100
"""Records of a page, and names of a request, of DescribeAlarms and DescribeAlarmHistory (CloudWatch API reference);
GetResources too gives 100 a page."""
_LONGEST_REASON: Final = 1023
_BOTH: Final = ("MetricAlarm", "CompositeAlarm")


class AlarmHook(AwsBaseHook):
    """Interact with CloudWatch alarms, metric and composite.

    Additional arguments (such as ``aws_conn_id``) may be specified and are passed down to the underlying AwsBaseHook.

    .. seealso::
        - :class:`airflow.providers.amazon.aws.hooks.base_aws.AwsBaseHook`
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["client_type"] = "cloudwatch"
        if kwargs.get("config") is None:
            kwargs["config"] = BOTOCORE_CONFIG
        super().__init__(*args, **kwargs)

    @property
    def waiter_path(self) -> str:
        """The file of the waiters `alarm_ok`, `alarm_alarm` and `alarm_insufficient_data`."""
        return str(Path(__file__).with_name("alarm_waiters.json"))

    def alarms(
        self,
        *,
        names: Sequence[str] | None = None,
        prefix: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Alarms as DescribeAlarms answers them, metric and composite, a hundred a request.

        :param names: these alarms; those that do not exist are left out
        :param prefix: alarms whose names begin so
        :param tags: alarms with all of these tags (found by the Resource Groups Tagging API)

        Without any of the three, all alarms of the region.

        Raises:
            ValueError: when more than one of them is given, which CloudWatch does not take.
        """
        if sum(given is not None for given in (names, prefix, tags)) > 1:
            raise ValueError("give names, prefix or tags, not several of them")
        if tags is not None:
            names = self.names_with_tags(tags)
        if names is None:
            yield from self._described({} if prefix is None else {"AlarmNamePrefix": prefix})
            return
        for start in range(0, len(names), _AT_ONCE):
            yield from self._described({"AlarmNames": list(names[start : start + _AT_ONCE])})

    def _described(self, which: dict[str, Any]) -> Iterator[dict[str, Any]]:
        pages = self.conn.get_paginator("describe_alarms").paginate(
            **which, AlarmTypes=list(_BOTH), PaginationConfig={"PageSize": _AT_ONCE}
        )
        for page in pages:
            yield from page.get("MetricAlarms", ())
            yield from page.get("CompositeAlarms", ())

    def names_with_tags(self, tags: Mapping[str, str]) -> list[str]:
        """Names of the alarms with all of these tags."""
        tagging = AwsBaseHook(
            aws_conn_id=self.aws_conn_id,
            client_type="resourcegroupstaggingapi",
            region_name=self.region_name,
            verify=self.verify,
            config=self.config,
        )
        pages = tagging.conn.get_paginator("get_resources").paginate(
            ResourceTypeFilters=["cloudwatch:alarm"],
            TagFilters=[{"Key": key, "Values": [value]} for key, value in tags.items()],
            PaginationConfig={"PageSize": _AT_ONCE},
        )
        arns = (one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"])
        return [arn.partition(":alarm:")[2] for arn in arns]

    def alarm(self, name: str) -> dict[str, Any]:
        """One alarm as DescribeAlarms answers it.

        Raises:
            LookupError: when there is none of the name.
        """
        for found in self.alarms(names=[name]):
            return found
        raise LookupError(
            f"CloudWatch has no alarm {name!r} in {self.conn.meta.region_name}; see the name and the region"
        )

    def state(self, name: str) -> AlarmState:
        """The state that an alarm is in: OK, ALARM or INSUFFICIENT_DATA.

        Raises:
            LookupError: when there is none of the name.
        """
        found: AlarmState = self.alarm(name)["StateValue"]
        return found

    def history(
        self,
        *,
        since: datetime,
        item_type: HistoryType | None = None,
        name: str | None = None,
        composite: bool = False,
        max_items: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """What happened since a time, the newest first: of one alarm, or of all metric (or composite) alarms at once.

        :param since: the time
        :param item_type: ConfigurationUpdate, StateUpdate or Action; all without it
        :param name: the alarm; all without it
        :param composite: of composite alarms instead of metric alarms; one request answers of one kind only
        :param max_items: items at most
        """
        which: dict[str, Any] = {"AlarmTypes": ["CompositeAlarm" if composite else "MetricAlarm"]}
        which |= {"HistoryItemType": item_type} if item_type is not None else {}
        which |= {"AlarmName": name} if name is not None else {}
        pages = self.conn.get_paginator("describe_alarm_history").paginate(
            **which,
            StartDate=since,
            ScanBy="TimestampDescending",
            PaginationConfig={"PageSize": _AT_ONCE, **({} if max_items is None else {"MaxItems": max_items})},
        )
        for page in pages:
            yield from page["AlarmHistoryItems"]

    def set_state(self, name: str, state: AlarmState, reason: str) -> None:
        """Set an alarm's state, as if CloudWatch had found it so: its actions run when the state changes.

        A metric alarm goes back to what its metric says with its next evaluation.

        :param reason: at most 1,023 characters; what is more is cut
        """
        self.conn.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason[:_LONGEST_REASON])


def console_url(region: str, alarm: str, partition: str = "aws") -> str:
    """The address of an alarm's page in the AWS console."""
    domain = {"aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}.get(partition, "aws.amazon.com")
    return f"https://{region}.console.{domain}/cloudwatch/home?region={region}#alarmsV2:alarm/{quote(alarm, safe='')}"
