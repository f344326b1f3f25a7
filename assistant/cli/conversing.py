"""`assistant conversations` and `assistant feedback`: what was asked before, and what people thought."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from assistant.cli.application import app, examples
from assistant.cli.options import AsJson, DataDir, settings_of
from assistant.cli.output import console, print_json, print_json_line, say
from assistant.cli.printing import ID_CHARS, print_abstention, print_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.conversations import Conversations
    from assistant.stores.conversations import Head

conversations = typer.Typer(
    no_args_is_help=True, help="Conversations that are kept: list, show, export, delete."
)
feedback = typer.Typer(no_args_is_help=True, help="What people thought of answers: export.")
app.add_typer(
    conversations,
    name="conversations",
    epilog=examples("assistant conversations list baku", "assistant conversations export 3f9c2a81d0"),
)
app.add_typer(feedback, name="feedback", epilog=examples("assistant feedback export > feedback.jsonl"))

Id = Annotated[
    str, typer.Argument(metavar="ID", help="The conversation's id, or its first 6 characters or more.")
]


class Format(StrEnum):
    """What a conversation is written as."""

    MARKDOWN = "markdown"
    JSON = "json"


@conversations.command("list", epilog=examples("assistant conversations list baku --limit 20 --json"))
def list_conversations(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORD", help="Words that stand in them.", show_default="all")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="NUMBER", help="Most to print.")] = 50,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the conversations of everyone, the one that grew last first."""
    from assistant.conversations import head_dict

    with _opened(data_dir) as kept:
        found = kept.list(None, " ".join(words or []), limit=limit).heads
    if as_json:
        print_json([head_dict(head) for head in found])
    elif found:
        _print_table(found)
    else:
        say("No conversations." if words else "No conversations yet. Those in the web page are kept.")


@conversations.command(epilog=examples("assistant conversations show 3f9c2a81d0"))
def show(conversation_id: Id, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print a conversation: each question with its answer and its sources."""
    with _opened(data_dir) as kept:
        found = kept.get(conversation_id, None)
    if as_json:
        print_json(found.to_dict())
        return
    say(found.head.title, style="bold")
    for answer in found.answers:
        say(f"\n> {answer.question}\n", style="dim")
        (print_abstention if answer.abstention else print_answer)(answer)


@conversations.command(
    epilog=examples(
        "assistant conversations export 3f9c2a81d0 -o baku.md",
        "assistant conversations export 3f9c2a81d0 --format json",
    )
)
def export(
    conversation_id: Id,
    form: Annotated[
        Format, typer.Option("--format", metavar="markdown|json", help="What to write it as.")
    ] = Format.MARKDOWN,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            dir_okay=False,
            help="File to write.",
            show_default="standard output",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write a conversation down, with numbered references."""
    import json

    with _opened(data_dir) as kept:
        found = kept.get(conversation_id, None)
    text = (
        found.to_markdown()
        if form is Format.MARKDOWN
        else json.dumps(found.to_dict(), ensure_ascii=False, indent=2) + "\n"
    )
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        typer.echo(text, nl=False)


@conversations.command(
    epilog=examples("assistant conversations delete 3f9c2a81d0", "assistant conversations delete --all")
)
def delete(
    conversation_id: Annotated[
        str, typer.Argument(metavar="ID", help="As for `show`.", show_default=False)
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="All conversations of everyone.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Delete a conversation for good."""
    if everything == bool(conversation_id):
        raise typer.BadParameter("Give the id of a conversation, or --all.")
    with _opened(data_dir) as kept:
        count = kept.delete_all(None) if everything else len([kept.delete(conversation_id, None)])
    if as_json:
        print_json({"deleted": count})
    else:
        say(f"{count} conversation{'s' if count != 1 else ''} deleted.")


@feedback.command("export", epilog=examples("assistant feedback export > feedback.jsonl"))
def export_feedback(data_dir: DataDir = None) -> None:
    """Print what people thought of answers as JSON Lines: the vote, the reason, and the whole answer."""
    with _opened(data_dir) as kept:
        for said in kept.feedback():
            print_json_line(said)


@contextmanager
def _opened(data_dir: Path | None) -> Iterator[Conversations]:
    """The conversations alone: no model and no index is needed for them."""
    from assistant import corpus
    from assistant.conversations import Conversations

    folder = settings_of(data_dir).data_dir
    corpus.require(folder)
    with closing(Conversations(folder)) as opened:
        yield opened


def _print_table(heads: Sequence[Head]) -> None:
    from rich.table import Table

    table = Table("id", "last", "turns", "title", box=None, pad_edge=False, header_style="bold")
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for head in heads:
        last = datetime.fromtimestamp(head.updated).strftime("%Y-%m-%d %H:%M")
        table.add_row(head.id[:ID_CHARS], last, str(head.turns), Text(head.title))
    console().print(table)
