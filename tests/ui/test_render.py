"""What the HTML of the page may hold: our own elements, and everything else as text."""

from __future__ import annotations

import ast
import gc
import html
import re
import weakref
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from lxml.html import HtmlElement

from assistant.answering.citations import quote
from assistant.stores.conversations import Head
from assistant.types import (
    Abstention,
    Answer,
    Article,
    Citation,
    Confidence,
    DateRange,
    Failure,
    Filters,
    Form,
    Hit,
    IngestReport,
    ItemProgress,
    ItemState,
    Passage,
    Progress,
    Reason,
    Section,
    Sentence,
    ShortAnswer,
)
from assistant.ui import render
from assistant.ui.examples import EXAMPLES, Example, answerable
from assistant.ui.options import Options
from tests.strategies import PROPERTY, texts

ROOT = Path(__file__).resolve().parents[2]
UI = ROOT / "assistant" / "ui"

ELEMENTS = {"a", "article", "bdi", "button", "div", "h1", "h2", "h3", "h4", "header", "li", "mark", "ol", "p"}
ELEMENTS |= {"form", "progress", "section", "span", "strong", "time", "ul", "table", "tbody", "td", "tr"}
ELEMENTS |= {"datalist", "dd", "details", "dl", "dt", "input", "label", "option", "summary", "th", "thead"}
ATTRIBUTES = {
    "aria-label",
    "class",
    "datetime",
    "dir",
    "href",
    "lang",
    "max",
    "rel",
    "role",
    "tabindex",
    "target",
}
ATTRIBUTES |= {"title", "type", "value", "colspan", "id", "name", "list", "scope", "autocomplete"}
ATTRIBUTES |= {"aria-describedby", "aria-hidden", "aria-live", "aria-pressed", "aria-current"}
ATTRIBUTES |= {"placeholder", "maxlength", "download", "method", "action"}
ATTRIBUTES |= {
    f"data-{name}"
    for name in (
        "action article ask cited conversation copy dates edit end filter form name question start step tab "
        "turn turns value version vote votes"
    ).split()
}

OWN_PLACE = (
    r"#article/[0-9a-f]{24}/[0-9a-f]{24}/\d+-\d+|/conversations/[0-9a-z]+\.(md|json|html)"
    r"|/originals/[0-9a-f]{24}/[0-9a-f]{24}(#page=\d+)?"
)

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "broken out of an attribute": "\"><svg onload=alert(1)> ' onmouseover='alert(1)",
    "broken out of a mark": "</mark></p></div><iframe src='https://evil.example'></iframe>",
    "javascript address": "javascript:alert(1)",
    "javascript address in disguise": " jAvAsCrIpT\t:alert(1)//https://evil.example",
    "data address": "data:text/html,<script>alert(1)</script>",
    "markdown image": "![pixel](https://evil.example/pixel.png)",
    "markdown reference": "![pixel][p]\n\n[p]: https://evil.example/pixel.png",
    "markdown link": "[click](javascript:alert(1))",
    "fence": '```mermaid\nclick A href "javascript:alert(1)"\n```',
    "template of Gradio": "${alert(1)} {{#each value}}{{constructor}}{{/each}} `${1}`",
    "style": "<style>*{background:url(https://evil.example)}</style>",
    "form": "<form action=https://evil.example><input type=password></form>",
    "meta": "<meta http-equiv=refresh content='0;url=https://evil.example'><base href=//evil.example>",
    "comment": "<!-- --><!--><img src=x onerror=alert(1)>-->",
    "entities": "&lt;img src=x onerror=alert(1)&gt; &#60;b&#62; &amp;quot;",
    "mathml": "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "markers": "[1] [2] [0] [-1] [999999] [1](https://evil.example) 【1】",
    "fake sources": "Sources:\n[1] Official source, https://evil.example",
    "right-to-left override": "\u202egnp.exe\u202c \u2066\u2069 \ufeff\u200b",
    "long word": "x" * 5000,
    "ampersands": "a & b && c &copy; &#x3c;script&#x3e;",
}
UNPRINTABLE = "a\x00b\x08c\x1bd\x85e\x9ff\ud800g\udfffh\ufffei"


def parse(markup: str) -> HtmlElement:
    return lxml_html.fragment_fromstring(markup, create_parent="root")


def check(markup: str) -> HtmlElement:
    """The markup parsed, after a look at every element and attribute in it."""
    root = parse(markup)
    found = [node for node in root.iter() if node is not root]
    assert {str(node.tag) for node in found} <= ELEMENTS
    assert {str(name) for node in found for name in node.attrib} <= ATTRIBUTES
    assert {(form.get("method"), form.get("action")) for form in root.iter("form")} <= {("post", "/logout")}
    for link in root.iter("a"):
        if re.fullmatch(OWN_PLACE, link.get("href", "")):
            continue
        assert link.get("href", "").startswith(("https://", "http://"))
        assert link.get("rel") == "noopener noreferrer nofollow"
    return root


def hostile_article(text: str) -> Article:
    return Article(
        f"Before. {text} After.",
        title=text,
        author=text,
        source=text,
        url=text,
        language=text,
        path=text,
        root=text,
    )


def views(text: str) -> dict[str, str]:
    """Everything that the module can render, with the same text in every field of every value."""
    article = hostile_article(text)
    span = (8, 8 + len(text))
    hit = Hit(Passage(article.id, 0, len(article.text), article.text, article.title), article, 0.5)
    citation = Citation(1, article, *span)
    answer = Answer(
        text,
        f"{' '.join(text.split())} [1]\n\n{text} [2]",
        (citation,),
        (hit,),
        score=0.9,
        confidence=Confidence.SURE,
        short_answer=ShortAnswer(1, article, *span),
        note=f"The articles may differ: {text}",
        standalone_question=f"about {text}",
        searched_articles=3,
        is_complete=True,
        seconds=1.0,
        filters=Filters(sources=(text,), article_ids=(article.id,)),
    )
    stopped = replace(answer, is_complete=False)
    silent = replace(
        answer,
        text="",
        citations=(),
        abstention=Abstention(Reason.NOT_SUPPORTED, f"Nothing on {text}.", (text,)),
    )
    failure = Failure(text, text, text)
    names = (text,) * 12
    return {
        "transcript": render.transcript((answer, stopped, silent), failure=failure),
        "answering": render.turn(stopped, 0, is_answering=True),
        "welcome": render.welcome((Example(text, text),)),
        "sources": render.sources(answer, 0),
        "reader": render.reader(article, span, cited=[(0, 3), span], others=[hit], note=text),
        "strip": render.strip(
            Options(Filters(sources=(text,), article_ids=(text,)), (text,)), [text], model=text
        ),
        "next": render.next_questions([text], 1),
        "missing": render.missing_article(text),
        "history": render.conversations(
            [Head("a" * 24, text, text, 1.0, 2.0, 3)], today=date(2024, 11, 3), has_more=True, opened="a" * 24
        ),
        "signed in": render.signed_in(text),
        "not kept": render.not_kept(text),
        "progress": render.upload_table(
            [ItemProgress(text, ItemState.FAILED, text, text), ItemProgress(text, ItemState.READING)],
            Progress(1, 2, text, 3, 0.1),
        ),
        "report": render.upload_report(IngestReport(names, names, names, names, (failure,))),
    }


class TestHostileText:
    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
    @pytest.mark.parametrize("view", views("x"))
    def test_is_text_in_every_view(self, text: str, view: str) -> None:
        root = check(views(text)[view])
        line = text.split("\n")[0]
        shown = " ".join(root.text_content().split())

        assert " ".join(line.split())[:300] in shown

    @pytest.mark.parametrize("view", views("x"))
    def test_control_characters_and_lone_surrogates_are_replaced(self, view: str) -> None:
        markup = views(UNPRINTABLE)[view]
        markup.encode("utf-8")

        assert "a�b�c�d\x85e�f�g�h�i" in markup

    def test_article_text_is_shown_to_the_letter(self) -> None:
        text = "\n".join(sample.replace("\n", " ") for sample in HOSTILE.values())
        root = check(render.reader(Article(text, title="T"), (0, 0)))
        shown = [paragraph.text_content() for paragraph in root.xpath("//div[@class='text']/p")]

        assert shown == text.split("\n")


ENDS = "one%20two%20one%20two%20one%20two"


class TestKeptFile:
    PDF, DOCX = "ab" * 32 + ".pdf", "ab" * 32 + ".docx"

    @pytest.mark.parametrize(
        ("original", "pages", "start", "said", "fragment"),
        [
            (PDF, (0, 10, 20), 12, "Open the PDF at page 2", "#page=2"),
            (PDF, (0, 10, 20), 20, "Open the PDF at page 3", "#page=3"),
            (PDF, (), 12, "Open the PDF", ""),
            (DOCX, (0, 10), 12, "Open the file", ""),
        ],
    )
    def test_opens_at_the_page_that_is_cited(
        self, original: str, pages: tuple[int, ...], start: int, said: str, fragment: str
    ) -> None:
        article = Article("Nine or ten words of a text on some pages.", original=original, pages=pages)
        root = check(render.reader(article, (start, start + 5)))
        (link,) = root.xpath("//a[starts-with(@href, '/originals/')]")

        assert link.text_content() == said
        assert link.get("href") == f"/originals/{article.id}/{article.version}{fragment}"

    def test_no_link_leads_to_what_is_not_kept(self) -> None:
        assert list(check(render.reader(Article("Text."), (0, 0))).iter("a")) == []


class TestLink:
    def test_leads_to_the_original(self) -> None:
        root = check(render.reader(Article("Text.", url="https://www.news.example/a?b=1&c='2'"), (0, 0)))
        (link,) = root.xpath("//a[@target]")

        assert dict(link.attrib) == {
            "href": "https://www.news.example/a?b=1&c='2'",
            "target": "_blank",
            "rel": "noopener noreferrer nofollow",
            "title": "Leaves this page: opens the web site in a new tab",
        }
        assert link.text_content() == "Original at news.example ↗"

    @pytest.mark.parametrize(
        ("url", "text", "fragment"),
        [
            ("https://a.example/", "A well-known, short & ", "#:~:text=A%20well%2Dknown%2C%20short%20%26"),
            ("https://a.example/#part", "Short one.", ":~:text=Short%20one."),
            ("https://a.example/", "one two " * 7, f"#:~:text={ENDS},{ENDS}"),
            ("https://a.example/", "x" * 2001, ""),
        ],
    )  # fmt: skip
    def test_leads_to_the_words_that_are_cited(self, url: str, text: str, fragment: str) -> None:
        root = check(render.reader(Article(text, url=url), (0, len(text))))

        assert root.xpath("//a[@target]/@href") == [url + fragment]

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "JavaScript://news.example/%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "//news.example/a",
            "https:",
            "https:///a",
            "https://news.example/\njavascript:alert(1)",
            "https://news.example/a b",
            " https://news.example/",
            "https://[news.example/",
            "vbscript:x",
            "feed:https://news.example",
            "",
        ],
    )
    def test_is_left_out_unless_it_is_a_web_address(self, url: str) -> None:
        root = check(render.reader(Article("Text.", url=url), (0, 0)))

        assert list(root.iter("a")) == []


ARTICLE = Article(
    "One was here. Two [2] was there. Three came late.",
    title="Arrivals",
    author="A. Reporter",
    published=date(2024, 11, 3),
    source="Gazette",
)
ONE, TWO, THREE = (0, 13), (14, 32), (33, 49)


def answer_of(*spans: tuple[int, int], text: str = "", **fields: object) -> Answer:
    citations = tuple(Citation(n, ARTICLE, *span) for n, span in enumerate(spans, 1))
    quoted = "\n\n".join(f"{citation.text} [{citation.marker}]" for citation in citations)
    return replace(Answer("Who?", text or quoted, citations, is_complete=True), **fields)  # type: ignore[arg-type]


def answer_paragraphs(answer: Answer) -> list[str]:
    root = check(render.transcript((answer,)))
    return [paragraph.text_content() for paragraph in root.xpath("//div[@class='answer']/p")]


class TestMarker:
    def test_names_its_source_and_holds_what_opens_it(self) -> None:
        root = check(render.transcript((answer_of(ONE), answer_of(TWO))))
        marker = root.xpath("//div[@class='answer']//button[@class='marker']")[1]

        assert dict(marker.attrib) == {
            "type": "button",
            "class": "marker",
            "data-action": "read",
            "data-turn": "1",
            "data-article": ARTICLE.id,
            "data-version": ARTICLE.version,
            "data-start": "14",
            "data-end": "32",
            "aria-describedby": "quote-1-1",
            "aria-label": "Source 1: Arrivals",
        }
        assert marker.text_content() == "1"

    def test_every_quote_is_a_paragraph_of_its_own(self) -> None:
        answer = answer_of(ONE, THREE, text="One was here. [1] Three came late. [2]")

        assert answer_paragraphs(answer) == ["One was here. 1 ", "Three came late. 2"]

    def test_a_timeline_has_a_paragraph_for_each_day(self) -> None:
        text = "2024-11-03: One was here. [1]\n\n2024-11-04: <b>Three</b> came late. [2]"
        root = check(render.transcript((answer_of(ONE, THREE, text=text, form=Form.TIMELINE),)))

        shown = [paragraph.text_content() for paragraph in root.xpath("//div[@class='answer even']/p")]
        assert shown == ["2024-11-03: One was here. 1", "2024-11-04: <b>Three</b> came late. 2"]
        assert not root.xpath("//div[@class='answer even']//b")

    def test_number_inside_of_a_quote_is_text(self) -> None:
        root = check(render.transcript((answer_of(TWO, ONE),)))

        assert answer_paragraphs(answer_of(TWO, ONE)) == ["Two [2] was there. 1", "One was here. 2"]
        markers = root.xpath("//div[@class='answer']//button[@class='marker']")
        assert [marker.text_content() for marker in markers] == ["1", "2"]

    @pytest.mark.parametrize("marker", ["[0]", "[2]", "[-1]", "[01]", "[99999]", "[1", "[ 1 ]", "[a]"])
    def test_number_without_a_citation_is_text(self, marker: str) -> None:
        assert answer_paragraphs(answer_of(ONE, text=f"One was here. {marker}")) == [
            f"One was here. {marker}"
        ]

    def test_words_around_quotes_stay_in_their_paragraphs(self) -> None:
        answer = answer_of(ONE, text="It began so: \nHe said One was here. [1] and left.\n\nThat is all.")

        assert answer_paragraphs(answer) == [
            "It began so:",
            "He said One was here. 1 and left.",
            "That is all.",
        ]


def with_words(article: Article, sentence: tuple[int, int], words: tuple[int, int]) -> Answer:
    citation = Citation(1, article, *sentence)
    text = f"{quote(citation.text)} [1]"
    return Answer("Who?", text, (citation,), short_answer=ShortAnswer(1, article, *words), is_complete=True)


def bold(answer: Answer) -> list[str]:
    """What is in bold among the answer's own words."""
    root = check(render.transcript((answer,)))
    return [node.text_content() for node in root.xpath("//div[@class='answer']//strong")]


class TestShortAnswer:
    @PROPERTY
    @given(st.lists(texts, min_size=3, max_size=3))
    def test_is_in_bold_to_the_letter_and_changes_nothing_else(self, parts: list[str]) -> None:
        before, words, _ = parts
        start, end = len(before), len(before) + len(words)
        article = Article("".join(parts))
        answer = with_words(article, (0, len(article.text)), (start, end))
        markup = render.transcript((answer,))
        shown = [html.unescape(text) for text in re.findall(r"<strong>(.*?)</strong>", markup, re.DOTALL)]

        expected = render.escape(" ".join(words.split()))
        assert shown == ([html.unescape(expected)] if expected else [])
        without = render.transcript((replace(answer, short_answer=None),))
        assert re.sub("</?strong>", "", markup) == without

    @pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
    def test_hostile_words_stay_text(self, words: str) -> None:
        article = Article(f"It was {words}, they said.")
        answer = with_words(article, (0, len(article.text)), (7, 7 + len(words)))

        assert bold(answer) == [" ".join(words.split())]

    def test_marker_among_the_words_stays_text(self) -> None:
        article = Article('He said "two [1] <b>\n of  them</b>" to us.')
        answer = with_words(article, (0, len(article.text)), (8, 35))

        assert bold(answer) == ['"two [1] <b> of them</b>"']
        assert answer_paragraphs(answer) == ['He said "two [1] <b> of them</b>" to us. 1']
        root = check(render.transcript((answer,)))
        assert len(root.xpath("//div[@class='answer']//button[@class='marker']")) == 1

    def test_sentence_that_two_articles_share_has_it_at_its_own_marker(self) -> None:
        other = Article(f"{ARTICLE.text} And more.", title="Copy")
        answer = answer_of(ONE)
        citations = (*answer.citations, Citation(2, other, *ONE))
        text = "One was here. [1]\n\nOne was here. [2]"
        answer = replace(answer, text=text, citations=citations, short_answer=ShortAnswer(2, other, 0, 3))
        paragraphs = check(render.transcript((answer,))).xpath("//div[@class='answer']/p")

        assert [[node.text_content() for node in p.iter("strong")] for p in paragraphs] == [[], ["One"]]

    @pytest.mark.parametrize(
        "short",
        [
            None,
            ShortAnswer(2, ARTICLE, 0, 3),
            ShortAnswer(1, Article(ARTICLE.text, title="Another"), 0, 3),
            ShortAnswer(1, ARTICLE, 0, 20),
            ShortAnswer(1, ARTICLE, 3, 3),
            ShortAnswer(1, ARTICLE, 3, 4),
            ShortAnswer(1, ARTICLE, -5, -1),
        ],
        ids=["none", "unknown marker", "another article", "longer", "empty", "a space", "negative"],
    )
    def test_nothing_is_in_bold_without_words_of_the_cited_sentence(self, short: ShortAnswer | None) -> None:
        assert bold(answer_of(ONE, short_answer=short)) == []


class TestConfidence:
    @pytest.mark.parametrize(
        ("confidence", "score", "words"),
        [
            (Confidence.SURE, 0.96, "Sure: more than 9 in 10 answers like this are right"),
            (Confidence.SURE, 0.92, "Sure: about 9 in 10 answers like this are right"),
            (Confidence.LIKELY, 0.68, "Likely: about 7 in 10 answers like this are right"),
            (Confidence.WEAK, 0.04, "Weak: fewer than 1 in 10 answers like this are right"),
        ],
    )
    def test_stands_first_among_the_facts_in_words(
        self, confidence: Confidence, score: float, words: str
    ) -> None:
        root = check(render.transcript((answer_of(ONE, confidence=confidence, score=score),)))
        (facts,) = root.xpath("//p[@class='facts']")

        assert facts.text_content() == f"{words} · 1 source"
        assert [node.get("class") for node in facts.iter("span")] == [f"confidence {confidence.value}"]


class TestGrowing:
    def test_nothing_that_is_shown_moves_until_the_answer_is_complete(self) -> None:
        known = {"confidence": Confidence.LIKELY, "note": "The articles differ.", "score": 0.7}
        short = ShortAnswer(1, ARTICLE, 0, 3)
        whole = answer_of(ONE, TWO, THREE, short_answer=short, **known)
        texts = ["One was here. [1]", "One was here. [1]\n\nTwo [2] was there. [2]", whole.text]
        states = [
            replace(whole, text=text, citations=whole.citations[:n], is_complete=n == 3)
            for n, text in enumerate(texts, 1)
        ]
        sections = [check(render.turn(state, 0, is_answering=True)).xpath("//section")[0] for state in states]

        assert [[node.get("class") for node in section] for section in sections] == [
            ["question", "answer", "working", "quotes"],
            ["question", "answer", "working", "quotes"],
            ["question", "answer", "note", "facts", "sources", "actions", "reason", "quotes"],
        ]
        paragraphs = [
            [lxml_html.tostring(p) for p in section.xpath("./div[@class='answer']/p")] for section in sections
        ]
        assert [paragraphs[2][:n] for n in (1, 2, 3)] == paragraphs

    def test_note_is_a_paragraph_under_the_answer(self) -> None:
        root = check(render.transcript((answer_of(ONE, note="They differ: “1 <b>” [1], “2” [2]."),)))

        assert [(node.get("class"), node.text_content()) for node in root.xpath("//section/*")][2:4] == [
            ("note", "They differ: “1 <b>” [1], “2” [2]."),
            ("facts", "1 source"),
        ]


class TestTranscript:
    def test_growing_answer_says_so(self) -> None:
        root = check(render.turn(answer_of(ONE, is_complete=False), 0, is_answering=True))

        assert [node.get("class") for node in root.xpath("//section/*")] == [
            "question",
            "answer",
            "working",
            "quotes",
        ]

    def test_answer_left_incomplete_says_so(self) -> None:
        root = check(render.transcript((answer_of(ONE, is_complete=False), answer_of(ONE))))

        assert len(root.xpath("//p[@class='stopped']")) == 1

    def test_turn_that_changes_no_more_is_rendered_once(self) -> None:
        answer, growing = answer_of(ONE), answer_of(ONE, is_complete=False)

        assert render.turn(answer, 0) is render.turn(answer, 0)
        assert render.turn(answer, 1) == render.turn(answer, 0).replace(
            'data-turn="0"', 'data-turn="1"'
        ).replace("quote-0-", "quote-1-")
        assert "working" in render.turn(growing, 0, is_answering=True)
        assert "stopped" in render.turn(growing, 0)

    def test_what_is_remembered_of_a_turn_goes_with_its_answer(self) -> None:
        answer = answer_of(ONE, question="Once and no more?")
        rendered = weakref.ref(answer), render.turn(answer, 0)
        del answer
        gc.collect()

        assert rendered[0]() is None

    def test_facts_name_what_was_searched(self) -> None:
        answer = answer_of(
            ONE, THREE, searched_articles=1200, seconds=0.26, standalone_question="Who came to the harbour?"
        )
        root = check(render.transcript((answer,)))
        (facts,) = root.xpath("//p[@class='facts']")

        assert facts.text_content() == (
            "1 source · 1,200 articles searched · searched for “Who came to the harbour?” edit · 0.3 s"
        )
        (edit,) = facts.xpath("button[@data-action='edit']")
        assert edit.get("data-question") == "Who came to the harbour?"

    def test_facts_say_which_period_was_understood_and_offer_to_drop_it(self) -> None:
        period = DateRange(date(2022, 3, 1), date(2022, 3, 31), "in March", is_relative=True)
        root = check(render.transcript((answer_of(ONE, period=period),)))
        (facts,) = root.xpath("//p[@class='facts']")
        (drop,) = facts.xpath("button[@data-dates='any']")

        expected = "preferred from 2022-03-01 until 2022-03-31, because of “in March” any date"
        assert expected in facts.text_content()
        assert (drop.get("data-action"), drop.get("data-question")) == ("ask", answer_of(ONE).question)

    def test_filters_stand_with_the_question_from_the_beginning(self) -> None:
        filters = Filters(sources=("Gazette",), article_ids=(ARTICLE.id,))
        asked, near = Answer("Who?", filters=filters), answer_of(ONE, filters=filters, hits=TestFound.HITS)
        shown = [check(render.transcript((answer,))).xpath("//section/*[2]") for answer in (asked, near)]

        assert [(node.get("class"), node.text_content()) for (node,) in shown] == [
            ("asked-of", "Filters: by Gazette, in 1 chosen article"),
            ("asked-of", "Filters: by Gazette, in “Arrivals”"),
        ]

    def test_a_question_that_is_too_long_is_shown_by_its_beginning(self) -> None:
        long = "word\n" * 20_000
        for shown in (
            render.transcript((Answer(long),)),
            render.transcript((), failure=Failure(long, "Too long.")),
        ):
            (question,) = check(shown).xpath("//h2")
            assert question.text_content() == " ".join(["word"] * 24) + "… (100,000 characters)"
        (question,) = check(render.transcript((Answer("x" * 2000),))).xpath("//h2")
        assert question.text_content() == "x" * 2000

    def test_failure_shows_reason_and_hint_under_its_question(self) -> None:
        root = check(render.transcript((), failure=Failure("Who?", "The model is missing.", "Install it.")))

        assert [node.text_content() for node in root.xpath("//section/*")] == [
            "Who?",
            "That did not workThe model is missing.Install it.",
        ]


class TestAbstention:
    ABSTENTION = Abstention(Reason.NOT_SUPPORTED, "38 articles were searched.", ("1998",))

    def test_shows_message_and_what_is_near_without_a_marker(self) -> None:
        hits = tuple(
            Hit(Passage(ARTICLE.id, *span, ARTICLE.text[slice(*span)]), ARTICLE, 0.1) for span in [ONE, TWO]
        )
        root = check(
            render.transcript((Answer("Who?", hits=hits, abstention=self.ABSTENTION, is_complete=True),))
        )
        (box,) = root.xpath("//div[@class='abstention']")

        assert [node.text_content() for node in box] == [
            "The corpus does not say",
            "38 articles were searched.",
            "Not an answer, but close",
            "ArrivalsGazette · 3 November 2024One was here.",
        ]
        assert root.xpath("//*[contains(@class, 'marker')]") == []

    def test_an_article_that_is_near_stands_there_once(self) -> None:
        other = replace(ARTICLE, url="https://e.example/other", title="Other")
        hits = [
            Hit(Passage(a.id, *span, ""), a, 0.1)
            for a, span in ((ARTICLE, ONE), (ARTICLE, TWO), (other, ONE))
        ]
        answer = Answer("Who?", hits=tuple(hits), abstention=self.ABSTENTION, is_complete=True)
        titles = check(render.transcript((answer,))).xpath("//ul[@class='near']//button/text()")

        assert titles == ["Arrivals", "Other"]
        assert render.plain_text(answer).count("- ") == 2

    def test_offers_nothing_near_when_nothing_was_found(self) -> None:
        root = check(render.transcript((Answer("Who?", abstention=self.ABSTENTION, is_complete=True),)))

        assert root.xpath("//h4") == []

    def test_names_its_reason(self) -> None:
        abstention = Abstention(Reason.EMPTY_QUESTION, "Ask something.")
        root = check(render.transcript((Answer("", abstention=abstention, is_complete=True),)))

        assert [node.text_content() for node in root.iter("h2", "h3")] == ["(no question)", "Empty question"]


class TestSources:
    def test_groups_the_citations_of_an_article(self) -> None:
        other = Article("Elsewhere it rained.", title="Weather")
        answer = answer_of(ONE, TWO, THREE)
        answer = replace(answer, citations=(*answer.citations, Citation(4, other, 0, len(other.text))))
        root = check(render.sources(answer, 2))
        cards = root.xpath("//li[@class='card']")

        assert [card.xpath(".//button[@class='title']")[0].text_content() for card in cards] == [
            "Arrivals",
            "Weather",
        ]
        assert [[m.text_content() for m in card.xpath(".//button[@class='marker']")] for card in cards] == [
            ["1", "2", "3"],
            ["4"],
        ]

    def test_are_none_while_nothing_is_cited(self) -> None:
        assert render.sources(Answer("Who?")) == ""


class TestQuotes:
    def test_show_title_origin_and_the_quoted_sentence_of_each_marker(self) -> None:
        root = check(render.transcript((answer_of(ONE, TWO),)))
        cards = root.xpath("//div[@role='tooltip']")

        assert [card.get("id") for card in cards] == ["quote-0-1", "quote-0-2"]
        assert [node.text_content() for node in cards[1]] == [
            "Arrivals",
            "Gazette · 3 November 2024",
            "Two [2] was there.",
        ]

    def test_a_long_sentence_is_cut(self) -> None:
        article = Article("x" * 5000)
        answer = replace(answer_of(), citations=(Citation(1, article, 0, 5000),))
        (said,) = check(render.transcript((answer,))).xpath("//p[@class='said']")

        assert said.text_content() == "x" * 600 + "…"


class TestFound:
    HITS = (
        Hit(Passage(ARTICLE.id, 0, 32, ARTICLE.text[:32]), ARTICLE, 0.9, 0.61, 7.25, 0.84),
        Hit(Passage(ARTICLE.id, 33, 49, ARTICLE.text[33:]), ARTICLE, 0.5, None, 3.0, None),
    )

    def test_says_what_each_search_and_the_reader_said(self) -> None:
        answer = answer_of(
            TWO,
            hits=self.HITS,
            standalone_question="Who came?",
            searched_articles=12,
            seconds=0.5,
            filters=Filters(date(2024, 1, 1), article_ids=(ARTICLE.id,)),
        )
        root = check(render.transcript((answer,)))
        rows = root.xpath("//details[@class='found']//tbody/tr")

        assert [[cell.text_content() for cell in row.xpath("td[@class='number']")] for row in rows] == [
            ["0.61", "7.2", "84%"],
            ["—", "3.0", "—"],
        ]
        assert [len(row.xpath(".//button[@class='marker']")) for row in rows] == [1, 0]
        facts = root.xpath("//details[@class='found']/dl/*")
        assert [node.text_content() for node in facts] == [
            "Searched for", "Who came?",
            "Dates", "any",
            "Filters", "from 2024-01-01, in “Arrivals”",
            "Searched", "12 articles, 2 passages read",
            "Wording", "every sentence is quoted word for word",
            "Took", "0.5 s",
        ]  # fmt: skip

    def test_says_how_well_each_written_sentence_is_supported(self) -> None:
        sentences = (Sentence("Two came.", (1,), 0.87, True), Sentence("They sang.", (), 0.12, False, "no"))
        answer = answer_of(TWO, hits=self.HITS, sentences=sentences)
        root = check(render.transcript((answer,)))

        assert [item.text_content() for item in root.xpath("//ul[@class='support']/li")] == [
            "87% Two came. 1",
            "12% They sang. (Not supported: no) ",
        ]

    def test_is_left_out_if_nothing_was_searched(self) -> None:
        assert check(render.transcript((answer_of(ONE),))).xpath("//details") == []


class TestActions:
    def test_an_answer_that_was_stopped_can_be_asked_anew_and_one_that_grows_cannot(self) -> None:
        growing = answer_of(ONE, is_complete=False)

        assert check(render.turn(growing, 0, is_answering=True)).xpath("//div[@class='actions']") == []
        assert check(render.turn(growing, 0)).xpath("//div[@class='actions']/button/text()") == [
            "Ask again",
            "Edit question",
        ]

    def test_are_those_of_a_complete_answer(self) -> None:
        root = check(render.transcript((answer_of(ONE), answer_of(TWO))))
        rows = root.xpath("//div[@class='actions']")

        assert [row.xpath("button/text()") for row in rows] == [
            ["Copy", "Copy as Markdown", "Ask again", "Edit question", "Helpful", "Not helpful"],
            ["Copy", "Copy as Markdown", "Ask again", "Edit question", "Helpful", "Not helpful"],
        ]

    def test_copy_has_the_references(self) -> None:
        root = check(render.transcript((answer_of(ONE),)))

        assert root.xpath("//button[@data-action='copy']/@data-copy") == [
            "One was here. [1]\n\nSources:\n[1] Arrivals, Gazette, 3 November 2024",
            "One was here. \\[1\\]\n\n\\[1\\] Arrivals (Gazette, 2024-11-03)\n\n> One was here.",
        ]


class TestWelcome:
    def test_teaches_how_to_begin_with_an_empty_library(self) -> None:
        root = check(render.welcome(articles=0))

        assert root.xpath("//button/@data-tab") == ["library"]
        assert len(root.xpath("//ol/li")) == 3


class TestReader:
    def test_marks_exactly_the_cited_sentence(self) -> None:
        article = replace(ARTICLE, text=f"First line.\n\n{ARTICLE.text}\nLast line.")
        root = check(render.reader(article, (27, 45)))

        assert [mark.text_content() for mark in root.iter("mark")] == ["Two [2] was there."]
        assert [p.text_content() for p in root.xpath("//div[@class='text']/p")] == [
            "First line.",
            ARTICLE.text,
            "Last line.",
        ]

    def test_mark_goes_on_over_line_ends_of_any_kind(self) -> None:
        root = check(render.reader(Article("One\r\ntwo three\rfour\u2028five"), (1, 18)))

        assert [mark.text_content() for mark in root.iter("mark")] == ["ne", "two three", "fou"]

    def test_unknown_facts_are_left_out(self) -> None:
        root = check(render.reader(Article("Text.", language="not a language"), (0, 0)))

        assert [node.text_content() for node in root.xpath("//article/*")] == [
            "Close",
            "Untitled article",
            "Ask about this article",
            "Text.",
        ]
        assert root.xpath("//@lang") == []

    def test_headings_and_pages_of_the_article_show(self) -> None:
        sections = (Section(0, "Part one"), Section(16, "Part two"))
        article = Article("Part one\nSunny.\nPart two\nRainy.", sections=sections, pages=(0, 16))
        root = check(render.reader(article, (9, 15)))

        assert [(node.tag, node.text_content()) for node in root.xpath("//div[@class='text']/*")] == [
            ("p", "Page 1"),
            ("h3", "Part one"),
            ("p", "Sunny."),
            ("p", "Page 2"),
            ("h3", "Part two"),
            ("p", "Rainy."),
        ]

    def test_all_cited_sentences_are_marked_and_can_be_stepped_through(self) -> None:
        root = check(render.reader(ARTICLE, TWO, cited=[THREE, ONE, TWO]))

        assert [(m.text_content(), m.get("data-cited"), m.get("class")) for m in root.iter("mark")] == [
            ("One was here.", "0", None),
            ("Two [2] was there.", "1", "is-current"),
            ("Three came late.", "2", None),
        ]
        assert root.xpath("//span[@class='at']")[0].text_content() == "Citation 2 of 3"
        assert root.xpath("//@data-step") == ["-1", "1"]

    def test_one_cited_sentence_needs_no_steps(self) -> None:
        root = check(render.reader(ARTICLE, TWO, cited=[TWO]))

        assert root.xpath("//@data-step") == []

    def test_other_passages_open_where_they_stand(self) -> None:
        other = Hit(Passage(ARTICLE.id, *THREE, "Three came late."), ARTICLE, 0.5)
        root = check(render.reader(ARTICLE, ONE, others=[other], turn=4))
        (button,) = root.xpath("//section[@class='others']//button")

        assert button.text_content() == "Three came late."
        assert (button.get("data-start"), button.get("data-turn")) == ("33", "4")

    @pytest.mark.parametrize(
        ("cited", "parts"),
        [
            ([], ["cdefgh"]),
            ([(0, 2)], ["cdefgh"]),
            ([(8, 9)], ["cdefgh"]),
            ([(0, 99)], ["<mark>cdefgh</mark>"]),
            ([(4, 5), (3, 4)], ["c", "<mark>d</mark>", "<mark>e</mark>", "fgh"]),
            ([(3, 6), (4, 7)], ["c", "<mark>def</mark>", "<mark>g</mark>", "h"]),
            ([(5, 5)], ["cdefgh"]),
        ],
    )
    def test_marked_keeps_to_its_span(self, cited: list[tuple[int, int]], parts: list[str]) -> None:
        assert render.marked("abcdefghij", (2, 8), cited) == parts


class TestUpload:
    def test_report_lists_each_kind_and_the_reasons(self) -> None:
        report = IngestReport(
            added=tuple(f"A{n}" for n in range(10)),
            unchanged=("B",),
            failed=(Failure("c.pdf", "this kind of file cannot be read", "Convert it."),),
        )
        root = check(render.upload_report(report))

        assert [node.text_content() for node in root.xpath("//div/*")] == [
            "Added: 10 A0 · A1 · A2 · A3 · A4 · A5 · A6 · A7 · 2 more",
            "Already there: 1 B",
            "Not added: 1",
            "c.pdf this kind of file cannot be read Convert it.",
        ]

    def test_report_tells_many_failures_for_one_reason_together(self) -> None:
        failed = tuple(
            Failure(f"{n}.x{n}", f"this kind cannot be read (.x{n})", "Try text.") for n in range(9)
        )
        root = check(render.upload_report(IngestReport(failed=failed)))

        assert [node.text_content() for node in root.iter("li")] == [
            "0.x0 · 1.x1 · 2.x2 · 6 more this kind cannot be read (.x0) Try text."
        ]

    def test_empty_report_says_so(self) -> None:
        root = check(render.upload_report(IngestReport()))

        assert root.text_content() == "No articles were found in what was uploaded."

    def test_table_tells_each_file_the_speed_and_the_time_left(self) -> None:
        items = [
            ItemProgress("a.txt", ItemState.IN),
            ItemProgress("b.pdf", ItemState.FAILED, "it is encrypted", "Decrypt it."),
            ItemProgress("c.txt", ItemState.EMBEDDING),
            ItemProgress("d.txt", ItemState.WAITING),
        ]
        root = check(render.upload_table(items, Progress(2, 4, "c.txt", 30, 2.0)))

        assert [dict(bar.attrib) for bar in root.iter("progress")] == [{"max": "4", "value": "2"}]
        assert root.xpath("string(//p)") == "2 of 4 files, 30 passages (15 a second), about 2 seconds left"
        assert [[cell.text_content() for cell in row] for row in root.iter("tr")] == [
            ["a.txt", "in"],
            ["b.pdf", "failed: it is encrypted Decrypt it."],
            ["c.txt", "embedding"],
            ["d.txt", "waiting"],
        ]

    def test_table_of_many_files_shows_those_that_something_happens_to(self) -> None:
        items = [ItemProgress(f"{n}", ItemState.IN) for n in range(300)]
        items[250] = ItemProgress("here", ItemState.EMBEDDING)
        items[280] = ItemProgress("bad", ItemState.FAILED, "why")
        root = check(render.upload_table(items, Progress(250, 300, "here", 0, 2.0)))

        rows = [row.text_content() for row in root.iter("tr")]
        assert (rows[:2], rows[-1], len(rows)) == (["badfailed: why", "hereembedding"], "200 more", 101)

    def test_report_of_a_cancelled_upload_says_so(self) -> None:
        root = check(render.upload_report(IngestReport(added=("A",), is_cancelled=True)))

        assert [node.text_content() for node in root.xpath("//div/*")] == [
            "Added: 1 A",
            "Stopped. What is done is kept.",
        ]


class TestPlainText:
    def test_numbers_the_sources(self) -> None:
        assert render.plain_text(answer_of(ONE, THREE)) == (
            "One was here. [1]\n\nThree came late. [2]\n\n"
            "Sources:\n[1] Arrivals, Gazette, 3 November 2024\n[2] Arrivals, Gazette, 3 November 2024"
        )

    def test_note_stands_before_the_sources(self) -> None:
        assert render.plain_text(answer_of(ONE, note="The articles differ.")) == (
            "One was here. [1]\n\nThe articles differ.\n\nSources:\n[1] Arrivals, Gazette, 3 November 2024"
        )

    def test_filters_stand_below(self) -> None:
        filters = Filters(sources=("Gazette",))
        assert render.plain_text(answer_of(ONE, note="They differ.", filters=filters)) == (
            "One was here. [1]\n\nFilters: by Gazette\n\nThey differ.\n\n"
            "Sources:\n[1] Arrivals, Gazette, 3 November 2024"
        )

    def test_abstention_names_what_is_near(self) -> None:
        hit = Hit(Passage(ARTICLE.id, *ONE, "One was here."), ARTICLE, 0.1)
        answer = Answer("Who?", hits=(hit,), abstention=TestAbstention.ABSTENTION, is_complete=True)

        assert render.plain_text(answer) == (
            "38 articles were searched.\n\nNot an answer, but close:\n- Arrivals, Gazette, 3 November 2024"
        )


class TestExamples:
    def test_offers_those_whose_article_is_there_in_their_own_order(self) -> None:
        titles = ["Another", EXAMPLES[2].article, EXAMPLES[0].article]

        assert answerable(titles) == (EXAMPLES[0], EXAMPLES[2])

    def test_offers_none_for_other_articles(self) -> None:
        assert answerable(["Another", EXAMPLES[0].article.lower()]) == ()

    def test_each_is_answered_by_an_article_of_the_corpus(self) -> None:
        shipped = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "corpus").rglob("*.*"))

        assert [example for example in EXAMPLES if example.article not in shipped] == []


def strings(tree: ast.AST) -> list[str]:
    """String constants of a module, docstrings left out."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented)
                  and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def calls_of(tree: ast.AST, name: str) -> list[ast.Call]:
    """Calls of a function or method of this name."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name
    ]


class TestOnlyThisModuleBuildsHtml:
    OTHERS = sorted(
        {*UI.glob("*.py"), *UI.glob("render/*.py"), ROOT / "assistant" / "server.py", ROOT / "app.py"}
        - {UI / "render" / "markup.py"}
    )

    @pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
    def test_no_other_module_holds_a_tag(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

        assert [text for text in strings(tree) if "<" in text.replace("(?P<", "")] == []
        assert "Markdown" not in names | attributes
        if path.parent != UI / "render":
            assert "element" not in names | attributes
            assert [call for call in calls_of(tree, "Html") if call.args] == []

    def test_render_makes_markup_by_element_alone(self) -> None:
        trees = [ast.parse(path.read_text(encoding="utf-8")) for path in UI.glob("render/[!m]*.py")]

        assert [ast.unparse(call) for tree in trees for call in calls_of(tree, "Html") if call.args] == []

    def test_page_hands_gradio_only_what_render_made(self) -> None:
        trees = [ast.parse(path.read_text(encoding="utf-8")) for path in UI.glob("*.py")]
        calls = [call for tree in trees for name in ("html", "HTML") for call in calls_of(tree, name)]
        values = [ast.unparse(call.args[0]) for call in calls]

        assert len(values) >= 5
        others = [value for value in values if not value.startswith("render.")]
        assert sorted(others) == [
            "self._shown(Options())",
            "value",
        ]  # the strip of `ask`, and in `frame.html`

    @pytest.mark.parametrize(
        "word", ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(", "props."]
    )
    def test_script_writes_no_html(self, word: str) -> None:
        scripts = [path.read_text(encoding="utf-8") for path in UI.glob("scripts/*.js")]

        assert len(scripts) >= 4
        assert [text for text in scripts if word in text] == []

    def test_element_escapes_whatever_is_not_html(self) -> None:
        build: Callable[..., str] = render.element

        assert build(
            "p", "<b>", render.element("mark", "&"), title="\"<'>", class_="a", data_turn=1, lang=None
        ) == ('<p title="&quot;&lt;&#x27;&gt;" class="a" data-turn="1">&lt;b&gt;<mark>&amp;</mark></p>')
