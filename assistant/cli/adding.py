"""`assistant add`: articles from files, folders and the web."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.application import app, examples
from assistant.cli.options import AsJson, DataDir, Fields, Ignore, Limit, Since, day_of, opened, settings_of
from assistant.cli.printing import print_report
from assistant.cli.progress import progress_bar
from assistant.cli.stopping import STOPPED, stoppable
from assistant.types import Cancelled, IngestReport, never

if TYPE_CHECKING:
    from assistant.assistant import Assistant


@app.command(
    epilog=examples(
        "assistant add report.txt news/",
        "assistant add export.csv --field text=story --field title=head",
        "assistant add https://example.org/feed.xml --limit 20 --since 2026-01-31",
    )
)
def add(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH|URL",
            help="Files and folders; addresses of pages, feeds and sitemaps.",
            show_default=False,
        ),
    ],
    limit: Limit = None,
    since: Since = None,
    ignore: Ignore = None,
    field: Fields = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Add articles from files, folders and the web.

    Files may be PDF, Word, PowerPoint, Excel, OpenDocument, EPUB, RTF, HTML, Markdown, plain text, CSV, JSON,
    JSON Lines, feeds, e-mails, saved pages and notebooks, whatever their names.

    Unchanged articles cost nothing and changed ones are replaced. A folder is synced: articles whose file has
    gone are removed. What cannot be read is listed with its reason and stops nothing; the exit code is 1 only
    if something failed and nothing is in. Ctrl-C keeps what is done, and the same command goes on from there.
    """
    places = [_existing(place) for place in what]
    report = IngestReport()
    settings = settings_of(data_dir, ignore=ignore, fields=field)
    with opened(settings, must_exist=False) as assistant, stoppable() as stop:
        for place in places:
            if not report.is_cancelled:
                report += add_path(assistant, place, limit=limit, since=day_of(since), cancelled=stop.is_set)
    print_report(report, as_json=as_json)
    if report.is_cancelled:
        raise typer.Exit(STOPPED)
    is_in = report.added or report.updated or report.unchanged
    if report.failed and not is_in:
        raise typer.Exit(1)


def add_path(
    assistant: Assistant,
    place: Path | str,
    name: str = "",
    *,
    limit: int | None = None,
    since: date | None = None,
    cancelled: Cancelled = never,
) -> IngestReport:
    """Add a file, a folder or an address, showing how far it is."""
    label = (place.name or str(place)) if isinstance(place, Path) else place
    with progress_bar(f"Adding {label}") as on_progress:
        return assistant.add(
            place, name=name, limit=limit, since=since, on_progress=on_progress, cancelled=cancelled
        )


def _existing(place: str) -> Path | str:
    """A place to add from: an address as it is, or a path that exists."""
    from assistant.sources import is_address, without_password

    if is_address(place):
        return place
    if not place.strip():  # such as a variable of the shell that is not set; it would mean the working folder
        raise typer.BadParameter(
            "The path is empty; '.' is the folder you are in.", param_hint="'PATH|URL...'"
        )
    path = Path(place)
    try:
        exists = path.exists()
    except (OSError, ValueError):  # such as a name that is too long
        exists = False
    if not exists and re.match(r"[a-z][a-z0-9+.-]*://", place, re.IGNORECASE):
        raise typer.BadParameter(
            f"'{without_password(place)}': only http and https addresses can be added.",
            param_hint="'PATH|URL...'",
        )
    if not exists:
        raise typer.BadParameter(f"Path '{place}' does not exist.", param_hint="'PATH|URL...'")
    return path
