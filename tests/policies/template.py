"""`python -m tests.policies.template`: writes the documents of include/iam/ into the template, where it names them.

A line of the template that ends in `# include/iam/<document>` has the document below it; that is replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.policies.stack import DOCUMENTS, TEMPLATES

WORDS = {
    "FLOW_LOGS_BUCKET": "${FlowLogsBucket}",
    "LAKE_BUCKET": "${LakeBucket}",
    "LAKE_PREFIX": "${LakePrefix}",
    "REGION": "${AWS::Region}",
    "QUICKSIGHT_REGION": "${AWS::Region}",
    "ACCOUNT": "${AWS::AccountId}",
    "WORK_GROUP": "${WorkGroup}",
    "DATABASE": "${Database}",
    "TOPIC": "${FailuresTopic.TopicName}",
    "REPORT_TOPIC": "${ReportsTopic.TopicName}",
    "ENVIRONMENT": "${Environment}",
    "LOG_GROUP": "${LogGroupName}",
    "KMS_KEY": "${Key}",
    "AIRFLOW_PRINCIPAL": "${AirflowPrincipalArn}",
    "WEBHOOK_SECRET": "${SlackWebhookSecret}",
    "/WEBHOOK_PARAMETER": "${SlackWebhookParameter}",  # which begins with a slash
    "arn:aws:": "arn:${AWS::Partition}:",
}
CONDITIONS = {"ReadWebhookSecret": "HasWebhookSecret", "ReadWebhookParameter": "HasWebhookParameter"}
"""Statements that a stack has only when a parameter is given."""

_WORD = re.compile(
    "|".join(rf"(?<![A-Za-z_]){re.escape(word)}(?![A-Z_])" for word in sorted(WORDS, key=len, reverse=True))
)
_PLACE = re.compile(r"( *)\S+:  # include/iam/(\S+\.json)$")


def with_documents(template: str) -> str:
    """The template, with the documents as they are now."""
    written: list[str] = []
    inside: int | None = None
    for line in template.splitlines():
        indent = len(line) - len(line.lstrip())
        if inside is not None and line.strip() and indent > inside:
            continue
        inside = inside if not line.strip() else None
        written.append(line)
        if place := _PLACE.match(line):
            inside = len(place[1])
            written += _document(json.loads((DOCUMENTS / place[2]).read_text()), inside + 2)
    return "\n".join(written) + "\n"


def _document(document: dict[str, Any], indent: int) -> Iterator[str]:
    space = " " * indent
    yield f'{space}Version: "{document["Version"]}"'
    yield f"{space}Statement:"
    for statement in document["Statement"]:
        if condition := CONDITIONS.get(statement["Sid"]):
            yield f"{space}  - Fn::If:"
            yield f"{space}      - {condition}"
            yield from _item(statement, indent + 6)
            yield f"{space}      - !Ref AWS::NoValue"
        else:
            yield from _item(statement, indent + 2)


def _item(value: dict[str, Any], indent: int) -> Iterator[str]:
    first, *others = _mapping(value, indent + 2)
    yield f"{' ' * indent}- {first.lstrip()}"
    yield from others


def _mapping(value: dict[str, Any], indent: int) -> Iterator[str]:
    space = " " * indent
    for key, one in value.items():
        if isinstance(one, str):
            yield f"{space}{key}: {_text(one)}"
        else:
            yield f"{space}{key}:"
            yield from _mapping(one, indent + 2) if isinstance(one, dict) else (f"{space}  - {_text(o)}" for o in one)


def _text(text: str) -> str:
    replaced = _WORD.sub(lambda found: WORDS[found[0]], text)
    if replaced != text:
        return f'!Sub "{replaced}"'
    return json.dumps(text) if text.startswith("*") else text


if __name__ == "__main__":
    file = TEMPLATES / "flow-logs.yaml"
    file.write_text(with_documents(file.read_text()))
