from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant import Article, Assistant
from assistant.errors import EvaluationError
from assistant.evaluation import EvaluationQuestion, Evidence, generate, load, measure, summarise, to_line
from assistant.evaluation.generating import propose
from assistant.settings import Settings
from tests.fakes import WordEmbeddings

TALKS = Article(
    title="Talks",
    text="The ministers met in Baku on Monday. They spoke about a railway to Tbilisi.\nTea was served.",
)
BRIDGE = Article(
    title="Bridge",
    text="Mayor Leyla Aliyeva opened the new bridge over the Kura on Sunday. It cost nine million manat.",
)


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    settings = Settings(data_dir=tmp_path / "data")
    with Assistant.open(settings=settings, embedder=WordEmbeddings()) as opened:
        opened.add([TALKS, BRIDGE])
        yield opened


def file_of(folder: Path, *lines: object) -> Path:
    path = folder / "questions.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


class TestFile:
    def test_all_forms_of_what_is_right_are_read(self, tmp_path: Path):
        path = file_of(
            tmp_path,
            {"question": " Where? ", "answer": "Baku"},
            "",
            {
                "question": "Who?",
                "answers": ["Leyla Aliyeva"],
                "evidence": "Mayor Leyla Aliyeva",
                "category": "who",
            },
            {"question": "What?", "evidence": [{"text": "Tea was served.", "article": "Talks"}]},
            {"question": "Which?", "article": "Bridge", "generated": True},
            {"question": "Why?", "answerable": False},
        )
        assert load(path) == [
            EvaluationQuestion("Where?", ("Baku",)),
            EvaluationQuestion(
                "Who?", ("Leyla Aliyeva",), (Evidence("Mayor Leyla Aliyeva"),), category="who"
            ),
            EvaluationQuestion("What?", evidence=(Evidence("Tea was served.", "Talks"),)),
            EvaluationQuestion("Which?", article="Bridge", is_generated=True),
            EvaluationQuestion("Why?", is_answerable=False),
        ]

    def test_what_is_written_is_read_again(self, tmp_path: Path):
        question = EvaluationQuestion(
            "Who?", ("a", "b"), (Evidence("x", "y"),), "z", category="c", is_generated=True
        )
        unanswerable = EvaluationQuestion("Why?", is_answerable=False)
        assert load(file_of(tmp_path, to_line(question), to_line(unanswerable))) == [question, unanswerable]

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("{", "line 1: it is no JSON"),
            ("[1]", "line 1: it is no object"),
            ({"answers": ["x"]}, "line 1: it has no question"),
            ({"question": 3}, "line 1: question is no text"),
            ({"question": "Who?"}, "line 1: nothing says what is right"),
            ({"question": "Who?", "answers": [1]}, "line 1: answers are no texts"),
            ({"question": "Who?", "answers": [""]}, "line 1: answers are no texts"),
            ({"question": "Who?", "evidence": 5}, "line 1: evidence is no list"),
            ({"question": "Who?", "evidence": [5]}, "line 1: evidence is neither"),
            ({"question": "Who?", "evidence": {}}, "line 1: evidence has no text"),
            ({"question": "Who?", "answerable": "no"}, "line 1: answerable is neither true nor false"),
            ("[" * 100_000, "line 1: it is no JSON"),
            ("", "has no questions"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_line(self, tmp_path: Path, line: object, said: str):
        with pytest.raises(EvaluationError, match=said) as caught:
            load(file_of(tmp_path, line))
        assert caught.value.hint

    def test_a_file_that_is_no_text_is_refused(self, tmp_path: Path):
        (tmp_path / "q").write_bytes(b"\xff\xfe\x00")
        for path in (tmp_path / "q", tmp_path / "missing"):
            with pytest.raises(EvaluationError, match="cannot be read"):
                load(path)


class TestMeasuring:
    def test_a_right_and_a_wrong_expectation_differ(self, assistant: Assistant):
        right = EvaluationQuestion(
            "Where did the ministers meet?", ("Baku",), (Evidence("The ministers met  in Baku"),)
        )
        wrong = EvaluationQuestion(
            "Where did the ministers meet?", ("Ganja",), (Evidence("Tea was served."),)
        )
        first, second = measure(assistant, [right, wrong])
        assert (first.rank, first.right[0], first.found, first.is_matched) == (1, True, 1.0, True)
        assert (second.right[0], second.found, second.is_matched) == (False, 0.0, False)

    def test_the_words_must_stand_in_the_article_that_is_named(self, assistant: Assistant):
        evidence = Evidence("The ministers met in Baku on Monday.", "Bridge")
        [row] = measure(
            assistant, [EvaluationQuestion("Where did the ministers meet?", evidence=(evidence,))]
        )
        assert (row.rank, row.right[0]) == (None, False)

    @pytest.mark.parametrize("name", [TALKS.title, TALKS.id, TALKS.id[:8]])
    def test_an_article_alone_can_be_what_is_right(self, assistant: Assistant, name: str):
        [row] = measure(assistant, [EvaluationQuestion("Where did the ministers meet?", article=name)])
        assert (row.rank, row.right[0], row.is_matched) == (1, True, None)

    def test_figures_count_what_they_say(self, assistant: Assistant):
        rows = list(
            measure(
                assistant,
                [
                    EvaluationQuestion("Where did the ministers meet?", ("Baku",), category="where"),
                    EvaluationQuestion("Who opened the new bridge?", ("Somebody Else",), category="who"),
                    EvaluationQuestion("Who won the world cup of 1998?", is_answerable=False),
                ],
            )
        )
        found = summarise(rows)
        assert (found.questions, found.generated) == (3, 0)
        assert {name: (share.value, share.count) for name, share in found.shares.items()} == {
            "hit@1": (0.5, 2),
            "hit@5": (0.5, 2),
            "hit@10": (0.5, 2),
            "mrr@10": (0.5, 2),
            "answered": (1.0, 2),
            "first_citation": (0.5, 2),
            "answer_match": (0.5, 2),
            "citation_precision": (0.5, 2),
            "citation_recall": (0.5, 2),
            "refused": (1.0, 1),
        }
        assert {name: share.value for name, share in found.by_category.items()} == {"where": 1.0, "who": 0.0}
        half = found.shares["hit@1"]
        assert (round(half.low, 3), round(half.high, 3)) == (0.095, 0.905)  # Wilson, 1 of 2

    def test_what_was_not_asked_has_no_figure(self, assistant: Assistant):
        rows = list(measure(assistant, [EvaluationQuestion("Who won?", is_answerable=False)]))
        assert summarise(rows).shares["hit@1"].to_dict() == {
            "value": None,
            "low": 0.0,
            "high": 1.0,
            "count": 0,
        }


class TestGenerating:
    def test_questions_are_in_the_articles_words_and_marked(self, assistant: Assistant):
        sentence = "Mayor Leyla Aliyeva opened the new bridge over the Kura on Sunday."
        assert list(generate(assistant, 5)) == [
            EvaluationQuestion(
                "Who opened the new bridge over the Kura on Sunday?",
                ("Mayor Leyla Aliyeva",),
                (Evidence(sentence, BRIDGE.id),),
                category="generated",
                is_generated=True,
            )
        ]

    def test_no_more_than_wanted(self, assistant: Assistant):
        assert list(generate(assistant, 0)) == []

    @pytest.mark.parametrize(
        ("sentence", "question", "answer"),
        [
            (
                "The Central Bank raised its main rate to nine per cent, the third rise in a year.",
                [],  # "its" points outside of the question
                "",
            ),
            (
                "The Central Bank raised the main rate to nine per cent, the third rise in a year.",
                ["What raised the main rate to nine per cent?"],
                "The Central Bank",
            ),
            (
                "The bridge was opened by the mayor of the city on Sunday, March 3, 2024, after a delay.",
                ["When was the bridge opened by the mayor of the city?"],
                "Sunday, March 3, 2024",
            ),
            ("He opened the new bridge over the river Kura on Sunday morning.", [], ""),
            ("Mayor Leyla Aliyeva opened it.", [], ""),
            ("Mayor Leyla Aliyeva, who was late, opened the new bridge over the Kura on Sunday.", [], ""),
        ],
    )
    def test_statements_become_questions(self, sentence: str, question: list[str], answer: str):
        assert list(propose(sentence)) == [(one, answer) for one in question]


class TestReport:
    def test_it_shows_figures_and_questions_and_nothing_as_markup(self, assistant: Assistant):
        from assistant.ui.render.evaluation import report

        hostile = EvaluationQuestion("Where did the <script>alert(1)</script> ministers meet?", ("Baku",))
        rows = list(measure(assistant, [hostile, EvaluationQuestion("Who won?", is_answerable=False)]))
        page = report(summarise(rows), rows, day=date(2026, 1, 2))
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "2026-01-02: 2 questions." in page
        assert page.count("<rect") == len([one for one in summarise(rows).shares.values() if one.count])
        assert "http" not in page
