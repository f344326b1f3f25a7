"""`assistant accounts`: who may log in to the page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.application import app, examples
from assistant.cli.options import AsJson, DataDir, settings_of
from assistant.cli.output import print_json, say

if TYPE_CHECKING:
    from assistant.accounts import Accounts

accounts = typer.Typer(
    no_args_is_help=True,
    help="Who may log in to the page: add, list, remove; hash a password for the settings.",
)
app.add_typer(
    accounts, name="accounts", epilog=examples("assistant accounts add ann", "assistant accounts list")
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits and . _ @ -", show_default=False)]


@accounts.command(
    "add", epilog=examples("assistant accounts add ann", "assistant accounts add ann < password")
)
def add(name: Name, data_dir: DataDir = None) -> None:
    """Make an account, or give it another password; it is asked for, or read from the standard input."""
    known = _opened(data_dir)
    try:
        is_new = known.put(name, _password())
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from error
    say(f"{name} may log in." if is_new else f"{name} has another password.")
    if is_new and len(known.all()) == 1:
        say("From now on nobody sees the page without logging in.")


@accounts.command("list", epilog=examples("assistant accounts list --json"))
def list_accounts(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the names of those who may log in."""
    names = sorted(_opened(data_dir).all())
    if as_json:
        print_json(names)
    else:
        say("\n".join(names) or "No accounts: everyone who reaches the page may use it.")


@accounts.command("remove", epilog=examples("assistant accounts remove ann"))
def remove(name: Name, data_dir: DataDir = None) -> None:
    """Remove an account; who is logged in with it is no longer. Its conversations stay."""
    if not _opened(data_dir).remove(name):
        raise typer.BadParameter(f"there is no account {name!r}")
    say(f"{name} may no longer log in.")


@accounts.command("hash", epilog=examples("assistant accounts hash"))
def hash_password() -> None:
    """Print what to write as `server.password`, so that the settings do not hold the password itself."""
    from assistant.accounts import hashed

    typer.echo(hashed(_password()))


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _opened(data_dir: Path | None) -> Accounts:
    from assistant.accounts import Accounts
    from assistant.corpus import folder

    place = settings_of(data_dir).data_dir
    folder.make(place)
    return Accounts(place)
