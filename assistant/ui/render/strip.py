"""The strip above the question box: the filters as chips, the fields to add one, who writes the answer.

It knows what was chosen, no articles and no answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.ui.options import Chip, Options
from assistant.ui.render.markup import Html, element

MAX_LABEL_CHARS = 60


def strip(options: Options, sources: Sequence[str] = (), model: str = "") -> Html:
    """Show how the next question is asked.

    Args:
        options: What was chosen.
        sources: Publishers to offer.
        model: Name of the chat model that can write answers; empty if none is set.

    Returns:
        The strip.
    """
    chips = [_chip(chip) for chip in options.chips()]
    return element(
        "div",
        element("ul", *chips, class_="chips", aria_label="Filters that apply") if chips else "",
        _fields(sources),
        element("button", "New conversation", type="button", class_="link begin", data_action="begin"),
        _mode(options, model),
        class_="strip",
    )


def next_questions(questions: Sequence[str], turns: int) -> Html:
    """Offer questions to ask next.

    Args:
        questions: Each of them was tried and has an answer.
        turns: How long the conversation was; the page hides them once it is longer.

    Returns:
        The offer; nothing if there is none.
    """
    if not questions:
        return Html()
    buttons = [
        element("li", element("button", question, type="button", data_action="ask", dir="auto"))
        for question in questions
    ]
    return element(
        "div",
        element("h3", "The articles also answer"),
        element("ul", *buttons),
        class_="next",
        data_turns=turns,
    )


def _chip(chip: Chip) -> Html:
    cut = chip.label[:MAX_LABEL_CHARS] + ("…" if len(chip.label) > MAX_LABEL_CHARS else "")
    close = element("span", "×", aria_hidden="true")
    button = element(
        "button",
        element("bdi", cut),
        " ",
        close,
        type="button",
        data_action="drop",
        data_filter=chip.kind,
        data_value=chip.value,
        aria_label=f"Take away: {cut}",
    )
    return element("li", button)


def _fields(sources: Sequence[str]) -> Html:
    options = [element("option", source, value=source) for source in sources]
    return element(
        "details",
        element("summary", "Filter"),
        element(
            "div",
            _field("Published from", "from", type="date"),
            _field("Until", "to", type="date"),
            _field("Publisher", "source", list="publishers", autocomplete="off"),
            element("datalist", *options, id="publishers"),
            element("button", "Apply", type="button", class_="apply", data_action="narrow"),
            class_="fields",
            data_form="filter",
        ),
        class_="choose",
    )


def _field(label: str, name: str, **attributes: str) -> Html:
    return element("label", element("span", label), element("input", name=name, **attributes))


def _mode(options: Options, model: str) -> Html:
    if not model:
        return element("span", "Answers are quoted word for word", class_="mode")
    said = "Quoted word for word" if options.is_quoted else f"Written by {model}"
    other = f"let {model} write" if options.is_quoted else "quote instead"
    switch = element("button", other, type="button", data_action="mode", class_="link")
    return element("span", f"{said} · ", switch, class_="mode")
