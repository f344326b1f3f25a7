"""`assistant serve`: the web page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.adding import add_path
from assistant.cli.application import app, examples
from assistant.cli.options import DataDir, opened, settings_of
from assistant.cli.printing import print_report


@app.command(epilog=examples("assistant serve", "assistant serve --port 8000 --no-open --corpus news/"))
def serve(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, metavar="NUMBER", help="Port; 0 takes a free one.", show_default="7860"
        ),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = True,
    corpus: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", exists=True, file_okay=False, help="Sync this folder of articles first."
        ),
    ] = None,
    corpus_name: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Name to know that folder by.", show_default="its place on the disk"
        ),
    ] = "",
    without_password: Annotated[
        bool, typer.Option("--without-password", help="Let everyone in who reaches the page.")
    ] = False,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Take no changes and keep no conversations.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Serve the web page until Ctrl-C."""
    from assistant import server

    given = {"host": host, "port": port}
    meant = {"without_password": without_password or None, "read_only": read_only or None}
    settings = settings_of(data_dir, given | meant)
    server.check_exposed(settings)
    # The port first: if it is taken, that is said before a long sync and not after it.
    with server.listen(settings) as listener, opened(settings, must_exist=False) as assistant:
        if corpus:
            print_report(add_path(assistant, corpus, corpus_name), as_json=False)
        server.serve(assistant, settings, listener, open_browser=open_browser)
