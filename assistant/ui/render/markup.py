"""Markup from text: the only place where either becomes the other.

Every string that is not `Html` is text and is escaped on its way into an element, so nothing that an article,
a question or a file name contains can become markup. It knows no articles and no answers.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

# C0 and C1 controls that HTML forbids or drops, and lone surrogates, which no encoding carries; tab and the
# line ends stay. One for one, so that offsets still fit.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

Span = tuple[int, int]


class Html(str):
    """Markup that `element` built; all other strings are text."""

    __slots__ = ()


_DOCTYPE = Html("<!doctype html>")
_HEAD = Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">')


def escape(text: str) -> Html:
    """Turn text into markup that shows exactly this text."""
    return Html(html.escape(_UNPRINTABLE.sub("\ufffd", text), quote=True))


def element(tag: str, *children: str, **attributes: str | int | None) -> Html:
    """Build one element.

    Args:
        tag: Name of the element.
        *children: `Html` goes in as it is, every other string is escaped.
        **attributes: Their names with `_` for `-`, `class_` for `class`; one whose value is None is left out.

    Returns:
        The element with its children.
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Html(f"<{tag}{given}>{join(children)}</{tag}>")


def join(parts: Iterable[str], separator: str = "") -> Html:
    """Put markup and text one after the other; what is not `Html` is escaped."""
    return Html(escape(separator).join(part if isinstance(part, Html) else escape(part) for part in parts))


def style(css: str) -> Html:
    """Our own style sheet as an element of the page's head; it must not come from outside."""
    return element("style", Html(css))


def page(title: str, css: str, *body: str) -> Html:
    """A whole page that needs no other file.

    Args:
        title: What stands in the window's bar.
        css: Our own style sheet; it must not come from outside.
        *body: What it shows, as the children of `element`.

    Returns:
        The page, to be written to a file as UTF-8.
    """
    head = element(
        "head",
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width">'),
        element("title", title),
        style(css),
    )
    return Html(f"<!doctype html>{element('html', head, element('body', *body), lang='en')}")


def script(code: str) -> Html:
    """Our own script as an element of the page's head; it must not come from outside."""
    return element("script", Html(code))


def document(name: str, css: str, *parts: str, code: str = "") -> Html:
    """Build a whole page that stands by itself.

    Args:
        name: What the browser calls it.
        css: Its style sheet, our own.
        *parts: What it shows.
        code: Its script, our own; none if empty.

    Returns:
        The page.
    """
    head = element("head", _HEAD, element("title", name), style(css))
    scripts = [script(code)] if code else []
    return join([_DOCTYPE, element("html", head, element("body", *parts, *scripts), lang="en")])


def marked(text: str, span: Span, cited: Sequence[Span], *, tag: str = "mark") -> list[str]:
    """Cut a span of a text into its parts, each cited one in an element.

    Args:
        text: The whole text.
        span: What is to be shown of it.
        cited: What is to be marked of that, in any order; may lie outside or overlap.
        tag: Name of the element.

    Returns:
        The parts that are not empty; without their markup they are `text[span[0]:span[1]]`.
    """
    parts: list[str] = []
    position, end = span
    for start, stop in sorted(cited):
        start, stop = max(start, position), min(stop, end)
        if start < stop:
            parts += [text[position:start], element(tag, text[start:stop])]
            position = stop
    parts.append(text[position:end])
    return [part for part in parts if part]


def count(number: int, noun: str) -> str:
    """A number of things in words, as in "1,200 articles"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
