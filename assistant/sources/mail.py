"""E-mails (.eml) and pages saved as MHTML, which have the same form.

It knows headers and parts; attachments are left out. A saved page is read by `html`.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from email.policy import default
from email.utils import getaddresses

from assistant.errors import SourceError
from assistant.sources import clean, compose, markup
from assistant.sources.compose import Block, Fact
from assistant.types import Article

ORIGIN = "e-mail header"

_QUOTE = re.compile(r"^>+ ?", re.MULTILINE)


def read(data: bytes, name: str) -> Iterator[Article]:
    """Read an e-mail.

    Args:
        data: The bytes of the message.
        name: The file's name, for a title of last resort and for errors.

    Yields:
        The one article: the subject as the title, the sender as the author, the day it was sent as published.

    Raises:
        SourceError: If there is no text in it, such as in an encrypted one.
    """
    message = _message(data)
    if page := _saved_page(message):
        yield from _read_page(page, message, name)
        return
    if message.get_content_type() in ("multipart/encrypted", "application/pkcs7-mime"):
        hint = "Decrypt it in your e-mail program and save it from there."
        raise SourceError(name, "the e-mail is encrypted", hint=hint)
    known = facts(_header(message, "Subject"), _header(message, "From"), _header(message, "Date"))
    yield compose.article(name, _body(message), known)


def facts(subject: object, sent_by: str, sent_on: object) -> dict[str, list[Fact]]:
    """What the headers of an e-mail say of it, for `compose.article`."""
    return {
        "title": [Fact(subject, ORIGIN)],
        "author": [Fact(sender(sent_by), ORIGIN)],
        "published": [Fact(sent_on, ORIGIN)],
    }


def sender(header: str) -> str:
    """The name in a header such as "Ann Bee <ann@news.example>", else the address."""
    with suppress(ValueError, LookupError):  # of an encoding that is unknown
        header = str(make_header(decode_header(header)))
    pairs = getaddresses([header])
    return ", ".join(name or address for name, address in pairs if name or address)


def text_blocks(text: str) -> list[Block]:
    """Paragraphs of a message in plain text, without the marks of quotes."""
    return [Block(clean.unwrap(_QUOTE.sub("", clean.clean(text)).strip()))]


def _message(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data.lstrip(), policy=default)
    return message if isinstance(message, EmailMessage) else EmailMessage()


def _header(message: EmailMessage, name: str) -> str:
    try:
        return clean.one_line(str(message.get(name, "")))
    except Exception:  # noqa: BLE001 - the standard library raises nearly anything on broken headers
        return ""


def _body(message: EmailMessage) -> list[Block]:
    for kind in ("plain", "html"):
        part = message.get_body(preferencelist=(kind,))
        if part is not None and (text := _content(part)).strip():
            is_html = kind == "html" or part.get_content_subtype() == "html"
            return markup.blocks(text) if is_html else text_blocks(text)
    return []


def _content(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return clean.decode(payload, "the message", declared=part.get_content_charset("")) if payload else ""


def _saved_page(message: EmailMessage) -> EmailMessage | None:
    """The page of an MHTML file: the first HTML part of a message that browsers wrote."""
    is_page = message.get_content_type() == "multipart/related" and (
        "Snapshot-Content-Location" in message or "Saved by" in _header(message, "From") or not message["To"]
    )
    if not is_page:
        return None
    parts = (part for part in message.walk() if part.get_content_type() == "text/html")
    return next((part for part in parts if isinstance(part, EmailMessage)), None)


def _read_page(page: EmailMessage, message: EmailMessage, name: str) -> Iterator[Article]:
    from assistant.sources import html

    payload = page.get_payload(decode=True)
    address = _header(message, "Snapshot-Content-Location") or _header(page, "Content-Location")
    for article in html.read(payload if isinstance(payload, bytes) else b"", name):
        url = article.url or clean.canonical_url(address)
        origins = article.origins if article.url or not url else (*article.origins, ("url", "MHTML header"))
        yield replace(article, url=url, origins=origins)
