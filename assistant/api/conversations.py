"""`/conversations` and `/feedback`: questions whose answers are kept, and what was thought of them.

Each caller has conversations of their own: of those of others, and of the page's, nothing is said.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from assistant.access import Caller
from assistant.api import schemas
from assistant.api.bodies import FeedbackBody, QuestionBody, TitleBody
from assistant.api.desk import Desk, Json, Reading, problems
from assistant.api.problems import Problem
from assistant.conversations import head_dict, turn_dict, turns_before
from assistant.errors import UnknownConversationError
from assistant.stores.conversations import StoredTurn

ConversationId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$", description="Id of the conversation.")]
Number = Annotated[int, Path(ge=0, le=100_000, description="Of the turn, from 0.")]
FOUND = problems(404, 422, 503)
SENT = problems(400, 404, 413, 422, 503)
ONE = "/conversations/{conversation_id}"


def router(desk: Desk) -> APIRouter:
    """The addresses for conversations and feedback."""
    routes = APIRouter(tags=["conversations"])
    _add_conversations(routes, desk)
    _add_feedback(routes, desk)
    return routes


def _add_conversations(routes: APIRouter, desk: Desk) -> None:
    kept = desk.assistant.conversations

    @routes.get(
        "/conversations", summary="List them", response_model=schemas.ConversationList, responses=FOUND
    )
    async def list_conversations(
        caller: Reading,
        q: Annotated[str, Query(max_length=1000, description="Words of title, questions, answers.")] = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
        cursor: Annotated[str, Query(max_length=200, description="`next` of the page before.")] = "",
    ) -> Response:
        """List the caller's conversations, the one that grew last first."""
        try:
            page = await desk.workers.run(kept.list, owner_of(caller), q, limit=limit, after=cursor)
        except ValueError as exc:
            raise Problem(422, "The cursor is not what an earlier page gave as its next.") from exc
        return Json({"conversations": [head_dict(head) for head in page.heads], "next": page.next or None})

    @routes.post(
        "/conversations", summary="Begin one", status_code=201, response_model=schemas.NewTurn, responses=SENT
    )
    async def begin(body: QuestionBody, caller: Reading) -> Response:
        """Ask a question and keep its answer as the first turn of a conversation."""
        turn = await desk.workers.run(_ask, desk, owner_of(caller), body)
        headers = {"location": f"/api/v1/conversations/{turn.conversation_id}"}
        return Json(_new_turn(turn), 201, headers=headers)

    @routes.post(
        ONE + "/turns", summary="Ask on", status_code=201, response_model=schemas.NewTurn, responses=SENT
    )
    async def go_on(conversation_id: ConversationId, body: QuestionBody, caller: Reading) -> Response:
        """Ask the next question, which is understood by those before it, and keep its answer."""
        return Json(
            _new_turn(await desk.workers.run(_ask, desk, owner_of(caller), body, conversation_id)), 201
        )

    @routes.get(ONE, summary="Read one", response_model=schemas.Conversation, responses=FOUND)
    async def get_conversation(conversation_id: ConversationId, caller: Reading) -> Response:
        """Read a conversation with all its answers."""
        return Json((await desk.workers.run(kept.get, conversation_id, owner_of(caller))).to_dict())

    @routes.patch(ONE, summary="Rename it", response_model=schemas.ConversationHead, responses=SENT)
    async def rename(conversation_id: ConversationId, body: TitleBody, caller: Reading) -> Response:
        """Call a conversation something else."""
        try:
            head = await desk.workers.run(kept.rename, conversation_id, owner_of(caller), body.title)
        except ValueError as exc:
            raise Problem(422, "A title cannot be empty.") from exc
        return Json(head_dict(head))

    @routes.delete(ONE, summary="Delete it", response_model=schemas.ConversationHead, responses=FOUND)
    async def delete(conversation_id: ConversationId, caller: Reading) -> Response:
        """Delete a conversation for good."""
        return Json(head_dict(await desk.workers.run(kept.delete, conversation_id, owner_of(caller))))


def _add_feedback(routes: APIRouter, desk: Desk) -> None:
    @routes.put(
        ONE + "/turns/{number}/feedback",
        summary="Say what you think",
        status_code=204,
        response_class=Response,
        responses=SENT,
    )
    async def rate(
        conversation_id: ConversationId, number: Number, body: FeedbackBody, caller: Reading
    ) -> Response:
        """Note what someone thinks of an answer, in place of what was said before."""
        owner = owner_of(caller)
        rating = desk.assistant.conversations.rate
        await desk.workers.run(rating, conversation_id, number, owner, body.vote, body.reason)
        return Response(status_code=204)

    @routes.get(
        "/feedback", summary="What was thought", response_model=schemas.FeedbackList, responses=problems(503)
    )
    async def feedback(caller: Reading) -> Response:
        """Export what was thought of the answers in the caller's conversations."""
        return Json({"feedback": await desk.workers.run(_feedback, desk, owner_of(caller))})


def owner_of(caller: Caller) -> str:
    """Whose the conversations of a caller are; no visitor of the page is called so."""
    return f"program:{caller.id}"


def _ask(desk: Desk, owner: str, body: QuestionBody, conversation_id: str = "") -> StoredTurn:
    desk.assistant.corpus.check_writable()  # a server that takes no changes keeps no conversations, either
    kept = desk.assistant.conversations
    before = kept.get(conversation_id, owner).answers if conversation_id else ()
    answer = desk.assistant.ask(
        body.question, turns_before(before), body.filters.filters(), today=body.today, dates=body.dates
    )
    return kept.keep(owner, answer, conversation_id)


def _new_turn(turn: StoredTurn) -> dict[str, object]:
    return {"conversation_id": turn.conversation_id, **turn_dict(turn)}


def _feedback(desk: Desk, owner: str) -> list[dict[str, object]]:
    kept, own = desk.assistant.conversations, {}
    found = []
    for said in kept.feedback():
        conversation_id = said["conversation_id"]
        if conversation_id not in own:
            own[conversation_id] = _is_owned(desk, conversation_id, owner)
        if own[conversation_id]:
            found.append(said)
    return found


def _is_owned(desk: Desk, conversation_id: str, owner: str) -> bool:
    try:
        desk.assistant.conversations.get(conversation_id, owner)
    except UnknownConversationError:
        return False
    return True
