"""The list of conversations that are kept, and what can be done with each.

It knows their heads, not their turns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from assistant.stores.conversations import Head
from assistant.ui.render.articles import day_in_words
from assistant.ui.render.markup import Html, count, element

KINDS = (("md", "Markdown"), ("json", "JSON"), ("html", "Print"))


def conversations(
    heads: Sequence[Head], *, query: str = "", today: date, has_more: bool = False, opened: str = ""
) -> Html:
    """List conversations, the one that grew last first, by day.

    Args:
        heads: The conversations.
        query: What was searched for; empty if nothing was.
        today: To say "Today" and "Yesterday".
        has_more: Whether there are more than these.
        opened: Id of the one that the page shows.

    Returns:
        The list; without conversations, what will stand there.
    """
    if not heads:
        return _none(query)
    days: dict[str, list[Html]] = {}
    for head in heads:
        updated = datetime.fromtimestamp(head.updated, UTC).date()
        days.setdefault(_day(updated, today), []).append(_item(head, is_opened=head.id == opened))
    parts = [part for day, items in days.items() for part in (element("h3", day), element("ul", *items))]
    more = element("button", "Show more", type="button", class_="more", data_action="more")
    return element("div", *parts, more if has_more else "", class_="conversations")


def signed_in(name: str) -> Html:
    """Say as whom someone is logged in, and let them log out."""
    button = element("button", "Log out", type="submit")
    said = element("span", "Logged in as ", element("bdi", name))
    return element("form", said, button, method="post", action="/logout", class_="signed-in")


def not_kept(message: str) -> Html:
    """Say why no conversations are kept."""
    return element("div", element("p", message), class_="conversations")


def place(conversation_id: str, votes: Mapping[int, str] | None = None) -> Html:
    """Tell the page's script what it cannot know; nothing that is seen.

    Args:
        conversation_id: Of the conversation that is shown, for the address; empty for a new one.
        votes: What was thought of its answers: "up" or "down", by their turns.

    Returns:
        An element with both.
    """
    return element("span", data_conversation=conversation_id, data_votes=json.dumps(votes or {}))


def _none(query: str) -> Html:
    if query:
        said = ["No conversation has all of these words. Titles, questions and answers are searched."]
    else:
        said = [
            "What you ask is kept here, with its answers and the articles that they quote.",
            "Open a conversation to ask on, or download it with its references.",
        ]
    return element("div", *(element("p", text) for text in said), class_="conversations is-empty")


def _item(head: Head, *, is_opened: bool) -> Html:
    doings = [
        element("button", "Rename", type="button", data_edit="title"),
        *(_download(head, kind, label) for kind, label in KINDS),
        element("button", "Delete", type="button", data_ask="Delete for good?", data_action="delete"),
    ]
    name = element(
        "button", head.title, type="button", class_="title", data_action="open", dir="auto",
        aria_current="true" if is_opened else None,
    )  # fmt: skip
    asked = element("span", count(head.turns, "question"), class_="turns")
    about = element("div", *doings, class_="doings", role="group", aria_label="With this conversation")
    return element("li", name, asked, about, data_conversation=head.id)


def _download(head: Head, kind: str, label: str) -> Html:
    how = {"target": "_blank", "rel": "noopener"} if kind == "html" else {"download": ""}
    said = "Print" if kind == "html" else f"Download as {label}"
    return element("a", label, href=f"/conversations/{head.id}.{kind}", aria_label=said, **how)


def _day(day: date, today: date) -> str:
    days = (today - day).days
    return {0: "Today", 1: "Yesterday"}.get(days, day_in_words(day))
