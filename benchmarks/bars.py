"""The bars of answer quality that are not reached: how far off each is, and what would reach it.

Numbers come from the newest run of `tune_answer`, on questions that nothing was chosen on. What would reach a
bar is a judgement, written here by hand. It knows that run's rows; it measures nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import metrics, results

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

HEAD = """\
## Bars that are not reached, and what would reach them

Odd lines of the question files, the newest run of `python -m benchmarks.tune_answer` that kept its questions
({run}{found}); `python -m benchmarks.curves` draws it. In brackets: 95 % interval.
"""
BY_WORDS = "; news_quiz found by its words alone, the best ten passages read"
ORDER = """\
![hit@1 by how many passages are read](ranking.svg)

**The order of news passages.** The dashed line says that a right passage is among those read; the reader
does not put it first. It was trained on pairs of a question and one passage, a quarter of them from news,
and passages about one event all look like answers to it. What would reach the bar: training on several
passages of the same event at once, of which one answers, from some 20,000 questions over news of one
period, and a day of one accelerator. More questions to tune on would not: {count} are measured, and one is
{one} points.
"""
REFUSAL = """\
![Unanswerable questions refused](refusal.svg)

**Questions about another year.** They are about the same people and the same kind of event as the articles,
and leave out the year: words, vectors and the reader's score are those of an answerable question. What
would reach the bar: some thousands of near misses of that kind to train on (questions of one year put to
the news of another), or the day on which a question is asked, which the set leaves out and a person's
question has.
"""
ERROR = """\
**Calibration.** With 200 to 300 questions chance alone makes an error of about .05 to .08, even if every
probability were true: at that number nobody can tell whether the bar is reached. The vertical lines in [the
diagram](reliability.svg) show how far a tenth of the answers may be off. What would decide it: a thousand
questions for each set, as wiki_qa has.
"""
FIRST = """\
![The answer is in one of the first sentences](sentences.svg)

**The first sentence on corpus/.** A right sentence is mostly among the first three. What is put before it:
an earlier report's number where it changed since, a sentence with the question's words where the reason is
told in others, another visit or match of the same people. What would reach the bar: a reader trained on
news to choose among all sentences of an article, from some thousands of questions; here are about 120 to
tune on.
"""
SEARCH = """\
![Where the time of a search goes](search_parts.svg)

**The time of a search.** It was to take half of the tutorial's dense search. The query's vector and Chroma's
hundred nearest, which no hybrid search can do without, take four tenths of that search's time already; the
words are looked up meanwhile, on the second core; looking up articles, near copies and texts in the catalog
takes the rest. What would reach the bar: fewer than a hundred nearest (see depth in ABLATION.md),
or articles of passages kept in memory, which each write of another process would have to renew.
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """A number beside its bar."""

    what: str
    value: str
    count: int
    bar: str


def newest(folder: Path = results.FOLDER) -> dict[str, Any] | None:
    """The newest run that kept its questions; None if there is none."""
    for file in sorted(folder.glob("tune-answer-*.json"), reverse=True):
        run: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if "questions" in run:
            return run
    return None


def section(run: Mapping[str, Any]) -> str:
    """The section of the README.

    Args:
        run: From `newest`.
    """
    rows: Rows = run["questions"]
    table = ["| | measured | n | bar |", "|---|---|---|---|"]
    table += [f"| {m.what} | {m.value} | {m.count} | {m.bar} |" for m in measured(rows)]
    count = sum("hit_1" in row for row in rows.get("news_quiz", ()))
    order = ORDER.format(count=count, one=f"{100 / max(1, count):.1f}")
    head = HEAD.format(run=run["run"], found=BY_WORDS if run.get("news_by_words") else "")
    return "\n".join([head, "\n".join(table), "", order, REFUSAL, ERROR, FIRST, SEARCH])


def measured(rows: Rows) -> Iterator[Measured]:
    """The numbers beside their bars."""
    if news := [row for row in rows.get("news_quiz", ()) if "hit_1" in row]:
        gains = [row["hit_1"][-1] - row["hit_1"][0] for row in news]
        yield Measured("news_quiz: hit@1 gained by reading", _cell(gains), len(news), "at least .05")
        best = [row["best_hit_1"][-1] - row["hit_1"][0] for row in news]
        yield Measured("… by the best order of the passages read", _cell(best), len(news), "")
    for corpus, kind, share, bar in (("news_quiz", "far", 0.85, ".90"), ("wiki_qa", "near", 0.8, ".50")):
        if refused := _refused(rows.get(corpus, ()), kind, share):
            what = f"{corpus}: unanswerable refused at .{share * 100:.0f} answered"
            yield Measured(what, _cell(refused), len(refused), f"at least {bar}")
    for corpus in ("wiki_qa", "news_quiz", "corpus"):
        if every := rows.get(corpus, ()):
            yield _error(f"{corpus}: expected calibration error", every)
    if far := rows.get("far", ()):
        yield _error("… of corpus, with questions of wiki_qa put to it", [*rows.get("corpus", ()), *far])
    if own := [row for row in rows.get("corpus", ()) if row["kind"] == "answerable"]:
        right = [row["is_right"] for row in own]
        yield Measured("corpus: first sentence holds the answer", _cell(right), len(own), "at least .80")


def _refused(rows: Sequence[Row], kind: str, share: float) -> list[bool]:
    answered = [row["score"] for row in rows if row["kind"] == "answerable"]
    if not answered:
        return []
    least = metrics.threshold_answering(answered, share)
    return [row["score"] < least for row in rows if row["kind"] == kind]


def _error(what: str, rows: Sequence[Row]) -> Measured:
    scores = [row["score"] for row in rows]
    error = metrics.expected_calibration_error(scores, [row["is_right"] for row in rows])
    usual, seldom = metrics.chance_calibration_error(scores)
    value = f"{error:.3f} (true probabilities: {usual:.3f}, one time in 20 above {seldom:.3f})"
    return Measured(what, value, len(rows), "at most .05")


def _cell(values: Sequence[float]) -> str:
    low, high = metrics.interval([float(value) for value in values])
    return f"{metrics.mean(values):.3f} [{low:.3f}, {high:.3f}]"
