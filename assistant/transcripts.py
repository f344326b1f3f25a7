"""A conversation as Markdown with numbered references, for a note or a mail.

Words of articles, questions and models are escaped, so that they are shown and never become markup of the
note that they are put into. It knows answers and Markdown.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.escaping import escaped
from assistant.types import Answer


def markdown(title: str, answers: Iterable[Answer]) -> str:
    """Write a conversation down.

    Args:
        title: Its name.
        answers: Its answers, oldest first.

    Returns:
        Markdown; each answer is followed by the sentences that it rests on.
    """
    parts = [f"# {escaped(title)}"]
    for answer in answers:
        parts += [f"## {escaped(answer.question)}", answer.to_markdown()]
    return "\n\n".join(filter(None, parts)) + "\n"
