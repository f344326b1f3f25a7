r"""How well a web page is read: its text against trafilatura's, its headline and day of publication.

The pages are the 100 of `html_extraction`, whose text a person marked. Text is compared as in the benchmark
that they come from: the multisets of all runs of four words (`\w+`, case kept) of what was found and what was
marked. On one page, tp runs are in both, fp only found, fn only marked; each page counts the same, since the
three are divided by their sum. Over all pages precision = Σtp / (Σtp + Σfp), recall = Σtp / (Σtp + Σfn), and
F1 is their harmonic mean. trafilatura is run with each combination of its settings, and its best by F1 over
all pages stands against ours. Ours was tuned on even lines.

`page_facts.jsonl` holds what a person read on the first 40 pages: a digest of the headline, and the day of
publication as the page shows it, empty if it names none.

Run with `python -m benchmarks.extraction`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from assistant.errors import SourceError
from assistant.sources import html
from assistant.sources.boilerplate import is_boilerplate
from assistant.types import Article
from benchmarks import datasets, report, results

SET = "html_extraction"
FACTS = Path(__file__).parent / "page_facts.jsonl"
RUN_WORDS = 4
FAVOURS = ("", "favor_precision", "favor_recall")


@dataclass(frozen=True, slots=True)
class Page:
    """A page and the text that a person marked."""

    id: str
    line: int  # from 1
    data: bytes
    text: str


class Counts(NamedTuple):
    """Shares of a page's runs of words: in both texts, only found, only marked; together 1."""

    tp: float
    fp: float
    fn: float


def load(folder: Path) -> list[Page]:
    """Read the pages.

    Args:
        folder: The data folder; the set is in `eval/html_extraction` below it.
    """
    base = folder / "eval" / SET
    lines = (base / "ground_truth.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    return [
        Page(row["id"], n, gzip.decompress((base / f"{row['html']}.gz").read_bytes()), row["text"])
        for n, row in enumerate(rows, 1)
    ]


def compare(found: str, marked: str) -> Counts:
    """Count the runs of four words of two texts."""
    a, b = _runs(found), _runs(marked)
    tp, fp, fn = (sum(part.values()) for part in (a & b, a - b, b - a))
    total = tp + fp + fn or 1
    return Counts(tp / total, fp / total, fn / total)


def score(counts: Iterable[Counts]) -> dict[str, float]:
    """Precision, recall and F1 over pages."""
    tp, fp, fn = (sum(column) for column in zip(*counts, strict=True))
    precision, recall = tp / (tp + fp or 1), tp / (tp + fn or 1)
    f1 = 2 * precision * recall / (precision + recall or 1)
    return {"f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4)}


def peers() -> dict[str, Callable[[bytes], str]]:
    """Readers by trafilatura, one for each combination of its settings; comments are always left out."""
    import trafilatura

    def reader(**settings: Any) -> Callable[[bytes], str]:
        return lambda data: trafilatura.extract(data, include_comments=False, **settings) or ""

    found = {}
    for favour, tables, fast in itertools.product(FAVOURS, (True, False), (False, True)):
        name = " ".join(filter(None, (favour, "tables" if tables else "no tables", "fast" if fast else "")))
        settings = {favour: True} if favour else {}
        found[name] = reader(include_tables=tables, fast=fast, **settings)
    return found


def measure(pages: Sequence[Page]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Compare all readers.

    Args:
        pages: At least one.

    Returns:
        The scores, and ours of each page.
    """
    articles = {page.id: _read(page) for page in pages}
    ours = [compare(articles[page.id].text, page.text) for page in pages]
    others = {name: [compare(read(page.data), page.text) for page in pages] for name, read in peers().items()}
    best = max(others, key=lambda name: score(others[name])["f1"])
    numbers = {
        "pages": len(pages),
        "assistant": _scores(pages, ours),
        "trafilatura_best": {"settings": best, **_scores(pages, others[best])},
        "trafilatura": {name: score(counts) for name, counts in others.items()},
        "boilerplate": measure_boilerplate(pages),
        "facts": measure_facts(articles),
    }
    rows = [
        {"id": page.id, **{k: round(v, 4) for k, v in counts._asdict().items()}}
        for page, counts in zip(pages, ours, strict=True)
    ]
    return numbers, rows


def measure_boilerplate(pages: Sequence[Page]) -> dict[str, Any]:
    """How many words of the marked texts stand in lines that are taken for a site's own."""
    lines = [line for page in pages for line in page.text.split("\n")]
    gone = [line for line in lines if is_boilerplate(line, on_page=True)]
    words, removed = (sum(len(line.split()) for line in some) for some in (lines, gone))
    return {"marked_words": words, "removed_words": removed, "removed_lines": len(gone)}


def measure_facts(articles: Mapping[str, Article], file: Path = FACTS) -> dict[str, Any]:
    """On how many of the pages that a person checked headline and day are right.

    Args:
        articles: By the id of their page.
        file: What the person read.
    """
    facts = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    facts = [fact for fact in facts if fact["id"] in articles]
    right = []
    for fact in facts:
        article = articles[fact["id"]]
        day = article.published.isoformat() if article.published else ""
        right.append((title_digest(article.title) == fact["title"], day == fact["published"], not day))
    return {
        "pages": len(facts),
        "title_right": sum(title for title, _, _ in right),
        "published_right": sum(day for _, day, _ in right),
        "published_wrong": sum(not day and not unknown for _, day, unknown in right),
        "both_right": sum(title and day for title, day, _ in right),
    }


def title_digest(title: str) -> str:
    """What is kept of a headline: the hash of its words, whatever their case and punctuation."""
    return hashlib.sha256(" ".join(re.findall(r"\w+", title.casefold())).encode()).hexdigest()[:16]


def _read(page: Page) -> Article:
    try:
        (article,) = html.read(page.data, "page.html")
    except SourceError:
        return Article("")
    return article


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(
        tuple(words[n : n + RUN_WORDS]) for n in range(max(1, len(words) - RUN_WORDS + 1)) if words
    )


def _scores(pages: Sequence[Page], counts: Sequence[Counts]) -> dict[str, dict[str, float]]:
    odd = [count for page, count in zip(pages, counts, strict=True) if page.line % 2]
    return {"all": score(counts), "odd": score(odd)}


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Measure web pages; data from the folder BENCH_DATA.")
    parser.add_argument("--data", default=os.environ.get("BENCH_DATA"), help="instead of BENCH_DATA")
    data = parser.parse_args(argv).data
    if not data:
        parser.exit(2, "set BENCH_DATA to the folder that holds eval/\n")
    pages = load(Path(data))
    numbers, rows = measure(pages)
    numbers["sha256"] = datasets.hash_files(Path(data) / "eval" / SET / "ground_truth.jsonl", FACTS)
    path = results.save(results.describe_run(), {"extraction": numbers}, {SET: rows})
    print(json.dumps(numbers, indent=1), f"saved {path.name}", sep="\n")
    report.write()


if __name__ == "__main__":
    main()
