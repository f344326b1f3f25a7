from __future__ import annotations

import json
import random
from itertools import islice
from typing import Any

from assistant.settings import ChatSettings
from tests.scripted_server import Status, scripted
from tests.training.rows import ROWS
from training.drafts import SOURCES, TEMPERATURES, Asked, drawn, evidence, written


def said(request: dict[str, Any]) -> list[Status]:
    """A reply that is no stream; the same sentence at each temperature, and one of its own."""
    text = f"Ada Norling built it [1]. It took {request['seed']} days."
    return [Status(200, json.dumps({"choices": [{"message": {"content": text}}]}))]


def test_questions_are_drawn_of_the_sources_alone_and_stand_beside_another_text():
    for asked in islice(drawn(ROWS, seed=1), 40):
        assert asked.row.source in SOURCES
    others = {asked.beside.context == asked.row.context for asked in islice(drawn(ROWS, seed=1), 200)}
    assert False in others


def test_both_texts_are_shown_in_either_order():
    asked = Asked(ROWS[0], ROWS[4])
    orders = {evidence(asked, random.Random(n)).hits[0].article.text for n in range(30)}
    assert orders == {ROWS[0].context, ROWS[4].context}


def test_each_sentence_is_kept_once_without_its_marker():
    with scripted(said) as server:
        chat = ChatSettings(model="openai:small", base_url=server.url, api_key="k")
        rows = list(islice(written(chat, ROWS, seed=3), len(TEMPERATURES) + 1))
    first = [row["claim"] for row in rows]
    assert first == ["Ada Norling built it.", "It took 3 days.", "It took 4 days.", "It took 5 days."]
    assert len({tuple(row["rows"]) for row in rows}) == 1
    sent = server.requests[0]
    assert sent["temperature"] == TEMPERATURES[0]
    assert "passage [2]" in sent["messages"][1]["content"]
    assert server.headers[0]["authorization"] == "Bearer k"
