"""Whether a sentence is one of a passage's own, or the beginning of one.

It knows words; how sure one is of a sentence in other words is for `grounding` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.answering.premises import Claim, Premise, ends

MIN_WORDS = 3  # of a sentence that says something
MIN_TERMS = 3  # content terms of a sentence that is the beginning of one only
_OPENING = re.compile(
    r"(?:according to the (?:passage|article|text),?|the answer (?:to (?:the|this) question )?is:?"
    r"|the (?:passage|article|text) (?:says|states|mentions|reports)(?: that)?)\s+",
    re.IGNORECASE,
)
_JOINING = re.compile(r"(?:and|but|so|yet|however,?|also|then|meanwhile,?)\s+", re.IGNORECASE)
_WORD = re.compile(r"[\w%$€£]+(?:['’.,:-][\w%]+)*")
_ARTICLES = frozenset("a an the".split())
_PREPOSITIONS = frozenset(
    "about above across after against along among around as at because behind below beside between beyond "
    "by despite during for from in inside into near of off on onto out outside over past since through "
    "throughout to toward towards under upon via with within without".split()
)
_FRONTED = _PREPOSITIONS - frozenset("as because despite without".split())
_GOING_ON = _PREPOSITIONS | frozenset("and but when where while who which whose that though although".split())
# Where one of these stands in what is left out, what comes before it may be said by somebody, or not be so.
_CHANGING = frozenset(
    "not no never none nor neither nobody nothing cannot deny denied denies denying reject rejected "
    "rejects false falsely untrue hoax rumour rumours rumor rumors if unless whether would could may "
    "might should alleged alleges allegedly reportedly accused claim claims claimed claiming say says "
    "said saying tell tells told telling argue argues argued arguing according insist insists insisted "
    "suspect suspects suspected suspecting expect expects expected expecting believe believes believed "
    "think thinks thought suggest suggests suggested demand demands demanded demanding promise promises "
    "promised hope hopes hoped plan plans planned fear fears feared report reports reported wrote writes "
    "warn warns warned before until almost nearly less fewer only except once".split()
)


def is_verbatim(claim: Claim, premise: Premise) -> bool:
    """Whether a claim is a sentence of a passage, or the beginning of one, word for word.

    Args:
        claim: A sentence; an opening such as "According to the article" is left aside.
        premise: The passage.

    Returns:
        Whether it is one or two neighbouring sentences, or the beginning of one up to a comma or to "in" and
        the like, with nothing left out that could change it: a "not", an "if", who says so. Articles do not
        count, and "In Baku, Ann met Bob." is "Ann met Bob in Baku."
    """
    said = _OPENING.sub("", claim.text, count=1) if _OPENING.match(claim.text) else claim.text
    orders = list(_orders(said))
    if not ends(said) or len(orders[0]) < MIN_WORDS:
        return False
    if any(_words(place) in orders for place in _places(premise)):
        return True
    return len(claim.terms) >= MIN_TERMS and any(
        _begins(sentence, words) for sentence in _sentences(premise) for words in orders
    )


def _sentences(premise: Premise) -> Iterator[str]:
    """Each sentence of a passage, and with its first phrase last if it begins with one."""
    for start, end in premise.spans:
        sentence = premise.hit.passage.text[start:end].strip()
        joined = _JOINING.match(sentence)
        sentence = sentence[joined.end() :] if joined else sentence
        yield sentence
        first, comma, rest = sentence.rstrip(" .").partition(", ")
        if comma and _is_fronted(first):
            yield f"{rest} {first}"


def _places(premise: Premise) -> Iterator[str]:
    """The same, and each two neighbouring sentences."""
    yield from _sentences(premise)
    for (start, _), (_, end) in pairwise(premise.spans):
        yield premise.hit.passage.text[start:end]


def _orders(said: str) -> Iterator[list[str]]:
    """The words of a sentence, and with its first phrase last if it begins with one."""
    yield _words(said)
    first, comma, rest = said.partition(", ")
    if comma and _is_fronted(first):
        yield [*_words(rest), *_words(first)]


def _is_fronted(phrase: str) -> bool:
    return phrase.split(maxsplit=1)[0].lower() in _FRONTED if phrase.strip() else False


def _begins(sentence: str, words: Sequence[str]) -> bool:
    """Whether a sentence begins with words, and goes on with nothing that could change them."""
    there = [found for found in _WORD.finditer(sentence) if found.group().lower() not in _ARTICLES]
    told = [_plain(found.group()) for found in there]
    if len(told) <= len(words) or told[: len(words)] != words:
        return False
    last, following = there[len(words) - 1], there[len(words)]
    is_whole = bool(re.search(r"[,;:–—(]", sentence[last.end() : following.start()]))
    rest = {_plain(found.group()) for found in there[len(words) :]}
    return (is_whole or told[len(words)] in _GOING_ON) and not rest & _CHANGING


def _words(text: str) -> list[str]:
    """The words of a text in lower case, without articles."""
    found = (_plain(word) for word in _WORD.findall(text))
    return [word for word in found if word not in _ARTICLES]


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")
