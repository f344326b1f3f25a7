"""An answer as the content of a message: text with numbered references, and annotations that point to them.

Clients show content as Markdown. What an article says is a quote and no markup: what would load a picture,
make a link or begin a tag is escaped. It knows no HTTP.
"""

from __future__ import annotations

import re
from typing import Any

from assistant.api.openai.bodies import SOURCES
from assistant.types import Answer, Article, Citation

_MARKER = re.compile(r"\[(\d+)\]")
_LIVE = re.compile(r"!(?=\[)|\](?=[(:])|<(?=[A-Za-z/!?])|\\(?=[!\]<])")
CHARS_PER_TOKEN = 4  # about; what is counted is for clients that show it, and is billed to nobody


def text_of(answer: Answer) -> str:
    """The text of an answer, or why there is none."""
    return quoted(answer.abstention.message if answer.abstention else answer.text)


def sources_of(answer: Answer) -> str:
    """The numbered references below the text; empty without citations."""
    if not answer.citations:
        return ""
    return SOURCES + "\n".join(f"[{c.marker}] {_reference(c.article)}  " for c in answer.citations).rstrip()


def annotations_of(answer: Answer, base_url: str) -> list[dict[str, Any]]:
    """What each marker of the text stands for, as OpenAI's models annotate what they found on the web.

    Args:
        answer: The answer.
        base_url: Where this server is, for articles that have no address of their own.

    Returns:
        An annotation for each marker, in the order of the text; its offsets are of the marker.
    """
    cited = {citation.marker: citation for citation in answer.citations}
    found = _MARKER.finditer(text_of(answer))
    return [
        {"type": "url_citation", "url_citation": _pointing(cited[int(marker[1])], marker.span(), base_url)}
        for marker in found
        if int(marker[1]) in cited
    ]


def tokens(text: str) -> int:
    """About how many tokens a text has."""
    return -(-len(text) // CHARS_PER_TOKEN)


def quoted(text: str) -> str:
    """A text with a backslash before whatever would be live in Markdown."""
    return _LIVE.sub(lambda found: "\\" + found[0], text)


def _pointing(citation: Citation, span: tuple[int, int], base_url: str) -> dict[str, Any]:
    return {
        "start_index": span[0],
        "end_index": span[1],
        "url": _address(citation.article, base_url),
        "title": citation.article.name,
        "cited_text": citation.text,
        "start_char_index": citation.start,
        "end_char_index": citation.end,
        "article_id": citation.article.id,
    }


def _address(article: Article, base_url: str) -> str:
    if article.url.lower().startswith(("http://", "https://")):
        return article.url
    return f"{base_url}/api/v1/articles/{article.id}?version={article.version}"


def _reference(article: Article) -> str:
    day = article.published.isoformat() if article.published else ""
    about = ", ".join(filter(None, (article.source, day)))
    address = article.url if article.url.lower().startswith(("http://", "https://")) else ""
    parts = (quoted(article.name), f"({quoted(about)})" if about else "", quoted(address))
    return " ".join(" ".join(filter(None, parts)).split())
