"""A follow-up question that a chat model rewrites: what it is shown, and what of its reply is a question.

It is shown the last turns of the conversation that its window has room for. Models think aloud, lead in, wrap
the question in markup or JSON, refuse, or write what an article told them to. Of a reply, one line of plain
text and of bounded length is used, a question about what the conversation is about; without one the question
is understood without the model. It knows texts, no models.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.answering.evidence import BYTES_PER_TOKEN, estimated_tokens
from assistant.answering.markers import plain
from assistant.answering.questions import content_terms, is_question
from assistant.chunking import sentences
from assistant.conversation import MAX_EARLIER_CHARS, MAX_TURNS, Understood, understand
from assistant.errors import ModelError
from assistant.types import Turn

MAX_REPLY_CHARS = 4000  # without what the model thought; a longer reply is no question
MAX_REWRITTEN_CHARS = 500  # a model that writes more than this has not rewritten the question
MIN_TURN_TOKENS = 32  # less of the last turn explains nothing
CUT = "…"  # what the model sees in place of the end of a turn
MAX_LEAD_INS = 3  # such as "Sure! Here it is: Standalone question: …"

_THOUGHT = r"(?:think(?:ing)?|thoughts?|reasoning|reflection)"
_THINKING_ENDS = re.compile(rf"[<\[]/\s*{_THOUGHT}\s*[>\]]", re.IGNORECASE)
_THINKING_BEGINS = re.compile(rf"[<\[]\s*{_THOUGHT}\s*[>\]]", re.IGNORECASE)
_CHANNEL = re.compile(r"<\|[^|>\n]{0,40}\|>")
_JSON_VALUE = re.compile(r'"[^"\n]{1,40}"\s*:\s*("(?:[^"\\\n]|\\.)*")')
_SORT = (
    r"(?:stand-?alone|rewritten|rephrased|reformulated|revised|contextuali[sz]ed|clarified|self-contained|"
    r"final|last|new|updated|original)"
)
_LEAD_IN = re.compile(
    r"[{\[\"“'‘\s]*(?:"
    r"(?:sure|certainly|of course|ok(?:ay)?|here(?:['’]s| is| it is| you go)?)\b[^:?\n]{0,80}:"
    r"|(?:sure|certainly|of course|ok(?:ay)?)\s*[,!.]"
    rf"|(?:(?:the|a|your|my)\s+)?(?:{_SORT}\s+){{0,3}}(?:follow-?up\s+)?"
    r"(?:question|query|version|rewrite|rewriting|answer|output|q|user|assistant)"
    r"(?:(?:\s+is|\s+would\s+be)\s*:?\s+|[\"”'’]?\s*:)"
    r")\s*",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"(?:^|[.!?:\n\"“]\s*)(?:(?:unfortunately|sorry|i apologi[sz]e|as an ai)\b"
    r"|i(?:['’]m| am)\s+(?:\w+\s+)?(?:sorry|unable|not able|an ai)\b"
    r"|i\s+(?:can(?:not|['’]t| not)|could(?: not|n['’]t)|do(?: not|n['’]t)|will not|won['’]t)\b)",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"(?:please\s+)?(?:tell|list|name|give|describe|explain|summari[sz]e|compare|show|outline)\b",
    re.IGNORECASE,
)
_ENDS_ASKING = re.compile(r".*[?？؟]", re.DOTALL)
_SPEAKS = re.compile(r"\bI\b")  # a question of a reader's own has a question mark
_QUOTES = '"“”«»`[]{} '


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a chat model is shown of a conversation.

    Attributes:
        text: The turns, each with who spoke, oldest first.
        shown: How many they are.
        left_out: How many of those that count had no room.
        is_cut: Whether the end of a turn is left out.
    """

    text: str
    shown: int
    left_out: int
    is_cut: bool

    def note(self, window: int) -> str:
        """What the reader is told was left out, in a window of so many tokens; empty if nothing was."""
        what = f"the last {self.shown} of {self.shown + self.left_out} turns" if self.left_out else ""
        cut = "only the beginning of a long turn" if self.is_cut else ""
        if not what and not cut:
            return ""
        room = f"; the others had no room in its {window:,} tokens" if what else ""
        shown = ", and ".join(part for part in (what, cut) if part)
        return f"To understand the question, the chat model was shown {shown}{room}."


def fit_turns(history: Sequence[Turn], room: int) -> Spoken:
    """Write down as many of the last turns as there is room for; of the last one at least the beginning.

    Args:
        history: The turns before, oldest first; the last `MAX_TURNS` count, and of each `MAX_EARLIER_CHARS`.
        room: Tokens that they may take.

    Returns:
        The turns that fit.

    Raises:
        ModelError: If there is no room for the beginning of the last turn.
    """
    recent = history[-MAX_TURNS:]
    lines: list[str] = []
    is_cut = False
    for turn in reversed(recent):
        whole = f"{turn.role}: {turn.text.strip()}"
        line = _shortened(whole, len(turn.role) + len(": ") + MAX_EARLIER_CHARS)
        if estimated_tokens(line) > room:
            if lines or room < MIN_TURN_TOKENS:
                break
            line = _beginning(line, room)
        lines.append(line)
        is_cut = is_cut or line != whole
        room -= estimated_tokens(line)
    if recent and not lines:
        raise ModelError(
            "the chat model's window has no room for the conversation",
            hint="Raise chat.context_tokens, or lower chat.max_output_tokens.",
        )
    return Spoken("\n".join(reversed(lines)), len(lines), len(recent) - len(lines), is_cut)


def _shortened(line: str, most: int) -> str:
    return line if len(line) <= most else line[: most - len(CUT)] + CUT


def _beginning(line: str, room: int) -> str:
    """As much of a line as so many tokens hold."""
    most = int((room - 1) * BYTES_PER_TOKEN) - len(CUT.encode())
    return line.encode()[:most].decode(errors="ignore") + CUT


def understood_from(reply: str, question: str, history: Sequence[Turn]) -> Understood:
    """Fold a conversation into a question by what a chat model made of it.

    Args:
        reply: What the model wrote, any text.
        question: What the user asks now.
        history: The turns before, oldest first; the last `MAX_TURNS` count.

    Returns:
        The model's question, searched for with the user's own words; what `understand` makes of it if the
        reply holds no question about the same thing.
    """
    written = question_in(reply, question, history)
    return Understood(written, also=question) if written else understand(question, history)


def question_in(reply: str, question: str, history: Sequence[Turn]) -> str:
    """Take the rewritten question out of a chat model's reply.

    Args:
        reply: What the model wrote, any text.
        question: What the user asked.
        history: The turns before, oldest first; the last `MAX_TURNS` count.

    Returns:
        The last line that asks something and shares a word with the conversation, without markup and lead-in;
        empty if there is none, if it is far too long, or if the model refused.
    """
    text = _without_thinking(reply)
    if len(text) > MAX_REPLY_CHARS:
        return ""
    text = plain(_unwrapped(text))
    if _REFUSAL.search(text):
        return ""
    said = [question, *(turn.text[:MAX_EARLIER_CHARS] for turn in history[-MAX_TURNS:])]
    about = {term for each in said for term in content_terms(each)}
    longest = max(MAX_REWRITTEN_CHARS, 2 * len(question))
    found = [line for line in _asked(text, about) if len(line) <= longest]
    marked = [line for line in found if _ENDS_ASKING.fullmatch(line)]
    return (marked or found or [""])[-1]


def _without_thinking(reply: str) -> str:
    """What comes after the thinking, which a server may have sent without the mark of its beginning."""
    ends = [found.end() for found in _THINKING_ENDS.finditer(reply)]
    text = reply[ends[-1] :] if ends else reply
    begins = _THINKING_BEGINS.search(text)
    return _CHANNEL.sub("\n", text[: begins.start()] if begins else text)


def _unwrapped(text: str) -> str:
    """The texts of a JSON object, each on a line; any other text as it is."""
    values = _JSON_VALUE.findall(text) if "{" in text else []
    return "\n".join(_decoded(value) for value in values) or text


def _decoded(value: str) -> str:
    try:
        return str(json.loads(value))
    except ValueError:  # such as an escape that JSON does not have
        return value


def _asked(text: str, about: set[str]) -> Iterator[str]:
    """The lines of a plain text that ask something about the terms, each from where it does so."""
    for line in text.splitlines():
        asked = _from_topic(_without_lead_in(" ".join(line.split())), about)
        if found := _ENDS_ASKING.match(asked):
            yield found.group().strip(_QUOTES)
        elif _REQUEST.match(asked) or (is_question(asked) and not _SPEAKS.search(asked)):
            yield asked.strip(_QUOTES)


def _without_lead_in(line: str) -> str:
    for _ in range(MAX_LEAD_INS):
        line = _LEAD_IN.sub("", line, count=1) if _LEAD_IN.match(line) else line
    return line.lstrip(_QUOTES + "'‘")


def _from_topic(line: str, about: set[str]) -> str:
    """The line from its first sentence that has one of the terms; empty if none has."""
    starts = (start for start, end in sentences(line) if not about.isdisjoint(content_terms(line[start:end])))
    start = next(starts, None)
    return "" if start is None else line[start:]
