"""Text on the standard output and the standard error, as it is: never read as markup."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

PIPE_WIDTH = 200  # columns of a table that no terminal bounds


def console() -> Console:
    """The standard output: as wide as the terminal, or wide enough for tables."""
    found = Console()
    return found if found.is_terminal else Console(width=PIPE_WIDTH)


def say(text: str | Text, *, indent: int = 0, style: str = "") -> None:
    """Print a paragraph as it is: wrapped on a terminal, on one line in a pipe, never read as markup."""
    out = console()
    paragraph = Text(text, style=style) if isinstance(text, str) else text
    if out.is_terminal:
        out.print(Padding(paragraph, (0, 0, 0, indent)))
    else:
        for line in paragraph.split("\n", allow_blank=True):
            out.print(Text(" " * indent) + line if line else "", soft_wrap=True)


def complain(message: str, hint: str = "") -> None:
    """Print a message, and what can be done, on the standard error."""
    errors = Console(stderr=True)
    errors.print(Text(message), soft_wrap=True)
    if hint:
        errors.print(Text(hint, style="dim"), soft_wrap=True)


def print_json_line(value: Any) -> None:
    """Print a value as JSON on one line, for who reads as it comes."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
