"""Example questions that the articles in `corpus/` answer.

It knows questions and titles; whether a corpus holds the articles is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and the title of the article that answers it."""

    question: str
    article: str


EXAMPLES = (
    Example("Who met in Baku?", "Chinese and Pakistani leaders talk security in Baku"),
    Example(
        "How many days did the Starliner astronauts spend in space?",
        "Starliner astronauts splash down after 286 days in space",
    ),
    Example("Where does COP31 take place?", "Fire empties COP30 halls in Belém a day before the deadline"),
    Example("Who won the Champions Trophy?", "India beat New Zealand in Dubai to win Champions Trophy"),
    Example("Who opened Gwadar airport?", "Li Qiang opens Gwadar airport from Islamabad"),
    Example(
        "Who became prime minister of Pakistan in March 2024?",
        "Pakistan's parliament makes Shehbaz Sharif prime minister again",
    ),
)


def answerable(titles: Iterable[str]) -> tuple[Example, ...]:
    """Choose the examples whose article is among the titles.

    Args:
        titles: Titles of the corpus's articles; read no further than needed.

    Returns:
        The examples in their own order; none for a corpus that holds other articles.
    """
    wanted = {example.article for example in EXAMPLES}
    found: set[str] = set()
    for title in titles:
        found |= wanted & {title}
        if found == wanted:
            break
    return tuple(example for example in EXAMPLES if example.article in found)
