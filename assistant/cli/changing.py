"""`assistant edit`, `trash`, `undo` and `purge`: articles corrected, brought back and deleted for good."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from assistant.cli.application import app, examples
from assistant.cli.options import DAY, AsJson, DataDir, opened, settings_of
from assistant.cli.output import print_json, say
from assistant.cli.printing import ID_CHARS, article_dict, print_article

ArticleId = Annotated[
    str, typer.Argument(metavar="ID", help="The article's id, or its first 6 characters or more.")
]


@app.command(
    epilog=examples(
        'assistant edit 3f9c2a81d0 --title "Talks in Baku"',
        "assistant edit 3f9c2a --published 2024-11-13",
        "assistant edit 3f9c2a --reset",
    )
)
def edit(
    article_id: ArticleId,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="The right title.")] = None,
    author: Annotated[str | None, typer.Option(metavar="NAME", help="The right author.")] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="The right publisher.")] = None,
    published: Annotated[
        datetime | None, typer.Option(formats=DAY, metavar="DATE", help="The right day.")
    ] = None,
    undated: Annotated[bool, typer.Option("--undated", help="The day is not known.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Take all corrections back.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Correct what is known of an article; it stays corrected when the article is read again."""
    given = {"title": title, "author": author, "source": source}
    changes: dict[str, str | date | None] = {
        name: value for name, value in given.items() if value is not None
    }
    if published and undated:
        raise typer.BadParameter("Give the day or --undated, not both.")
    if published or undated:
        changes["published"] = published.date() if published else None
    if bool(changes) == reset:
        both = "Corrections and --reset do not go together." if reset else ""
        raise typer.BadParameter(both or "Give what to correct, such as --title, or --reset.")
    if title is not None and not title.strip():
        raise typer.BadParameter("A title cannot be empty.", param_hint="'--title'")
    with opened(settings_of(data_dir)) as assistant:
        article = assistant.edit(article_id, **changes)
    if as_json:
        print_json(article_dict(article))
    else:
        print_article(article, with_text=False)


@app.command(epilog=examples("assistant trash"))
def trash(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List removed articles that can be brought back."""
    with opened(settings_of(data_dir)) as assistant:
        removed = assistant.removed()
    if as_json:
        print_json([article_dict(article) | {"removed": at.isoformat()} for article, at in removed])
        return
    for article, at in removed:
        say(f"{article.id[:ID_CHARS]}  {at.astimezone():%Y-%m-%d %H:%M}  {article.name}")
    if not removed:
        say("Nothing that could be brought back.")


@app.command(epilog=examples("assistant undo 3f9c2a81d0"))
def undo(article_id: ArticleId, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Bring back a removed article; `assistant trash` lists those that can be."""
    with opened(settings_of(data_dir)) as assistant:
        article = assistant.undo(article_id)
    if as_json:
        print_json(article_dict(article))
    else:
        say(f"Brought back {article.name}")


@app.command(epilog=examples("assistant purge", "assistant purge --all --yes"))
def purge(
    everything: Annotated[bool, typer.Option("--all", help="Also what could still be brought back.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete removed articles for good, so that no file of the data folder holds a word of them."""
    with opened(settings_of(data_dir)) as assistant:
        count = len(assistant.removed())
        if everything and count and not yes:
            typer.confirm(f"Delete {count} removed articles for good?", abort=True, err=True)
        assistant.purge(everything=everything)
    say("Deleted for good." if everything else "What can no longer be brought back is deleted for good.")
