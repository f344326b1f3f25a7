"""`assistant token`: tokens of programs, for servers that are not only their own machine's."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.access import Scope
from assistant.cli.application import app, examples
from assistant.cli.options import AsJson, DataDir, settings_of
from assistant.cli.output import complain, print_json, say
from assistant.stores.tokens import TokenStore

token = typer.Typer(no_args_is_help=True, help="Tokens that let programs of other machines ask.")
app.add_typer(
    token,
    name="token",
    epilog=examples("assistant token create dashboard", "assistant token list"),
)


@token.command(
    epilog=examples(
        'assistant token create "nightly import" --scope write', "assistant token create dashboard"
    )
)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.", show_default=False)],
    scope: Annotated[
        list[Scope],
        typer.Option(metavar="read|write", help="What it is good for: read, write or, given twice, both."),
    ] = [Scope.READ],  # noqa: B006 - typer copies it
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it, once: only a hash of it is kept."""
    store = TokenStore(settings_of(data_dir).data_dir)
    made, secret = store.create(name, {one.value for one in scope})
    store.close()
    if as_json:
        print_json({**made.to_dict(), "token": secret})
        return
    typer.echo(secret)
    complain(f"Token {made.id}, good for {' and '.join(made.scopes)}. It is not shown again.")


@token.command("list", epilog=examples("assistant token list"))
def list_tokens(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the tokens that can be used, without what they are."""
    store = TokenStore(settings_of(data_dir).data_dir)
    found = store.all()
    store.close()
    if as_json:
        print_json([one.to_dict() for one in found])
        return
    for one in found:
        say(f"{one.id}  {one.created:%Y-%m-%d}  {','.join(one.scopes):10}  {one.name}")
    if not found:
        say("No tokens.")


@token.command(epilog=examples("assistant token revoke 3f9c2a81"))
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token's id.", show_default=False)],
    data_dir: DataDir = None,
) -> None:
    """Make a token useless at once, for a running server, too."""
    store = TokenStore(settings_of(data_dir).data_dir)
    gone = store.revoke(token_id)
    store.close()
    if gone is None:
        complain(f"There is no token {token_id}.", "List them with `assistant token list`.")
        raise typer.Exit(1)
    say(f"Revoked {gone.id} ({gone.name}).")
