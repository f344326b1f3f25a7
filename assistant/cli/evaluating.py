"""`assistant eval`: how good the answers are on one's own articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from assistant.cli.application import app, examples
from assistant.cli.options import AsJson, DataDir, opened, settings_of
from assistant.cli.output import complain, console, print_json, say

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.evaluation import EvaluationQuestion, Row, Summary


@app.command(
    name="eval",
    epilog=examples(
        "assistant eval questions.jsonl --html report.html", "assistant eval --generate 50 > questions.jsonl"
    ),
)
def evaluate(
    questions: Annotated[
        Path | None,
        typer.Argument(
            metavar="QUESTIONS.jsonl", dir_okay=False, help="One question a line.", show_default=False
        ),
    ] = None,
    generate: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10_000,
            metavar="NUMBER",
            help="Propose so many questions from the articles, and ask none.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Another seed proposes others.")] = 0,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Write a report to this file, too.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval, answers, citations and abstentions with questions of your own.

    A line is a JSON object: "question", and "answers", "evidence" (sentences of the articles), "article" or
    "answerable": false. With --generate, lines are printed that can be read again: easy questions in the
    articles' own words, to be corrected by hand.
    """
    from assistant import evaluation

    if (questions is None) == (generate is None):
        raise typer.BadParameter("give either a file of questions or --generate")
    asked = evaluation.load(questions) if questions else []
    with opened(settings_of(data_dir)) as assistant:
        if generate:
            _print_generated(evaluation.generate(assistant, generate, seed=seed), generate)
            return
        rows = list(_with_progress(assistant, asked))
    summary = evaluation.summarise(rows)
    if html:
        _write_report(html, summary, rows)
    if as_json:
        print_json(summary.to_dict())
    else:
        _print_summary(summary)


def _with_progress(assistant: Assistant, questions: Sequence[EvaluationQuestion]) -> Iterable[Row]:
    from rich.progress import track

    from assistant import evaluation

    rows = evaluation.measure(assistant, questions)
    out = Console(stderr=True)
    return track(rows, "Asking", len(questions), console=out, transient=True, disable=not out.is_terminal)


def _print_generated(questions: Iterator[EvaluationQuestion], wanted: int) -> None:
    from assistant.evaluation import to_line

    count = 0
    for count, question in enumerate(questions, 1):  # noqa: B007 - counted
        typer.echo(to_line(question))
    if count < wanted:
        complain(f"No more than {count} questions can be made of these articles.")


def _write_report(path: Path, summary: Summary, rows: Sequence[Row]) -> None:
    from assistant.ui.render.evaluation import report

    path.write_text(report(summary, rows, day=date.today()), encoding="utf-8")
    complain(f"The report is in {path}.")


def _print_summary(summary: Summary) -> None:
    from rich.table import Table

    table = Table("", "", "95 % interval", "of", box=None, header_style="dim")
    for share in [*summary.shares.values(), *summary.by_category.values()]:
        if share.value is None:
            continue
        table.add_row(
            share.name, f"{share.value:.3f}", f"{share.low:.3f} to {share.high:.3f}", f"{share.count:,}"
        )
    console().print(table)
    say(f"{summary.questions:,} questions, {summary.seconds:.2f} s each in the median.")
    if summary.generated:
        say(f"{summary.generated:,} of them were generated: easy, in the articles' own words.")
