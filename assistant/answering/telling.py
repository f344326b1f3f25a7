"""What a reader is told of a chat model's part in an answer, and of what is near if there is none.

For every surface: it knows answers, not where the words are shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.candidates import Candidate
from assistant.types import Answer, Form, Hit

NEAREST_SHOWN = 3  # under an abstention: enough to see what is near, few enough to stay a side note


def nearest(answer: Answer) -> list[Hit]:
    """What came nearest to an answer: the best passage of each article, best first, a few."""
    best = {hit.article.id: hit for hit in reversed(answer.hits)}
    return [hit for hit in answer.hits if best[hit.article.id] is hit][:NEAREST_SHOWN]


def gathered(form: Form | None, chosen: Sequence[Candidate]) -> str:
    """From how much the sentences of an account are gathered, and what the days of a timeline mean."""
    articles = len({candidate.hit.article.id for candidate in chosen})
    is_dated = form is Form.TIMELINE and any(candidate.hit.article.published for candidate in chosen)
    days = "; before each sentence stands the day on which its article was published"
    return f"Gathered from {_count(articles, 'article')}{days if is_dated else ''}."


def written_by(answer: Answer) -> str:
    """Who wrote an answer, from how much, and how much of it is supported; empty if it is quoted."""
    made = answer.generation
    if answer.mode != "chat" or made is None:
        return ""
    room = f"about {made.tokens:,} of {made.window:,} tokens"
    parts = [f"written by {made.model} from {_count(made.passages, 'passage')} ({room})"]
    if count := len(answer.sentences) + made.removed:
        supported = sum(sentence.is_supported for sentence in answer.sentences)
        parts.append(f"{supported} of {_count(count, 'sentence')} supported")
    return ", ".join(parts)


def generation_notes(answer: Answer) -> list[str]:
    """What a reader should know besides, a sentence each: a failure, a limit, what was taken out."""
    made = answer.generation
    if made is None:
        return []
    if made.failure:
        return [f"Quoted instead of an answer by the chat model: {made.failure}"]
    notes = [made.note] if made.note else []
    if made.left_out:
        shown = f"{made.passages} of {_count(made.passages + made.left_out, 'passage')}"
        notes.append(f"The model was shown {shown}; the others had no room in its {made.window:,} tokens.")
    if made.removed and not answer.abstention:
        notes.append(f"{_count(made.removed, 'sentence')} of the model removed.")
    if answer.unresolved:
        notes.append(f"{_count(len(answer.unresolved), 'marker')} that named no passage removed.")
    return notes


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
