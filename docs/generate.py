"""The generated documents: parts of README.md, docs/settings.md and docs/http.md.

`python -m docs.generate` writes them; with `--check` it says whether they are up to date and writes nothing.
It knows the marks between which they stand; numbers come from `benchmarks/results/`, never from here.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Collection
from pathlib import Path

from assistant.settings import fields
from benchmarks.report import summary
from docs.http import http_reference

DOCS = Path(__file__).parent
README = DOCS.parent / "README.md"
COMMON = (
    "data_dir",
    "embedding.model",
    "answering.caution",
    "chat.model",
    "library.undo_days",
    "server.host",
    "server.port",
    "server.password",
)  # settings that the README names; all are in docs/settings.md
SETTINGS_NOTE = (
    "Later wins: defaults, `assistant.toml` in the data folder, `assistant.toml` in the working folder,\n"
    "environment variables, options of the command line. In the file, `a.b` is the key `b` under `[a]`."
)


def main() -> int:
    """Write the documents, or check them; returns the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--check", action="store_true", help="write nothing, fail if something is out of date"
    )
    is_check = arguments.parse_args().check
    outdated = [path for path, text in documents() if not _is_as(path, text)]
    for path, text in documents():
        if not is_check:
            path.write_text(text, encoding="utf-8")
    if is_check and outdated:
        names = ", ".join(path.name for path in outdated)
        sys.stderr.write(f"{names}: out of date, run `python -m docs.generate`\n")
    return int(is_check and bool(outdated))


def documents() -> list[tuple[Path, str]]:
    """Each generated document with its text."""
    settings = f"# Settings\n\n{SETTINGS_NOTE}\n\n{settings_table()}\n"
    return [
        (README, generate(README.read_text(encoding="utf-8"))),
        (DOCS / "settings.md", settings),
        (DOCS / "http.md", http_reference()),
    ]


def _is_as(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def generate(text: str) -> str:
    """A text with its generated parts made anew."""
    return _replace(_replace(text, "settings", settings_table(COMMON)), "results", summary())


def settings_table(names: Collection[str] = ()) -> str:
    """Settings as a Markdown table, by default all of them."""
    rows = ["| setting | environment | default | |", "|---|---|---|---|"]
    rows += [
        f"| `{name}` | `{variable}` | {default} | {description} |"
        for name, variable, default, description in fields()
        if not names or name in names
    ]
    return "\n".join(rows)


def _replace(text: str, name: str, content: str) -> str:
    pattern = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no marks for {name!r} in the text")
    return pattern.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


if __name__ == "__main__":
    sys.exit(main())
