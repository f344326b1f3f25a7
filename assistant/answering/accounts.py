"""Questions that want more than one fact: a summary, a timeline, a list, a comparison, and of what.

It knows the English words that frame such a question. What is left of a question without them is its topic.
It does not know the corpus, nor how the sentences of an answer are chosen. (Accounts of users are in
`assistant.accounts`.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.types import Form

MAX_TOPIC_WORDS = 30  # of a longer text nobody knows which words frame it
MAX_CHARS = 300  # the same; it also bounds the time that the patterns take, which grows with the cube


@dataclass(frozen=True, slots=True)
class Account:
    """What a question wants an account of.

    Args:
        form: How it is to be told.
        topic: What about, without the words that frame the question.
        sides: The two topics of a comparison; empty for the other forms.
        question: The same as a question that the reader knows: "List the teams" as "What are the teams?".
        is_latest: Whether what came last is wanted first.
    """

    form: Form
    topic: str
    question: str
    sides: tuple[str, ...] = ()
    is_latest: bool = False

    @property
    def topics(self) -> tuple[str, ...]:
        """What is to be searched for: the topic, or the two sides."""
        return self.sides or (self.topic,)


def account_of(question: str) -> Account | None:
    """What a question wants an account of.

    Args:
        question: The standalone question.

    Returns:
        The account; None if one fact answers, as far as its words tell.
    """
    asked = " ".join(question.split())
    if len(asked) > MAX_CHARS:
        return None
    asked = _ENDING.sub("", _PLEASE.sub("", asked.rstrip(" .?!")))
    if len(asked.split()) > MAX_TOPIC_WORDS:
        return None
    return _comparison(asked, question) or _list(asked, question) or _told(asked, question)


def wants_several(question: str) -> bool:
    """Whether a question may want several sentences: it has the words for it, or wants an account."""
    return bool(_SEVERAL.search(question)) or account_of(question) is not None


def is_framing(word: str) -> bool:
    """Whether a word says how something is to be told, so that no article need have it."""
    return word.lower() in _FRAMING


_FRAMING = frozenset(
    """compare comparison compared versus vs difference differences differ timeline chronology history summary
    summarise summarize overview describe explain tell list lists name latest developments development events
    event background story happened happen happening unfold unfolded develop developed afterwards later since
    everything mentioned named problem problems issue issues trouble troubles
    mission affair saga situation""".split()
)
_SEVERAL = re.compile(r"\b(all|both|each|which .*s\b|what are|who are|several|every|other)\b", re.IGNORECASE)
_PLEASE = re.compile(
    r"^(?:(?:please|kindly|so|ok|hi|hello|and)[\s,]+|(?:can|could|would|will) you (?:please )?(?=\w)|"
    r"i(?:['’]d| would)? (?:like|want|need)(?: you)? to (?:know |see |have |read )?|"
    r"(?:give|show|write|make|draw|get|provide|prepare|i need|i want)(?: me| us)? (?!to\b))+",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"[\s,;:–-]+(?:please|for me|briefly|in (?:brief|short|a nutshell|detail|order)|"
    r"in a few (?:words|sentences)|so far|to date|until now|up to now|"
    r"(?:in|according to) (?:the|these|your|our) (?:articles|corpus|news|documents|sources))$",
    re.IGNORECASE,
)
_AN = r"(?:(?:an?|the|some|any)\s+)?(?:(?:short|brief|quick|full|complete|general|main|concise)\s+)*"
_SOURCES = (
    r"(?:we|you|i|they|(?:the|these|your|our)?\s*(?:articles|corpus|sources|papers|news|reports|documents))"
)
_OF = r"\s+(?:of|on|about|for|to|in|with|regarding|concerning|around|behind)\s+"
_WH = r"what(?:\s+(?:is|are|was|were)|['’]s)"
_COURSE = r"(?:timeline|time line|chronology|sequence of events|course of events|history)"
_TIMELINES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:{_WH} )?{_AN}{_COURSE}{_OF}(?P<topic>.+)",
        r"(?P<topic>.+?)[\s:,–-]+(?:timeline|chronology)",
        r"how (?:did|has|have|does) (?P<topic>.+?) (?:develop|unfold|evolve|progress|come about)"
        r"(?:ed|d)?(?: over (?:time|the years|the months))?",
        r"what happened(?:,)? (?:and )?when(?:,)? (?:in|at|with|to|during|around|on) (?P<topic>.+)",
        r"(?:trace|retrace) (?P<topic>.+)",
    )
)
_SUMMARIES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:summari[sz]e|sum up|recap|outline|describe) (?:for me )?(?:{_WH} known (?:of|about) |"
        rf"what happened (?:at|in|to|with|during|on|after) |"
        rf"{_AN}(?:story|articles?|news|coverage|reports?|state|history){_OF})?(?P<topic>.+)",
        rf"{_AN}(?:summary|overview|rundown|recap|account|digest|briefing|synopsis|background|outline|"
        rf"description|facts?){_OF}(?P<topic>.+)",
        r"tell (?:me|us) (?:(?:more|all|everything|something|what (?:is known|you know|happened)|a bit|"
        r"a little) )?(?:about|of|on) (?P<topic>.+)",
        rf"tell (?:me|us) (?:the story|what happened){_OF}(?P<topic>.+)",
        r"(?:know |learn |hear |read )?(?:more |something |details |information )?about (?P<topic>.+)",
        r"explain (?!why\b|how\b|what\b|when\b|who\b|where\b|which\b)(?P<topic>.+)",
        r"(?:tell (?:me|us) )?what (?:has |have |had |all )?happened "
        r"(?:at|in|to|with|during|after|on|near|around|since|between) "
        r"(?P<topic>.+)",
        r"(?:what(?: is|['’]s) (?:happening|going on)|what was going on) (?:at|in|to|with|on|around) "
        r"(?P<topic>.+)",
        rf"what (?:do|does|did|can|could) {_SOURCES} (?:know|say|report|tell|have|write|learn|find)"
        rf"(?: me| us)?{_OF}(?P<topic>.+)",
        rf"what have {_SOURCES} (?:learned|learnt|reported|said|written){_OF}(?P<topic>.+)",
        rf"{_WH} (?:all )?(?:known|reported|said|written){_OF}(?P<topic>.+)",
        r"what (?:is|was|are|were) (?P<topic>.+?) (?:all )?about",
        r"how (?:did|does|has|have|is|was|are|were) (?P<topic>.+?) (?:go|going|gone|fare|fared)",
        rf"{_AN}(?:background|key (?:points|facts)|main points|highlights|essentials){_OF}(?P<topic>.+)",
        rf"{_WH} the (?:(?:main|key|most important|central) (?:\w+ )?(?:points|facts|results|outcomes|"
        rf"findings|decisions|developments)|outcomes?|results|background){_OF}(?P<topic>.+)",
        r"(?P<topic>.+?)[\s:,–-]+(?:summary|overview|recap|explained|background|summed up|at a glance)",
    )
)  # fmt: skip
_LATEST = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:{_WH} )?(?:the )?(?:latest|newest|most recent|recent)(?: (?:news|developments?|updates?|state|"
        rf"status|information|events))?{_OF}(?P<topic>.+)",
        rf"(?:{_WH} new|(?:is there |are there )?any (?:news|updates?)|(?:{_WH} )?{_AN}(?:news|updates?))"
        rf"{_OF}(?P<topic>.+)",
        r"how (?:did|does) (?P<topic>.+?) (?:turn out|end up|end)",
        rf"{_WH} the (?:current )?(?:status|state)(?: of (?:play|things))?{_OF}(?P<topic>.+)",
    )
)
#: What asks for one fact: "About how many people …", "What happened in which year".
_FACT = re.compile(r"(?:how (?:many|much|long|old|often|far)|which|who|whom|whose|when|where|why)\b", re.I)
_ABOUT = re.compile(r"^(?:(?:about|of|on|to|the|a|an|all|at|in|with|its|this|that)\s+)+", re.IGNORECASE)


def _told(asked: str, question: str) -> Account | None:
    for form, patterns, is_latest in (
        (Form.TIMELINE, _TIMELINES, False),
        (Form.SUMMARY, _LATEST, True),
        (Form.SUMMARY, _SUMMARIES, False),
    ):
        for pattern in patterns:
            if found := pattern.fullmatch(asked):
                topic = _ABOUT.sub("", found["topic"]).strip(" ,:;")
                is_topic = topic and not _FACT.match(topic)
                return Account(form, topic, question, is_latest=is_latest) if is_topic else None
    return None


# -- lists
# ----------------------------------------------------------------------------------------------------

_LISTED = re.compile(
    r"(?:list|enumerate)\s+(?:(?:all|me|us|some|every|out|of)\s+)*(?P<items>.+)", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:name|(?=all\b)|an? list of|the (?:names|list) of)\s+(?:(?:all|me|us|some|of)\s+)*(?P<items>.+)",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"(?P<word>which|what)\s+(?:(?:of|other|different|kinds? of)\s+)*(?:the\s+)?(?P<items>\S.*)", re.I
)
_WHO_ARE = re.compile(r"(?:who|which|what)(?:\s+all)?\s+(?:are|were)\s+(?:all\s+)?(?P<items>the\s.+)", re.I)
_IRREGULAR = frozenset("people women men children".split())
_NO_PLURALS = frozenset(
    """is was has does as its his this us plus thus yes news series status crisis basis analysis process
    business bus gas address access progress success loss press congress class
    politics economics physics always perhaps besides happens lens sports sales goods""".split()
)
_NO_VERBS = frozenset(
    """the a an in on at of for to from by with and or is are was were its his her their this that these
    those what who it he she they we you i him them us me next""".split()
)
_NUMBER_WORDS = frozenset("two three four five six seven eight nine ten".split())


def _list(asked: str, question: str) -> Account | None:
    if found := _LISTED.fullmatch(asked):
        return _listing(found["items"], f"What are {_the(found['items'])}?")
    if (found := _NAMED.fullmatch(asked)) and _begins_plural(_ABOUT.sub("", found["items"])):
        return _listing(found["items"], f"What are {_the(found['items'])}?")
    if re.match(r"what are the (?:odds|chances|prospects)\b", asked, re.IGNORECASE):
        return None
    if (found := _WHO_ARE.fullmatch(asked)) and _begins_plural(found["items"][4:]):
        return _listing(found["items"], question)
    if (found := _WHICH.fullmatch(asked)) and _is_plural_asked(found["items"]) and not _is_verb(found):
        return _listing(found["items"], question)
    return None


def _listing(items: str, question: str) -> Account:
    return Account(Form.LIST, _ABOUT.sub("", items).strip(), question)


def _the(items: str) -> str:
    return items if items.lower().startswith(("the ", "its ", "their ")) else f"the {items}"


def _is_plural(word: str) -> bool:
    bare = word.strip(",").lower()
    if bare in _IRREGULAR or bare in _NUMBER_WORDS:
        return True
    is_s = bare.endswith("s") and not bare.endswith(("ss", "us", "is", "'s", "’s"))
    return is_s and len(bare) > 3 and bare not in _NO_PLURALS


def _begins_plural(items: str) -> bool:
    """Whether the noun of a phrase is a plural: one of its words before "of", "in" or "who"."""
    head = re.split(r"\b(?:of|in|at|on|for|who|that|which|from|with|to|by)\b", items, maxsplit=1)[0]
    words = head.split()[:5]
    return bool(words) and (_is_plural(words[-1]) or words[0].lower() in _NUMBER_WORDS)


def _is_plural_asked(items: str) -> bool:
    """Whether the noun after "which" is a plural: "leaders skipped", not "company owns the dam"."""
    words = [*items.split(), ""]
    if words[0].lower() in (*_NO_VERBS, "does", "did", "do", "has", "have", "had", "can", "will", "would"):
        return False
    if _is_plural(words[0]) and not words[0][:1].isupper():
        return True
    if words[0][:1].isupper():  # "Pakistani cities host": of "Champions Trophy" the next word counts
        lead = next((n for n, word in enumerate(words) if not word[:1].isupper()), 0)
        noun, after = words[lead], [*words[lead + 1 :], ""][0]
        return _is_plural(noun) and (after in _AFTER_NOUNS or _may_be_verb(after))
    return _is_plural(words[1]) and _may_be_verb([*words[2:], ""][0])


def _is_verb(found: re.Match[str]) -> bool:
    """Whether what looks like a plural is none: "What freezes at 90 K", "Which state's voters"."""
    first, after = [*found["items"].split(), ""][:2]
    return first.endswith(("'s", "’s")) or (found["word"].lower() == "what" and after in _AFTER_VERBS)


_AFTER_VERBS = frozenset("a an the at up that to as into out off".split())


def _may_be_verb(word: str) -> bool:
    return word.islower() and word not in _NO_VERBS


_AFTER_NOUNS = frozenset("of in with are were".split())


# -- comparisons
# ----------------------------------------------------------------------------------------------

_COMPARED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:{_WH} |is there |are there |explain |describe |tell me )?(?:the |an? |any )?(?:\w+ )?"
        r"differences?(?: \w+)? between (?P<one>.+?) and (?P<other>.+)",
        r"how (?:do|does|did|is|are|was|were) (?P<one>.+?) (?:differ|different|differed) from (?P<other>.+)",
        r"how (?:do|does|did) (?P<one>.+?) compare (?:to|with|against) (?P<other>.+)",
        r"how (?:do|does|did) (?P<one>.+?) and (?P<other>.+?) (?:compare|differ)",
        *(
            rf"(?:compare|contrast) (?P<one>.+?) (?:{by}) (?P<other>.+)"
            for by in ("and", "with|against|versus|vs", "to")
        ),
        r"(?:a |the )?comparison (?:of|between) (?P<one>.+?) (?:and|with|to) (?P<other>.+)",
        r"(?!(?:what|how|who|when|where|which|why|did|do|does|is|are|was|were|has|have|can)\b)"
        r"(?P<one>.+?),? (?:versus|vs\.?|compared (?:to|with)) (?P<other>.+)",
    )
)
#: "India vs New Zealand: who won" asks for the result of a match.
_RESULT = re.compile(r"\b(?:who|what|when|where|which|why|how|scores?|scored|results?|won)\b", re.I)
_NAME_RUN = r"(?:[A-Z0-9][\w’'-]*|\d+)(?:\s+(?:[A-Z0-9][\w’'-]*))*"


def _comparison(asked: str, question: str) -> Account | None:
    for pattern in _COMPARED:
        if found := pattern.fullmatch(asked):
            one, other = (_ABOUT.sub("", found[side]).strip(" ,") for side in ("one", "other"))
            sides = _completed(one, other)
            if sides[0].lower() == sides[1].lower() or any(map(_RESULT.search, sides)):
                return None
            return Account(Form.COMPARISON, f"{sides[0]} {sides[1]}", question, sides)
    return None


def _completed(one: str, other: str) -> tuple[str, str]:
    """Both sides with what only one has: "COP29", "COP30 finance goals" become the goals of both."""
    if (
        re.fullmatch(_NAME_RUN, one)
        and (led := re.match(rf"{_NAME_RUN}\b", other))
        and led.end() < len(other)
    ):
        return f"{one}{other[led.end() :]}", other
    if re.fullmatch(_NAME_RUN, other) and not re.fullmatch(_NAME_RUN, one):
        names = list(re.finditer(_NAME_RUN, one))
        if names:
            last = names[-1]
            return one, f"{one[: last.start()]}{other}{one[last.end() :]}"
    tail = re.search(rf"\s(?:at|of|in|for|on|to|by)\s+(?:the\s+)?{_NAME_RUN}$", other)
    if tail and not re.search(_NAME_RUN, one):
        return f"{one}{tail.group()}", other
    shared = re.search(rf"\b{re.escape(other.split()[0])}\b", one) if other.split() else None
    return one, f"{one[: shared.start()]}{other}" if shared else other
