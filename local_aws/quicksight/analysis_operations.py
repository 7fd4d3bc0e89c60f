"""Analyses."""

from __future__ import annotations

import time
from typing import Any

from local_aws.aws_json import Caller
from local_aws.quicksight.errors import conflict, invalid_value
from local_aws.quicksight.resources import ANALYSIS, is_in_progress, page, status_of
from local_aws.quicksight.versions import Versions, sheets_of

DAY_SECONDS = 86_400


class AnalysisOperations(Versions):
    """Operations on analyses: each has one definition, no versions."""

    def create_analysis(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateAnalysis."""
        body = self.version_body(caller, params, "CREATION")
        document = {
            "AnalysisId": params["AnalysisId"],
            "Name": params["Name"],
            "Body": body,
            **self.filed(caller, params),
        }
        analysis = self.library.create(caller, ANALYSIS, params["AnalysisId"], document)
        self.put_into_folders(caller, ANALYSIS, params["AnalysisId"], params)
        return {"Status": 202, "CreationStatus": "CREATION_IN_PROGRESS", **_ids(analysis)}

    def update_analysis(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateAnalysis."""
        analysis = self._analysis(caller, params)
        if is_in_progress(analysis["Body"]["State"]):
            raise conflict(f"analysis {params['AnalysisId']} is being created or updated")
        analysis |= {"Name": params["Name"], "Body": self.version_body(caller, params, "UPDATE")}
        self.library.save(caller, ANALYSIS, params["AnalysisId"], analysis)
        return {"Status": 202, "UpdateStatus": "UPDATE_IN_PROGRESS", **_ids(analysis)}

    def describe_analysis(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeAnalysis."""
        return {"Analysis": _shown(self.library.get(caller, ANALYSIS, params["AnalysisId"]))}

    def describe_analysis_definition(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeAnalysisDefinition."""
        shown = _shown(self.library.get(caller, ANALYSIS, params["AnalysisId"]))
        status = shown.pop("Status")  # in the answer, Status is that of HTTP
        return {**shown, "ResourceStatus": status, "Definition": shown["Body"]["Definition"]}

    def list_analyses(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListAnalyses."""
        shown, following = page(params, self.library.all(caller, ANALYSIS), _shown)
        return {"AnalysisSummaryList": shown, "NextToken": following}

    def delete_analysis(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteAnalysis: at once when forced, otherwise marked as DELETED for a time in which it can be restored."""
        analysis = self._analysis(caller, params)
        if params.get("ForceDeleteWithoutRecovery"):
            if "RecoveryWindowInDays" in params:
                raise invalid_value("RecoveryWindowInDays and ForceDeleteWithoutRecovery exclude each other")
            self.remove(caller, ANALYSIS, params["AnalysisId"])
            return _ids(analysis)
        analysis["DeletionTime"] = time.time() + DAY_SECONDS * params.get("RecoveryWindowInDays", 30)
        self.library.save(caller, ANALYSIS, params["AnalysisId"], analysis)
        return {**_ids(analysis), "DeletionTime": analysis["DeletionTime"]}

    def restore_analysis(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """RestoreAnalysis of one that was deleted with a recovery window."""
        analysis = self.library.get(caller, ANALYSIS, params["AnalysisId"])
        if analysis.pop("DeletionTime", None) is None:
            raise conflict(f"analysis {params['AnalysisId']} is not deleted")
        self.library.save(caller, ANALYSIS, params["AnalysisId"], analysis)
        return _ids(analysis)

    def describe_analysis_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeAnalysisPermissions."""
        return _permissions(self.library.get(caller, ANALYSIS, params["AnalysisId"]))

    def update_analysis_permissions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateAnalysisPermissions."""
        return _permissions(self.change_permissions(caller, ANALYSIS, params["AnalysisId"], params))

    def _analysis(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        analysis = self.library.get(caller, ANALYSIS, params["AnalysisId"])
        if "DeletionTime" in analysis:
            raise conflict(f"analysis {params['AnalysisId']} is deleted; RestoreAnalysis brings it back")
        return analysis


def _ids(analysis: dict[str, Any]) -> dict[str, Any]:
    return {"Arn": analysis["Arn"], "AnalysisId": analysis["AnalysisId"]}


def _permissions(analysis: dict[str, Any]) -> dict[str, Any]:
    return {
        "AnalysisId": analysis["AnalysisId"],
        "AnalysisArn": analysis["Arn"],
        "Permissions": analysis["Permissions"],
    }


def _shown(analysis: dict[str, Any]) -> dict[str, Any]:
    body = analysis["Body"]
    return {
        **analysis,
        "Status": "DELETED" if "DeletionTime" in analysis else status_of(body["State"]),
        "Errors": body["State"].get("errors"),
        "DataSetArns": body["DataSetArns"],
        "ThemeArn": body.get("ThemeArn"),
        "Sheets": sheets_of(body["Definition"]),
    }
