"""`assistant mcp`: the articles as tools of a program that talks to a language model."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.application import app, examples
from assistant.cli.options import DataDir, opened, settings_of


@app.command(epilog=examples("assistant mcp", "assistant --data-dir ~/archive mcp --changes"))
def mcp(
    changes: Annotated[
        bool, typer.Option("--changes", help="Also offer tools that add and remove articles.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Speak the Model Context Protocol over standard input and output, for a client that starts this."""
    from assistant.mcp import build

    with opened(settings_of(data_dir), must_exist=not changes) as assistant:
        build(assistant, offers_changes=changes).run("stdio")
