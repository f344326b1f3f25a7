"""Lines of Python and curl that search for the same as the Search tab, ready to paste and run.

Who sits at the server gets Python that opens its data folder; anyone else, Python that asks the server. It
knows a search and where it was made; whether a token is asked for is for others to say.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.ui.sought import Sought

TOKEN = "TOKEN"  # the variable of the environment that a token is read from


@dataclass(frozen=True, slots=True)
class Lines:
    """Code that finds the same hits.

    Args:
        python: Leaves them in `hits`.
        curl: A command for a shell.
        needs_token: Whether `TOKEN` has to be set for either.
    """

    python: str
    curl: str
    needs_token: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """How the server was reached.

    Args:
        base: Its address, which ends with "/".
        with_token: Whether it wants a token.
        data_dir: Its data folder, for who sits at the same machine.
    """

    base: str
    with_token: bool = False
    data_dir: Path | None = None


def lines(sought: Sought, served: Served) -> Lines:
    """The code for a search, in which whatever was typed is quoted."""
    python = _opening(sought, served.data_dir) if served.data_dir else _asking(sought, served)
    return Lines(python, _curl(sought, served), served.with_token)


def _opening(sought: Sought, data_dir: Path) -> str:
    filters, given = sought.filters, [repr(sought.query), str(sought.top_k)]
    days = {"published_from": filters.published_from, "published_to": filters.published_to}
    named = [f"{name}=date.fromisoformat({str(when)!r})" for name, when in days.items() if when]
    named += [f"sources={filters.sources!r}"] if filters.sources else []
    given += [f"filters=Filters({', '.join(named)})"] if named else []
    given += ["rerank=True"] if sought.is_read else []
    imports = ["from datetime import date"] if any(days.values()) else []
    imports += [f"from assistant import Assistant{', Filters' if named else ''}"]
    opened = f"with Assistant.open({str(data_dir)!r}) as assistant:"
    return "\n".join([*imports, opened, f"    hits = assistant.search({', '.join(given)})"])


def _asking(sought: Sought, served: Served) -> str:
    imports = ["import json", "import os"] if served.with_token else ["import json"]
    headers = ['"Content-Type": "application/json"']
    headers += [f'"Authorization": f"Bearer {{os.environ[{TOKEN!r}]}}"'] if served.with_token else []
    return "\n".join(
        [
            *imports,
            "from urllib.request import Request, urlopen",
            f"body = {_body(sought)!r}",
            f"asked = Request({_address(served)!r}, json.dumps(body).encode(), {{{', '.join(headers)}}})",
            'hits = json.load(urlopen(asked))["hits"]',
        ]
    )


def _curl(sought: Sought, served: Served) -> str:
    token = [f' -H "Authorization: Bearer ${TOKEN}"'] if served.with_token else []
    parts = [
        f"curl {shlex.quote(_address(served))}",
        *token,
        " -H 'Content-Type: application/json'",
        f" -d {shlex.quote(json.dumps(_body(sought), ensure_ascii=False))}",
    ]
    return " \\\n ".join(parts)


def _address(served: Served) -> str:
    return f"{served.base}api/v1/search"


def _body(sought: Sought) -> dict[str, Any]:
    filters = sought.filters
    days = {"published_from": filters.published_from, "published_to": filters.published_to}
    narrowed: dict[str, Any] = {name: when.isoformat() for name, when in days.items() if when}
    narrowed |= {"sources": list(filters.sources)} if filters.sources else {}
    body: dict[str, Any] = {"query": sought.query, "top_k": sought.top_k}
    body |= {"filters": narrowed} if narrowed else {}
    return body | ({"rerank": True} if sought.is_read else {})
