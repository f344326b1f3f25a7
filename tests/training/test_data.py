from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import PROPERTY
from tests.training.rows import DEV_ROWS, ROWS
from training import data
from training.data import Row

RECORD: dict[str, Any] = {
    "id": "1",
    "title": "Velmar_forest",
    "question": " Which trees? ",
    "context": "Mostly spruce, some birch.",
    "answers": [{"text": "spruce", "start": 7}, {"text": "birch", "start": 20}],
    "source": "squad2",
}


def test_a_row_is_what_its_record_says():
    row = data.parse(RECORD)
    answers = ((7, 13), (20, 25))
    assert row == Row("1", "Velmar_forest", "Which trees?", RECORD["context"], answers, "squad2")
    assert row.answer_texts == ("spruce", "birch")


def test_a_row_without_answers_is_a_near_miss():
    assert data.parse(RECORD | {"answers": []}).answers == ()


@pytest.mark.parametrize("answer", [{"text": "spruce", "start": 8}, {"text": "oak", "start": 0}])
def test_an_answer_that_is_not_where_the_record_says_is_an_error(answer: dict[str, Any]):
    with pytest.raises(ValueError, match=f"1: the answer is not at {answer['start']}"):
        data.parse(RECORD | {"answers": [answer]})


@pytest.mark.parametrize("name", ["context", "answers", "question", "source"])
def test_a_record_without_a_field_is_an_error(name: str):
    with pytest.raises(KeyError, match=name):
        data.parse({key: value for key, value in RECORD.items() if key != name})


@pytest.mark.parametrize(
    ("source", "expected"),
    [("squad1", "Velmar forest"), ("new_wiki", "Velmar forest"), ("reddit", ""), ("qamr_wikinews", "")],
)
def test_only_titles_that_people_wrote_are_shown(source: str, expected: str):
    assert data.parse(RECORD | {"source": source}).readable_title == expected


def test_both_files_of_a_folder_are_read(tmp_path: Path):
    for n, name in enumerate(data.FILES):
        with gzip.open(tmp_path / name, "wt", encoding="utf-8") as file:
            file.write(json.dumps(RECORD | {"id": n}) + "\n")
    assert [row.id for row in data.load(tmp_path)] == ["0", "1"]


def test_a_file_that_is_missing_is_an_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        data.load(tmp_path)


def test_articles_that_are_kept_back_are_on_one_side_only():
    train, dev = data.split([*ROWS, *DEV_ROWS])
    assert dev == list(DEV_ROWS)
    assert train == list(ROWS)


@PROPERTY
@given(
    st.lists(st.tuples(st.text(max_size=4), st.sampled_from(["squad1", "reddit", "policy_qa", "new_wiki"])))
)
def test_every_row_is_on_one_side_and_all_of_its_article_with_it(drawn: list[tuple[str, str]]):
    rows = [Row(str(n), title, "?", "", (), source) for n, (title, source) in enumerate(drawn)]
    train, dev = data.split(rows)
    assert sorted([*train, *dev], key=lambda row: int(row.id)) == rows
    assert not {(row.title, row.source) for row in train} & {(row.title, row.source) for row in dev}
    assert "reddit" not in {row.source for row in dev}


def test_some_articles_of_the_other_sources_are_kept_back():
    rows = [Row(str(n), f"article {n}", "?", "", (), "policy_qa") for n in range(1000)]
    _, dev = data.split(rows)
    assert 10 <= len(dev) <= 50
