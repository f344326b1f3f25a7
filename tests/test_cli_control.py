"""Stopping, trying again and watching through the command line, as a person does it."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, suppress

import pytest

from tests.test_cli import finish, run, run_json, start

pytest_model = pytest.mark.model


@pytest_model
def test_ctrl_c_keeps_what_is_done_says_so_and_the_same_command_goes_on(tmp_path):
    (tmp_path / "news").mkdir()
    words = "river border train summit climate rocket harvest ballot".split()
    for number in range(400):
        text = " ".join(f"{word}{at} is number {number} of them." for at, word in enumerate(words * 4))
        (tmp_path / "news" / f"{number:03}.txt").write_text(text)
    args = ("add", str(tmp_path / "news"), "--data-dir", str(tmp_path / "data"), "--json")
    process = start(*args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    catalog = tmp_path / "data" / "catalog.sqlite"
    while process.poll() is None and not (catalog.exists() and articles_in(catalog)):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    code, out, err = finish(process)
    report = json.loads(out)
    assert (code, report["cancelled"], "Traceback" in err) == (130, True, False)
    assert "Stopping: what is embedded is kept." in err
    assert 0 < len(report["added"]) == articles_in(catalog) < 400
    code, again = run_json(*args[:-1])
    assert (code, again["cancelled"]) == (0, False)
    assert (len(again["added"]), len(again["unchanged"])) == (
        400 - len(report["added"]),
        len(report["added"]),
    )
    code, checked = run_json("verify", "--data-dir", str(tmp_path / "data"))
    assert (code, checked["articles"]) == (0, 400)
    assert report["passages"] + again["passages"] == checked["passages"]  # nothing was embedded twice


def articles_in(catalog):
    with closing(sqlite3.connect(catalog)) as db, suppress(sqlite3.OperationalError):  # no tables yet
        return db.execute("SELECT count(*) FROM articles WHERE state = 'ready'").fetchone()[0]
    return 0


@pytest_model
def test_failures_are_listed_and_tried_again(tmp_path):
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "empty.txt").write_text("")
    options = ("--data-dir", str(tmp_path / "data"))
    assert run("add", str(tmp_path / "news"), *options).exit_code == 1
    listed = run("failures", *options)
    assert listed.exit_code == 0
    assert listed.stdout.startswith("empty.txt: ")
    assert f"in {tmp_path / 'news'}, 20" in listed.stdout
    (failure,) = run_json("failures", *options)[1]
    assert (failure["name"], failure["origin"]) == ("empty.txt", str(tmp_path / "news"))
    assert run("retry", *options).exit_code == 1
    (tmp_path / "news" / "empty.txt").write_text("A zebra ran.")
    code, report = run_json("retry", *options)
    assert (code, report["added"], report["failed"]) == (0, ["empty"], [])
    assert run("failures", *options).stdout == "Nothing has failed that is not mended.\n"


@pytest_model
def test_watch_follows_a_folder_and_ends_cleanly_on_a_signal(tmp_path):
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "zebra.txt").write_text("A zebra ran.")
    process = start(
        *("watch", str(tmp_path / "news"), "--data-dir", str(tmp_path / "data"), "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert json.loads(process.stdout.readline())["added"] == ["zebra"]
        (tmp_path / "news" / "lion.txt").write_text("A lion slept.")
        assert json.loads(process.stdout.readline())["added"] == ["lion"]
        (tmp_path / "news" / "zebra.txt").unlink()
        assert json.loads(process.stdout.readline())["removed"] == ["zebra"]
        process.send_signal(signal.SIGTERM)
        code, out, err = finish(process)
    finally:
        process.kill()
    assert (code, out) == (0, "")
    assert err == f"Watching {tmp_path / 'news'}; Ctrl-C ends it.\n\nStopping. What is done is kept.\n"


def test_articles_of_one_path_in_two_folders_are_told_apart(tmp_path):
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weather.txt").write_text(f"Weather\n\nIn the {name} it rains today.")
        assert run("add", str(tmp_path / name), "--data-dir", str(tmp_path / "data")).exit_code == 0
    listed = run("list", "--data-dir", str(tmp_path / "data"), env={"COLUMNS": "300"}).output
    assert f"Weather ({tmp_path}/north/weather.txt)" in listed
    assert f"Weather ({tmp_path}/south/weather.txt)" in listed
    found = json.loads(run("list", "--json", "--data-dir", str(tmp_path / "data")).output)
    assert {article["folder"] for article in found} == {str(tmp_path / "north"), str(tmp_path / "south")}
    shown = run("show", found[0]["id"], "--data-dir", str(tmp_path / "data")).output
    assert f"folder: {found[0]['folder']}" in shown


@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_data_folder_is_a_usage_error(value):
    result = run("list", "--data-dir", value)
    assert result.exit_code == 2
    assert "The path is empty" in result.output
