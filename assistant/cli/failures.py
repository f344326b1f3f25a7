"""`assistant failures` and `retry`: what could not be added, and trying it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant.cli.application import app, examples
from assistant.cli.options import AsJson, DataDir, opened, settings_of
from assistant.cli.output import print_json, say
from assistant.cli.printing import print_report
from assistant.cli.progress import progress_bar
from assistant.cli.stopping import STOPPED, stoppable

if TYPE_CHECKING:
    from assistant.types import RememberedFailure


@app.command(epilog=examples("assistant failures", "assistant failures --json"))
def failures(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List what could not be added and is not mended yet, with the reason and what can be done."""
    with opened(settings_of(data_dir), is_brief=True) as assistant:
        found = assistant.failures()
    if as_json:
        print_json([one.to_dict() for one in found])
        return
    for one in found:
        _print_failure(one)
    if not found:
        say("Nothing has failed that is not mended.")


@app.command(epilog=examples("assistant retry", "assistant retry --json"))
def retry(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Add once more what failed; what succeeds now is no longer listed by `assistant failures`.

    The exit code is 1 if nothing of it could be added.
    """
    with (
        opened(settings_of(data_dir)) as assistant,
        stoppable() as stop,
        progress_bar("Trying again") as on_progress,
    ):
        report = assistant.retry(on_progress=on_progress, cancelled=stop.is_set)
    print_report(report, as_json=as_json)
    if report.is_cancelled:
        raise typer.Exit(STOPPED)
    if report.failed and not (report.added or report.updated or report.unchanged):
        raise typer.Exit(1)


def _print_failure(one: RememberedFailure) -> None:
    say(f"{one.failure.name}: {one.failure.reason}")
    if one.failure.hint:
        say(one.failure.hint, indent=2, style="dim")
    where = f"in {one.origin}, " if one.origin and Path(one.origin).name != one.failure.name else ""
    say(f"{where}{one.at}", indent=2, style="dim")
