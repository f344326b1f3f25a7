"""What stands on every page: its name, and whether it is ready."""

from __future__ import annotations

from assistant.ui.render.markup import Html, element


def masthead() -> Html:
    """The name of the page."""
    return element("header", element("h1", "Article Assistant"), class_="masthead")


def warming() -> Html:
    """Say that the models are not loaded yet."""
    return element("p", "Loading the models. You can ask already.", class_="warming", role="status")
