"""`assistant search` and `ask`: passages that fit a query, answers to a question."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from assistant.cli.application import app, examples
from assistant.cli.options import (
    DAY,
    AsJson,
    DataDir,
    From,
    Publishers,
    Until,
    day_of,
    filters_of,
    opened,
    settings_of,
)
from assistant.cli.output import complain, print_json, say
from assistant.cli.printing import print_abstention, print_answer, print_hits

NO_ANSWER = 3  # exit code


@app.command(
    epilog=examples(
        'assistant search "attacks on Chinese citizens"', "assistant search Gwadar --from 2024-10-01"
    )
)
def search(
    query: Annotated[
        list[str], typer.Argument(metavar="QUERY", help="What to search for.", show_default=False)
    ],
    top_k: Annotated[
        int | None,
        typer.Option(
            min=1, max=100, metavar="NUMBER", help="Most passages to print.", show_default="the settings'"
        ),
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
    from assistant.answering.questions import is_question

    filters, text = filters_of(published_from, published_to, source), " ".join(query)
    with opened(settings_of(data_dir), is_brief=True) as assistant:
        hits = assistant.search(text, top_k, filters, rerank=rerank)
        missing = [word for word, is_known in assistant.known_words(text).items() if not is_known]
    if missing:
        complain(f"Found in no article: {', '.join(missing)}.")
    if rerank and not is_question(text):
        complain("This is no question: no passage was read for an answer.")
    if as_json:
        print_json([hit.to_dict() for hit in hits])
    elif hits:
        print_hits(hits)
    else:
        say("Nothing found.")


@app.command(
    epilog=examples('assistant ask "Who met in Baku?"', 'assistant ask "Who was injured in Karachi?" --json')
)
def ask(
    question: Annotated[
        list[str], typer.Argument(metavar="QUESTION", help="The question.", show_default=False)
    ],
    published_from: From = None,
    published_to: Until = None,
    source: Publishers = None,
    today: Annotated[
        datetime | None,
        typer.Option(
            formats=DAY,
            metavar="DATE",
            help='The day that "this week" counts from; news of about then is preferred.',
            show_default="today",
        ),
    ] = None,
    any_date: Annotated[
        bool, typer.Option("--any-date", help='Mind no period in the question, such as "in March".')
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the articles, each sentence with its source.

    If the articles do not say, the exit code is 3 and the nearest passages are printed.
    """
    filters = filters_of(published_from, published_to, source)
    with opened(settings_of(data_dir), is_brief=True) as assistant:
        answer = assistant.ask(" ".join(question), filters=filters, today=day_of(today), dates=not any_date)
    if as_json:
        print_json(answer.to_dict())
    elif answer.abstention:
        print_abstention(answer)
    else:
        print_answer(answer)
    if answer.abstention:
        raise typer.Exit(NO_ANSWER)
