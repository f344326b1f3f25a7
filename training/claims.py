"""What the entailment model is shown: a claim, a passage, and whether the one says what the other says.

Claims are made by rule from questions with answers (`benchmarks.statements`, and a question with the answer
to another one about the same text), or were written (`statements.jsonl`). It knows texts and labels.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from assistant.answering.facts import facts
from assistant.entailment import titled
from assistant.stores.lexical import terms
from benchmarks.statements import Source, pairs, statement
from training.data import Row

WRITTEN = Path(__file__).parent / "statements.jsonl"
DRAFTED = Path(__file__).parent / "drafts.jsonl"
FIXED = "fixed"  # kind of a small model's sentence that was put right
MAX_TEXT = 900  # characters of a text; longer ones are cut at a sentence or around the answer
KEPT_BACK = 12  # of the texts of written claims, one in so many is not trained on
DRAFTS_KEPT_BACK = 3  # the same of sentences of a small model
AT_ONCE = 300  # rows whose texts are exchanged for one another
#: How many of the questions of a source become claims, by rule.
SHARES = {
    "squad1": 1.0,
    "squad2": 1.0,
    "new_wiki": 1.0,
    "covid_qa": 0.5,
    "qamr_wikinews": 0.35,
    "qamr_wikipedia": 0.2,
    "reddit": 0.1,
    "amazon_reviews": 0.05,
    "policy_qa": 0.05,
}
KEPT = {"passage": 0.3, "true": 0.85}  # share of the claims of a kind that are kept; all of the others
DATED = 0.3  # share of claims whose passage has a date of publication
SAID = 0.4  # share of those that say a date, half of them another one
OPENINGS = ("The passage says that ", "According to the article, ", "The article states that ")
OPENED = 0.03
EARLIEST = date(1990, 1, 1)


@dataclass(frozen=True)
class Claim:
    """A claim beside a passage.

    Attributes:
        claim: One sentence.
        title: Of the article, with its date if it is known; may be empty.
        text: The passage.
        is_supported: Whether the passage, with its title, says it.
        kind: How it was made.
    """

    claim: str
    title: str
    text: str
    is_supported: bool
    kind: str


def by_rule(rows: Sequence[Row], rng: random.Random) -> Iterator[Claim]:
    """Claims made from questions with answers."""
    taken = [row for row in rows if _is_told(row) and rng.random() < SHARES[row.source]]
    rng.shuffle(taken)
    for start in range(0, len(taken) - AT_ONCE // 2, AT_ONCE):
        yield from _exchanged(taken[start : start + AT_ONCE], rng)
    yield from _misanswered(rows, rng)


def _is_told(row: Row) -> bool:
    """Whether there is an answer of some length: a letter stands in every other text, too."""
    return bool(row.answers) and len(row.answer_texts[0]) > 2


def _exchanged(rows: Sequence[Row], rng: random.Random) -> Iterator[Claim]:
    sources = [
        Source(n, row.source, row.question, row.answer_texts[0], row.readable_title, around(row))
        for n, row in enumerate(rows)
    ]
    for pair in pairs(sources, seed=rng.randrange(1 << 30)):
        if rng.random() < KEPT.get(pair.kind, 1.0):
            title = pair.hit.article.title if rng.random() < 0.7 else ""
            yield _varied(Claim(pair.claim, title, pair.hit.passage.text, pair.is_true, pair.kind), rng)


def around(row: Row) -> str:
    """The part of a text that holds the answer."""
    start, end = row.answers[0]
    if len(row.context) <= MAX_TEXT:
        return row.context
    first = max(0, min(start - _number_of(row) % 300, len(row.context) - MAX_TEXT))
    return row.context[first : max(first + MAX_TEXT, end)]


def _number_of(row: Row) -> int:
    return sum(row.id.encode())


def _misanswered(rows: Sequence[Row], rng: random.Random) -> Iterator[Claim]:
    """A question with the answer to another one of the same text, asked with the same word."""
    by_text: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_text[row.context].append(row)
    for text_rows in by_text.values():
        answered = [row for row in text_rows if row.answers]
        for row in text_rows:
            if rng.random() < SHARES[row.source] * 0.6:
                yield from _with_wrong_answer(row, answered, rng)


def _with_wrong_answer(row: Row, others: Sequence[Row], rng: random.Random) -> Iterator[Claim]:
    own = {answer.lower() for answer in row.answer_texts}
    wrong = [
        other.answer_texts[0]
        for other in others
        if _asked(other) == _asked(row) and not _alike(other.answer_texts[0].lower(), own)
    ]
    if wrong:
        answer = rng.choice(wrong)
        text = around(replace(row, answers=row.answers or others[0].answers))
        yield _varied(Claim(statement(row.question, answer), row.readable_title, text, False, "answer"), rng)


def _asked(row: Row) -> str:
    words = row.question.lower().split()
    found = next((n for n, word in enumerate(words) if word.startswith(("wh", "how"))), -1)
    return "" if found < 0 else " ".join(words[found : found + (2 if words[found] == "how" else 1)])


def _alike(answer: str, own: Iterable[str]) -> bool:
    return any(set(answer.split()) & set(each.split()) for each in own)


def written(rows: Sequence[Row], rng: random.Random, path: Path = WRITTEN) -> Iterator[Claim]:
    """Claims that were written about texts, with labels."""
    known: Mapping[str, Row] = {row.id: row for row in rows}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        row = known.get(record["row"])
        if row:
            text = opening_of(row.context)
            made = Claim(record["claim"], row.readable_title, text, bool(record["ok"]), record["kind"])
            yield _varied(made, rng)


def drafted(rows: Sequence[Row], path: Path = DRAFTED) -> Iterator[Claim]:
    """Sentences that a small model wrote about two texts, labelled; each with the text it is more like."""
    known: Mapping[str, Row] = {row.id: row for row in rows}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if all(row in known for row in record["rows"]):
            words = frozenset(terms(record["claim"]))
            shown = [(known[row].readable_title, shown_of(known[row])) for row in record["rows"]]
            title, text = max(shown, key=lambda one: len(words & frozenset(terms(" ".join(one)))))
            kind = record["kind"] if record["kind"] == FIXED else "true" if record["ok"] else "draft"
            yield Claim(record["claim"], title, text, bool(record["ok"]), kind)


def shown_of(row: Row) -> str:
    """As much of a text as a passage has: around the answer, or from its beginning."""
    return around(row) if row.answers else opening_of(row.context)


def drafted_parts(rows: Sequence[Row]) -> tuple[list[Claim], list[Claim]]:
    """Sentences of a small model, for training and kept back, split by text."""
    return _parts(drafted(rows), DRAFTS_KEPT_BACK)


def _parts(found: Iterable[Claim], one_in: int) -> tuple[list[Claim], list[Claim]]:
    """Claims for training and those kept back, of one text in so many."""
    training: list[Claim] = []
    kept: list[Claim] = []
    for claim in found:
        (kept if sum(claim.text[:200].encode()) % one_in == 0 else training).append(claim)
    return training, kept


def written_parts(rows: Sequence[Row], seed: int = 0) -> tuple[list[Claim], list[Claim]]:
    """Written claims, for training and kept back, split by text."""
    return _parts(written(rows, random.Random(seed)), KEPT_BACK)


def opening_of(text: str) -> str:
    """A text up to the last sentence that ends within `MAX_TEXT`."""
    return text if len(text) <= MAX_TEXT else text[: text.rfind(". ", 0, MAX_TEXT) + 1]


def _varied(made: Claim, rng: random.Random) -> Claim:
    """Now and then with a date of publication, said or missaid, or with an opening."""
    if rng.random() < OPENED and made.claim[1:2].islower():
        made = replace(made, claim=rng.choice(OPENINGS) + made.claim)
    if rng.random() >= DATED:
        return made
    day = EARLIEST + timedelta(rng.randrange(13_000))
    made = replace(made, title=titled(made.title, day))
    if rng.random() >= SAID or any(fact.kind == "date" for fact in facts(made.claim)):
        return made
    is_right = rng.random() < 0.5
    said = day if is_right else _another(day, rng)
    return replace(
        made, claim=_dated(made.claim, said, rng), is_supported=made.is_supported and is_right, kind="dated"
    )


def _another(day: date, rng: random.Random) -> date:
    """A date that differs in day, month or year, or in all of them."""
    other = EARLIEST + timedelta(rng.randrange(13_000))
    parts = (
        day.replace(day=day.day % 28 + 1),
        day.replace(day=1, month=day.month % 12 + 1),
        day.replace(day=1, year=day.year + rng.choice((-2, -1, 1))),
        other,
    )
    return rng.choice(parts)


def _dated(claim: str, day: date, rng: random.Random) -> str:
    when = f"{day:%B} {day.day}, {day.year}" if rng.random() < 0.6 else f"{day.day} {day:%B %Y}"
    if rng.random() < 0.5 and claim[:1].isupper():
        return f"On {when}, {claim}"
    return f"{claim.rstrip('. ')} on {when}."
