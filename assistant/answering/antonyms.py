"""Antonyms: words that say the opposite of one another, as news tell of events; English.

`training.near_misses` has a list of its own: what it exchanges must also fit into the sentence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set

_PAIRS = (
    "rise fall; rose fell; risen fallen; rising falling; increase decrease; increased decreased; "
    "increases decreases; grow shrink; grew shrank; gain lose; gained lost; win lose; won lost; wins "
    "loses; winner loser; accept reject; accepts rejects; accepted rejected; accept refuse; accepted "
    "refused; admit deny; admits denies; admitted denied; confirm deny; confirmed denied; confirms "
    "denies; allow ban; allowed banned; allow forbid; allowed forbade; allowed forbidden; legal illegal; "
    "opened closed; opens closes; open shut; opened shut; begin end; began ended; begins ends; start end; "
    "started ended; start stop; started stopped; arrive leave; arrived left; enter leave; entered left; "
    "buy sell; bought sold; borrow lend; lent borrowed; guilty innocent; convicted acquitted; convict "
    "acquit; kill injure; killed injured; killed wounded; killed hurt; dead injured; dead wounded; dead "
    "alive; died survived; born died; high low; higher lower; highest lowest; more fewer; more less; most "
    "least; most fewest; best worst; better worse; first last; early late; earlier later; earliest "
    "latest; oldest youngest; older younger; largest smallest; larger smaller; long short; longest "
    "shortest; longer shorter; fast slow; fastest slowest; strong weak; before after; above below; inside "
    "outside; north south; east west; northern southern; eastern western; northeast southwest; northwest "
    "southeast; support oppose; supported opposed; supports opposes; supporter opponent; supporters "
    "opponents; ally enemy; allies enemies; friend enemy; praise criticise; praised criticised; praised "
    "condemned; praise blame; praised blamed; mandatory voluntary; mandatory optional; compulsory "
    "voluntary; male female; boy girl; husband wife; father mother; brother sister; son daughter; true "
    "false; success failure; succeeded failed; fulfilled unfulfilled; hired fired; hired dismissed; "
    "appointed dismissed; elected defeated; warm cold; wet dry; rich poor; cheap expensive; safe "
    "dangerous; safe unsafe; war peace; victory defeat; majority minority; maximum minimum; import "
    "export; imported exported; imports exports; developed developing; hours minutes; hour minute; hours "
    "seconds; minutes seconds; days weeks; weeks months; months years; days months; days years; hours "
    "days; million billion; thousand million; kilometres metres; meters kilometers; tonnes kilograms; "
    "protect destroy; protection destruction; gift curse; release arrest; released arrested; freed "
    "jailed; landed launched; launched cancelled; approved rejected; passed rejected; agreed refused; "
    "agreed disagreed; attack defend; attacked defended; attacker victim; attackers victims; guest host; "
    "teacher student; teachers students; buyer seller; exceed undershoot; exceeded missed; raised "
    "lowered; raised cut; raise cut; raise lower; upheld overturned; upheld rejected; added removed; adds "
    "removes; include exclude; included excluded; includes excludes; present absent; attended skipped; "
    "full empty; temporary permanent; domestic foreign; urban rural; ancient modern; union separation; "
    "married divorced"
)
PREFIXES = ("un", "in", "im", "ir", "il", "non")  # of an opposite: "unstable"


def _both_ways(pairs: str) -> Mapping[str, Set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for pair in pairs.split(";"):
        first, second = pair.split()
        found[first].add(second)
        found[second].add(first)
    return dict(found)


#: For a word, in lower case, the words that are its opposite.
ANTONYMS = _both_ways(_PAIRS)
