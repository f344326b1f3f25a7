"""What the tabs of the page share: how one is put in, and the HTML components that tell what was clicked.

A tab is one module. It lays out its components, and once all tabs and the reader pane are there it says what
its events do. This module knows no tab and nothing of answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

import gradio as gr

from assistant.ui.render import Html

if TYPE_CHECKING:
    from assistant.ui.reading import ReaderPane

# Events are private: a page is no interface for programs, those have `/chat`.
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every tab."""

    page: gr.Blocks
    tabs: gr.Tabs  # as the output of an event, `gr.Tabs(selected="library")` shows that tab
    reader: ReaderPane


class Tab(Protocol):
    """One tab of the page.

    Attributes:
        name: Short and lower case: the tab's id, its `elem_id` is "tab-NAME", its address "#NAME".
        label: What stands on it.
    """

    name: str
    label: str

    def lay_out(self) -> None:
        """Make the tab's components; called once, inside of the tab."""

    def wire(self, frame: Frame) -> None:
        """Say what the events do; called once, after all tabs and the reader pane were laid out."""


def html(
    value: Html, *, elem_id: str, actions: tuple[str, ...] = (), script: str = "", **options: Any
) -> gr.HTML:
    """Make an HTML component in which a click on an element with `data-action` is an event of that name.

    Args:
        value: What it shows at first.
        elem_id: Its id in the page.
        actions: Names of the events; for "read" there is `component.read(function, inputs, outputs)`, and the
            function finds the element's `data-` values with `sent`.
        script: Name of a file in `scripts` with more of its own.
        **options: Further arguments of the component.

    Returns:
        The component.
    """
    code = asset("scripts/component.js").replace("ACTIONS", json.dumps(actions))
    code += asset(f"scripts/{script}") if script else ""
    return gr.HTML(value, elem_id=elem_id, js_on_load=code, apply_default_css=False, **options)


def asset(name: str) -> str:
    """The text of a file of this package, such as a style sheet."""
    return (files("assistant.ui") / name).read_text(encoding="utf-8")


def sent(event: gr.EventData) -> dict[str, Any]:
    """What the page sent with an event; anyone can send one, with anything in it."""
    return event._data if isinstance(event._data, dict) else {}


def number(value: object) -> int | None:
    """The whole number that the page sent as text; None if it is none or absurdly large."""
    is_number = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 12
    return int(str(value)) if is_number else None
