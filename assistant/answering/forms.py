"""Questions that a sentence answers, told by its form: who did it, when, where, why, how many, who said what.

It knows English sentences and what makes a question stand alone; it knows no corpus and no answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.answering.questions import content_terms

MIN_WORDS, MAX_WORDS = 4, 13  # of a question: shorter ones are vague, longer ones no one would ask
MIN_TERMS = 4  # of one that names nobody and nothing

# Of people and what they make up, such as a party: "who came down empty" would ask for a spacecraft.
_DEEDS = """
accused:accuse agreed:agree announced:announce appointed:appoint approved:approve attacked:attack beat:beat
became:become built:build captured:capture chose:choose condemned:condemn criticised:criticise
criticized:criticize defeated:defeat discovered:discover elected:elect enlarged:enlarge founded:found
hosted:host inaugurated:inaugurate invented:invent killed:kill launched:launch led:lead left:leave made:make
met:meet named:name opened:open ordered:order picked:pick praised:praise promised:promise proposed:propose
published:publish rejected:reject replaced:replace signed:sign suspended:suspend unveiled:unveil
visited:visit welcomed:welcome withdrew:withdraw won:win wrote:write
"""
_BASE = dict(pair.split(":") for pair in _DEEDS.split())  # "met": "meet"
_PAST = {now: past for past, base in _BASE.items() for now in (past, f"{base}s", f"{base}es")}  # of headlines
_HAPPENED = """
arrived:arrive began:begin closed:close collapsed:collapse died:die docked:dock ended:end fell:fall hit:hit
landed:land launched:launch left:leave objected:object opened:open resigned:resign returned:return
started:start struck:strike took:take went:go
"""
_EVENTS = dict(pair.split(":") for pair in _HAPPENED.split())
_NO_OBJECT = frozenset(("met", "agreed", "led", "won"))  # with these "in …" may follow
_SUFFERED = re.compile(
    r"^(?:in|at|by|near|outside|on|as|after|over|from|for) "
)  # "killed in bombing": "were"

_WORD = r"[A-Z][\w'’-]+"
_NAME = rf"{_WORD}(?: (?:(?:of|and|the|bin|al|de|da|do|du|van|von|ul) |al-)?{_WORD}){{0,6}}"
# "Ali Mohamed of Kenya, who speaks for the Africans," or "Its climate minister, Sherry Rehman,"
_SUBJECT = rf"(?:[A-Z][^,.;:]{{3,60}}, (?P<also>{_NAME}),|(?P<name>{_NAME})(?:, [^,.;:]{{3,70}},)?)"
_TITLE = "(?:Mr|Mrs|Ms|Dr|Prime|Vice|Deputy|Foreign|President|Premier|Minister|Chancellor|King|Queen|Senator)"
_TITLED = re.compile(rf"(?:{_TITLE} )*{_WORD}")
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_NATION = r"[A-Z]\w+(?:ese|ish|ian|ani)\b"
_DATE = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:,? \d{{4}})?"
_WHEN = re.compile(rf",? (?:early |late )?on (?:{_WEEKDAY},? )?{_DATE}")
_SOME_DAY = re.compile(rf",? (?:early |late )?on (?:{_WEEKDAY}(?:,? {_DATE})?|{_DATE})")
_DEED = re.compile(
    rf"^{_SUBJECT} (?:has |had |have )?"
    rf"(?P<verb>{'|'.join(_PAST)}|was (?:named|elected|appointed|sworn in as|arrested|sentenced))"
    r" (?P<rest>.+)$"
)
# "The COP29 climate conference opened in Baku"
_EVENT = re.compile(
    rf"^(?:{_SUBJECT}|(?P<thing>(?:The|A|An) (?:[a-z][\w-]* ){{0,3}}{_NAME}(?: [a-z]+){{0,2}})) "
    rf"(?:has |had |have )?(?P<verb>{'|'.join(_EVENTS)}) (?P<rest>.+)$"
)
_WHERE = re.compile(rf" (?:in|at) (?:the )?{_NAME}(?: of {_NAME})?$")
_WHY = re.compile(r" because (?:of )?")
_SAID = re.compile(
    rf"^{_SUBJECT} (?:said|says|warned|argued|complained|added|told (?:[\w’'-]+ ){{0,3}}?[\w’'-]+)"
    r"(?: (?:in|at|on|to|during) [^,.]{2,40}?)? that "
    rf"(?P<what>(?!about |\d)(?:the )?(?:[\w’'-]+ ){{0,3}}?[\w’'-]+) "
    r"(?:is|are|was|were|has|have|had|would|could|will|might|may|can|cannot|should|must|did|does) "
)
_CALLED = re.compile(
    rf"^{_SUBJECT} (?:has |had )?called (?P<what>(?:the )?(?:[\w’'-]+ ){{0,3}}?[\w’'-]+) (?:[\"“]|an? )"
)
_HOW_MANY = re.compile(
    r"^(?:At least |About |Around |More than |Nearly |Almost |Over |All )?"
    r"(?:\d[\d,.]*|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[Ee]ight|[Nn]ine|[Tt]en|[Tt]welve) "
    r"(?P<rest>(?:[A-Za-z]+ ){1,3}(?:were|had|have|died|took|live|voted|attended|agreed) .+)$"
)
# What leads out of the sentence: such a question would not be understood alone.
_LEADS_AWAY = re.compile(
    r"\b(?:he|she|it|they|his|her|its|their|him|them|himself|herself|this|that|these|those|there|meanwhile|"
    r"I|we|also|now|then|here|last|next|previous|yesterday|today|tomorrow|ago|later|earlier|others?|another|"
    r"same|such|both|event|matter|everybody|nobody|nothing|some|any|no)\b|[\"“”:;()]"
)
_CLAUSE = re.compile(
    r",| an? (?:day|week|month|year) (?:after|before)\b"
    r"| (?:while|after|before|because|although|as|which|who|but|so) "
    r"| and (?=(?:[a-z]+ed|was|were|has|had|put) )"
)
_NO_NAMES = frozenset(
    "the this that these those it he she they we i you there in on at by for with from after before when "
    "while as but and or if all some many most one another an a his her its their our what who".split()
)
_MANY = re.compile(r"[A-Z][a-z]+s")  # "Critics said": a capital for the sentence's beginning only

_ROLE = (
    r"(?:co-)?(?:minister|president|premier|chief|leader|head|negotiator|commissioner|envoy|spokes(?:wo)?man|"
    r"secretary(?:-general)?|director|founder|ambassador|chair(?:wo)?man|chair|captain|coach|astronauts?|"
    r"engineer|scientist|professor|activist|lawyer|general|officer|analyst|economist|author|writer|manager|"
    r"administrator|governor|mayor|king|queen|adviser|expert|candidate)"
)
_PERSON = re.compile(rf"{_WORD}(?: (?:al|bin|de|da|do|el|van|von) {_WORD}| {_WORD})+")
_ROLE_WORD = re.compile(rf"{_ROLE}|{_TITLE}", re.IGNORECASE)


def questions_of(sentence: str, text: str) -> Iterator[str]:
    """The questions that a sentence answers.

    Args:
        sentence: One sentence or a headline.
        text: What it stands in, where names are found in full.

    Yields:
        Questions that stand alone; often none.
    """
    sentence = " ".join(sentence.split()).rstrip(".!? ")
    for made in (
        _who(sentence, text),
        _how_many(sentence),
        _said(sentence, text),
        *_circumstances(sentence, text),
    ):
        words = made.split()
        if MIN_WORDS <= len(words) <= MAX_WORDS and not _LEADS_AWAY.search(made) and _is_specific(made):
            yield made


def people(sentence: str) -> list[str]:
    """The names of several words that a sentence has, titles aside, as far as they may be of people."""
    found = []
    for name in _PERSON.findall(sentence):
        words = name.split()
        titles = [n for n, word in enumerate(words) if _ROLE_WORD.fullmatch(word)]
        words = words[titles[-1] + 1 :] if titles else words
        if 2 <= len(words) <= 4 and words[0].lower() not in _NO_NAMES:
            found.append(" ".join(words))
    return list(dict.fromkeys(found))


def says_who(sentence: str, name: str) -> bool:
    """Whether a sentence tells what somebody is, as in "Azerbaijan's lead negotiator, Yalchin Rafiyev"."""
    who = re.escape(name)
    before = re.search(rf"\b{_ROLE},? (?:{_TITLE} )*{who}\b", sentence, re.IGNORECASE)
    after = rf"\b{who}(?: of {_WORD})?, (?:an? |the |[A-Z][\w’']+ )?(?:[\w-]+ ){{0,3}}{_ROLE}\b"
    return bool(before or re.search(after, sentence))


def _is_specific(question: str) -> bool:
    """Whether it names somebody or something, or says enough to be about one thing only."""
    names = re.findall(rf"(?<!^)\b(?!{_WEEKDAY}|{_MONTH}|{_NATION}){_WORD}", question)
    return bool(names) or (len(content_terms(question)) >= MIN_TERMS and " the " not in question)


def _who(sentence: str, text: str) -> str:
    if not (found := _deed(sentence, text)):
        return ""
    rest = _first_clause(_SOME_DAY.sub("", f" {found['rest']}"))
    return f"Who {_PAST.get(found['verb'], found['verb'])} {rest}?" if rest else ""


def _circumstances(sentence: str, text: str) -> Iterator[str]:
    """When, where and why somebody did something or something happened."""
    found, bases = _deed(sentence, text), _BASE
    if not found:
        found, bases = _EVENT.match(sentence), _EVENTS
    if not found or found["verb"] not in bases:
        return
    thing = found.groupdict().get("thing")
    if not thing and not _is_name(_name(found), text):
        return
    who = thing[0].lower() + thing[1:] if thing else in_full(_name(found), text)
    did, rest = f"did {who} {bases[found['verb']]}", f" {found['rest']}"
    clause = _first_clause(_SOME_DAY.sub("", rest))
    if _WHEN.search(rest):
        yield f"When {did} {clause}?".replace(" ?", "?")
    place = _WHERE.search(f" {clause}")
    if place and " at " not in f" {clause}"[: place.start()]:
        yield f"Where {did} {f' {clause}'[: place.start()].strip()}?".replace(" ?", "?")
    if _WHY.search(rest):
        yield f"Why {did} {clause}?"


def _deed(sentence: str, text: str) -> re.Match[str] | None:
    found = _DEED.match(sentence)
    if not found or not _is_name(_name(found), text):
        return None
    return None if found["verb"] not in _NO_OBJECT and _SUFFERED.match(found["rest"]) else found


def _said(sentence: str, text: str) -> str:
    for form, asked in ((_SAID, "What did {} say about {}?"), (_CALLED, "What did {} call {}?")):
        if (found := form.match(sentence)) and _is_name(_name(found), text):
            return asked.format(in_full(_name(found), text), found["what"])
    return ""


def _how_many(sentence: str) -> str:
    found = _HOW_MANY.match(sentence)
    return f"How many {_first_clause(_SOME_DAY.sub('', found['rest']))}?" if found else ""


def _name(found: re.Match[str]) -> str:
    return str(found["name"] or found["also"])


def _is_name(name: str, text: str) -> bool:
    """Whether it has its capital not only for standing at the beginning."""
    if name.partition(" ")[0].lower() in _NO_NAMES:
        return False
    is_elsewhere = re.search(rf"[\w,] {re.escape(name)}\b", text) is not None
    return " " in name or (is_elsewhere and not _MANY.fullmatch(name))


def in_full(name: str, text: str) -> str:
    """A name of one word, titles aside, as the text has it in full; the name itself if the text does not."""
    if not _TITLED.fullmatch(name):
        return name
    last = re.escape(name.rpartition(" ")[2])
    for form in (rf"\b{last} {_WORD}", rf"\b{_WORD} {last}\b"):
        for found in re.findall(form, text):
            if not _TITLED.fullmatch(found) and found.split()[0].lower() not in _NO_NAMES:
                return re.sub("['’]s$", "", found)
    return name


def _first_clause(rest: str) -> str:
    return _CLAUSE.split(rest.strip(), maxsplit=1)[0].strip()
