"""`assistant watch`: a folder that is followed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.application import app, examples
from assistant.cli.options import DataDir, opened, settings_of
from assistant.cli.output import complain, print_json_line
from assistant.cli.printing import print_report
from assistant.cli.stopping import stoppable
from assistant.types import IngestReport


@app.command(epilog=examples("assistant watch news/", "assistant watch news/ --json"))
def watch(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="The folder.", exists=True, file_okay=False, show_default=False
        ),
    ],
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each report as a line of JSON.")] = False,
) -> None:
    """Follow a folder until Ctrl-C: what is added, changed, renamed or deleted in it.

    Other programs may write to the corpus meanwhile. While the folder is not there, its articles stay as they
    are.
    """
    from assistant.watching import Watcher

    def on_report(report: IngestReport) -> None:
        if as_json:
            print_json_line(report.to_dict())
        else:
            print_report(report, as_json=False)

    with (
        opened(settings_of(data_dir), must_exist=False) as assistant,
        stoppable("\nStopping. What is done is kept.\n") as stop,
    ):
        watcher = Watcher(assistant, folder, on_report=on_report, on_problem=complain)
        complain(f"Watching {folder}; Ctrl-C ends it.")
        watcher.run(stop)
