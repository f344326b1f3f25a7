"""The application that the commands belong to, and its edge: errors become messages and exit codes."""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from assistant.cli.helping import tidy
from assistant.cli.options import DataDir
from assistant.cli.output import complain
from assistant.errors import AssistantError


class _Commands(TyperGroup):
    """The edge: what the assistant raises on purpose becomes a message, a hint and an exit code."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        tidy(self)
        return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AssistantError as error:
            complain(str(error), error.hint)
            raise typer.Exit(1) from error
        except KeyboardInterrupt:
            complain("Stopped.")
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
    try:
        try:
            app(prog_name="assistant")
        finally:
            if isinstance(sys.stdout, io.TextIOWrapper):  # not one that was closed from the start
                sys.stdout.flush()  # else Python does it at the very end, where an error is a traceback
    except OSError as error:
        with contextlib.suppress(OSError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what could not be written
        if error.errno != errno.EPIPE:  # whose reader has enough
            what = error.filename or "something cannot be read or written"
            complain(f"{what}: {error.strerror or error}")
        sys.exit(1)


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
        show_notices()
    if data_dir is not None and isinstance(ctx.command, TyperGroup):
        ctx.default_map = _for_all(ctx.command, {"data_dir": str(data_dir)})


def _for_all(group: TyperGroup, defaults: dict[str, Any]) -> dict[str, Any]:
    """Defaults for every command of a group and of the groups in it."""
    return {
        name: _for_all(command, defaults) if isinstance(command, TyperGroup) else defaults
        for name, command in group.commands.items()
    }


def examples(*lines: str) -> str:
    """Commands to try, as the end of a command's help."""
    return "Examples:\n\n" + "\n\n".join(f"`{line}`" for line in lines)


def show_notices() -> None:
    """Print what the models have to say, such as why the first start takes seconds."""
    notices = logging.getLogger("assistant.models")
    notices.setLevel(logging.INFO)
    notices.addHandler(_Notices())
    notices.propagate = False


class _Notices(logging.Handler):
    """Log records as plain lines on the standard error, above a progress bar if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        complain(record.getMessage())
