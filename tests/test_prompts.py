from __future__ import annotations

from pathlib import Path

import pytest

from assistant import prompts
from assistant.errors import ConfigError


def written(folder: Path, text: str | bytes) -> Path:
    data = text.encode() if isinstance(text, str) else text
    (folder / "ask.md").write_bytes(data)
    return folder


def test_names_are_filled_in(tmp_path: Path):
    prompt = prompts.load(
        "ask", variables={"question"}, folder=written(tmp_path, "Q: $question? It costs $$5.")
    )
    assert prompt.fill(question="Who met") == "Q: Who met? It costs $5."


def test_what_is_filled_in_is_never_read_as_a_name(tmp_path: Path):
    prompt = prompts.load("ask", variables={"a", "b"}, folder=written(tmp_path, "$a ${b}"))
    assert prompt.fill(a="$b $$ ${b} {b}", b='<i> & "$a"') == '$b $$ ${b} {b} <i> & "$a"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$passage and $question", r"\$passage, \$passages"),  # misspelt
        ("$question", r"\$passages"),  # missing
        ("$passages $question $date", r"\$date"),  # unknown
        ("$passages $question costs $ 5", "begins no name"),
        (b"\xff $passages $question", "not UTF-8"),
    ],
)
def test_a_wrong_prompt_is_refused_when_it_is_loaded(tmp_path: Path, text: str | bytes, message: str):
    with pytest.raises(ConfigError, match=message):
        prompts.load("ask", variables={"passages", "question"}, folder=written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"nothing\.md cannot be read: No such file"):
        prompts.load("nothing", variables=set(), folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("answer", {"fence"}),
        ("evidence", {"passages", "question"}),
        ("standalone", set()),
        ("conversation", {"history", "question"}),
    ],
)
def test_every_prompt_that_ships_can_be_loaded(name: str, variables: set[str]):
    assert prompts.load(name, variables=variables).name == name
    assert {path.stem for path in prompts.default_folder().glob("*.md")} == {
        "answer",
        "evidence",
        "standalone",
        "conversation",
    }


def test_a_version_changes_with_the_text(tmp_path: Path):
    first = prompts.load("ask", variables=set(), folder=written(tmp_path, "Be brief."))
    second = prompts.load("ask", variables=set(), folder=written(tmp_path, "Be brief!"))
    assert len({first.version, second.version}) == 2
