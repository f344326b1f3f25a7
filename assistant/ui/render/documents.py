"""Whole pages beside the app: the login, and a conversation to be printed.

They stand alone, without Gradio: a head, a style sheet of their own and no script but a line for the login.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from assistant.conversations import Conversation
from assistant.types import Answer, Citation
from assistant.ui.render.articles import day_in_words, is_web_address, title
from assistant.ui.render.markup import Html, document, element

_STYLE = """
:root { color-scheme: light dark; --ink: #1d1c1a; --soft: #5b574f; --line: #8b867b; --paper: #fbfaf6;
  --accent: #1b4b82; --on-accent: #ffffff; --alarm: #9b1c1c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e5de; --soft: #aaa69c; --line: #7d7a73;
  --paper: #151619; --accent: #93bbee; --on-accent: #10161f; --alarm: #f2a19b; } }
body { margin: 0 auto; max-width: 42rem; padding: 2rem 1.25rem; background: var(--paper); color: var(--ink);
  font: 1.05rem/1.6 Charter, Georgia, Cambria, "Liberation Serif", serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 0.25rem; }
h2 { font-size: 1.2rem; line-height: 1.35; margin: 2rem 0 0.5rem; break-after: avoid; }
p { margin: 0 0 0.6rem; white-space: pre-wrap; }
.soft, .told { color: var(--soft); font-size: 0.9rem; }
ol { padding: 0; margin: 0.75rem 0; list-style: none; font-size: 0.9rem; }
li { break-inside: avoid; margin-bottom: 0.6rem; }
blockquote { margin: 0.15rem 0 0 1.5rem; color: var(--soft); white-space: pre-wrap; }
a { color: var(--accent); }
form { display: grid; gap: 0.9rem; max-width: 20rem; margin: 18vh auto 0;
  font-family: system-ui, sans-serif; }
label { display: grid; gap: 0.3rem; font-size: 0.95rem; }
input, button { font: inherit; padding: 0.55rem 0.7rem; border: 1px solid var(--line); border-radius: 4px;
  background: transparent; color: inherit; }
button { background: var(--accent); border-color: var(--accent); color: var(--on-accent); cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.problem { color: var(--alarm); margin: 0; }
@media print { :root { --ink: #000; --soft: #333; --paper: #fff; --accent: #000; } body { padding: 0; } }
"""
# What was asked for stands behind the "#", which no server sees: the way goes on there after the login.
_KEEP_PLACE = (
    "document.forms[0].addEventListener('submit', (e) => { e.target.action = '/login' + location.hash; });"
)


def login(with_name: bool, problem: str = "") -> Html:
    """Render the page that asks for a password.

    Args:
        with_name: Whether it asks for a name, too.
        problem: What was wrong with the last try; often empty.

    Returns:
        The page.
    """
    described = "problem" if problem else None
    name = _field("Name", name="name", type="text", autocomplete="username", aria_describedby=described)
    password = _field(
        "Password", name="password", type="password", autocomplete="current-password",
        aria_describedby=described,
    )  # fmt: skip
    form = element(
        "form",
        element("h1", "Article Assistant"),
        element("p", problem, class_="problem", id="problem", role="alert") if problem else "",
        *([name] if with_name else []),
        password,
        element("button", "Log in", type="submit"),
        method="post",
        action="/login",
    )
    return document("Log in · Article Assistant", _STYLE, element("main", form), code=_KEEP_PLACE)


def lost(message: str) -> Html:
    """Render the page of an address where nothing is.

    Args:
        message: What is wrong, in a sentence.

    Returns:
        The page, with the way back.
    """
    main = element(
        "main",
        element("h1", "Not here"),
        element("p", message, dir="auto"),
        element("p", element("a", "To the questions and the library", href="/")),
    )
    return document("Not here · Article Assistant", _STYLE, main)


def printable(conversation: Conversation) -> Html:
    """Render a conversation as a page to be printed, each answer with its numbered references."""
    asked = datetime.fromtimestamp(conversation.head.created, UTC).date()
    turns = [element("section", *_turn(answer)) for answer in conversation.answers]
    main = element(
        "main",
        element("h1", conversation.head.title, dir="auto"),
        element("p", f"Article Assistant, {day_in_words(asked)}", class_="soft"),
        *turns,
    )
    return document(conversation.head.title, _STYLE, main)


def _field(label: str, **attributes: str | None) -> Html:
    return element("label", label, element("input", required="", maxlength=1000, **attributes))


def _turn(answer: Answer) -> Iterator[Html]:
    yield element("h2", answer.question or "(no question)", dir="auto")
    if answer.filters:
        yield element("p", f"Filters: {answer.asked_of}", class_="soft", dir="auto")
    if answer.abstention:
        yield element("p", answer.abstention.message, dir="auto")
    for paragraph in answer.text.splitlines():
        if paragraph.strip():
            yield element("p", paragraph, dir="auto")
    if answer.note:
        yield element("p", answer.note, class_="soft", dir="auto")
    if answer.citations:
        yield element("ol", *map(_reference, answer.citations))


def _reference(citation: Citation) -> Html:
    article = citation.article
    day = day_in_words(article.published) if article.published else ""
    told = " · ".join(filter(None, (article.author, article.source, day, citation.details)))
    address = (
        [" ", element("a", article.url, href=article.url, rel="noopener noreferrer nofollow")]
        if is_web_address(article.url)
        else []
    )
    return element(
        "li",
        f"[{citation.marker}] ",
        element("cite", element("bdi", title(article))),
        element("span", f" · {told}", class_="told") if told else "",
        *address,
        element("blockquote", citation.text, dir="auto"),
    )
