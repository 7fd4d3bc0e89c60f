"""Where a report's files stand, and the address that people are sent."""

from __future__ import annotations

from flowlogs.report_files import ReportFiles, told_key
from flowlogs.reports.period import Period
from flowlogs.settings import Settings
from tests.unit.flowlogs.smallest_settings import section

DAY = Period.of_key("daily", "2026-11-05")


def settings(**changes) -> Settings:
    return Settings.model_validate(section(lake={"bucket": "lake", "prefix": "flow/"}, **changes))


def test_a_report_s_page_and_summary_have_one_place_for_all_runs_of_its_day():
    files = ReportFiles(settings(), DAY)
    assert files.page_key() == "flow/reports/rejected_traffic/daily/dt=2026-11-05/index.html"
    assert files.summary_key() == "flow/reports/rejected_traffic/daily/dt=2026-11-05/summary.json"
    assert files.summary_before_key() == "flow/reports/rejected_traffic/daily/dt=2026-11-04/summary.json"


def test_each_try_of_each_run_has_a_folder_of_its_own():
    files = ReportFiles(settings(), DAY)
    folders = {files.run_folder(run, number) for run in ("manual__1", "manual__2") for number in (1, 2)}
    assert len(folders) == 4
    assert not any(folder.startswith("/") for folder in folders)


def test_a_run_of_some_sections_writes_beside_the_report_and_is_compared_with_the_whole_one():
    whole, some = ReportFiles(settings(), DAY), ReportFiles(settings(), DAY, whole=False)
    assert some.folder() == f"{whole.folder()}some_sections/"
    assert some.summary_before_key() == whole.summary_before_key()
    assert told_key(some.folder(), "SNS") != told_key(whole.folder(), "SNS") != told_key(whole.folder(), "Slack")


def test_the_page_s_address_is_below_the_base_url_or_in_the_console():
    at_home = ReportFiles(settings(reports={"base_url": "https://reports.example.com/"}), DAY).page_url()
    assert at_home == "https://reports.example.com/flow/reports/rejected_traffic/daily/dt=2026-11-05/index.html"
    assert "console.aws.amazon.com/s3/object/lake" in ReportFiles(settings(), DAY).page_url()
