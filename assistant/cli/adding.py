"""`assistant add`: articles from files and folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.application import app, examples
from assistant.cli.options import AsJson, DataDir, opened, settings_of
from assistant.cli.printing import print_report
from assistant.cli.progress import progress_bar
from assistant.types import IngestReport

if TYPE_CHECKING:
    from assistant.assistant import Assistant


@app.command(epilog=examples("assistant add report.txt news/", "assistant add export.jsonl --json"))
def add(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Files and folders.", exists=True, show_default=False),
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Add articles from files and folders.

    Unchanged articles cost nothing and changed ones are replaced. A folder is synced: articles whose file has
    gone are removed. What cannot be read is listed with its reason and stops nothing; the exit code is 1 only
    if something failed and nothing is in.
    """
    with opened(settings_of(data_dir), must_exist=False) as assistant:
        report = sum((add_path(assistant, path) for path in paths), IngestReport())
    print_report(report, as_json=as_json)
    is_in = report.added or report.updated or report.unchanged
    if report.failed and not is_in:
        raise typer.Exit(1)


def add_path(assistant: Assistant, path: Path, name: str = "") -> IngestReport:
    """Add a file or folder, showing how far it is."""
    with progress_bar(f"Adding {path.name or path}") as on_progress:
        return assistant.add(path, name=name, on_progress=on_progress)
