"""What becomes of files of every kind: `python -m benchmarks.formats [FOLDER]`.

Each file of `BENCH_DATA/eval/file_formats` is read through the registry. Either it becomes articles or it is
refused with a reason; both are to be looked at by a person, for which `--show` prints them. Where a file
NAME.md beside NAME.pdf says what is in it, the words of both are compared. It knows files and words.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.errors import SourceError
from assistant.sources import formats
from assistant.types import Article, Failure
from benchmarks.results import describe_run, save

FOLDER = "eval/file_formats"


def measure(folder: Path) -> dict[str, dict[str, Any]]:
    """Read every file of a folder.

    Args:
        folder: Where the files are.

    Returns:
        For each: its kind, how many articles and failures, characters, headings, pages and facts, seconds,
        and the reason if it was refused; `word_f1` where there is a text to compare with.
    """
    return {path.name: _measured(path) for path in sorted(folder.iterdir()) if path.is_file()}


def word_f1(found: str, wanted: str) -> float:
    """F1 of the words of two texts, each counted as often as it occurs; in [0, 1]."""
    one, two = _words(found), _words(wanted)
    shared = sum((one & two).values())
    return 2 * shared / max(sum(one.values()) + sum(two.values()), 1)


def _measured(path: Path) -> dict[str, Any]:
    data, started = path.read_bytes(), time.perf_counter()
    items, reason = read(data, path.name)
    seconds = round(time.perf_counter() - started, 3)
    articles = [item for item in items if isinstance(item, Article)]
    row: dict[str, Any] = {
        "kind": _kind(data, path.name),
        "articles": len(articles),
        "failures": len(items) - len(articles),
        "chars": sum(len(article.text) for article in articles),
        "sections": sum(len(article.sections) for article in articles),
        "pages": sum(len(article.pages) for article in articles),
        "facts": sorted({field for article in articles for field, _ in article.origins}),
        "seconds": seconds,
    }
    if reason:
        row["refused"] = reason
    expected = path.with_suffix(".md")
    if articles and path.suffix == ".pdf" and expected.exists():
        wanted = [item for item in read(expected.read_bytes(), expected.name)[0] if isinstance(item, Article)]
        row["word_f1"] = round(word_f1(_whole(articles), _whole(wanted)), 3)
    return row


def read(data: bytes, name: str) -> tuple[list[Article | Failure], str]:
    """What is in a file, and why it is refused if it is."""
    try:
        return list(formats.read(data, name)), ""
    except SourceError as error:
        return [], error.reason


def _kind(data: bytes, name: str) -> str:
    try:
        return formats.kind(data, name)
    except SourceError:
        return "none"


def _whole(articles: Sequence[Article]) -> str:
    return "\n".join(f"{article.title}\n{article.text}" for article in articles)


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def _print(name: str, row: dict[str, Any]) -> None:
    outcome = row.get("refused") or f"{row['articles']} articles, {row['failures']} failures"
    f1 = f"  F1 {row['word_f1']}" if "word_f1" in row else ""
    counts = f"{row['chars']:>8,} chars {row['sections']:>3} sections {row['pages']:>3} pages"
    print(f"{name[:48]:48} {row['kind']:9} {counts} {row['seconds']:6.2f} s  {outcome}{f1}")


def _show(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        items, reason = read(path.read_bytes(), path.name)
        print(f"\n=== {path.name} {reason}")
        for item in items[:5]:
            print(item if isinstance(item, Failure) else f"{item.title} {item.origins}\n{item.text[:2000]}")


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", help="by default eval/file_formats of BENCH_DATA")
    parser.add_argument("--show", action="store_true", help="print what became of each file, store nothing")
    options = parser.parse_args(argv)
    data = os.environ.get("BENCH_DATA")
    if not data and not options.folder:
        parser.exit(2, "set BENCH_DATA to the folder that holds eval/\n")
    folder = options.folder or Path(data or "") / FOLDER
    if options.show:
        _show(folder)
        return
    rows = measure(folder)
    for name, row in rows.items():
        _print(name, row)
    if options.folder is None:
        print(save(describe_run("none"), {"formats": rows}, {}))


if __name__ == "__main__":
    main()
