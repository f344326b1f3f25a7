"""`assistant list`, `show` and `remove`: the articles of the corpus."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from assistant.cli.application import app, examples
from assistant.cli.options import AsJson, DataDir, Publishers, opened, settings_of
from assistant.cli.output import complain, print_json, say
from assistant.cli.printing import ID_CHARS, article_dict, edited_fields, print_article, print_table
from assistant.types import Article, ArticleVersion


@app.command(
    "list", epilog=examples("assistant list --limit 20", 'assistant list --source "Khaama Press" --json')
)
def list_articles(
    source: Publishers = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="NUMBER", help="Most articles to print.", show_default="all")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the articles, newest first."""
    wanted = {name.casefold() for name in source or []}
    with opened(settings_of(data_dir)) as assistant:
        found = (a for a in assistant.articles() if not wanted or a.source.casefold() in wanted)
        articles = [article for article, _ in zip(found, range(limit or sys.maxsize), strict=False)]
    if as_json:
        print_json([article_dict(article) for article in articles])
    elif articles:
        print_table(articles)
    else:
        say("No articles." if wanted else "No articles yet. Add some with `assistant add PATH`.")


@app.command(
    epilog=examples(
        "assistant show 3f9c2a81d0",
        "assistant show 3f9c2a --json",
        "assistant show 3f9c2a --version 5e884898da28047151d0e56f",
    )
)
def show(
    article_id: Annotated[
        str, typer.Argument(metavar="ID", help="The article's id, or its first 6 characters or more.")
    ],
    version: Annotated[
        str, typer.Option(metavar="HASH", help="As a citation names it.", show_default="the present one")
    ] = "",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Print one article: what is known about it, and its text."""
    with opened(settings_of(data_dir)) as assistant:
        found = (
            assistant.article_version(article_id, version)
            if version
            else ArticleVersion(assistant.article(article_id))
        )
    article = found.article
    if as_json:
        more = {"language": article.language, "text": article.text}
        told = {"note": found.note, "edited": edited_fields(article)}
        print_json(article_dict(article) | more | {key: value for key, value in told.items() if value})
        return
    if found.note:
        say(found.note, style="yellow")
    print_article(article)


@app.command(epilog=examples("assistant remove 3f9c2a81d0", "assistant remove 3f9c2a81d0 77ab01c2f4 --yes"))
def remove(
    article_ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Ids of articles, or their first 6 characters or more.")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Remove articles. If one of the ids is unknown, nothing is removed."""
    with opened(settings_of(data_dir)) as assistant:
        articles = list({a.id: a for a in map(assistant.article, article_ids)}.values())
        if not yes:
            _confirm_removal(articles)
        removed = [assistant.remove(article.id) for article in articles]
    if as_json:
        print_json([article_dict(article) for article in removed])
    for article in [] if as_json else removed:
        say(f"Removed {article.name}")


def _confirm_removal(articles: Sequence[Article]) -> None:
    for article in articles:
        complain(f"{article.id[:ID_CHARS]}  {article.name}")
    noun = "this article" if len(articles) == 1 else f"these {len(articles)} articles"
    typer.confirm(f"Remove {noun}?", abort=True, err=True)
