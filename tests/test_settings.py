from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from assistant.errors import ConfigError
from assistant.settings import Settings, fields, load


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def working_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def groups() -> list[type[BaseModel]]:
    found = [info.annotation for info in Settings.model_fields.values()]
    return [Settings, *(group for group in found if isinstance(group, type) and issubclass(group, BaseModel))]


@pytest.mark.parametrize("given", range(5))
def test_a_later_place_wins(data_dir: Path, working_dir: Path, given: int):
    options: dict[str, Any] = {"data_dir": data_dir}
    environ: dict[str, str] = {}
    if given >= 1:
        (data_dir / "assistant.toml").write_text("[retrieval]\ntop_k = 1\n", encoding="utf-8")
    if given >= 2:
        (working_dir / "assistant.toml").write_text("[retrieval]\ntop_k = 2\n", encoding="utf-8")
    if given >= 3:
        environ["ASSISTANT_RETRIEVAL_TOP_K"] = "3"
    if given >= 4:
        options["retrieval"] = {"top_k": 4}
    loaded = load(options, environ=environ, working_dir=working_dir)
    assert loaded.retrieval.top_k == (given or Settings().retrieval.top_k)


def test_places_add_up(data_dir: Path, working_dir: Path):
    (data_dir / "assistant.toml").write_text("[retrieval]\ntop_k = 7\ndepth = 70\n", encoding="utf-8")
    (working_dir / "assistant.toml").write_text(
        "[retrieval]\ndepth = 80\n[server]\nport = 80\n", encoding="utf-8"
    )
    environ = {"ASSISTANT_SERVER_HOST": "0.0.0.0", "HOME": "/home/me"}
    loaded = load({"data_dir": data_dir}, environ=environ, working_dir=working_dir)
    assert loaded.retrieval.model_dump() == Settings().retrieval.model_dump() | {"top_k": 7, "depth": 80}
    assert (loaded.server.host, loaded.server.port) == ("0.0.0.0", 80)


def test_the_data_folder_is_named_by_option_then_environment_then_working_folder(
    data_dir: Path, working_dir: Path
):
    (working_dir / "assistant.toml").write_text('data_dir = "from-file"\n', encoding="utf-8")
    environ = {"ASSISTANT_DATA_DIR": "from-environment"}
    assert load(environ={}, working_dir=working_dir).data_dir == Path("from-file")
    assert load(environ=environ, working_dir=working_dir).data_dir == Path("from-environment")
    assert load({"data_dir": data_dir}, environ=environ, working_dir=working_dir).data_dir == data_dir


def test_the_file_in_the_data_folder_cannot_point_elsewhere(data_dir: Path, working_dir: Path):
    (data_dir / "assistant.toml").write_text('data_dir = "elsewhere"\n', encoding="utf-8")
    assert load({"data_dir": data_dir}, environ={}, working_dir=working_dir).data_dir == data_dir


def test_a_tilde_is_the_home_folder(working_dir: Path):
    assert (
        load({"data_dir": "~/articles"}, environ={}, working_dir=working_dir).data_dir
        == Path.home() / "articles"
    )


def test_options_that_are_none_do_not_count(data_dir: Path, working_dir: Path):
    environ = {"ASSISTANT_SERVER_PORT": "81"}
    options = {"data_dir": data_dir, "server": {"port": None, "host": None}}
    assert load(options, environ=environ, working_dir=working_dir).server.port == 81


@pytest.mark.parametrize(
    ("text", "environ", "message"),
    [
        ("[retrieval]\ntopk = 5\n", {}, r"retrieval\.topk"),
        ("colour = 1\n", {}, "colour"),
        ("retrieval = 5\n", {}, "retrieval"),
        ("[retrieval\n", {}, "cannot be read"),
        ("", {"ASSISTANT_RETRIEVAL_TOPK": "5"}, "ASSISTANT_RETRIEVAL_TOPK"),
        ("", {"ASSISTANT_RETRIEVAL": "5"}, "ASSISTANT_RETRIEVAL"),
        ("", {"ASSISTANT_RETRIEVAL_TOP_K": "many"}, r"retrieval\.top_k"),
        ("[retrieval]\ntop_k = 0\n", {}, r"retrieval\.top_k"),
        ("[chunking]\nmax_passage_chars = 99\n", {}, r"chunking\.max_passage_chars"),
        ("[answering]\nmin_score = 1.5\n", {}, r"answering\.min_score"),
        ("[answering]\nmin_score = nan\n", {}, r"answering\.min_score"),
        ("[answering]\nmax_question_chars = 9000\n", {}, r"answering\.max_question_chars"),
        ("data_dir = 5\n", {}, "data_dir"),
        ("data_dir = []\n", {}, "data_dir"),
        ('data_dir = "~nobody-of-this-name/x"\n', {}, "data_dir"),
    ],
)
def test_what_is_wrong_is_named(working_dir: Path, text: str, environ: dict[str, str], message: str):
    (working_dir / "assistant.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load(environ=environ, working_dir=working_dir)


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_variable_is_not_set(data_dir: Path, working_dir: Path, empty: str):
    (working_dir / "assistant.toml").write_text("[retrieval]\ntop_k = 7\n", encoding="utf-8")
    environ = {variable: empty for _, variable, _, _ in fields()}
    loaded = load({"data_dir": data_dir}, environ=environ, working_dir=working_dir)
    assert loaded.retrieval.top_k == 7
    assert loaded.model_copy(update={"retrieval": Settings().retrieval}) == Settings(data_dir=data_dir)
    assert load(environ=environ, working_dir=working_dir).data_dir == Settings().data_dir


def test_a_file_may_begin_with_a_byte_order_mark(data_dir: Path, working_dir: Path):
    (data_dir / "assistant.toml").write_text("[retrieval]\ntop_k = 7\n", encoding="utf-8-sig")
    assert load({"data_dir": data_dir}, environ={}, working_dir=working_dir).retrieval.top_k == 7


def test_a_file_that_is_not_utf_8_is_named(working_dir: Path):
    (working_dir / "assistant.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"assistant\.toml cannot be read"):
        load(environ={}, working_dir=working_dir)


@pytest.mark.parametrize("group", groups())
def test_every_setting_is_described_and_forbids_unknown_names(group: type[BaseModel]):
    for name, info in group.model_fields.items():
        if group is Settings and info.annotation in groups():
            continue
        assert info.description, f"{group.__name__}.{name}"
    with pytest.raises(ValidationError, match="Extra inputs"):
        group.model_validate({"unknown": 1})


@pytest.mark.parametrize("group", groups()[1:])
def test_every_number_is_bounded(group: type[BaseModel]):
    for name, info in group.model_fields.items():
        if info.annotation in (int, float):
            for value in (-1, 10**9, float("nan"), float("inf")):
                with pytest.raises(ValidationError):
                    group.model_validate({name: value})


def test_settings_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Settings().retrieval.top_k = 5


def test_every_setting_is_listed_with_its_variable():
    listed = {name: (variable, default) for name, variable, default, _ in fields()}
    assert listed["retrieval.top_k"] == ("ASSISTANT_RETRIEVAL_TOP_K", str(Settings().retrieval.top_k))
    assert listed["data_dir"] == ("ASSISTANT_DATA_DIR", "the user's data folder")
    inner = sum(len(group.model_fields) for group in groups()[1:])
    assert len(listed) == inner + len(Settings.model_fields) - len(groups()[1:])
    assert all(description for _, _, _, description in fields())
