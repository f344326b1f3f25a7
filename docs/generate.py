"""The generated parts of README.md: the table of settings and the measured results.

`python -m docs.generate` writes them; with `--check` it says whether they are up to date and writes nothing.
It knows the marks between which they stand; numbers come from `benchmarks/results/`, never from here.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from assistant.settings import fields
from benchmarks.report import summary

README = Path(__file__).parent.parent / "README.md"


def main() -> int:
    """Write README.md, or check it; returns the exit code."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--check", action="store_true", help="write nothing, fail if something is out of date"
    )
    old = README.read_text(encoding="utf-8")
    new = generate(old)
    if arguments.parse_args().check:
        if old != new:
            sys.stderr.write("README.md is out of date: run `python -m docs.generate`\n")
        return int(old != new)
    README.write_text(new, encoding="utf-8")
    return 0


def generate(text: str) -> str:
    """A text with its generated parts made anew."""
    return _replace(_replace(text, "settings", settings_table()), "results", summary())


def settings_table() -> str:
    """Every setting as a Markdown table."""
    rows = ["| setting | environment | default | |", "|---|---|---|---|"]
    rows += [
        f"| `{name}` | `{variable}` | {default} | {description} |"
        for name, variable, default, description in fields()
    ]
    return "\n".join(rows)


def _replace(text: str, name: str, content: str) -> str:
    pattern = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no marks for {name!r} in the text")
    return pattern.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


if __name__ == "__main__":
    sys.exit(main())
