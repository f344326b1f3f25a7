"""What a passage says otherwise than a sentence beside it, in words that a regression passes over.

An altered quote, somebody else's quote, what the passage denies, and a word's opposite in its place. It knows
words and their order in English, no grammar; what is found here counts as unsupported whatever else agrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from assistant.answering.antonyms import ANTONYMS, PREFIXES
from assistant.answering.premises import Claim, Premise
from assistant.stores.lexical import terms

REACH = 3  # words after a denial in which what it denies is sought
MIN_QUOTED = 2  # words of a quote that is looked up
MIN_PREFIXED = 5  # letters of a word whose opposite is made by a prefix
_DENIALS = frozenset(
    "not no never cannot deny denied denies denying reject rejected rejects rejecting refuse refused refuses "
    "refusing fail failed fails".split()
)
_DENYING = _DENIALS | frozenset(
    "none nor neither without nobody nothing false untrue hardly unlikely lack lacks lacked".split()
)
_LIMITS = frozenset("but and or only until".split())  # a denial does not reach beyond
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_QUOTE = re.compile(r"[\"“”]([^\"“”]+)[\"“”]|(?<!\w)['‘]([^'‘’]{8,})['’](?!\w)")
_LEFT_OUT = re.compile(r"…|\.\.\.|\[[^\]]*\]")
_SAYS = (
    r"(?:said|says|spoke|speaks|told|tells|called|calls|added|adds|described|describes|argued|argues|warned|warns|"
    r"wrote|writes|claimed|claims|declared|declares|replied|insisted|stated|states|noted|announced|asked|asks)"
)
_NAME = r"(?:[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+){0,5})"  # bounded, so that the search is linear
_SPEAKER = re.compile(rf"\b({_NAME})\s+{_SAYS}\b|\b(?:{_SAYS}|according to)\s+({_NAME})")


def contradiction(claim: Claim, premise: Premise) -> str:
    """Why a passage does not say a claim although their words agree.

    Args:
        claim: A sentence.
        premise: The passage.

    Returns:
        The reason, for the reader; empty if none is found.
    """
    number = premise.best(claim)
    reasons = chain(
        _altered_quotes(claim, premise),
        _opposites(claim, premise, number),
        _denials(claim, premise.alone(number)),
    )
    return next(reasons, "")


def _altered_quotes(claim: Claim, premise: Premise) -> Iterator[str]:
    everything = _plain(f"{premise.hit.passage.text} {premise.around}")
    for part in _quoted(claim.text):
        if len(_words(part)) < MIN_QUOTED:
            continue
        if _plain(part) not in everything:
            yield f"“{part.strip(' ,.')}” is not quoted like this in the passage"
        elif speaker := _wrong_speaker(claim.text, part, premise):
            yield f"the passage does not say that {speaker} said “{part.strip(' ,.')}”"


def _quoted(text: str) -> Iterator[str]:
    """What stands between quotation marks, without what was left out or put in."""
    for found in _QUOTE.finditer(text):
        yield from _LEFT_OUT.split(found[1] or found[2])


def _wrong_speaker(text: str, quote: str, premise: Premise) -> str:
    """Who says a quote by the claim, if the sentence that has it names another speaker."""
    claimed = _speakers(text.replace(quote, " "))
    places = (premise.alone(n) for n in range(len(premise.spans)))
    sentence = next((place for place in places if _plain(quote) in _plain(place)), "")
    named = {word for speaker in _speakers(sentence.replace(quote, " ")) for word in _words(speaker)}
    is_other = claimed and named and not any(named & set(_words(speaker)) for speaker in claimed)
    return claimed[0] if is_other else ""


def _speakers(text: str) -> list[str]:
    """Names beside a word for saying."""
    return [first or second for first, second in _SPEAKER.findall(text)]


def _opposites(claim: Claim, premise: Premise, number: int) -> Iterator[str]:
    """Words of a claim in whose place its sentence has the opposite, and not the word itself."""
    there, said = _words(premise.alone(number)), _words(claim.text)
    stems = {stem for word in there for stem in terms(word)}
    near = _near_matches(there, claim)
    for word in dict.fromkeys(said):
        if word in there or (word not in ANTONYMS and stems & set(terms(word))):
            continue
        prefixed = _with_or_without_prefix(word)
        for other in near:
            if other not in said and (other in ANTONYMS.get(word, ()) or other in prefixed):
                yield f"the passage has “{other}”, not “{word}”"


def _with_or_without_prefix(word: str) -> set[str]:
    """The words that a prefix makes the opposite of a word: "unstable" and "stable"."""
    longer = {prefix + word for prefix in PREFIXES if len(word) >= MIN_PREFIXED}
    shorter = {word.removeprefix(prefix) for prefix in PREFIXES if word.startswith(prefix)}
    return longer | {rest for rest in shorter if len(rest) >= MIN_PREFIXED}


def _near_matches(there: Sequence[str], claim: Claim) -> Sequence[str]:
    """The part of a sentence that the claim's words span, and two words before and after."""
    at = [n for n, word in enumerate(there) if claim.terms & set(terms(word))]
    return there[max(0, at[0] - 2) : at[-1] + 3] if at else there


def _denials(claim: Claim, sentence: str) -> Iterator[str]:
    """What a claim says, and its sentence says only with a denial before it."""
    if any(map(_denies, _words(claim.text))):
        return
    there = _words(sentence)
    stems = [next(iter(terms(word)), "") for word in there]
    denied = {place for n, word in enumerate(there) if word in _DENIALS or word.endswith("n't")
              for place in _denied_after(n, there, stems, claim)}  # fmt: skip
    for place in sorted(denied):
        if all(n in denied for n, stem in enumerate(stems) if stem == stems[place]):
            yield f"the passage denies “{there[place]}”"


def _denied_after(number: int, there: Sequence[str], stems: Sequence[str], claim: Claim) -> Iterator[int]:
    for n in range(number + 1, min(number + 1 + REACH, len(there))):
        if there[n] in _LIMITS:
            return
        if stems[n] in claim.terms:
            yield n
            return


def _denies(word: str) -> bool:
    return word in _DENYING or word.endswith("n't")


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def _plain(text: str) -> str:
    return " ".join(_words(text))
