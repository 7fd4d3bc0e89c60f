"""EC2's DescribeFlowLogs with whether each flow log can be delivered, which MiniStack leaves out."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from ministack.services import cloudwatch_logs, ec2, s3

DEFAULT_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} "
    "${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)
"""A flow log's format when none is given."""

_DEFAULT_AGGREGATION_SECONDS = "600"


def install_flow_log_delivery() -> None:
    """Answer DescribeFlowLogs with DeliverLogsStatus, and with what CreateFlowLogs was given."""
    create = ec2._ACTION_MAP["CreateFlowLogs"]

    def create_flow_logs(params: Any) -> Any:
        before = set(ec2._flow_logs)
        answer = create(params)
        for flow_log_id in set(ec2._flow_logs) - before:
            ec2._flow_logs[flow_log_id].update(
                LogGroupName=ec2._p(params, "LogGroupName"),
                LogFormat=ec2._p(params, "LogFormat") or DEFAULT_FORMAT,
                MaxAggregationInterval=ec2._p(params, "MaxAggregationInterval") or _DEFAULT_AGGREGATION_SECONDS,
                DeliverLogsPermissionArn=ec2._p(params, "DeliverLogsPermissionArn"),
            )
        return answer

    ec2._ACTION_MAP["CreateFlowLogs"] = create_flow_logs
    ec2._ACTION_MAP["DescribeFlowLogs"] = _describe_flow_logs


def delivery_problem(flow_log: dict[str, Any]) -> str | None:
    """Why a flow log cannot be delivered, as DeliverLogsErrorMessage; None when it can.

    A log group or bucket that does not exist is an "Access error", as one that the flow log's role may not
    write to is on AWS; so a test makes a failing flow log by deleting its destination.
    """
    if flow_log["LogDestinationType"] == "s3":
        bucket = flow_log["LogDestination"].rpartition(":::")[2].partition("/")[0]
        return None if bucket in s3._buckets else "Access error"
    if flow_log["LogDestinationType"] == "cloud-watch-logs":
        return None if _log_group(flow_log) in cloudwatch_logs._log_groups else "Access error"
    return None


def _log_group(flow_log: dict[str, Any]) -> str:
    destination = flow_log.get("LogGroupName") or flow_log["LogDestination"]
    return str(destination.rpartition(":log-group:")[2].removesuffix(":*"))


def _describe_flow_logs(params: Any) -> Any:
    ids = ec2._parse_member_list(params, "FlowLogId")
    filters = ec2._parse_filters(params)
    items = "".join(
        _item(one)
        for one in ec2._flow_logs.values()
        if (not ids or one["FlowLogId"] in ids)
        and ec2._resource_matches_tag_filters(one["FlowLogId"], filters)
        and _selected(one, filters)
    )
    return ec2._xml(200, "DescribeFlowLogsResponse", f"<flowLogSet>{items}</flowLogSet>")


_FILTERED_BY = {
    "resource-id": "ResourceId",
    "flow-log-id": "FlowLogId",
    "log-destination-type": "LogDestinationType",
    "traffic-type": "TrafficType",
    "log-group-name": "LogGroupName",
}


def _selected(flow_log: dict[str, Any], filters: dict[str, list[str]]) -> bool:
    status = "FAILED" if delivery_problem(flow_log) else "SUCCESS"
    if filters.get("deliver-log-status") and status not in filters["deliver-log-status"]:
        return False
    return all(not filters.get(name) or flow_log.get(member) in filters[name] for name, member in _FILTERED_BY.items())


def _item(flow_log: dict[str, Any]) -> str:
    problem = delivery_problem(flow_log)
    of_logs = flow_log["LogDestinationType"] == "cloud-watch-logs"
    members = {
        "flowLogId": flow_log["FlowLogId"],
        "resourceId": flow_log["ResourceId"],
        "trafficType": flow_log["TrafficType"],
        "logDestinationType": flow_log["LogDestinationType"],
        "logDestination": flow_log.get("LogDestination"),
        "logGroupName": _log_group(flow_log) if of_logs else None,
        "deliverLogsStatus": "FAILED" if problem else "SUCCESS",
        "deliverLogsErrorMessage": problem,
        "deliverLogsPermissionArn": flow_log.get("DeliverLogsPermissionArn"),
        "flowLogStatus": flow_log["FlowLogStatus"],
        "logFormat": flow_log.get("LogFormat", DEFAULT_FORMAT),
        "maxAggregationInterval": flow_log.get("MaxAggregationInterval", _DEFAULT_AGGREGATION_SECONDS),
        "creationTime": flow_log["CreationTime"],
    }
    written = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in members.items() if value)
    return f"<item>{written}{ec2._tag_set_xml(flow_log['FlowLogId'])}</item>"
