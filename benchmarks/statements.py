"""Statements with their passages, true and false, made from questions with gold answers.

True ones are never literal: the question and its answer as a statement, and sentences of the evidence with
clauses dropped or moved. False ones are the same with one number, date or name changed, half of them to
another one of the same passage, or with two names exchanged, or true ones beside another passage. It knows
texts; it checks nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.answering.facts import MONTHS, WEEKDAYS, Fact, facts, opens_sentence
from assistant.chunking import sentences, split
from assistant.types import Article, Hit, Passage

KINDS = ("number", "date", "name", "role", "passage")
MAX_BETWEEN = 60  # characters between two names that are exchanged
_AUX = "did|does|do|is|are|was|were|can|could|has|have|had|will|would|should|must|may"
_ASKED = re.compile(
    r"^(?P<before>.*?\b)?(?P<wh>who(?:m|se)?|what|which|where|when|why|"
    r"how(?: (?:many|much|long|old|often|far))?)\b"
    r"(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_PARTICIPLE = re.compile(
    r"\b(?:\w{2,}(?:ed|en|ing)|made|held|built|found|known|led|sent|born|won|put|set|said|told|left|cut|sold|paid)\b"
)
_DEED = re.compile(
    r"\b(?:\w{3,}ed|beat|beats|won|took|gave|made|led|built|wrote|sold|bought|told|hit|sent|lost|left|held|found|shot|"
    r"brought|taught|sued|struck|drove|chose|saw|led|put|says|blames|accuses|visits|wins|leads|owns|backs)\b"
)  # what one name may do to another
_MUTUAL = re.compile(
    r"\b(?:and|or|married|wed|tied|played|faced|called|known|named|titled|nicknamed|based)\b"
)
_ASIDE = re.compile(r"\s*\([^()]*\)|,\s*(?:which|who|where|whose)\b[^,.;]*(?=[,.;])|\s—[^—]*—")


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement beside a passage.

    Attributes:
        line: Of the question in its file, from 1.
        dataset: Name of the set.
        kind: "true", or what is wrong: one of `KINDS`.
        claim: The statement.
        hit: The passage.
        question: It was made from.
    """

    line: int
    dataset: str
    kind: str
    claim: str
    hit: Hit
    question: str = ""

    @property
    def is_true(self) -> bool:
        return self.kind == "true"


@dataclass(frozen=True, slots=True)
class Source:
    """A question with its answer and evidence."""

    line: int
    dataset: str
    question: str
    answer: str
    title: str
    evidence: str


def pairs(sources: Sequence[Source], seed: int = 5) -> Iterator[Pair]:
    """All pairs of some sources, the same for the same seed."""
    chance, chance_of_roles = random.Random(seed), random.Random(seed)
    names = sorted({run for source in sources for run in _name_runs(source.evidence)})
    for n, source in enumerate(sources):
        hit = _hit(source, whole=chance.random() < 0.5)
        other = _hit(_another(sources, n, chance), whole=chance.random() < 0.5)
        true = [statement(source.question, source.answer), *rewritten(source, hit, chance)]
        for claim in dict.fromkeys(true):
            made = Pair(source.line, source.dataset, "true", claim, hit, source.question)
            yield made
            yield replace(made, kind="passage", hit=other)
            for kind in ("number", "date", "name"):
                if changed := change(claim, kind, hit.passage.text, names, chance):
                    yield replace(made, kind=kind, claim=changed)
            if exchanged := exchange(claim, hit.passage.text, chance_of_roles):
                yield replace(made, kind="role", claim=exchanged)


def _another(sources: Sequence[Source], n: int, chance: random.Random) -> Source:
    """Another source with another evidence: half of the time one of the same title, if there is one."""
    own = sources[n]
    others = [
        s for s in sources if s.evidence != own.evidence and own.answer.lower() not in s.evidence.lower()
    ]
    near = [s for s in others if s.title == own.title and s.dataset == own.dataset]
    return chance.choice(near if near and chance.random() < 0.5 else others)


def _hit(source: Source, *, whole: bool) -> Hit:
    """The evidence, whole or the passage of it that holds the answer."""
    article = Article(source.evidence, title=source.title)
    passages = split(article)
    holding = [p for p in passages if source.answer.lower() in p.text.lower()]
    if whole or not holding:
        passage = Passage(article.id, 0, len(article.text), article.text, source.title)
    else:
        passage = holding[0]
    return Hit(passage, article, 0.5)


def statement(question: str, answer: str) -> str:
    """A question and its answer as a statement, as grammatical as rules without a parser make it."""
    asked = " ".join(question.split()).rstrip("?. ")
    if "___" in asked:
        return re.sub(r"_{3,}", answer, asked) + "."
    # a long question opens with statements of its own: the last sentence asks
    asked = re.split(r"(?<=[.!?])\s+(?=[A-Z])", asked)[-1]
    match = _ASKED.match(asked)
    if not match:
        return f"{asked}: {answer}."
    before, rest = (match["before"] or "").strip(" ,"), match["rest"].strip()
    made = _declared(match["wh"].lower(), rest, answer)
    text = f"{before} {made}" if before else made
    return text[:1].upper() + text[1:] + "."


def _declared(wh: str, rest: str, answer: str) -> str:
    noun, aux, after = "", "", rest
    if found := re.match(
        rf"^(?P<noun>(?:[\w'’-]+ ){{0,4}}?)(?P<aux>{_AUX})\b(?P<after>.*)$", rest, re.IGNORECASE
    ):
        noun, aux, after = found["noun"].strip(), found["aux"].lower(), found["after"].strip()
    if not aux or (wh.startswith("who") and aux not in ("did", "does", "do")):
        return f"{answer} {rest}"  # the answer is the subject
    if aux in ("did", "does", "do"):
        return f"{after} {answer} {noun}".strip()
    if participle := _PARTICIPLE.search(after):
        subject, verb = after[: participle.start()].strip(), after[participle.start() :]
        if subject:
            return f"{subject} {aux} {verb} {answer}"
    return f"{answer} {aux} {after}"


def rewritten(source: Source, hit: Hit, chance: random.Random) -> list[str]:
    """The evidence's sentence with the answer, clauses dropped and moved; none if nothing can be changed."""
    text = hit.passage.text
    spans = [text[s:e].strip() for s, e in sentences(text)]
    holding = [s for s in spans if source.answer.lower() in s.lower() and 30 < len(s) < 400]
    if not holding:
        return []
    original = chance.choice(holding)
    made = _ASIDE.sub("", original)
    opening = re.match(
        r"^((?:In|On|At|After|Before|During|By|From|Since|Under|With)\b[^,]{3,60}),\s+(.+?)([.!?])$", made
    )
    if opening:
        head = opening[1][0].lower() + opening[1][1:]
        made = f"{opening[2][0].upper()}{opening[2][1:]} {head}{opening[3]}"
    else:
        made = _without_last_clause(made, source.answer)
    return [made] if made != original and len(made) > 20 else []


def _without_last_clause(text: str, answer: str) -> str:
    parts = re.split(r",\s+(?=and\b|but\b|while\b|as\b|after\b|with\b|\w+ing\b)|;\s+", text)
    kept = [part for part in parts if answer.lower() in part.lower()] or parts[:1]
    made = kept[0].strip(" ,;.")
    made = re.sub(r"^(?:and|but|while|as|after)\s+", "", made)
    return made[:1].upper() + made[1:] + "."


def change(claim: str, kind: str, passage: str, names: Sequence[str], chance: random.Random) -> str:
    """A statement with one fact of a kind changed; empty if it has none."""
    if kind == "name":
        return _with_other_name(claim, passage, names, chance)
    found = [fact for fact in facts(claim) if fact.kind == kind]
    if not found:
        return ""
    fact = chance.choice(found)
    here = [passage[f.start : f.end] for f in facts(passage) if f.kind == kind and f.value != fact.value]
    here = [word for word in here if _like(word, claim[fact.start : fact.end])]
    new = chance.choice(here) if here and chance.random() < 0.5 else _other_value(claim, fact, chance)
    return claim[: fact.start] + new + claim[fact.end :]


def exchange(claim: str, passage: str, chance: random.Random) -> str:
    """A statement with two of its names in each other's place; empty if none do something to one another."""
    whole = (re.search(rf"(?:\b[A-Z][\w.'’-]* )*{re.escape(run)}\b", claim) for run in _name_runs(claim))
    runs = dict.fromkeys(found[0] for found in whole if found)
    own = [run for run in runs if run in passage and claim.count(run) == 1]
    placed = sorted(own, key=claim.find)
    found = [
        (one, other)
        for one, other in pairwise(placed)
        if _acts(claim[claim.find(one) + len(one) : claim.find(other)])
        and not set(one.lower().split()) & set(other.lower().split())
    ]
    if not found:
        return ""
    one, other = chance.choice(found)
    first, second = claim.find(one), claim.find(other)
    between = claim[first + len(one) : second]
    return claim[:first] + other + between + one + claim[second + len(other) :]


def _acts(between: str) -> bool:
    """Whether the words between two names may say what the one does to the other."""
    is_near = len(between) < MAX_BETWEEN and not re.search(r"[,;:()]", between)
    return is_near and bool(_DEED.search(between)) and not _MUTUAL.search(between)


def _like(one: str, other: str) -> bool:
    return one[:1].isdigit() == other[:1].isdigit() and (one.lower() in WEEKDAYS) == (
        other.lower() in WEEKDAYS
    )


def _other_value(claim: str, fact: Fact, chance: random.Random) -> str:
    word = claim[fact.start : fact.end]
    if fact.kind == "date" and not word[:1].isdigit():
        same = WEEKDAYS if word.lower() in WEEKDAYS else {m for m in MONTHS if len(m) > 3}
        return chance.choice(sorted(same - {word.lower()})).capitalize()
    if re.match(r"\d", word):
        number = re.match(r"[\d,. ]*\d", word)
        assert number
        digits = list(number[0])
        places = [n for n, d in enumerate(digits) if d.isdigit()]
        place = chance.choice(places[1:] or places)
        digits[place] = chance.choice([d for d in "123456789" if d != digits[place]])
        return "".join(digits) + word[number.end() :]
    return chance.choice([w for w in ("three", "seven", "nine", "twelve", "forty") if w != word.lower()])


def _name_runs(text: str) -> list[str]:
    """Names as they stand, all the words of one together; not a word that merely opens a sentence."""
    found = [fact for fact in facts(text) if fact.kind == "name"]
    runs: list[list[int]] = []
    for fact in found:
        if runs and text[runs[-1][1] : fact.start] == " ":
            runs[-1][1] = fact.end
        elif not opens_sentence(text, fact.start) or len(fact.value) > 9:
            runs.append([fact.start, fact.end])
    found_runs = (text[start:end] for start, end in runs)
    return [run for run in found_runs if not run.endswith(("'s", "’s"))]


def _with_other_name(claim: str, passage: str, names: Sequence[str], chance: random.Random) -> str:
    own = [run for run in _name_runs(claim) if run in passage]
    if not own:
        return ""
    name = chance.choice(own)
    here = [run for run in _name_runs(passage) if not set(run.split()) & set(claim.split())]
    far = [run for run in names if run not in passage]
    new = chance.choice(here if here and chance.random() < 0.5 else far)
    return claim.replace(name, new, 1)
