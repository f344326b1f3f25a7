"""Markers and what they stand for: the `[n]` of a text, resolved to exact sentences.

Only code makes citations, from offsets that were kept since chunking; nothing is copied from an answer's
text.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.candidates import Candidate
from assistant.types import Citation

SEPARATOR = "\n\n"


def cite(chosen: Sequence[Candidate]) -> tuple[str, tuple[Citation, ...]]:
    """Quote sentences, each followed by its marker.

    Args:
        chosen: The sentences, in the order in which they are quoted.

    Returns:
        The text, one paragraph a sentence, and one citation for each marker, in order.
    """
    citations = tuple(
        Citation(marker, candidate.hit.article, candidate.start, candidate.end)
        for marker, candidate in enumerate(chosen, start=1)
    )
    quotes = (f"{' '.join(citation.text.split())} [{citation.marker}]" for citation in citations)
    return SEPARATOR.join(quotes), citations
