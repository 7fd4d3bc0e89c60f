"""What an error of the pipeline means to the person on call, and what to do; `docs/operating.md` has more of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Remedy:
    """A kind of error, the words by which it is known, and the way out."""

    kind: str
    """Its heading in the runbook."""
    pattern: re.Pattern[str]
    advice: str
    """For the message; it ends with where the runbook has more."""


def _remedy(kind: str, pattern: str, advice: str) -> Remedy:
    # A heading's anchor, as GitHub and most readers of Markdown make it.
    anchor = re.sub(r"[^a-z -]", "", kind.lower()).replace(" ", "-")
    more = f"The runbook has more: docs/operating.md#{anchor}."
    return Remedy(kind, re.compile(pattern, re.IGNORECASE | re.DOTALL), f"{advice} {more}")


REMEDIES: Final = (
    _remedy(
        "the drill",
        r"cloudwatch has no alarm|no drill has begun|the drill",
        "The fire drill could not be made, or its message did not arrive everywhere: the error names the alarms there are, "
        "or the subscribers that got nothing. Mend that (docs/alarms.md), then run alarm_drill again.",
    ),
    _remedy(
        "the dashboard's refresh",
        # Not the names of operations such as CreateIngestion, which may be denied or throttled as any other.
        r"\bspice\b|\bingestion \S+(,| was| is gone| failed| dropped)|refreshes of 24 hours|refreshes today|data set",
        "A data set was not brought into the dashboard; the error says why and what to do (docs/quicksight-refresh.md). Then "
        "clear the failed task, or trigger quicksight_refresh: it reads every day that is missing.",
    ),
    _remedy(
        "the search export",
        r"searcherror|\bthe cluster (lacks|refused|does not answer)|was not put in place|connection search\w*:",
        "A day was not brought into the search cluster, which shows it as it was before; the error says why (docs/search.md). "
        "When that is mended, clear the run of search_export, or trigger it with the day.",
    ),
    _remedy(
        "access denied",
        r"access ?denied|not authorized|unauthorizedoperation|forbidden|\b403\b|insufficient (lake formation )?permission|"
        r"closed to the role",
        "Airflow's role lacks a permission. Compare it with include/iam/airflow_role.json, and for flow_logs_setup "
        "airflow_setup.json (docs/permissions.md says who needs what), mend it, then clear the failed task.",
    ),
    _remedy(
        "credentials",
        r"unable to locate credentials|nocredentials|expiredtoken|invalidclienttokenid|invalidaccesskeyid|unrecognizedclient|"
        r"signaturedoesnotmatch|security token .* (invalid|expired)|"
        r"conn(ection|_id).* (isn't|is not) defined",
        "Airflow has no valid credentials: check the connection that the error names, or else the one that the setting "
        "aws.conn_id names, then clear the failed task.",
    ),
    _remedy(
        "throttled",
        r"throttl|too ?many ?requests|rate exceeded|slow ?down|limit ?exceeded|serviceunavailable|internal ?(server|service)? ?error",
        "AWS refused for now, longer than all tries took. Clear the failed task later; if it comes again, lower "
        "schedule.max_active_days or ask AWS for a higher quota.",
    ),
    _remedy(
        "scan limit",
        r"bytes scanned limit|scan(ned)? .*(limit|cutoff)",
        "The query would read more than athena.bytes_scanned_cutoff. If the day is that large, raise the setting, run "
        "flow_logs_setup, and clear the failed task.",
    ),
    _remedy(
        "logs are missing",
        r"\d of \d+ targets complete|incomplete|is not complete|did not arrive|no files? (came|arrived)|missing flow logs?",
        "Logs of the named targets did not arrive. Look whether their flow logs are active and may write to the bucket. "
        "When the files are there, run the day again; to go on without them, set arrival.on_timeout to continue.",
    ),
    _remedy(
        "rows do not add up",
        r"rows in the files, .* curated|flows in the summary",
        "Rows of the files are missing in what was curated, so nothing was published; readers see the day as it was. Files "
        "may have come meanwhile: clear the run from wait_for_logs. If it stays, look at the named target's files.",
    ),
    _remedy(
        "limits of the checks",
        r"breaks limits of the settings",
        "The day's records break a limit of the section checks. Look at the report's gaps and quarantine and at the files it "
        "names; raise the limit if that is how your logs are, then clear the failed task.",
    ),
    _remedy(
        "partitions are wrong",
        r"partitions? of \w+ (are|stay) wrong",
        "Partitions do not stand at their targets' folders. Run the day again with the parameter repair.",
    ),
    _remedy(
        "table or column is missing",
        r"table[_ ]not[_ ]found|schema[_ ]not[_ ]found|column_not_found|does not exist|entitynotfound|cannot be resolved",
        "A table, column or bucket is not there. Run flow_logs_setup, which makes and mends tables (buckets are yours to "
        "make), then clear the failed task.",
    ),
    _remedy(
        "bad SQL",
        r"syntax_error|type_mismatch|function_not_found|invalid_function_argument|user error|error type 2\b|"
        r"error category 2|parseexception|semanticexception|mismatched input|"
        r"template(syntax|assertion)error|template(s)?notfound|undefinederror",
        "Athena does not take the statement, and no retry mends that. Its text is in the task's Rendered Templates; if you "
        "changed a file in include/sql/, that is the place.",
    ),
    _remedy(
        "settings",
        r"settingserror|setting .* is|flowlogs\.yaml",
        "The settings are wrong; the error names file, key, value and the way out. Mend them and clear the failed task.",
    ),
    _remedy(
        "the worker was lost",
        r"process vanished|heartbeat|zombie|killed|sigterm|sigkill|negsignal|executor reported",
        "The task's process vanished: a worker was stopped, or had no memory left. Clear the failed task; whatever was half "
        "done is not visible to readers.",
    ),
    _remedy(
        "took too long",
        r"timed?[ _]?out|timeout|airflowtasktimeout|deadline",
        "It took longer than allowed. Look at the log for what it waited for, then clear the failed task.",
    ),
    _remedy(
        "no error was left",
        # What is judged here is the reason of a run whose tasks left no note (`callbacks.tell_of_failed_run`, the watchdog).
        r"^task_failure$|no task says why|its callback was lost",
        "A task failed and could not leave its error, mostly because its worker has no valid credentials or may not write "
        "to the lake. The task's log has the error; look for it in the run, mend it, then clear the failed task.",
    ),
)
"""The first whose words are in the error holds."""

UNKNOWN: Final = _remedy(
    "unknown",
    "",
    "Read the task's log. Every task can be cleared and run again at any time: what is half done is not visible to readers.",
)


def remedy_of(error: str) -> Remedy:
    """What to do about an error, judged by its words."""
    return next((remedy for remedy in REMEDIES if remedy.pattern.search(error)), UNKNOWN)
