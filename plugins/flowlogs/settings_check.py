"""Says whether the settings are valid, before they are deployed.

    PYTHONPATH=plugins python -m flowlogs.settings_check [file]

Prints what the settings amount to and exits with 0, or every problem and exits with 1. The Airflow Variable is not
looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from flowlogs.settings import SettingsError, Source, load_settings, settings_file


def main(arguments: Sequence[str]) -> int:
    """Check the file that is named, or the one in force; the exit status."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print(__doc__)
        return 2
    file = Path(arguments[0]) if arguments else settings_file()
    try:
        settings = load_settings(file)
    except SettingsError as error:
        print(error)
        return 1
    print(f"{file}: valid, environment {settings.environment!r}")
    for source in settings.sources:
        count = len(source.targets())
        print(
            f"  {source.name}: {count} target{'' if count == 1 else 's'}, {_records(source)} at {source.table_location}"
        )
    return 0


def _records(source: Source) -> str:
    return f"version-{source.record_version} {source.file_format} in the table {source.table}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
