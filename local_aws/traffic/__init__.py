"""Flow log files as AWS delivers them, with believable traffic and known answers.

    plan = TrafficPlan(days=(date(2026, 11, 20),), targets=each_target(["111122223333"], ["us-east-1", "eu-west-1"]))
    manifest = write_traffic(plan, FolderSink(Path("logs")))

On the command line: `python -m local_aws.traffic --help`.
"""

from .manifest import DayTotals, DefectiveFile, LateFile, Manifest
from .plan import Target, TrafficPlan, each_target
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
    "each_target",
    "write_traffic",
]
