"""Fields and buttons of forms; what they mean is for others to say.

A form is an element with `data-form`: a click on one of its buttons sends the values of its fields.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.ui.render.markup import Html, element

Option = tuple[str, str]  # value, what is shown


def field(label: str, name: str, value: str = "", **attributes: str | int | None) -> Html:
    """An input with its label."""
    box = element("input", name=name, value=value, **attributes)
    return element("label", element("span", label), box, class_=f"field {name}")


def choice(label: str, name: str, options: Iterable[Option], chosen: str = "") -> Html:
    """A list to choose one value from, with its label."""
    made = [
        element("option", shown, value=value, selected="" if value == chosen else None)
        for value, shown in options
    ]
    return element(
        "label", element("span", label), element("select", *made, name=name), class_=f"field {name}"
    )


def button(text: str, action: str, *, kind: str = "", **attributes: str | int | None) -> Html:
    """A button whose click is the event `action`; its `data_` attributes are sent with it."""
    return element("button", text, type="button", class_=kind or None, data_action=action, **attributes)


def fold(summary: str, *parts: str, name: str, is_open: bool = False) -> Html:
    """A part that is shut until it is clicked."""
    shut = None if not is_open else ""
    return element("details", element("summary", summary), *parts, class_=f"fold {name}", open=shut)
