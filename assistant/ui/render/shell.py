"""What stands on every page: the name of it."""

from __future__ import annotations

from assistant.ui.render.markup import Html, element


def masthead() -> Html:
    """The name of the page."""
    return element("header", element("h1", "Article Assistant"), class_="masthead")
