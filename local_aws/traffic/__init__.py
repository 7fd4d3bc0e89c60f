"""Flow log files as AWS delivers them, with believable traffic and known answers.

    plan = TrafficPlan(days=(date(2026, 11, 20),), accounts=("111122223333",))
    manifest = write_traffic(plan, FolderSink(Path("logs")))

On the command line: `python -m local_aws.traffic --help`.
"""

from .manifest import DayTotals, DefectiveFile, LateFile, Manifest, manifest_json
from .plan import Target, TrafficPlan, sample_plans
from .sinks import FolderSink, S3Sink
from .write import write_traffic

__all__ = [
    "DayTotals",
    "DefectiveFile",
    "FolderSink",
    "LateFile",
    "Manifest",
    "S3Sink",
    "Target",
    "TrafficPlan",
    "manifest_json",
    "sample_plans",
    "write_traffic",
]
