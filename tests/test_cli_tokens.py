"""`assistant token`: what is printed, and what a revoked token is worth."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from assistant.cli import app
from assistant.stores.tokens import TokenStore


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["--data-dir", str(folder), "token", *arguments])
    return done.exit_code, done.stdout.strip(), done.stderr


def test_token_is_printed_once_and_alone(tmp_path: Path) -> None:
    code, secret, said = run(tmp_path, "create", "nightly import", "--scope", "read", "--scope", "write")
    token = TokenStore(tmp_path).with_secret(secret)

    assert token is not None
    assert (code, token.name, token.scopes) == (0, "nightly import", ("read", "write"))
    assert f"Token {token.id}, good for read and write." in said
    assert secret not in run(tmp_path, "list")[1]
    assert run(tmp_path, "list")[1].startswith(token.id)


def test_token_reads_only_unless_it_is_told_otherwise(tmp_path: Path) -> None:
    made = json.loads(run(tmp_path, "create", "dashboard", "--json")[1])

    assert made["scopes"] == ["read"]
    assert json.loads(run(tmp_path, "list", "--json")[1]) == [{k: v for k, v in made.items() if k != "token"}]


def test_revoked_token_is_worth_nothing(tmp_path: Path) -> None:
    made = json.loads(run(tmp_path, "create", "old", "--json")[1])

    assert run(tmp_path, "revoke", made["id"])[:2] == (0, f"Revoked {made['id']} (old).")
    assert TokenStore(tmp_path).with_secret(made["token"]) is None
    assert run(tmp_path, "list")[1] == "No tokens."
    assert run(tmp_path, "revoke", made["id"])[0] == 1


def test_unknown_scope_is_wrong_usage(tmp_path: Path) -> None:
    assert run(tmp_path, "create", "x", "--scope", "admin")[0] == 2
