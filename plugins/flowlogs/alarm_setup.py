"""Makes the alarms' path in AWS as the settings say: reads all of it, compares, changes only what differs.

Log group, metric filters, alarms; the topic with its subscriptions, the drill queue, the Slack Lambda with its role and
its dead-letter queue. What is to be done is known before anything is changed; a second run finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowlogs.alarms.wanted import WantedAlarms
from flowlogs.setting_up.log_group import log_group_steps
from flowlogs.setting_up.metric_alarms import alarm_steps
from flowlogs.setting_up.place import Clients, Place
from flowlogs.setting_up.queues import queue_steps
from flowlogs.setting_up.slack_function import function_steps
from flowlogs.setting_up.steps import AlarmSetupError, SetupResult, Step, apply_steps
from flowlogs.setting_up.topic import subscription_steps, topic_steps

__all__ = ["AlarmSetupError", "SetupResult", "plan_alarms", "set_up_alarms"]


def plan_alarms(wanted: WantedAlarms, clients: Clients) -> list[Step]:
    """What is to be done, in an order in which each step finds what it needs. Changes nothing.

    Args:
        wanted: what the settings want.
        clients: makes the boto3 client of a service, in the pipeline's region.

    Raises:
        AlarmSetupError: when a filter pattern does not select what its rule asks for.
    """
    return list(_steps(wanted, clients))


def set_up_alarms(wanted: WantedAlarms, clients: Clients, *, repair: bool) -> SetupResult:
    """Make what is missing, and mend what differs if `repair`; without it nothing that exists is changed.

    Raises:
        AlarmSetupError: as `plan_alarms`, before anything is changed; and for a step that AWS refuses.
    """
    return apply_steps(plan_alarms(wanted, clients), repair=repair)


def _steps(wanted: WantedAlarms, clients: Clients) -> Iterator[Step]:
    place = Place.of(clients)
    topic_arn = place.arn("sns", wanted.topic_name)
    yield from queue_steps(wanted, topic_arn, place, clients)
    yield from topic_steps(wanted, topic_arn, place, clients)
    yield from function_steps(wanted, topic_arn, place, clients)
    yield from subscription_steps(wanted, topic_arn, place, clients)
    yield from log_group_steps(wanted, clients)
    yield from alarm_steps(wanted, topic_arn, clients)
