"""Words of news that tell of the same deed, fate or relation: to win, to beat, a champion, a title.

A question is seldom asked in the words of the article. It knows a few families of English words, stemmed like
the index; it does not know what is made of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache

from assistant.stores.lexical import terms

KILLED = "killed"
HURT = "hurt"
HELD = "held"
WON = "won"
LAUNCHED = "launched"
BEGUN = "begun"
ENDED = "ended"
ATTACKED = "attacked"
SIBLING, SPOUSE, PARENT = "sibling", "spouse", "parent"

_FAMILIES = {
    KILLED: """die died dies dead death deaths killed kill killing killer fatal fatality perish murder
        murdered murderer assassinate assassinated assassination assassin slain slay toll""",
    HURT: "injure injured injury wound wounded hurt treat treated patient hospitalised hospitalized burned",
    HELD: """arrest arrested detain detained custody held captured caught jail jailed prison imprisoned
        prisoner free freed released""",
    WON: """win won winner winning victory victor victorious champion title beat beaten beating defeat
        defeated lose lost loser losing crowned triumph holder medal prize award awarded elected seat vote""",
    ATTACKED: """attack attacked attacker bombing bomb bomber blast explosion exploded shooting shot gunman
        gunmen assault ambush""",
    LAUNCHED: "launch launched launching liftoff lift lifted takeoff",
    BEGUN: "begin begins began begun beginning start started open opens opened opening",
    ENDED: "end ended ending close closes closed closing finish finished conclude concluded",
    SIBLING: "brother sister sibling",
    SPOUSE: "wife husband widow widower spouse married marry wed",
    PARENT: "father mother parent son daughter child children born",
}  # fmt: skip
KIN = (SIBLING, SPOUSE, PARENT)
DEEDS = tuple(family for family in _FAMILIES if family != ATTACKED)
ALIKE = (KILLED, LAUNCHED, *KIN)  # whose words stand for one another when words are counted

IN_TOPICS = (*ALIKE, ATTACKED)  # the same where a topic is told at length


@cache
def members(family: str) -> frozenset[str]:
    """The terms of a family."""
    return frozenset(term for word in _FAMILIES[family].split() for term in terms(word))


def families(words: Iterable[str], of: Iterable[str] = DEEDS) -> frozenset[str]:
    """The families, of some, that have one of these terms."""
    there = frozenset(words)
    return frozenset(family for family in of if members(family) & there)


def told(asked: Collection[str], there: Collection[str], of: tuple[str, ...] = ALIKE) -> frozenset[str]:
    """The terms of a question that a text has in other words of their family, of some families."""
    both = families(asked, of) & families(there, of)
    return frozenset(term for term in asked for family in both if term in members(family))
