"""The assistant in a browser: brings in the articles of `corpus/`, then serves the page. See `make run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from assistant import Assistant, AssistantError, IngestReport
from assistant.server import serve
from assistant.settings import load

CORPUS = Path(__file__).resolve().parent / "corpus"


def main(
    port: Annotated[int | None, typer.Option(help="Port of the page; 0 takes a free one.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the index.")] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the page in a browser.")] = False,
) -> None:
    """Bring in the articles of the corpus folder, then serve the page until Ctrl-C."""
    console = Console()
    try:
        settings = load({"data_dir": data_dir, "server": {"port": port}})
        with Assistant.open(settings=settings) as assistant:
            if CORPUS.is_dir():
                describe(sync(assistant, console), console)
            serve(assistant, settings, open_browser=not no_open)
    except AssistantError as exc:
        Console(stderr=True).print(f"{exc}\n{exc.hint}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from exc
    except KeyboardInterrupt:
        console.print("Stopped.")


def sync(assistant: Assistant, console: Console) -> IngestReport:
    """Bring the corpus in line with its folder, with a bar on the terminal.

    The folder is known by name, not by its place, so that a clone can move without its articles coming twice.
    """
    columns = (TextColumn("Reading the corpus"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        return assistant.add(
            CORPUS,
            name=CORPUS.name,
            on_progress=lambda at: bar.update(task, completed=at.done, total=at.total),
        )


def describe(report: IngestReport, console: Console) -> None:
    """Say what came of it, and of each file that could not be read why."""
    counts = (
        (len(report.added), "added"),
        (len(report.updated), "updated"),
        (len(report.unchanged), "unchanged"),
        (len(report.removed), "removed"),
        (len(report.failed), "failed"),
    )
    said = ", ".join(f"{number} {what}" for number, what in counts if number) or "no articles"
    console.print(f"{CORPUS.name}/: {said} in {report.seconds:.1f} s", markup=False, highlight=False)
    for failure in report.failed:
        console.print(f"  {failure.name}: {failure.reason} {failure.hint}", markup=False, highlight=False)


if __name__ == "__main__":
    typer.run(main)
