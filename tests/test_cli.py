"""The command line, through its runner and as a process of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.cli.printing import print_answer
from assistant.sources import jsonl
from assistant.stores.catalog import Catalog
from assistant.types import (
    Answer,
    Article,
    Citation,
    Confidence,
    Generation,
    IngestReport,
    Sentence,
    ShortAnswer,
)
from tests.webserver import article, known, redirect, rss, served

pytest_model = pytest.mark.model
APP = Path(__file__).resolve().parent.parent / "app.py"
COMMANDS = (
    *("add", "list", "show", "remove", "edit", "trash", "undo", "purge", "eval", "failures", "retry"),
    *("backup", "restore", "mcp"),
    *("search", "ask", "serve", "verify", "rebuild", "doctor", "watch"),
    *("accounts", "conversations", "feedback", "feeds", "token"),
)
TERMINAL = {"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "200"}  # bold, but no colours
BAKU = (
    "Leaders talk in Baku\n"
    "Deputy Prime Minister Ding Xuexiang of China met Prime Minister Shehbaz Sharif of Pakistan in Baku.\n"
    "Sharif promised that Pakistan would protect the Chinese engineers who build its roads.\n"
)
SHUTTLE = (
    "---\ntitle: '[bold]Capsule[/bold] lands [/]'\npublished: 2024-09-07\nsource: AVweb [red]\n---\n"
    "The empty capsule landed in New Mexico [/] after three months at the space station.\n"
)
CUP = {
    "title": "Cup final",
    "text": "India won the cricket final in Dubai.",
    "date": "2025-03-09",
    "source": "Dawn",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("articles")
    (folder / "baku.txt").write_text(BAKU)
    (folder / "shuttle.md").write_text(SHUTTLE)
    (folder / "briefs.jsonl").write_text(json.dumps(CUP) + "\nbroken\n")
    return folder


@pytest.fixture(scope="module")
def data_dir(folder, tmp_path_factory):
    """A data folder that holds the three articles; tests that share it only read."""
    data_dir = tmp_path_factory.mktemp("data")
    assert run("add", str(folder), "--data-dir", str(data_dir)).exit_code == 0
    return data_dir


def run(*args, **kwargs):
    return CliRunner(env={"NO_COLOR": "1", "TERM": "dumb"}).invoke(app, args, **kwargs)


def in_bold(line):
    return "".join(re.findall(r"\x1b\[1m(.*?)\x1b\[0m", line))


def run_json(*args):
    result = run(*args, "--json")
    return result.exit_code, json.loads(result.stdout)


def start(*args, **kwargs):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    return subprocess.Popen(
        [sys.executable, "-m", "assistant.cli", *args], text=True, env=environ | {"NO_COLOR": "1"}, **kwargs
    )


def finish(process):
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


# -- what needs no model ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Usage: root {command}" in result.stdout or f"Usage: assistant {command}" in result.stdout
    assert re.search(rf"Examples:\s+.*assistant {command}", result.stdout, re.DOTALL)


@pytest_model
def test_search_says_on_the_side_what_is_in_no_article_and_what_is_no_question(data_dir):
    found = run("search", "xqzzt", "Baku", "--rerank", "--data-dir", str(data_dir))
    assert "Leaders talk in Baku" in found.stdout
    said = ["Found in no article: xqzzt.", "This is no question: no passage was read for an answer."]
    assert found.stderr.splitlines()[-2:] == said
    asked = run("search", "Who met in Baku?", "--rerank", "--json", "--data-dir", str(data_dir))
    assert (asked.stderr, bool(json.loads(asked.stdout))) == ("", True)


def test_help_names_values_by_what_they_are_and_never_by_their_type():
    pending: list[tuple[str, ...]] = [()]
    pages = {}
    while pending:
        command = pending.pop()
        said = run(*command, "--help").stdout
        pages[" ".join(command)] = said
        below = said.partition("─ Commands ─")[2].partition("╰")[0] if "COMMAND" in said else ""
        pending += [(*command, name) for name in re.findall(r"^│ ([a-z]+) ", below, re.MULTILINE)]
    assert len(pages) > len(COMMANDS) + 10
    odd = {name: re.findall(r"<(?!p).*?>|\S*<=\S*|list\[.*|\S*>=\S*", said) for name, said in pages.items()}
    assert {name: found for name, found in odd.items() if found} == {}
    assert re.search(r"--top-k +NUMBER \[1 to 100\] +Most passages", pages["search"])
    assert re.search(r"--json +Print the result as JSON", pages["search"])
    assert re.search(r"QUESTION +The question", pages["ask"])


def test_help_lists_every_command_and_loads_nothing_heavy():
    code = (
        "import sys; from typer.testing import CliRunner; from assistant.cli import app;"
        "print(CliRunner().invoke(app, ['--help']).stdout);"
        "print('HEAVY', {'chromadb', 'gradio', 'numpy', 'pydantic', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert re.findall(r"^[│|] ([a-z]+) {2,}\w", done.stdout, re.MULTILINE) == [*COMMANDS]
    assert done.stdout.endswith("HEAVY set()\n")


def test_prints_its_version():
    result = run("--version")
    assert (result.exit_code, re.sub(r"[\d.]+", "N", result.stdout)) == (0, "assistant N\n")


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["add"], "Missing argument 'PATH"),
        (["add", "no-such-file.txt"], "does not exist"),
        (["add", "file:///etc/passwd"], "only http and https addresses can be added"),
        (["add", "FTP://x/y"], "only http and https addresses can be added"),
        (["add", "a.csv", "--field", "foo=bar"], "Invalid value for '--field': 'foo=bar' is not FIELD=NAME"),
        (["ask"], "Missing argument 'QUESTION"),
        (["ask", "who?", "--from", "yesterday"], "does not match the format"),
        (
            ["search", "x", "--from", "2024-02-01", "--to", "2024-01-01"],
            "--from must not be later than --to.",
        ),
        (["search", "x", "--top-k", "0"], "Invalid value for '--top-k'"),
        (["serve", "--port", "70000"], "Invalid value for '--port'"),
    ],
)
def test_wrong_usage_says_so_and_exits_2(args, complaint):
    result = run(*args, "--data-dir", "unused") if args != ["nonsense"] else run(*args)
    assert result.exit_code == 2
    assert complaint in " ".join(re.sub(r"[│╭╮╰╯─]", " ", result.stderr).split())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("args", [["failures"], ["failures", "--json"], ["--help"]])
def test_output_that_cannot_be_written_is_one_line_and_no_traceback(tmp_path, args):
    Catalog(tmp_path / "catalog.sqlite").close()
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        at = ["--data-dir", str(tmp_path)] if args != ["--help"] else []
        code, _, err = finish(start(*args, *at, stdout=full, stderr=subprocess.PIPE))
    assert (code, err) == (1, "something cannot be read or written: No space left on device\n")


def test_a_wrong_setting_is_a_message_with_a_hint_and_no_traceback(tmp_path):
    (tmp_path / "assistant.toml").write_text("[retrieval]\ntop_k = 0\n")
    result = run("list", "--data-dir", str(tmp_path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "wrong setting: retrieval.top_k: Input should be greater than or equal to 1\n"
        "Correct the setting named above; README lists all of them.\n"
    )


@pytest.mark.parametrize("place", ["", " "])
def test_an_empty_path_is_not_taken_for_the_working_folder(tmp_path, place):
    result = run("add", place, "--data-dir", str(tmp_path / "data"))
    assert result.exit_code == 2
    assert "The path is empty" in result.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["list"],
        ["show", "123456"],
        ["remove", "123456"],
        ["search", "x"],
        ["ask", "x"],
        ["verify"],
        ["rebuild"],
        ["edit", "123456", "--title", "x"],
        ["trash"],
        ["undo", "123456"],
        ["purge"],
        ["conversations", "list"],
        ["feedback", "export"],
    ],
)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_without_a_corpus_is_named_and_left_alone(tmp_path, command, is_there):
    folder = tmp_path / "mistyped"
    if is_there:
        folder.mkdir()
    result = run(*command, "--data-dir", str(folder))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"there is no corpus in {folder} yet\n"
        "Begin one with `assistant add PATH`, or name another folder with --data-dir.\n"
    )
    assert list(tmp_path.rglob("*")) == [folder] * is_there


def test_the_same_edge_holds_when_started_as_a_program(tmp_path):
    (tmp_path / "assistant.toml").write_text("broken")
    code, out, err = finish(
        start("list", "--data-dir", str(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    )
    assert (code, out) == (1, "")
    assert err.startswith(f"{tmp_path}/assistant.toml cannot be read: ")
    assert "Traceback" not in err


# -- what needs the model -----------------------------------------------------------------------------


@pytest_model
def test_add_reports_what_it_did_and_is_idempotent(folder, tmp_path):
    options = (str(folder), "--data-dir", str(tmp_path))
    code, report = run_json("add", *options)
    report.pop("seconds")
    failure = {
        "name": "briefs.jsonl line 2",
        "reason": "it is not JSON (Expecting value, column 1)",
        "hint": jsonl.HINT,
    }
    assert code == 0
    assert report == {
        "added": ["Leaders talk in Baku", "Cup final", "[bold]Capsule[/bold] lands [/]"],
        "updated": [],
        "unchanged": [],
        "removed": [],
        "failed": [failure],
        "passages": 3,
        "cancelled": False,
        "held": [],
        "notes": [],
    }
    again = run("add", *options)
    assert again.exit_code == 0
    assert re.sub(r"[\d.]+ s\)", "T s)", again.stdout) == (
        "3 unchanged, 1 failed (0 passages embedded, T s)\n"
        f"  {failure['name']}: {failure['reason']}\n"
        f"    {failure['hint']}\n"
    )


@pytest_model
def test_add_leaves_out_what_it_is_told_to_and_removes_what_it_had_of_it(folder, tmp_path):
    add = ("add", str(folder), "--data-dir", str(tmp_path))
    _, report = run_json(*add, "--ignore", "*.md")
    assert len(report["added"]) == 2
    _, report = run_json(*add, "--ignore", "*.jsonl", "--ignore", "*.txt")
    assert [len(report[kind]) for kind in ("added", "removed", "failed")] == [1, 2, 0]


def test_add_of_several_paths_joins_their_reports(tmp_path):
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(f"The text of {name}.")
    code, report = run_json(
        "add", str(tmp_path / "one.txt"), str(tmp_path / "two.txt"), "--data-dir", str(tmp_path / "data")
    )
    assert (code, report["added"], report["passages"]) == (0, ["one", "two"], 2)


@pytest_model
def test_add_exits_1_only_if_nothing_is_in(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.docx").write_bytes(b"PK")
    options = (str(tmp_path / "in"), "--data-dir", str(tmp_path / "data"))
    alone = run("add", *options)
    assert alone.exit_code == 1
    assert "  bad.docx: it is called .docx, but what is in it is something else\n" in alone.stdout
    (tmp_path / "in" / "good.txt").write_text("The text.")
    assert run("add", *options).exit_code == 0


@pytest_model
def test_list_prints_newest_first_and_text_as_it_is(data_dir):
    result = run("list", "--data-dir", str(data_dir))
    rows = [re.split(r" {2,}", line.strip()) for line in result.stdout.splitlines()]
    assert [row[1:] for row in rows] == [
        ["published", "title", "source"],
        ["2025-03-09", "Cup final", "Dawn"],
        ["2024-09-07", "[bold]Capsule[/bold] lands [/]", "AVweb [red]"],
        ["Leaders talk in Baku"],
    ]
    assert all(re.fullmatch(r"[0-9a-f]{10}", row[0]) for row in rows[1:])


@pytest_model
def test_the_data_folder_may_be_named_before_the_command(data_dir):
    before = run("--data-dir", str(data_dir), "list").stdout
    assert before == run("list", "--data-dir", str(data_dir)).stdout
    assert "Cup final" in before


@pytest_model
def test_list_is_limited_by_source_and_number(data_dir):
    assert [a["title"] for a in run_json("list", "--source", "dawn", "--data-dir", str(data_dir))[1]] == [
        "Cup final"
    ]
    assert [a["title"] for a in run_json("list", "--limit", "1", "--data-dir", str(data_dir))[1]] == [
        "Cup final"
    ]
    assert run("list", "--source", "nobody", "--data-dir", str(data_dir)).stdout == "No articles.\n"


@pytest.fixture
def emptied(tmp_path):
    """A data folder whose corpus was begun and holds nothing."""
    (tmp_path / "none").mkdir()
    assert run("add", str(tmp_path / "none"), "--data-dir", str(tmp_path / "data")).exit_code == 0
    return tmp_path / "data"


@pytest_model
def test_an_empty_corpus_says_how_to_begin(emptied):
    assert (
        run("list", "--data-dir", str(emptied)).stdout
        == "No articles yet. Add some with `assistant add PATH`.\n"
    )


@pytest_model
def test_show_prints_an_article_found_by_the_start_of_its_id(folder, data_dir):
    (article,) = run_json("list", "--source", "AVweb [red]", "--data-dir", str(data_dir))[1]
    result = run("show", article["id"][:8], "--data-dir", str(data_dir))
    assert (result.exit_code, result.stdout) == (
        0,
        "[bold]Capsule[/bold] lands [/]\n"
        f"id: {article['id']}\n"
        "published: 2024-09-07\n"
        "source: AVweb [red]\n"
        "path: shuttle.md\n"
        f"folder: {folder}\n"
        "\nThe empty capsule landed in New Mexico [/] after three months at the space station.\n",
    )
    _, shown = run_json("show", article["id"], "--data-dir", str(data_dir))
    assert shown == article | {
        "language": "",
        "text": "The empty capsule landed in New Mexico [/] after three months at the space station.",
    }


@pytest_model
@pytest.mark.parametrize("command", [["show"], ["remove", "--yes"]])
def test_an_unknown_id_is_an_error_with_a_hint(data_dir, command):
    result = run(*command, "123456", "--data-dir", str(data_dir))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "no article has the id '123456'\nList the articles and their ids with `assistant list`.\n"
    )


@pytest_model
def test_remove_asks_first_and_removes_all_or_nothing(tmp_path):
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.txt").write_text(f"The text of {name}.")
    options = ("--data-dir", str(tmp_path / "data"))
    run("add", *(str(tmp_path / f"{name}.txt") for name in ("one", "two", "three")), *options)

    def ids():
        return {article["title"]: article["id"] for article in run_json("list", *options)[1]}

    known = ids()
    declined = run("remove", known["one"], *options, input="n\n")
    assert (declined.exit_code, ids()) == (1, known)
    assert f"{known['one'][:10]}  one\nRemove this article? [y/N]" in declined.stderr
    assert run("remove", known["one"], "ffffffffff", "--yes", *options).exit_code == 1
    assert ids() == known
    accepted = run("remove", known["one"], known["one"][:10], *options, input="y\n")
    assert (accepted.exit_code, accepted.stdout.splitlines()[-1]) == (0, "Removed one")
    code, removed = run_json("remove", known["two"], "--yes", *options)
    assert (code, [article["title"] for article in removed]) == (0, ["two"])
    assert list(ids()) == ["three"]


@pytest_model
def test_search_prints_score_title_date_and_passage(data_dir):
    result = run("search", "capsule landed", "--top-k", "1", "--data-dir", str(data_dir))
    assert result.exit_code == 0
    assert re.sub(r"^\d\.\d\d", "S", result.stdout) == (
        "S  [bold]Capsule[/bold] lands [/] (AVweb [red], 2024-09-07)\n"
        "      The empty capsule landed in New Mexico [/] after three months at the space station.\n"
    )


@pytest_model
@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ([], {"Cup final", "[bold]Capsule[/bold] lands [/]", "Leaders talk in Baku"}),
        (["--from", "2024-09-07"], {"Cup final", "[bold]Capsule[/bold] lands [/]"}),
        (["--to", "2024-09-07"], {"[bold]Capsule[/bold] lands [/]"}),
        (["--source", "Dawn"], {"Cup final"}),
        (["--source", "dawn"], {"Cup final"}),
        (["--from", "2026-01-01"], set()),
    ],
)
def test_search_is_filtered_by_date_and_source(data_dir, filters, titles):
    _, hits = run_json("search", "final", "capsule", "Baku", *filters, "--data-dir", str(data_dir))
    assert {hit["title"] for hit in hits} == titles


@pytest_model
def test_a_search_that_finds_nothing_says_so(data_dir):
    result = run("search", "x", "--source", "nobody", "--data-dir", str(data_dir))
    assert (result.exit_code, result.stdout) == (0, "Nothing found.\n")


@pytest_model
def test_ask_prints_the_answer_and_its_numbered_sources(data_dir):
    sentence = (
        "Deputy Prime Minister Ding Xuexiang of China met Prime Minister Shehbaz Sharif of Pakistan in Baku."
    )
    result = run("ask", "Who", "met", "in", "Baku?", "--data-dir", str(data_dir))
    assert result.exit_code == 0
    answer, _, listed = result.stdout.partition("\nSources\n")
    assert answer.startswith(f"{sentence} [1]")
    assert listed.startswith(f"[1] Leaders talk in Baku\n    {sentence}\n")
    closing = r"\n\n(Sure|Likely|Weak): (about|\w+ than) \d in 10 answers like this are right\.\n$"
    assert re.search(closing, listed)


@pytest_model
def test_ask_on_a_terminal_prints_the_short_answer_in_bold(data_dir):
    args = ("ask", "Where did the capsule land?", "--data-dir", str(data_dir))
    short = run_json(*args)[1]["short_answer"]["text"]
    shown = CliRunner(env=TERMINAL).invoke(app, args).stdout.splitlines()[0]
    assert in_bold(shown) == short
    assert "New Mexico" in short
    sentence = "The empty capsule landed in New Mexico [/] after three months at the space station."
    assert re.sub(r"\x1b\[\d*m", "", shown).rstrip() == f"{sentence} [1]"


def test_an_answer_is_printed_with_its_note_and_its_words_are_no_markup(capsys, monkeypatch):
    for name, value in TERMINAL.items():
        monkeypatch.setenv(name, value)
    article = Article("They counted [bold]12[/bold]  [1] of\nthem [/].", title="Count")
    text, note = "They counted [bold]12[/bold] [1] of them [/]. [1]", "The articles may differ: “[b]12” [1]."
    answer = Answer(
        "How many?",
        text,
        (Citation(1, article, 0, len(article.text)),),
        score=0.3,
        confidence=Confidence.WEAK,
        short_answer=ShortAnswer(1, article, 13, 33),
        note=note,
    )
    print_answer(answer)
    out = capsys.readouterr().out
    assert in_bold(out.splitlines()[0]) == "[bold]12[/bold] [1]"
    assert [re.sub(r"\x1b\[\d*m", "", line).rstrip() for line in out.splitlines()] == [
        text,
        "",
        note,
        "",
        "Sources",
        "[1] Count",
        "    They counted [bold]12[/bold]  [1] of",
        "    them [/].",
        "",
        "Weak: about 3 in 10 answers like this are right.",
    ]


def test_what_a_chat_model_wrote_is_printed_with_what_the_check_makes_of_it(capsys):
    article = Article("Two ships sank.", title="Storm")
    told = Sentence("Two ships sank.", (1,), 0.9, True)
    doubted = Sentence("Both ships went down.", reason="close to what “Storm” says", is_unconfirmed=True)
    invented = Sentence("Nine drowned.", reason="“Nine” is not in any passage")
    answer = Answer(
        "What sank?",
        text="Two ships sank. [1] Both ships went down. Nine drowned.",
        citations=(Citation(1, article, 0, 15),),
        sentences=(told, doubted, invented),
        generation=Generation("openai:scripted", passages=1, tokens=90, window=8192),
    )
    print_answer(answer)
    out = " ".join(capsys.readouterr().out.split())
    assert "Both ships went down. (Not confirmed: close to what “Storm” says)" in out
    assert "Nine drowned. (Not supported: “Nine” is not in any passage)" in out
    assert "1 of 3 sentences supported" in out


@pytest_model
def test_ask_answers_as_json_with_citations_that_resolve(data_dir):
    code, answer = run_json("ask", "Who met in Baku?", "--data-dir", str(data_dir))
    assert (code, answer["abstention"]) == (0, None)
    citation = answer["citations"][0]
    _, article = run_json("show", citation["article_id"], "--data-dir", str(data_dir))
    cited = article["text"][citation["start_char_index"] : citation["end_char_index"]]
    assert cited == citation["cited_text"]
    assert {"Ding Xuexiang", "Shehbaz Sharif"} <= set(re.findall(r"Ding Xuexiang|Shehbaz Sharif", cited))


@pytest_model
def test_ask_without_an_answer_exits_3_and_shows_what_came_close(data_dir):
    result = run("ask", "Who won the 1998 World Cup?", "--data-dir", str(data_dir))
    assert result.exit_code == 3
    assert "\nNot an answer, but close\n" in result.stdout
    assert "Sources" not in result.stdout
    assert re.search(r"^\d\.\d\d  Cup final \(Dawn, 2025-03-09\)$", result.stdout, re.MULTILINE)
    code, answer = run_json("ask", "Who won the 1998 World Cup?", "--data-dir", str(data_dir))
    assert (code, answer["text"], answer["citations"]) == (3, "", [])


@pytest_model
def test_ask_prints_a_timeline_with_a_day_before_each_sentence(folder, tmp_path):
    launch = {
        "title": "Capsule launched",
        "date": "2024-06-05",
        "text": "The capsule was launched from Florida.",
    }
    (tmp_path / "launch.jsonl").write_text(json.dumps(launch) + "\n")
    assert run(
        "add", str(folder / "shuttle.md"), str(tmp_path / "launch.jsonl"), "--data-dir", str(tmp_path / "d")
    )
    result = run("ask", "timeline of the capsule", "--data-dir", str(tmp_path / "d"))
    days = [line[:11] for line in result.stdout.splitlines() if re.match(r"\d{4}-\d\d-\d\d: ", line)]
    assert (result.exit_code, days) == (0, ["2024-06-05:", "2024-09-07:"])
    assert "Gathered from 2 articles; before each sentence stands the day" in " ".join(result.stdout.split())
    assert "answers like this are right" not in result.stdout


def test_ask_of_an_empty_corpus_abstains_without_passages(emptied):
    result = run("ask", "Who met in Baku?", "--data-dir", str(emptied))
    assert result.exit_code == 3
    assert "Not an answer" not in result.stdout


@pytest_model
def test_verify_is_0_when_healthy_1_when_not_and_repairs(folder, tmp_path):
    options = ("--data-dir", str(tmp_path))
    run("add", str(folder), *options)
    healthy = run("verify", *options)
    assert (healthy.exit_code, healthy.stdout) == (0, "Healthy: 3 articles, 3 passages.\n")
    (lexical,) = tmp_path.glob("*/lexical/meta.json")
    lexical.unlink()
    code, report = run_json("verify", *options)
    assert (code, report["healthy"], report["articles"]) == (1, False, 3)
    broken = run("verify", *options)
    assert broken.exit_code == 1
    assert broken.stdout.startswith("Problem: ")
    repaired = run("verify", "--repair", *options)
    assert repaired.exit_code == 0
    assert repaired.stdout.endswith("Healthy: 3 articles, 3 passages.\n")
    assert run("verify", *options).exit_code == 0


@pytest_model
def test_another_chunking_names_the_command_that_rebuilds_and_it_does(folder, tmp_path):
    options = ("--data-dir", str(tmp_path))
    run("add", str(folder), *options)
    (tmp_path / "assistant.toml").write_text("[chunking]\nmax_passage_chars = 100\n")
    refused = run("list", *options)
    assert refused.exit_code == 1
    assert "`assistant rebuild`" in refused.stderr
    code, report = run_json("rebuild", *options)
    assert (code, len(report["updated"]), report["passages"]) == (0, 3, 4)
    assert run("list", *options).exit_code == 0


@pytest_model
def test_a_terminal_sees_notices_and_a_progress_bar_and_the_result_stays_clean(folder, tmp_path):
    (tmp_path / "assistant.toml").write_text(f'models_dir = "{tmp_path / "models"}"\n')
    leader, follower = pty.openpty()
    process = start("add", str(folder), "--data-dir", str(tmp_path), stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    seen = []

    def drain():
        with suppress(OSError):  # the terminal has closed
            while data := os.read(leader, 4096):
                seen.append(data)

    reader = threading.Thread(target=drain)
    reader.start()
    code, out, _ = finish(process)
    reader.join()
    os.close(leader)
    assert code == 0
    assert f"Adding {folder.name}".encode() in b"".join(seen)
    assert b"Preparing the embedding model, once" in b"".join(seen)
    assert out.startswith("3 added, 1 failed (3 passages embedded, ")


def test_serve_finds_out_that_its_port_is_taken_before_it_syncs(folder, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run(
            *("serve", "--port", port, "--no-open", "--corpus", str(folder)),
            *("--data-dir", str(tmp_path / "data")),
        )
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"cannot listen on 127.0.0.1 port {port}: ")
    assert not (tmp_path / "data").exists()


def test_the_app_knows_its_corpus_by_name_so_that_a_clone_may_move(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, _, err = finish(
            subprocess.Popen(
                [sys.executable, str(APP), "--port", port, "--data-dir", str(tmp_path)],
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
    assert (code, err.splitlines()[0][:18]) == (1, "cannot listen on 1")  # its options are understood
    assert '"--corpus-name", "corpus"' in APP.read_text(encoding="utf-8")


@pytest_model
def test_serve_syncs_a_folder_serves_the_page_and_stops_on_ctrl_c(folder, tmp_path):
    process = start(
        *("serve", "--port", "0", "--no-open", "--corpus", str(folder), "--corpus-name", "mine"),
        *("--data-dir", str(tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        lines = [process.stdout.readline() for _ in range(4)]
        assert lines[0].startswith("3 added, 1 failed")
        (address,) = re.findall(r"http://127\.0\.0\.1:\d+", lines[3])
        with urllib.request.urlopen(f"{address}/healthz", timeout=60) as response:
            assert json.load(response) == {"status": "ok"}
        process.send_signal(signal.SIGINT)
        code, _, err = finish(process)
    finally:
        process.kill()
    assert (code, err) == (0, "")
    _, report = run_json("add", str(folder / "baku.txt"), "--data-dir", str(tmp_path))
    assert report["unchanged"] == ["Leaders talk in Baku (already there as mine/baku.txt)"]


def test_reports_are_told_in_the_order_of_their_outcomes():
    from assistant.cli.printing import OUTCOMES

    assert set(OUTCOMES) < set(IngestReport().to_dict())


# -- the web


@pytest.fixture
def site(tmp_path, monkeypatch):
    with served() as site:
        monkeypatch.setenv("ASSISTANT_WEB_INTERNAL_HOSTS", f"127.0.0.1:{site.port}")
        monkeypatch.setenv("ASSISTANT_WEB_DELAY_SECONDS", "0")
        monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path / "web"))
        here = f"http://127.0.0.1:{site.port}"
        site.pages |= {
            "/feed.xml": known(rss((f"{here}/a", ""), (f"{here}/b", "")), '"f"', kind="text/xml"),
            "/a": known(article("Talks in Baku"), '"a"'),
            "/b": known(article("Talks in Karachi"), '"b"'),
        }
        yield site


@pytest_model
def test_feeds_are_added_listed_refreshed_and_removed(site):
    feed = f"http://127.0.0.1:{site.port}/feed.xml"
    assert run("feeds", "list").exit_code == 1  # no corpus yet
    added = run("feeds", "add", feed)
    assert added.exit_code == 0
    assert added.stdout.startswith("Subscribed to Gazette\n2 added (")
    site.log.clear()
    code, report = run_json("feeds", "refresh")
    assert (code, report["unchanged"], report["failed"]) == (0, ["Talks in Baku", "Talks in Karachi"], [])
    assert site.log == [("/feed.xml", 304), ("/a", 304), ("/b", 304)]
    code, listed = run_json("feeds", "list")
    assert [(s["url"], s["title"], s["entries"], s["problem"]) for s in listed] == [(feed, "Gazette", 2, "")]
    assert "last fetched: 20" in run("feeds", "list").stdout
    assert run("feeds", "remove", feed).stdout == f"No longer subscribed to {feed}\n"
    assert run("feeds", "list").stdout == "No subscriptions yet. Make one with `assistant feeds add URL`.\n"
    gone = run("feeds", "refresh", feed)
    assert (gone.exit_code, "there is no subscription to it" in gone.stderr) == (1, True)


@pytest_model
def test_an_address_is_added_and_what_is_refused_says_why(site, tmp_path):
    here = f"http://127.0.0.1:{site.port}"
    code, report = run_json("--data-dir", str(tmp_path / "other"), "add", f"{here}/feed.xml", "--limit", "1")
    assert (code, report["added"]) == (0, ["Talks in Baku"])
    site.pages["/inside"] = redirect("http://169.254.169.254/latest/meta-data/")
    refused = run("add", f"{here}/inside", "http://localhost/", "ftp://example.org/a")
    assert refused.exit_code == 2  # what is neither an address nor a file is wrong usage
    refused = run("add", f"{here}/inside", "http://localhost/")
    assert refused.exit_code == 1
    assert "169.254.169.254 is the address at which clouds keep their keys: refused" in refused.stdout
    assert "localhost is 127.0.0.1, which is this machine: refused" in refused.stdout.replace(
        "::1", "127.0.0.1"
    )


@pytest_model
def test_an_article_is_corrected_removed_and_brought_back(tmp_path):
    (tmp_path / "baku.txt").write_text(BAKU)
    at = ("--data-dir", str(tmp_path / "data"))
    run("add", str(tmp_path / "baku.txt"), *at)
    _, [article] = run_json("list", *at)
    told = run("edit", article["id"][:8], "--title", "Talks", "--published", "2024-11-13", *at)
    assert told.stdout.startswith("Talks\n")
    assert told.stdout.endswith("edited by hand: title, published\n")
    run("add", str(tmp_path / "baku.txt"), *at)
    _, shown = run_json("show", article["id"], *at)
    assert (shown["title"], shown["published"], shown["edited"]) == (
        "Talks",
        "2024-11-13",
        ["title", "published"],
    )
    wrong: tuple[tuple[str, ...], ...] = (
        (),
        ("--title", " "),
        ("--published", "2024-11-13", "--undated"),
        ("--reset", "--title", "Talks"),
    )
    for options in wrong:
        assert run("edit", article["id"], *options, *at).exit_code == 2
    _, cleaned = run_json("edit", article["id"], "--title", "Talks \x1b[31m\nin Baku", *at)
    assert "\x1b" not in cleaned["title"]
    assert "\n" not in cleaned["title"]
    run("edit", article["id"], "--title", "Talks", *at)
    run("remove", "--yes", article["id"], *at)
    assert article["id"][:10] in run("trash", *at).stdout
    assert run("undo", article["id"], *at).stdout == "Brought back Talks\n"
    _, reset = run_json("edit", article["id"], "--reset", *at)
    assert reset == article
    (tmp_path / "baku.txt").write_text(BAKU + "And more was said.\n")
    run("add", str(tmp_path / "baku.txt"), *at)
    old = run("show", article["id"], "--version", article["version"], *at).stdout
    assert old.startswith("Of an older version, replaced on ")
    assert "And more was said" not in old
    run("remove", "--yes", article["id"], *at)
    assert run("purge", "--all", "--yes", *at).stdout == "Deleted for good.\n"
    assert run("trash", *at).stdout == "Nothing that could be brought back.\n"
    assert [
        path for path in (tmp_path / "data").rglob("*") if path.is_file() and b"Sharif" in path.read_bytes()
    ] == []


@pytest_model
def test_a_collection_is_backed_up_and_restored(data_dir, tmp_path):
    file = str(tmp_path / "b.zip")
    made = run("backup", file, "--data-dir", str(data_dir))
    assert re.fullmatch(rf"3 articles in {file} \(\d\.\d MB\)\n", made.stdout)
    new = ("--data-dir", str(tmp_path / "new"))
    assert run("restore", file, *new).stdout == "3 articles are back.\n"
    assert run("verify", *new).stdout.startswith("Healthy: 3 articles")
    again = run("restore", file, *new)
    assert (again.exit_code, "Restore with --force" in again.stderr) == (1, True)
    assert "What was there before is in" in run("restore", file, *new, "--force").stdout
