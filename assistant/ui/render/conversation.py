"""The conversation: its turns, what shows before the first one, and what failed.

It knows what surrounds an answer; the words of one are for `answer`, its sources for `sources`.
"""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from assistant.answering.abstention import odds
from assistant.answering.telling import generation_notes, nearest, written_by
from assistant.sources.clean import one_line
from assistant.types import Abstention, Answer, Confidence, DateRange, Failure, Hit
from assistant.ui.examples import Example
from assistant.ui.render.actions import actions, anew
from assistant.ui.render.answer import answer_text
from assistant.ui.render.articles import opener, origin, title
from assistant.ui.render.found import found
from assistant.ui.render.markup import Html, count, element, join
from assistant.ui.render.quotes import quotes
from assistant.ui.render.sources import by_article, sources

MAX_QUESTION_CHARS = 2000  # that are shown
BEGINNING_CHARS = 120  # of a longer one: two lines, so that what is said of it stays in view

_rendered: WeakKeyDictionary[Answer, dict[int, Html]] = WeakKeyDictionary()  # of complete ones, by turns


def transcript_frame() -> Html:
    """What stands around the turns: a template with the places `earlier` and `value` for them."""
    return element("div", "${earlier}${value}", class_="transcript", role="log", aria_label="Conversation")


def transcript(conversation: Sequence[Answer], *, failure: Failure | None = None) -> Html:
    """Render the turns of a conversation.

    Args:
        conversation: The answers so far; an incomplete one was stopped.
        failure: Why a question after them got no answer: its name is the question.

    Returns:
        The turns, one after the other.
    """
    turns = [turn(answer, index) for index, answer in enumerate(conversation)]
    if failure:
        turns.append(element("section", _question(failure.name), _failure(failure), class_="turn"))
    return join(turns)


def turn(answer: Answer, index: int, *, is_answering: bool = False) -> Html:
    """Render a question and its answer; what does not change any more is remembered with the answer.

    Args:
        answer: The answer, complete or not.
        index: Its place in the conversation, from 0.
        is_answering: Whether it is still growing; an incomplete one that is not was stopped.

    Returns:
        The turn.
    """
    if not answer.is_complete:
        return _turn(answer, index, is_answering=is_answering)
    known = _rendered.setdefault(answer, {})
    if index not in known:
        known[index] = _turn(answer, index, is_answering=False)
    return known[index]


def welcome(examples: Sequence[Example] = (), articles: int | None = None) -> Html:
    """Render what shows until there is a conversation.

    Args:
        examples: Questions to offer.
        articles: How many there are to be asked about; None while that is not known.

    Returns:
        The welcome; with no articles, how to add some.
    """
    if articles == 0:
        return _first_steps()
    buttons = [
        element("li", element("button", example.question, type="button", class_="example", data_action="ask"))
        for example in examples
    ]
    offered = (
        [element("h3", "Questions to try"), element("ul", *buttons, class_="examples")] if buttons else []
    )
    many = f"Ask {count(articles, 'article')}. " if articles else ""
    return element(
        "section",
        element("h2", "What do you want to know?"),
        element(
            "p",
            f"{many}Each sentence of an answer has a number that opens the article at the sentence it rests "
            "on. What the articles do not say is not answered.",
        ),
        *offered,
        class_="welcome",
    )


def _first_steps() -> Html:
    """What to do with an empty library."""
    steps = (
        "Add articles: PDF, Word, web pages, e-mails, or an address.",
        "Ask a question about them here.",
        "Click the number behind a sentence to read it where it stands.",
    )
    return element(
        "section",
        element("h2", "Begin with your articles"),
        element("ol", *(element("li", step) for step in steps), class_="steps"),
        element(
            "button",
            "Add articles",
            type="button",
            class_="primary",
            data_action="tab",
            data_tab="library",
        ),
        class_="welcome",
    )


def _turn(answer: Answer, index: int, *, is_answering: bool) -> Html:
    body = _abstention(answer, answer.abstention, index) if answer.abstention else answer_text(answer, index)
    return element(
        "section",
        _question(answer.question),
        _filters(answer),
        body,
        _ending(answer, index, is_answering=is_answering),
        actions(answer, index) if answer.is_complete else "" if is_answering else anew(index),
        quotes(answer.citations, index),
        class_="turn",
    )


def _ending(answer: Answer, turn: int, *, is_answering: bool) -> Html:
    """What stands under an answer; until it is complete only how it goes, so that no later quote moves it."""
    if answer.is_complete:
        notes = [answer.note, *generation_notes(answer)]
        shown = [element("p", note, class_="note", dir="auto") for note in notes if note]
        return join([*shown, _facts(answer), sources(answer, turn), found(answer, turn)])
    if is_answering:
        return element("p", "Reading the articles", class_="working", role="status")
    return element("p", "Stopped before the answer was complete.", class_="stopped")


def _question(question: str) -> Html:
    return element("h2", _shortened(question) or "(no question)", class_="question", dir="auto")


def _shortened(question: str) -> str:
    """A question, or the beginning of one that is longer than a page."""
    if len(question) <= MAX_QUESTION_CHARS:
        return question
    beginning = one_line(question[:BEGINNING_CHARS])
    return f"{beginning}… ({len(question):,} characters)"


def _filters(answer: Answer) -> Html:
    """Which articles could be used, on one line; "How this was found" has all of a long one."""
    return (
        element("p", f"Filters: {answer.asked_of}", class_="asked-of", dir="auto")
        if answer.filters
        else Html()
    )


def _facts(answer: Answer) -> Html:
    """How sure it is, what was searched and how long it took."""
    facts: list[str] = [_confidence(answer.confidence, answer.score)] if answer.confidence else []
    facts += [written_by(answer)] if answer.sentences else []
    if answer.citations:
        facts.append(count(len(by_article(answer.citations)), "source"))
    if answer.searched_articles:
        facts.append(f"{count(answer.searched_articles, 'article')} searched")
    if answer.standalone_question not in ("", answer.question):
        facts.append(_searched_for(answer.standalone_question))
    if answer.period:
        facts.append(_period(answer, answer.period))
    if answer.seconds:
        facts.append(f"{answer.seconds:.1f} s" if answer.seconds >= 0.05 else "under 0.1 s")
    return element("p", join(facts, " · "), class_="facts", dir="auto") if facts else Html()


def _period(answer: Answer, period: DateRange) -> Html:
    """The period that was understood; a click asks the question again without it."""
    attributes = {"data_question": answer.standalone_question or answer.question, "data_dates": "any"}
    drop = element("button", "any date", type="button", class_="link", data_action="ask", **attributes)
    return join([f"preferred {period.describe()} ", drop])


def _searched_for(standalone: str) -> Html:
    """What a follow-up question was taken for; a click puts it into the box to be changed."""
    edit = element(
        "button", "edit", type="button", class_="link", data_action="edit", data_question=standalone
    )
    return join([f"searched for “{standalone}” ", edit])


def _confidence(confidence: Confidence, score: float) -> Html:
    word = element("span", confidence.capitalize(), class_=f"confidence {confidence.value}")
    return join([word, f": {odds(score)}"])


def _abstention(answer: Answer, abstention: Abstention, turn: int) -> Html:
    reason = abstention.reason.value
    parts = [element("h3", reason[:1].upper() + reason[1:]), element("p", abstention.message, dir="auto")]
    if answer.hits:
        near = [_near(hit, turn) for hit in nearest(answer)]
        parts += [element("h4", "Not an answer, but close"), element("ul", *near, class_="near")]
    return element("div", *parts, class_="abstention")


def _near(hit: Hit, turn: int) -> Html:
    span = (hit.passage.start, hit.passage.end)
    return element(
        "li",
        opener(title(hit.article), hit.article, span, turn, class_="title", dir="auto"),
        origin(hit.article),
        element("p", hit.passage.text, class_="passage", dir="auto"),
    )


def _failure(failure: Failure) -> Html:
    hint = [element("p", failure.hint, dir="auto")] if failure.hint else []
    return element(
        "div",
        element("h3", "That did not work"),
        element("p", failure.reason, dir="auto"),
        *hint,
        class_="failure",
        role="alert",
    )
