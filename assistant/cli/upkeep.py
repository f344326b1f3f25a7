"""`assistant verify`, `rebuild` and `doctor`: the health of the corpus, and of all that an answer needs."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from assistant.cli.application import app, examples
from assistant.cli.options import AsJson, DataDir, opened, settings_of
from assistant.cli.output import print_json, say
from assistant.cli.printing import print_report, print_verify_report
from assistant.cli.progress import progress_bar


@app.command(epilog=examples("assistant verify", "assistant verify --repair"))
def verify(
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild what is damaged.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check that no article is lost, changed, doubled or half there; the exit code is 1 if one is."""
    with opened(settings_of(data_dir)) as assistant, progress_bar("Checking") as on_progress:
        report = assistant.verify(repair=repair, on_progress=on_progress)
    if as_json:
        print_json(report.to_dict())
    else:
        print_verify_report(report)
    if not report.is_healthy:
        raise typer.Exit(1)


@app.command(
    epilog=examples("assistant rebuild", "ASSISTANT_CHUNKING_MAX_PASSAGE_CHARS=800 assistant rebuild")
)
def rebuild(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Cut and embed every article anew, with the settings as they are now."""
    from assistant.assistant import Assistant

    with progress_bar("Rebuilding") as on_progress:
        report = Assistant.rebuild(settings=settings_of(data_dir), on_progress=on_progress)
    print_report(report, as_json=as_json)


@app.command(epilog=examples("assistant doctor", "assistant doctor --offline --json"))
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the chat model anything.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check settings, model files, data folder and chat model; say what is wrong and what to do.

    A chat model is asked one short question. The exit code is 1 if something is wrong.
    """
    from assistant.doctor import examine

    settings = settings_of(data_dir)
    findings = []
    for finding in examine(settings, is_asking=not offline):
        findings.append(finding)
        if not as_json:
            mark = Text("ok     ", style="green") if finding.is_well else Text("wrong  ", style="red")
            say(mark + Text(f"{finding.part}: {finding.message}"))
            if finding.hint:
                say(finding.hint, indent=7, style="dim")
    if as_json:
        print_json([finding.to_dict() for finding in findings])
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)
