"""Conversations that are kept: whose they are, how they are found, what leaves them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from assistant.assistant import Assistant
from assistant.cli import app
from assistant.conversations import HISTORY_TURNS, MAX_TITLE_CHARS, Conversations, turns_before
from assistant.corpus import backup, restore
from assistant.errors import CorpusError, UnknownArticleError, UnknownConversationError
from assistant.settings import AnsweringSettings, Settings
from assistant.stores.answers import GONE
from assistant.stores.conversations import FILE_NAME
from assistant.types import Abstention, Answer, Citation, Reason, Turn
from tests.fakes import WordEmbeddings, make_article
from tests.hostile import NAUGHTY

BAKU = make_article(url="https://gazette.example/baku")


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Conversations]:
    opened = Conversations(tmp_path, clock=Clock())
    yield opened
    opened.close()


def answer(question: str = "Who met in Baku?", text: str = "Ding met Sharif in Baku. [1]") -> Answer:
    return Answer(question, text, (Citation(1, BAKU, 0, 24),), is_complete=True)


def questions(conversation: object) -> list[str]:
    return [a.question for a in conversation.answers]  # type: ignore[attr-defined]


class TestKeeping:
    def test_a_conversation_is_called_after_its_first_question_and_grows(self, kept: Conversations) -> None:
        first = kept.keep("me", answer("Who   met?"))
        second = kept.keep("me", answer("And why?"), first.conversation_id)
        found = kept.get(first.conversation_id, "me")
        assert (found.head.title, found.head.turns, second.number) == ("Who met?", 2, 1)
        assert found.answers == (answer("Who   met?"), answer("And why?"))
        assert found.head.updated > found.head.created

    def test_a_question_that_is_edited_takes_the_place_of_what_followed(self, kept: Conversations) -> None:
        a, *others = (answer(question) for question in ("A?", "B?", "C?"))
        seen = kept.go_on("me", [a, *others])
        again = kept.go_on("me", [a, answer("D?")], seen)
        (head,) = kept.list("me").heads
        assert (head.id, head.title, head.turns) == (seen[0].conversation_id, "A?", 2)
        assert kept.get(head.id, "me").turns == again
        assert questions(kept.get(head.id, "me")) == ["A?", "D?"]

    @pytest.mark.parametrize("mine", [["A?", "B?", "E?"], ["A?", "E?"], ["E?"]])
    @pytest.mark.parametrize("theirs", [["A?", "B?", "C?", "D?"], ["A?", "D?"], ["A?"]])
    def test_what_went_on_elsewhere_stays_and_this_goes_on_as_one_of_its_own(
        self, kept: Conversations, mine: list[str], theirs: list[str]
    ) -> None:
        asked = {question: answer(question) for question in ("A?", "B?", "C?", "D?", "E?")}
        seen = kept.go_on("me", [asked["A?"], asked["B?"]])
        kept.go_on("me", [asked[question] for question in theirs], seen)
        own = kept.go_on("me", [asked[question] for question in mine], seen)
        assert {head.title: questions(kept.get(head.id, "me")) for head in kept.list("me").heads} == {
            "A?": theirs,
            "E?": mine,
        }
        kept.go_on("me", [*(turn.answer for turn in own), asked["C?"]], own)
        assert questions(kept.get(own[0].conversation_id, "me")) == [*mine, "C?"]

    def test_an_edit_of_the_same_instant_is_another_turn(self, tmp_path: Path) -> None:
        kept = Conversations(tmp_path, clock=lambda: 7.0)
        seen = kept.go_on("me", [answer("A?")])
        kept.go_on("me", [answer("B?")], seen)
        kept.go_on("me", [answer("A?"), answer("C?")], seen)
        found = sorted(questions(kept.get(head.id, "me")) for head in kept.list("me").heads)
        assert found == [["A?", "C?"], ["B?"]]
        kept.close()

    def test_one_that_was_deleted_elsewhere_is_kept_anew(self, kept: Conversations) -> None:
        seen = kept.go_on("me", [answer("A?")])
        kept.delete(seen[0].conversation_id, "me")
        turns = kept.go_on("me", [answer("A?"), answer("B?")], seen)
        (head,) = kept.list("me").heads
        assert (head.id, head.title, head.turns) == (turns[0].conversation_id, "A?", 2)
        assert head.id != seen[0].conversation_id

    def test_nobody_goes_on_with_what_is_someone_elses(self, kept: Conversations) -> None:
        theirs = kept.go_on("them", [answer("A?")])
        kept.go_on("me", [answer("A?"), answer("B?")], theirs)
        (head,) = kept.list("me").heads
        assert (head.turns, head.id == theirs[0].conversation_id) == (2, False)
        assert kept.list("them").heads[0].turns == 1

    def test_a_long_question_is_cut_in_the_title(self, kept: Conversations) -> None:
        turn = kept.keep("me", answer("word " * 100))
        title = kept.get(turn.conversation_id, "me").head.title
        assert len(title) <= MAX_TITLE_CHARS
        assert title.endswith("…")

    def test_a_title_can_be_changed_but_not_emptied(self, kept: Conversations) -> None:
        name = kept.keep("me", answer()).conversation_id
        assert kept.rename(name, "me", " Talks\x00 \u202ein Baku ").title == "Talks in Baku"
        with pytest.raises(ValueError, match="empty"):
            kept.rename(name, "me", " \u200b ")

    def test_a_conversation_has_an_end(self, tmp_path: Path) -> None:
        kept = Conversations(tmp_path, max_turns=2)
        name = kept.keep("me", answer()).conversation_id
        kept.keep("me", answer(), name)
        with pytest.raises(CorpusError, match="at most 2 questions"):
            kept.keep("me", answer(), name)
        with pytest.raises(CorpusError, match="at most 2 questions"):
            kept.go_on("me", [answer()] * 3)
        kept.close()

    def test_a_follow_up_is_understood_by_the_last_turns_only(self) -> None:
        answers = [answer(f"Question {n}?", f"Answer {n}.") for n in range(50)]
        turns = turns_before(answers)
        assert turns[-2:] == [Turn("user", "Question 49?"), Turn("assistant", "Answer 49.")]
        assert len(turns) == HISTORY_TURNS

    def test_a_question_that_was_too_long_explains_no_other(self) -> None:
        refused = Answer("x " * 5000, abstention=Abstention(Reason.QUESTION_TOO_LONG, "It is too long."))
        assert turns_before([answer("A?", "B."), refused]) == [Turn("user", "A?"), Turn("assistant", "B.")]


class TestOwners:
    @pytest.fixture
    def name(self, kept: Conversations) -> str:
        return kept.keep("ann", answer()).conversation_id

    def test_see_their_own_only(self, kept: Conversations, name: str) -> None:
        assert [head.id for head in kept.list("ann").heads] == [name]
        assert kept.list("bob").heads == ()
        assert kept.list("").heads == ()
        assert [head.id for head in kept.list(None).heads] == [name]

    @pytest.mark.parametrize("intruder", ["bob", "", "ANN", "ann ", "%"])
    def test_can_do_nothing_with_those_of_others(self, kept: Conversations, name: str, intruder: str) -> None:
        attempts = [
            lambda: kept.get(name, intruder),
            lambda: kept.rename(name, intruder, "mine"),
            lambda: kept.delete(name, intruder),
            lambda: kept.rate(name, 0, intruder, "up"),
            lambda: kept.get(name[:10], intruder),
            lambda: kept.get(name[:10], "ann"),
        ]
        for attempt in attempts:
            with pytest.raises(UnknownConversationError, match="no such conversation"):
                attempt()
        with pytest.raises(
            (UnknownConversationError, ValueError), match=r"no such conversation|has an owner"
        ):
            kept.keep(intruder, answer("Mine?"), name)
        assert kept.delete_all(intruder) == 0
        assert kept.get(name, "ann").answers == (answer(),)

    def test_whoever_runs_the_machine_may_cut_an_id_short(self, kept: Conversations, name: str) -> None:
        assert kept.get(name[:10], None).head.id == name
        with pytest.raises(UnknownConversationError):
            kept.get(name[:3], None)


class TestList:
    def test_is_read_page_by_page_the_last_to_grow_first(self, kept: Conversations) -> None:
        names = [kept.keep("me", answer(f"Q{n}?")).conversation_id for n in range(5)]
        kept.keep("me", answer("again"), names[1])
        seen, after = [], ""
        while True:
            page = kept.list("me", limit=2, after=after)
            seen += [head.id for head in page.heads]
            if not (after := page.next):
                break
        assert seen == [names[1], names[4], names[3], names[2], names[0]]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("baku", {"a", "b"}),
            ("BAKU who", {"a"}),
            ("straße", {"c"}),
            ("100%", {"c"}),
            ("%", {"c"}),
            ("_", set()),
            ("' OR 1=1 --", set()),
            ("", {"a", "b", "c"}),
            ("renamed", {"b"}),
        ],
    )
    def test_is_searched_in_titles_questions_and_answers(
        self, kept: Conversations, query: str, expected: set[str]
    ) -> None:
        names = {
            "a": kept.keep("me", answer("Who met?", "They met in Baku.")).conversation_id,
            "b": kept.keep("me", answer("Where is Baku?", "In the east.")).conversation_id,
            "c": kept.keep("me", answer("STRASSE?", "100% straße.")).conversation_id,
        }
        kept.rename(names["b"], "me", "Renamed")
        found = {head.id for head in kept.list("me", query).heads}
        assert found == {names[name] for name in expected}

    @pytest.mark.parametrize("after", ["x", "nan_", "1_2_3", "_", "🙂"])
    def test_a_wrong_position_is_no_more_than_an_error(self, kept: Conversations, after: str) -> None:
        kept.keep("me", answer())
        with contextlib.suppress(ValueError):
            assert kept.list("me", after=after).next == ""


class TestFeedback:
    def test_is_kept_with_its_reason_and_exported_in_the_order_in_which_it_was_given(
        self, kept: Conversations
    ) -> None:
        name = kept.keep("me", answer()).conversation_id
        kept.keep("me", answer("And why?"), name)
        kept.rate(name, 1, "me", "down", "Wrong\x00 article" + "!" * 5000)
        kept.rate(name, 0, "me", "up")
        first, second = kept.feedback()
        assert (first["turn"], first["vote"], first["reason"][:14]) == (1, "down", "Wrong article!")
        assert len(first["reason"]) == 2000
        assert (second["turn"], second["vote"], second["reason"]) == (0, "up", "")
        assert second["answer"] == answer().to_dict()
        kept.rate(name, 1, "me", "", "gone")
        assert [said["turn"] for said in kept.feedback()] == [0]

    def test_of_another_kind_or_turn_is_refused(self, kept: Conversations) -> None:
        name = kept.keep("me", answer()).conversation_id
        with pytest.raises(ValueError, match="a vote is"):
            kept.rate(name, 0, "me", "sideways")  # type: ignore[arg-type]
        for turn in (1, -1, 10**30):
            with pytest.raises(UnknownConversationError):
                kept.rate(name, turn, "me", "up")


class TestExport:
    def test_as_markdown_has_numbered_references(self, kept: Conversations) -> None:
        name = kept.keep("me", answer()).conversation_id
        assert kept.get(name, "me").to_markdown() == (
            "# Who met in Baku?\n\n## Who met in Baku?\n\nDing met Sharif in Baku. \\[1\\]\n\n"
            "\\[1\\] Talks in Baku (Gazette, 2024-11-13) https\\://gazette\\.example/baku\n\n"
            "> Ding met Sharif in Baku.\n"
        )

    @pytest.mark.parametrize(
        "text",
        [
            *NAUGHTY,
            "![x](https://evil.example/x)",
            "<img src=x>",
            "[a]: b",
            "1. a",
            "12) a",
            "- a",
            "+ a",
            "=== a",
            "&lt;b&gt;",
            "a: <a@b.example>",
        ],
    )
    def test_as_markdown_shows_hostile_text_as_text(self, kept: Conversations, text: str) -> None:
        name = kept.keep("me", Answer(text, text, note=text)).conversation_id
        kinds = set()
        for token in MarkdownIt("commonmark").parse(kept.get(name, "me").to_markdown()):
            kinds |= {token.type, *(child.type for child in token.children or ())}
        assert kinds <= {
            *("heading_open", "heading_close", "inline", "text", "paragraph_open", "paragraph_close"),
            *("em_open", "em_close", "text_special", "softbreak"),
        }

    def test_as_json_has_all_but_the_owner(self, kept: Conversations) -> None:
        name = kept.keep("secret-owner", answer()).conversation_id
        found = kept.get(name, None).to_dict()
        assert "secret-owner" not in json.dumps(found)
        assert found["turns"][0]["answer"] == answer().to_dict()
        assert list(found) == ["id", "title", "created", "updated", "turns"]


class TestWithArticles:
    """What becomes of a conversation when its articles change and go."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        return Settings(
            data_dir=tmp_path / "data", answering=AnsweringSettings(min_score=0.0, max_sentences=1)
        )

    @pytest.fixture
    def assistant(self, settings: Settings) -> Iterator[Assistant]:
        with Assistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
            opened.add(BAKU)
            yield opened

    def test_its_citations_open_the_version_that_they_quote_after_a_restart(
        self, assistant: Assistant, settings: Settings
    ) -> None:
        given = assistant.ask("Who met in Baku?")
        name = assistant.conversations.keep("me", given).conversation_id
        assistant.add(make_article("Nothing is known.", url=BAKU.url))
        assistant.close()
        with Assistant.open(settings=settings, embedder=WordEmbeddings()) as later:
            (found,) = later.conversations.get(name, "me").answers
            assert found == given
            (citation,) = found.citations
            version = later.article_version(citation.article.id, citation.article.version)
            assert version.article.text[citation.start : citation.end] == citation.text
            assert "older version" in version.note

    def test_its_quotes_stay_while_an_article_can_come_back_and_go_with_it(
        self, assistant: Assistant
    ) -> None:
        given = assistant.ask("Who met in Baku?")
        name = assistant.conversations.keep("me", given).conversation_id
        assistant.remove(BAKU.id)
        assert assistant.conversations.get(name, "me").answers == (given,)
        assistant.purge(everything=True)
        (left,) = assistant.conversations.get(name, "me").answers
        assert (left.text, left.citations, left.hits, left.note) == ("", (), (), GONE)
        with pytest.raises(UnknownArticleError):
            assistant.article_version(BAKU.id, BAKU.version)

    def test_a_damaged_file_stops_no_ingest_but_a_purge_says_so(
        self, assistant: Assistant, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        assistant.remove(BAKU.id)
        (settings.data_dir / FILE_NAME).write_bytes(b"damage" * 10_000)
        with pytest.raises(CorpusError, match="file of conversations is damaged"):
            assistant.purge(everything=True)
        assert len(assistant.removed()) == 1
        (settings.data_dir / FILE_NAME).unlink()
        assert assistant.purge(everything=True) == 1

    def test_a_backup_brings_them_back(
        self, assistant: Assistant, settings: Settings, tmp_path: Path
    ) -> None:
        given = assistant.ask("Who met in Baku?")
        name = assistant.conversations.keep("me", given).conversation_id
        backup(settings.data_dir, tmp_path / "b.zip")
        restore(tmp_path / "b.zip", tmp_path / "back")
        again = Conversations(tmp_path / "back")
        assert again.get(name, "me").answers == (given,)
        again.close()


class TestCommands:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        settings = Settings(data_dir=tmp_path)
        with Assistant.open(settings=settings, embedder=WordEmbeddings()) as assistant:
            assistant.add(BAKU)
            kept = assistant.conversations
            name = kept.keep("ann", answer()).conversation_id
            kept.rate(name, 0, "ann", "down", "Too short")
            kept.keep("bob", answer("What of cotton?", ""))
        return tmp_path

    def run(self, folder: Path, *words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, [*words, "--data-dir", str(folder)])
        assert result.exit_code == code, result.output
        return result.stdout

    def test_list_show_export_and_delete(self, folder: Path, tmp_path: Path) -> None:
        listed = json.loads(self.run(folder, "conversations", "list", "--json"))
        assert [one["title"] for one in listed] == ["What of cotton?", "Who met in Baku?"]
        assert "Who met in Baku?" in self.run(folder, "conversations", "list", "sharif")
        name = listed[1]["id"]
        assert "Ding met Sharif in Baku. [1]" in self.run(folder, "conversations", "show", name[:10])
        shown = json.loads(self.run(folder, "conversations", "show", name, "--json"))
        assert shown["turns"][0]["answer"]["text"] == "Ding met Sharif in Baku. [1]"
        exported = self.run(folder, "conversations", "export", name, "--format", "json")
        assert json.loads(exported) == shown
        self.run(folder, "conversations", "export", name, "-o", str(tmp_path / "talk.md"))
        assert (tmp_path / "talk.md").read_text().startswith("# Who met in Baku?\n")
        assert self.run(folder, "conversations", "delete", name[:10]) == "1 conversation deleted.\n"
        assert self.run(folder, "conversations", "delete", "--all") == "1 conversation deleted.\n"
        assert self.run(folder, "conversations", "list") == (
            "No conversations yet. Those in the web page are kept.\n"
        )

    def test_feedback_is_json_lines(self, folder: Path) -> None:
        (line,) = self.run(folder, "feedback", "export").splitlines()
        said = json.loads(line)
        assert (said["vote"], said["reason"]) == ("down", "Too short")

    def test_an_unknown_id_is_an_error(self, folder: Path) -> None:
        self.run(folder, "conversations", "show", "abcdef123", code=1)
        self.run(folder, "conversations", "delete", code=2)
