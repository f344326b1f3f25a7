"""The passages as a chat model gets them: numbered, titled, dated, fenced, and within its window.

What has no room is left out whole and counted. It knows lengths, not models; tokens are estimated from bytes.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.errors import ModelError
from assistant.sources.clean import one_line
from assistant.types import Hit

BYTES_PER_TOKEN = 3.0  # English has four; a low estimate wastes room, a high one would cut
OVERHEAD_TOKENS = 64  # of the roles and marks that a server puts around messages


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a chat model is shown.

    Attributes:
        text: The passages, each between two fences.
        hits: Those passages; number n of the text is `hits[n - 1]`.
        left_out: How many had no room.
        fence: The word that begins each fence; of this request only.
        tokens: Estimated length of the text.
    """

    text: str
    hits: tuple[Hit, ...]
    left_out: int
    fence: str
    tokens: int

    def has_fence(self, text: str) -> bool:
        """Whether a text has the drawn part of the fence, in whatever case and with whatever before it."""
        return self.fence.rpartition("-")[2].lower() in text.lower()


def new_fence() -> str:
    """A word that no article can hold, since it is drawn for one request."""
    return f"FENCE-{secrets.token_hex(8)}"


def estimated_tokens(text: str) -> int:
    """How many tokens a text may have; rather too many than too few."""
    return int(len(text.encode()) / BYTES_PER_TOKEN) + 1


def fit(hits: Sequence[Hit], room: int, fence: str) -> Evidence:
    """Write down as many passages as there is room for, best first.

    Args:
        hits: The evidence, best first.
        room: Tokens that the passages may take.
        fence: From `new_fence`.

    Returns:
        The passages that fit; the order stays.

    Raises:
        ModelError: If not even the first fits.
    """
    blocks: list[str] = []
    taken: list[Hit] = []
    tokens = 0
    for hit in hits:
        block = _block(hit, len(taken) + 1, fence)
        if tokens + (needed := estimated_tokens(block)) <= room:
            blocks.append(block)
            taken.append(hit)
            tokens += needed
    if not taken:
        raise ModelError(
            "the chat model's window has no room for a single passage",
            hint="Raise chat.context_tokens, or lower chat.max_output_tokens.",
        )
    return Evidence("\n\n".join(blocks), tuple(taken), len(hits) - len(taken), fence, tokens)


def _block(hit: Hit, number: int, fence: str) -> str:
    article = hit.article
    published = article.published.isoformat() if article.published else ""
    facts = {"title": one_line(article.title), "source": one_line(article.source), "published": published}
    known = " | ".join(f"{name}: {value}" for name, value in facts.items() if value)
    head = f"{fence} passage [{number}]" + (f" | {known}" if known else "")
    return f"{head}\n{hit.passage.text.strip()}\n{fence} end of [{number}]"
