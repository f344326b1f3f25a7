"""What a person removed stays away, what was renamed stays the same, and what is purged leaves no word."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.corpus.renaming import renamed
from assistant.errors import CorpusError, UnknownArticleError
from assistant.settings import LibrarySettings, Settings
from assistant.stores.holds import hashed
from assistant.stores.jobs import JobState, JobStore
from assistant.stores.web import Subscription, Visit, WebMemory
from assistant.types import Article
from tests.fakes import WordEmbeddings

LONG = "The otter came back to the river after forty years away, and the whole town went out to see it. "


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    settings = Settings(data_dir=tmp_path / "data")
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "otter.txt").write_text(LONG * 4)
    (folder / "lion.txt").write_text("The lion sleeps tonight.")
    return folder


def names(assistant: Assistant) -> set[str]:
    return {Path(article.path).name for article in assistant.articles()}


def at(assistant: Assistant, name: str) -> Article:
    return next(article for article in assistant.articles() if Path(article.path).name == name)


class TestRemovedByHand:
    @pytest.mark.parametrize("name", ["otter.txt", "lion.txt"])
    def test_it_stays_away_until_its_text_is_another_one(self, assistant: Assistant, folder: Path, name: str):
        assistant.add(folder)
        assistant.remove(at(assistant, name).id)
        for _ in range(2):
            report = assistant.add(folder)
            assert (len(report.held), report.added, report.removed) == (1, (), ())
        assert name not in names(assistant)
        (folder / name).write_text("Another text altogether.")
        assert len(assistant.add(folder).added) == 1
        assert name in names(assistant)

    def test_also_after_it_was_purged_and_its_file_renamed(self, assistant: Assistant, folder: Path):
        assistant.add(folder)
        assistant.remove(at(assistant, "otter.txt").id)
        assistant.purge(everything=True)
        (folder / "otter.txt").rename(folder / "renamed.txt")
        assert len(assistant.add(folder).held) == 1
        assert names(assistant) == {"lion.txt"}

    def test_also_where_the_same_text_stands_twice(self, assistant: Assistant, folder: Path):
        (folder / "copy.txt").write_text(LONG * 4)
        assistant.add(folder)
        (stored,) = names(assistant) - {"lion.txt"}
        assistant.remove(at(assistant, stored).id)
        assert len(assistant.add(folder).held) == 2
        assert names(assistant) == {"lion.txt"}

    def test_undo_brings_it_back_for_good(self, assistant: Assistant, folder: Path):
        assistant.add(folder)
        gone = assistant.remove(at(assistant, "otter.txt").id)
        assistant.undo(gone.id)
        report = assistant.add(folder)
        assert (report.held, len(report.unchanged)) == ((), 2)

    def test_adding_its_file_by_itself_brings_it_back_for_good(self, assistant: Assistant, folder: Path):
        assistant.add(folder)
        assistant.remove(at(assistant, "otter.txt").id)
        assert len(assistant.add(folder / "otter.txt").added) == 1
        assert assistant.add(folder).held == ()
        assert names(assistant) == {"otter.txt", "lion.txt"}

    def test_what_a_person_adds_is_never_held(self, assistant: Assistant):
        story = Article(LONG * 4, url="https://a.example/story")
        assistant.add(story)
        assistant.remove(story.id)
        assert len(assistant.add(story).added) == 1

    def test_a_file_that_vanished_is_not_held(self, assistant: Assistant, folder: Path):
        assistant.add(folder)
        (folder / "otter.txt").unlink()
        assert len(assistant.add(folder).removed) == 1
        (folder / "otter.txt").write_text(LONG * 4)
        assert len(assistant.add(folder).added) == 1


class TestRenamed:
    @pytest.mark.parametrize("name", ["otter.txt", "lion.txt"])
    def test_corrections_ids_and_citations_come_along(self, assistant: Assistant, folder: Path, name: str):
        (folder / name).write_text("An earlier text.")
        assistant.add(folder)
        earlier = at(assistant, name)
        (folder / name).write_text(LONG * 4 if name == "otter.txt" else "The lion sleeps tonight.")
        assistant.add(folder)
        before = assistant.edit(at(assistant, name).id, title="By hand", author="A person")
        (folder / name).rename(folder / "new.txt")
        report = assistant.add(folder)
        assert (report.removed, report.notes) == ((), (f"{name} is now new.txt",))
        after = at(assistant, "new.txt")
        assert (after.title, after.author, after.text) == ("By hand", "A person", before.text)
        assert assistant.article(before.id) == assistant.article(before.id[:8]) == after
        assert assistant.article_version(before.id, before.version).note == ""
        assert assistant.article_version(before.id, earlier.version).article.text == earlier.text
        assert assistant.removed() == []
        assert assistant.verify().is_healthy
        (folder / "new.txt").rename(folder / name)
        assistant.add(folder)
        assert at(assistant, name).title == "By hand"
        assert assistant.article(after.id).id == before.id

    def test_nothing_is_embedded_again(self, assistant: Assistant, folder: Path):
        assistant.add(folder)
        (folder / "otter.txt").rename(folder / "new.txt")
        assert assistant.add(folder).passages == 0

    def test_of_several_with_one_text_none_is_guessed(self):
        assert renamed({"a": "x", "b": "x"}, {"c": "x"}) == {}
        assert renamed({"a": "x"}, {"c": "x", "d": "x"}) == {}
        assert renamed({"a": "x", "b": "y"}, {"c": "y", "d": "z"}) == {"b": "c"}


class TestPurged:
    def test_no_file_of_the_data_folder_has_a_word_of_it(self, assistant: Assistant, folder: Path):
        words = [b"Quokkazilla", b"marsupium77", b"wombatic-place", b"https://zoo.example/secret-page"]
        (folder / "wombatic-place.md").write_text(
            "---\ntitle: Quokkazilla\n---\n\nThe marsupium77 of the animal. " + LONG * 4
        )
        assistant.add(folder)
        page = Article("Another marsupium77 text.", "Quokkazilla page", url="https://zoo.example/secret-page")
        assistant.add(page)
        web, data_dir = WebMemory(assistant.corpus.data_dir), assistant.corpus.data_dir
        web.remember(
            [Visit(page.url, '"etag"', "", (page.id,), "mark"), Visit("https://b.example/", articles=("x",))]
        )
        feed = Subscription(
            "https://zoo.example/feed", entries=((page.url, "", "mark"), ("https://b.example/", "", ""))
        )
        web.subscribe(feed)
        (folder / "wombatic-place.md").write_text("---\ntitle: Quokkazilla\n---\n\n")
        assert len(assistant.add(folder).failed) == 1
        (folder / "wombatic-place.md").unlink()
        jobs = JobStore(data_dir)
        jobs.put("someone", None, "f", {"articles": ["Quokkazilla page"]}, [])
        jobs.put("someone", None, "g", {"articles": ["The lion"]}, [])
        for job in jobs.latest("someone", 2):
            jobs.update(job.id, JobState.DONE, {"added": [job.what["articles"][0]]})
        stopped = data_dir / "rebuild"
        stopped.mkdir()
        (stopped / "catalog.sqlite").write_bytes(b"marsupium77")
        for article in list(assistant.articles()):
            if "marsupium77" in article.text:
                assistant.remove(article.id)
        assistant.purge(everything=True)
        files = [path for path in data_dir.rglob("*") if path.is_file()]
        left = {(path.name, word) for path in files for word in words if word in path.read_bytes()}
        assert left == set()
        assert names(assistant) == {"otter.txt", "lion.txt"}
        assert [job.what for job in jobs.latest("someone", 2)] == [{"articles": ["The lion"]}]
        jobs.close()
        assert web.visit(page.url) == Visit(page.url, "", "", (hashed(page.id),), "mark")
        assert web.visit("https://b.example/") == Visit("https://b.example/", articles=("x",))
        assert web.subscriptions()[0].entries == (["https://b.example/", "", ""],)

    def test_a_visit_anew_takes_the_place_of_the_hidden_one(self, tmp_path: Path):
        web = WebMemory(tmp_path)
        web.remember([Visit("https://a.example/", "1", "", ("x",))])
        web.forget(["x"])
        web.remember([Visit("https://a.example/", "2", "", ("y",))])
        assert web.visit("https://a.example/") == Visit("https://a.example/", "2", "", ("y",))


class TestDates:
    def test_one_that_is_not_understood_is_said_and_not_dropped(self, assistant: Assistant):
        report = assistant.add(
            b"---\ntitle: Otters\ndate: some day in spring\n---\n\nText of it.\n", name="a.md"
        )
        (article,) = assistant.articles()
        assert article.published is None
        right = f"set it with `assistant edit {article.id[:10]} --published DATE`"
        assert report.notes == (f"Otters: “some day in spring” is not understood as a date; {right}",)
        assert assistant.edit(article.id, published=date(2026, 4, 1)).published == date(2026, 4, 1)

    def test_of_many_some_are_named(self, assistant: Assistant):
        rows = [json.dumps({"title": f"T{n}", "text": f"Row {n}.", "date": "n/k"}) for n in range(14)]
        report = assistant.add("\n".join(rows).encode(), name="rows.jsonl")
        assert len(report.notes) == 11
        assert report.notes[-1] == "4 more dates are not understood"

    def test_an_article_without_any_is_no_problem(self, assistant: Assistant):
        assert assistant.add(b"---\ntitle: Otters\n---\n\nText of it.\n", name="a.md").notes == ()


class TestRoom:
    @pytest.fixture
    def small_disk(self, tmp_path: Path) -> Iterator[Path]:
        place = tmp_path / "disk"
        place.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("a small file system cannot be mounted here")
        yield place
        subprocess.run(["umount", "--lazy", str(place)], check=True)

    def opened(self, folder: Path, reserve_mb: int) -> Assistant:
        settings = Settings(data_dir=folder, library=LibrarySettings(reserve_mb=reserve_mb))
        return Assistant.open(settings=settings, embedder=WordEmbeddings())

    def test_a_disk_without_room_is_said_before_anything_is_embedded(self, small_disk: Path):
        with self.opened(small_disk / "data", 0) as assistant:
            assistant.add(Article("The first article."))
        with self.opened(small_disk / "data", 1) as assistant:
            many = (
                Article(" ".join(f"Otter{n} saw river{n * k} by day{k}." for k in range(150)))
                for n in range(600)
            )
            with pytest.raises(
                CorpusError, match=r"the disk has .* MB free; adding .* to stay free"
            ) as caught:
                assistant.add(many)
            assert "library.reserve_mb" in caught.value.hint
            stored = list(assistant.articles())
            assert 1 <= len(stored) < 600
            assert assistant.verify().is_healthy
            assert assistant.search("day7")
            assistant.remove(stored[0].id)  # what frees space is not refused

    def test_the_reserve_is_kept(self, tmp_path: Path):
        embedder = WordEmbeddings()
        settings = Settings(data_dir=tmp_path / "data", library=LibrarySettings(reserve_mb=1_000_000))
        with Assistant.open(settings=settings, embedder=embedder) as assistant:
            with pytest.raises(CorpusError, match="1,000,000 MB are to stay free"):
                assistant.add(Article("Words."))
            assert (list(assistant.articles()), embedder.embedded) == ([], [])


def test_a_report_in_json_says_what_was_held(assistant: Assistant, folder: Path):
    assistant.add(folder)
    assistant.remove(at(assistant, "lion.txt").id)
    said = json.loads(json.dumps(assistant.add(folder).to_dict()))
    assert (len(said["held"]), said["notes"]) == (1, [])


def test_a_removed_article_is_unknown(assistant: Assistant, folder: Path):
    assistant.add(folder)
    gone = assistant.remove(at(assistant, "lion.txt").id)
    with pytest.raises(UnknownArticleError):
        assistant.article(gone.id)
