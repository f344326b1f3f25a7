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
        _button("Ask again", "again", turn),
        _button("Edit question", "revise", turn),
        _vote("Helpful", "up", turn),
        _vote("Not helpful", "down", turn),
    ]
    label = "What to do with this answer"
    row = element("div", *buttons, class_="actions", role="group", aria_label=label)
    return join([row, _reason(turn)])


def _vote(text: str, vote: str, turn: int) -> Html:
    return _button(text, "rate", turn, data_vote=vote, aria_pressed="false")


def _reason(turn: int) -> Html:
    label = {"placeholder": "Why? (optional)", "aria_label": "Why"}
    box = element("input", name="reason", type="text", maxlength=2000, **label)
    send = _button("Send", "rate", turn, data_vote="again")
    return element("div", box, send, class_="reason", data_form="reason")


def _button(text: str, action: str, turn: int, **attributes: str | int) -> Html:
    return element("button", text, type="button", data_action=action, data_turn=turn, **attributes)
