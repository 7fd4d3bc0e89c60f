"""The provider's SNS notifier with a text for each protocol, and the clients that the pipeline uses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.providers.amazon.aws.hooks.sns import SnsHook
from airflow.providers.amazon.aws.notifications.sns import SnsNotifier
from airflow.sdk import Context

from flowlogs.aws import BOTOCORE_CONFIG

if TYPE_CHECKING:
    from airflow.sdk import DAG
    from jinja2 import Environment


class FlowLogsSnsNotifier(SnsNotifier):
    """Publish a message whose text differs by protocol: words for e-mail, JSON for the Lambda.

    The texts are not templates: they hold errors, which may look like one.

    :param target_arn: the topic (templated)
    :param subject: printable ASCII, up to 99 characters
    :param texts: text by protocol, with one for `default` (SNS API reference, Publish, MessageStructure)
    :param aws_conn_id: Airflow connection to AWS (templated)
    :param region_name: region of the topic (templated)
    """

    template_fields: Sequence[str] = ("target_arn", "aws_conn_id", "region_name")

    def __init__(self, *, texts: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(message=texts["default"], **kwargs)
        self.texts = texts

    @cached_property
    def hook(self) -> SnsHook:
        """The hook, with the pipeline's retries."""
        return SnsHook(aws_conn_id=self.aws_conn_id, region_name=self.region_name, config=BOTOCORE_CONFIG)

    def get_template_env(self, dag: DAG | None = None) -> Environment:
        """The DAG's environment for templates; a plain one where Airflow hands over a DAG without (`dag.test()` does)."""
        environment: Environment = super().get_template_env(dag if hasattr(dag, "get_template_env") else None)
        return environment

    def notify(self, context: Context) -> None:
        """Publish the texts."""
        self.hook.conn.publish(
            TopicArn=self.target_arn,
            Subject=self.subject,
            Message=json.dumps(dict(self.texts)),
            MessageStructure="json",
        )
