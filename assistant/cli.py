"""The command line: `assistant add`, `list`, `show`, `remove`, `search`, `ask`, `serve`, `verify`, `rebuild`.

It reads options, calls `Assistant`, renders the values that come back, and decides nothing. Results go to
the standard output, as text or as JSON; progress, questions and errors go to the standard error. Text of
articles is printed as it is, never as markup. What takes long to import is imported by the command that needs
it.

Exit codes: 0 done; 1 an error, nothing could be added, or a corpus that is not healthy; 2 wrong usage; 3 the
corpus does not answer the question; 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from typer.core import TyperGroup

from assistant.errors import AssistantError
from assistant.types import (
    Answer,
    Article,
    Citation,
    Filters,
    Hit,
    IngestReport,
    Progress,
    VerifyReport,
    article_fields,
)

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.settings import Settings

ID_CHARS = 10  # of an article's id, enough to tell a hundred thousand articles apart
PIPE_WIDTH = 200  # columns of a table that no terminal bounds
NEAREST_SHOWN = 3  # passages shown when there is no answer
NO_ANSWER = 3  # exit code
OUTCOMES = (
    "added",
    "updated",
    "unchanged",
    "removed",
    "failed",
)  # of an article, as `IngestReport` names them
DAY = ["%Y-%m-%d"]

DataDir = Annotated[
    Path | None,
    typer.Option(help="Folder of the index; each is one collection.", show_default="the user's data folder"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Publishers = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="NAME", help="Only articles of this publisher; repeatable."),
]
From = Annotated[
    datetime | None,
    typer.Option("--from", formats=DAY, metavar="DATE", help="Only articles published on this day or later."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--to", formats=DAY, metavar="DATE", help="Only articles published on this day or earlier."),
]


class _Commands(TyperGroup):
    """The edge: what the assistant raises on purpose becomes a message, a hint and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AssistantError as error:
            _complain(str(error), error.hint)
            raise typer.Exit(1) from error
        except KeyboardInterrupt:
            _complain("Stopped.")
            raise typer.Exit(130) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
    help="Ask questions about a collection of articles; every sentence of the answer is cited.",
)


def main() -> None:
    """Run the command line; what the console cannot show is replaced, never an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app(prog_name="assistant")


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        from importlib.metadata import version

        typer.echo(f"assistant {version('article-assistant')}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    data_dir: DataDir = None,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit."),
    ] = False,
) -> None:
    """Options that may also stand before the command."""
    if sys.stderr.isatty():
        _show_notices()
    if data_dir is not None and isinstance(ctx.command, TyperGroup):
        ctx.default_map = {name: {"data_dir": str(data_dir)} for name in ctx.command.commands}


def _examples(*lines: str) -> str:
    return "Examples:\n\n" + "\n\n".join(f"`{line}`" for line in lines)


@app.command(epilog=_examples("assistant add report.txt news/", "assistant add export.jsonl --json"))
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
    with _open(_settings(data_dir), must_exist=False) as assistant:
        report = sum((_add(assistant, path) for path in paths), IngestReport())
    _print_report(report, as_json=as_json)
    is_in = report.added or report.updated or report.unchanged
    if report.failed and not is_in:
        raise typer.Exit(1)


@app.command(
    "list", epilog=_examples("assistant list --limit 20", 'assistant list --source "Khaama Press" --json')
)
def list_articles(
    source: Publishers = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Most articles to print.", show_default="all")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the articles, newest first."""
    wanted = {name.casefold() for name in source or []}
    with _open(_settings(data_dir)) as assistant:
        found = (a for a in assistant.articles() if not wanted or a.source.casefold() in wanted)
        articles = [article for article, _ in zip(found, range(limit or sys.maxsize), strict=False)]
    if as_json:
        _print_json([_article_dict(article) for article in articles])
    elif articles:
        _print_table(articles)
    else:
        _say("No articles." if wanted else "No articles yet. Add some with `assistant add PATH`.")


@app.command(epilog=_examples("assistant show 3f9c2a81d0", "assistant show 3f9c2a --json"))
def show(
    article_id: Annotated[
        str, typer.Argument(metavar="ID", help="The article's id, or its first 6 characters or more.")
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print one article: what is known about it, and its text."""
    with _open(_settings(data_dir)) as assistant:
        article = assistant.article(article_id)
    if as_json:
        _print_json(_article_dict(article) | {"language": article.language, "text": article.text})
    else:
        _print_article(article)


@app.command(epilog=_examples("assistant remove 3f9c2a81d0", "assistant remove 3f9c2a81d0 77ab01c2f4 --yes"))
def remove(
    article_ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Ids of articles, or their first 6 characters or more.")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Remove articles. If one of the ids is unknown, nothing is removed."""
    with _open(_settings(data_dir)) as assistant:
        articles = list({a.id: a for a in map(assistant.article, article_ids)}.values())
        if not yes:
            _confirm_removal(articles)
        removed = [assistant.remove(article.id) for article in articles]
    if as_json:
        _print_json([_article_dict(article) for article in removed])
    for article in [] if as_json else removed:
        _say(f"Removed {article.name}")


@app.command(
    epilog=_examples(
        'assistant search "attacks on Chinese citizens"', "assistant search Gwadar --from 2024-10-01"
    )
)
def search(
    query: Annotated[
        list[str], typer.Argument(metavar="QUERY", help="What to search for.", show_default=False)
    ],
    top_k: Annotated[
        int | None, typer.Option(min=1, max=100, help="Most passages to print.", show_default="the settings'")
    ] = None,
    published_from: From = None,
    published_to: Until = None,
    source: Publishers = None,
    rerank: Annotated[
        bool, typer.Option("--rerank", help="Read the best hits of a question, those that answer first.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find the passages that fit a query, best first."""
    filters = _filters(published_from, published_to, source)
    with _open(_settings(data_dir), is_brief=True) as assistant:
        hits = assistant.search(" ".join(query), top_k, filters, rerank=rerank)
    if as_json:
        _print_json([hit.to_dict() for hit in hits])
    elif hits:
        _print_hits(hits)
    else:
        _say("Nothing found.")


@app.command(
    epilog=_examples('assistant ask "Who met in Baku?"', 'assistant ask "Who was injured in Karachi?" --json')
)
def ask(
    question: Annotated[
        list[str], typer.Argument(metavar="QUESTION", help="The question.", show_default=False)
    ],
    published_from: From = None,
    published_to: Until = None,
    source: Publishers = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the articles, each sentence with its source.

    If the articles do not say, the exit code is 3 and the nearest passages are printed.
    """
    filters = _filters(published_from, published_to, source)
    with _open(_settings(data_dir), is_brief=True) as assistant:
        answer = assistant.ask(" ".join(question), filters=filters)
    if as_json:
        _print_json(answer.to_dict())
    elif answer.abstention:
        _print_abstention(answer)
    else:
        _print_answer(answer)
    if answer.abstention:
        raise typer.Exit(NO_ANSWER)


@app.command(epilog=_examples("assistant serve", "assistant serve --port 8000 --no-open --corpus news/"))
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.", show_default="7860")
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = True,
    corpus: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Sync this folder of articles first.")
    ] = None,
    corpus_name: Annotated[
        str, typer.Option(help="Name to know that folder by.", show_default="its place on the disk")
    ] = "",
    data_dir: DataDir = None,
) -> None:
    """Serve the web page until Ctrl-C."""
    from assistant import server

    settings = _settings(data_dir, {"host": host, "port": port})
    # The port first: if it is taken, that is said before a long sync and not after it.
    with server.listen(settings) as listener, _open(settings, must_exist=False) as assistant:
        if corpus:
            _print_report(_add(assistant, corpus, corpus_name), as_json=False)
        server.serve(assistant, settings, listener, open_browser=open_browser)


@app.command(epilog=_examples("assistant verify", "assistant verify --repair"))
def verify(
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild what is damaged.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check that no article is lost, changed, doubled or half there; the exit code is 1 if one is."""
    with _open(_settings(data_dir)) as assistant, _progress_bar("Checking") as on_progress:
        report = assistant.verify(repair=repair, on_progress=on_progress)
    if as_json:
        _print_json(report.to_dict())
    else:
        _print_verify_report(report)
    if not report.is_healthy:
        raise typer.Exit(1)


@app.command(
    epilog=_examples("assistant rebuild", "ASSISTANT_CHUNKING_MAX_PASSAGE_CHARS=800 assistant rebuild")
)
def rebuild(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Cut and embed every article anew, with the settings as they are now."""
    from assistant.assistant import Assistant

    with _progress_bar("Rebuilding") as on_progress:
        report = Assistant.rebuild(settings=_settings(data_dir), on_progress=on_progress)
    _print_report(report, as_json=as_json)


# -- options and progress --------------------------------------------------------------------------------


def _show_notices() -> None:
    """Print what the models have to say, such as why the first start takes seconds."""
    notices = logging.getLogger("assistant.models")
    notices.setLevel(logging.INFO)
    notices.addHandler(_Notices())
    notices.propagate = False


class _Notices(logging.Handler):
    """Log records as plain lines on the standard error, above a progress bar if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        _complain(record.getMessage())


def _settings(data_dir: Path | None, server: dict[str, Any] | None = None) -> Settings:
    from assistant.settings import load

    return load({"data_dir": data_dir, "server": server or {}})


def _open(settings: Settings, *, must_exist: bool = True, is_brief: bool = False) -> Assistant:
    from assistant.assistant import Assistant

    return Assistant.open(settings=settings, must_exist=must_exist, is_brief=is_brief)


def _filters(
    published_from: datetime | None, published_to: datetime | None, sources: Sequence[str] | None
) -> Filters:
    first, last = _day(published_from), _day(published_to)
    if first and last and first > last:
        raise typer.BadParameter("--from must not be later than --to.")
    return Filters(published_from=first, published_to=last, sources=tuple(sources or ()))


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _add(assistant: Assistant, path: Path, name: str = "") -> IngestReport:
    with _progress_bar(f"Adding {path.name or path}") as on_progress:
        return assistant.add(path, name=name, on_progress=on_progress)


@contextmanager
def _progress_bar(label: str) -> Iterator[Callable[[Progress], None]]:
    """A bar on the standard error while something is ingested; nothing unless that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn(label, markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[passages]} passages", markup=False),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, passages=0)
        yield lambda at: bar.update(task, completed=at.done, total=at.total, passages=at.passages)


def _confirm_removal(articles: Sequence[Article]) -> None:
    for article in articles:
        _complain(f"{article.id[:ID_CHARS]}  {article.name}")
    noun = "this article" if len(articles) == 1 else f"these {len(articles)} articles"
    typer.confirm(f"Remove {noun}?", abort=True, err=True)


# -- printing --------------------------------------------------------------------------------------------


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def _say(text: str | Text, *, indent: int = 0, style: str = "") -> None:
    """Print a paragraph as it is: wrapped on a terminal, on one line in a pipe, never read as markup."""
    console = _console()
    paragraph = Text(text, style=style) if isinstance(text, str) else text
    if console.is_terminal:
        console.print(Padding(paragraph, (0, 0, 0, indent)))
    else:
        for line in paragraph.split("\n", allow_blank=True):
            console.print(Text(" " * indent) + line if line else "", soft_wrap=True)


def _complain(message: str, hint: str = "") -> None:
    console = Console(stderr=True)
    console.print(Text(message), soft_wrap=True)
    if hint:
        console.print(Text(hint, style="dim"), soft_wrap=True)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _article_dict(article: Article) -> dict[str, Any]:
    return {"id": article.id, "version": article.version, **article_fields(article)}


def _print_table(articles: Sequence[Article]) -> None:
    from rich.table import Table

    table = Table("id", "published", "title", "source", box=None, pad_edge=False, header_style="bold")
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    table.columns[2].overflow = "fold"
    for article in articles:
        day = article.published.isoformat() if article.published else ""
        table.add_row(article.id[:ID_CHARS], day, Text(article.name), Text(article.source))
    _console().print(table)


def _print_article(article: Article) -> None:
    _say(article.name, style="bold")
    fields = {"id": article.id} | {
        key: value for key, value in article_fields(article).items() if key != "title"
    }
    for name, value in fields.items():
        if value:
            _say(f"{name}: {value}", style="dim")
    _say(f"\n{article.text}")


def _print_hits(hits: Iterable[Hit]) -> None:
    for hit in hits:
        _say(Text(f"{hit.score:.2f}  ", style="cyan") + _heading(hit.article))
        _say(hit.passage.text.strip(), indent=6)


def _heading(article: Article) -> Text:
    day = article.published.isoformat() if article.published else ""
    known = ", ".join(part for part in (article.source, day) if part)
    return Text(article.name, style="bold") + Text(f" ({known})" if known else "")


def _print_answer(answer: Answer) -> None:
    from assistant.answering.abstention import odds
    from assistant.answering.citations import short_answer_span

    text = Text(answer.text)
    text.highlight_words([f"[{citation.marker}]" for citation in answer.citations], "cyan")
    if span := short_answer_span(answer):
        text.stylize("bold", *span)
    _say(text)
    if answer.note:
        _say(f"\n{answer.note}", style="italic")
    _say("\nSources", style="bold")
    for citation in answer.citations:
        _print_citation(citation)
    if answer.confidence:
        _say(Text(f"\n{answer.confidence.capitalize()}", style="bold") + Text(f": {odds(answer.score)}."))


def _print_citation(citation: Citation) -> None:
    _say(Text(f"[{citation.marker}] ", style="cyan") + _heading(citation.article))
    _say(citation.text, indent=4)


def _print_abstention(answer: Answer) -> None:
    assert answer.abstention
    _say(answer.abstention.message, style="yellow")
    if answer.hits:
        _say("\nNot an answer, but close", style="bold")
        _print_hits(answer.hits[:NEAREST_SHOWN])


def _print_report(report: IngestReport, *, as_json: bool) -> None:
    if as_json:
        _print_json(report.to_dict())
        return
    counts = [(len(getattr(report, what)), what) for what in OUTCOMES]
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    _say(f"{said or 'No articles'} ({report.passages} passages embedded, {report.seconds:.1f} s)")
    for failure in report.failed:
        _say(f"{failure.name}: {failure.reason}", indent=2)
        if failure.hint:
            _say(failure.hint, indent=4, style="dim")


def _print_verify_report(report: VerifyReport) -> None:
    for repaired in report.repaired:
        _say(f"Repaired: {repaired}")
    for problem in report.problems:
        _say(f"Problem: {problem}", style="red")
    state = (
        "Healthy"
        if report.is_healthy
        else "Not healthy; `assistant verify --repair` mends what can be mended"
    )
    _say(f"{state}: {report.articles} articles, {report.passages} passages.")


if __name__ == "__main__":
    main()
