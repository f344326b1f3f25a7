"""Articles, hits, answers and reports as text for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from rich.text import Text

from assistant.cli.output import console, print_json, say
from assistant.types import (
    BY_HAND,
    Answer,
    Article,
    Citation,
    Hit,
    IngestReport,
    VerifyReport,
    alike,
    article_fields,
)

ID_CHARS = 10  # of an article's id, enough to tell a hundred thousand articles apart
OUTCOMES = (
    "added",
    "updated",
    "unchanged",
    "removed",
    "failed",
)  # of an article, as `IngestReport` names them


def article_dict(article: Article) -> dict[str, Any]:
    """What is known of an article, without its text."""
    return {"id": article.id, "version": article.version, **article_fields(article), "folder": article.root}


def edited_fields(article: Article) -> list[str]:
    """Which fields of an article were corrected by hand."""
    return [field for field, where in article.origins if where == BY_HAND]


def print_table(articles: Sequence[Article]) -> None:
    """Print articles, a line each."""
    from rich.table import Table

    table = Table("id", "published", "title", "source", box=None, pad_edge=False, header_style="bold")
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    table.columns[2].overflow = "fold"
    names = Counter(article.name for article in articles)
    for article in articles:
        day = article.published.isoformat() if article.published else ""
        name = Text(article.name)
        if names[article.name] > 1 and article.path:  # such as one path in two folders
            name += Text(f" ({PurePosixPath(article.root, article.path)})", style="dim")
        table.add_row(article.id[:ID_CHARS], day, name, Text(article.source))
    console().print(table)


def print_article(article: Article, *, with_text: bool = True) -> None:
    """Print what is known of an article, and its text."""
    say(article.name, style="bold")
    fields = {"id": article.id} | {
        key: value for key, value in article_fields(article).items() if key != "title"
    }
    fields["folder"] = article.root
    for name, value in fields.items():
        if value:
            say(f"{name}: {value}", style="dim")
    if by_hand := edited_fields(article):
        say(f"{BY_HAND}: {', '.join(by_hand)}", style="dim")
    if with_text:
        say(f"\n{article.text}")


def print_hits(hits: Iterable[Hit]) -> None:
    """Print passages with their scores."""
    for hit in hits:
        say(Text(f"{hit.score:.2f}  ", style="cyan") + _heading(hit.article))
        say(hit.passage.text.strip(), indent=6)
        if hit.also_in:
            say(
                "also in " + ", ".join(other.source or other.name for other in hit.also_in),
                indent=6,
                style="dim",
            )


def _heading(article: Article) -> Text:
    day = article.published.isoformat() if article.published else ""
    known = ", ".join(part for part in (article.source, day) if part)
    return Text(article.name, style="bold") + Text(f" ({known})" if known else "")


def print_answer(answer: Answer) -> None:
    """Print an answer with its numbered sources."""
    from assistant.answering.abstention import odds
    from assistant.answering.citations import short_answer_span

    text = Text(answer.text)
    text.highlight_words([f"[{citation.marker}]" for citation in answer.citations], "cyan")
    for style, is_unconfirmed in (("dim strike", False), ("dim", True)):
        doubted = [s for s in answer.sentences if not s.is_supported and s.is_unconfirmed is is_unconfirmed]
        text.highlight_words([s.text for s in doubted], style)
    if span := short_answer_span(answer):
        text.stylize("bold", *span)
    say(text)
    if answer.note:
        say(f"\n{answer.note}", style="italic")
    _print_generation(answer)
    say("\nSources", style="bold")
    for citation in answer.citations:
        _print_citation(citation)
    if answer.confidence:
        say(Text(f"\n{answer.confidence.capitalize()}", style="bold") + Text(f": {odds(answer.score)}."))
    _print_period(answer)


def _print_period(answer: Answer) -> None:
    if answer.filters:
        say(f"\nFilters: {answer.asked_of}.", style="dim")
    if answer.period:
        say(f"\nPreferred {answer.period.describe()}; --any-date ignores it.", style="dim")


def _print_generation(answer: Answer) -> None:
    """What a chat model had to do with an answer, and which of its sentences nothing supports."""
    from assistant.answering.telling import generation_notes, written_by

    for note in generation_notes(answer):
        say(f"\n{note}", style="italic")
    for sentence in answer.sentences:
        if sentence.doubt:
            say(f"\n{sentence.text} ({sentence.doubt})", style="dim")
    if said := written_by(answer):
        say(f"\n{said[:1].upper()}{said[1:]}.")


def _print_citation(citation: Citation) -> None:
    say(Text(f"[{citation.marker}] ", style="cyan") + _heading(citation.article))
    say(citation.text, indent=4)
    if citation.details:
        say(citation.details, indent=4, style="dim")


def print_abstention(answer: Answer) -> None:
    """Print why there is no answer, and what came close."""
    from assistant.answering.telling import nearest

    assert answer.abstention
    say(answer.abstention.message, style="yellow")
    if answer.note:
        say(f"\n{answer.note}", style="italic")
    if answer.hits:
        say("\nNot an answer, but close", style="bold")
        print_hits(nearest(answer))
    _print_period(answer)


def print_report(report: IngestReport, *, as_json: bool) -> None:
    """Print what came of an ingest."""
    if as_json:
        print_json(report.to_dict())
        return
    counts = [(len(getattr(report, what)), what) for what in OUTCOMES]
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    say(f"{said or 'No articles'} ({report.passages} passages embedded, {report.seconds:.1f} s)")
    for failures in alike(report.failed):
        more = f" and {len(failures) - 1:,} more" if len(failures) > 1 else ""
        say(f"{failures[0].name}{more}: {failures[0].reason}", indent=2)
        if failures[0].hint:
            say(failures[0].hint, indent=4, style="dim")
    for note in report.notes:
        say(note, indent=2)
    if report.held:
        say(f"Left out, since you removed them: {len(report.held)}; `assistant undo ID` brings one back.")
    if report.is_cancelled:
        say("Stopped. What is done is kept; the same command goes on from here.")


def print_verify_report(report: VerifyReport) -> None:
    """Print what is wrong with a corpus, and what was mended."""
    for repaired in report.repaired:
        say(f"Repaired: {repaired}")
    for problem in report.problems:
        say(f"Problem: {problem}", style="red")
    state = (
        "Healthy"
        if report.is_healthy
        else "Not healthy; `assistant verify --repair` mends what can be mended"
    )
    say(f"{state}: {report.articles} articles, {report.passages} passages.")
