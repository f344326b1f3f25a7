"""What can be done with an answer: copy it, ask it again, change the question, say whether it helped.

It knows an answer and its place in the conversation.
"""

from __future__ import annotations

from assistant.types import Answer
from assistant.ui.render.markup import Html, element, join
from assistant.ui.render.plain import plain_text


def actions(answer: Answer, turn: int) -> Html:
    """Offer what can be done with a complete answer.

    Args:
        answer: The answer.
        turn: Its place in the conversation, from 0.

    Returns:
        A row of buttons, and a field that the style shows once one of the last two is pressed. Only the last
        answer of a conversation can be asked anew: of the others the style hides those buttons.
    """
    buttons = [
        _button("Copy", "copy", turn, data_copy=plain_text(answer), title="Copy with the references"),
        _button("Copy as Markdown", "copy", turn, data_copy=answer.to_markdown()),
        *_anew(turn),
        _vote("Helpful", "up", turn),
        _vote("Not helpful", "down", turn),
    ]
    return join([_row(*buttons), _reason(turn)])


def anew(turn: int) -> Html:
    """Offer what can be done with an answer that was stopped, at its place in the conversation."""
    return _row(*_anew(turn))


def _row(*buttons: Html) -> Html:
    label = "What to do with this answer"
    return element("div", *buttons, class_="actions", role="group", aria_label=label)


def _anew(turn: int) -> list[Html]:
    return [_button("Ask again", "again", turn), _button("Edit question", "revise", turn)]


def _vote(text: str, vote: str, turn: int) -> Html:
    return _button(text, "rate", turn, data_vote=vote, aria_pressed="false")


def _reason(turn: int) -> Html:
    label = {"placeholder": "Why? (optional)", "aria_label": "Why"}
    box = element("input", name="reason", type="text", maxlength=2000, **label)
    send = _button("Send", "rate", turn, data_vote="again")
    return element("div", box, send, class_="reason", data_form="reason")


def _button(text: str, action: str, turn: int, **attributes: str | int) -> Html:
    return element("button", text, type="button", data_action=action, data_turn=turn, **attributes)
