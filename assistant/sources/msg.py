"""Messages of Outlook (.msg) read as articles.

The only importer of oxmsg. It knows the subject, the sender, the day and the text; attachments are left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from assistant.errors import SourceError
from assistant.sources import clean, compose, mail, markup
from assistant.types import Article


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read a message of Outlook.

    Args:
        data: The bytes of the file.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article: the subject as the title, the sender as the author, the day it was sent as published.

    Raises:
        SourceError: If it is damaged, or its text is in rich text only.
    """
    from oxmsg import Message

    message: Any = Message.load(io.BytesIO(data))
    body, html = clean.clean(message.body or ""), message.html_body or ""
    if not body.strip() and not html.strip():
        hint = "Open it in Outlook and save it as text, HTML or PDF."
        raise SourceError(name, "no plain or HTML text in it", hint=hint)
    facts = mail.facts(message.subject, message.sender or "", message.sent_date)
    blocks = mail.text_blocks(body) if body.strip() else markup.blocks(html)
    yield compose.article(name, blocks, facts)
