"""`assistant backup` and `restore`: a whole collection in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.application import app, examples
from assistant.cli.options import DataDir, settings_of
from assistant.cli.output import say


@app.command(epilog=examples("assistant backup articles.zip"))
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="The file to write.")],
    data_dir: DataDir = None,
) -> None:
    """Write articles, corrections, subscriptions and original files to one ZIP file; others may write on."""
    from assistant import corpus

    made = corpus.backup(settings_of(data_dir).data_dir, file)
    say(f"{made.articles} articles in {made.path} ({made.bytes / 1e6:.1f} MB)")


@app.command(epilog=examples("assistant restore articles.zip", "assistant restore articles.zip --force"))
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="What `backup` wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Set aside what is in the data folder, under another name.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring a collection back from a backup, checked as a whole before anything is put in place."""
    from assistant import corpus

    made = corpus.restore(file, settings_of(data_dir).data_dir, force=force)
    say(f"{made.articles} articles are back.")
    if made.set_aside:
        say(f"What was there before is in {made.set_aside}")
