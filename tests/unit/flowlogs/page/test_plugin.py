"""Every Airflow process imports the plugin: it must cost next to nothing."""

import subprocess
import sys

from tests.conftest import ROOT

IMPORT = """
import sys, types
airflow, manager, configuration = (types.ModuleType(f"airflow{name}") for name in ("", ".plugins_manager", ".configuration"))
manager.AirflowPlugin = type("AirflowPlugin", (), {})
configuration.conf = types.SimpleNamespace(get=lambda *_, **__: sys.argv[1])
sys.modules.update({module.__name__: module for module in (airflow, manager, configuration)})
import flowlogs_plugin
print(*sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names))
view, = flowlogs_plugin.FlowLogsPlugin.external_views
app, = flowlogs_plugin.FlowLogsPlugin.fastapi_apps
print(view["href"], app["url_prefix"], callable(app["app"]))
"""


def imported_and_seen_at(base_url: str) -> list[str]:
    found = subprocess.run(
        [sys.executable, "-S", "-c", IMPORT, base_url], env={"PYTHONPATH": str(ROOT / "plugins")}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return found.stdout.splitlines()


def test_importing_the_plugin_imports_nothing_but_itself():
    imported, seen = imported_and_seen_at("")
    assert set(imported.split()) <= {"airflow", "flowlogs", "flowlogs_plugin", "__main__", "__mp_main__"}
    assert seen == "/flowlogs/ /flowlogs True"


def test_an_airflow_below_a_path_shows_the_page_there():
    assert imported_and_seen_at("https://example.com/airflow/")[1] == "/airflow/flowlogs/ /flowlogs True"
