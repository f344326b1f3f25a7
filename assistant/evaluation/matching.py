"""Whether a text holds an answer: case, punctuation and white space do not matter.

It compares words as they are written and knows no meaning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable


def normalise(text: str) -> str:
    """Case, punctuation and white space taken out, so that `“Squid Game”` equals `squid game`."""
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).split())


def holds_answer(text: str, answers: Iterable[str]) -> bool:
    """Whether a text contains one of the answers, whole words only."""
    padded = f" {normalise(text)} "
    return any(f" {normalise(answer)} " in padded for answer in answers)
