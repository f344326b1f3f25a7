"""The History tab and the addresses of what is kept, in headless Chromium, over a real server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.accounts import Accounts
from assistant.assistant import Assistant
from assistant.settings import AnsweringSettings, ServerSettings, Settings
from tests.fakes import WordEmbeddings, make_article
from tests.ui.conftest import WAIT_MS, Open, Serve, ask, gradio_warnings, in_viewport, serving, show_tab

pytestmark = [pytest.mark.browser, gradio_warnings]

FACT = "Vice Premier Ding Xuexiang met Prime Minister Shehbaz Sharif in Baku on Wednesday."
BAKU = make_article(
    "\n\n".join(
        [
            *(f"Paragraph {n} tells of the weather over the Caspian Sea." for n in range(40)),
            FACT,
            *(f"Paragraph {n} tells of the price of cotton." for n in range(40)),
        ]
    ),
    title="Two leaders meet by the sea",
    url="https://gazette.example/baku",
)
ORCHARD = make_article("Apples ripen late in the orchards of Quba.", title="A late harvest", source="Farm")
TITLE = ".conversations .title"


@pytest.fixture
def address(assistant: Assistant, serve: Serve) -> str:
    assistant.add([BAKU, ORCHARD])
    return serve(assistant)


def expect_listed(page: Page, *titles: str) -> None:
    show_tab(page, "History")
    expect(page.locator("#history-list .conversations")).to_be_visible()
    expect(page.locator(TITLE)).to_have_text(list(titles))


class TestHistory:
    def test_a_conversation_is_kept_as_it_grows_and_goes_on_after_a_reload(
        self, address: str, open_page: Open, assistant: Assistant
    ) -> None:
        page = open_page(address)
        ask(page, "Who met in Baku?")
        expect(page).to_have_url(re.compile("#conversation/[0-9a-f]{24}$"))
        ask(page, "Where do apples ripen?")
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
        (head,) = assistant.conversations.list(None).heads
        assert head.turns == 2

        page.reload()
        expect(page.locator(".turn")).to_have_count(2)
        expect(page.locator(".turn .answer p").first).to_have_text(re.compile(re.escape(FACT)))
        ask(page, "And cotton?")
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
        (head,) = assistant.conversations.list(None).heads
        assert (head.turns, head.title) == (3, "Who met in Baku?")

    def test_two_tabs_on_one_conversation_lose_nothing(
        self, address: str, open_page: Open, assistant: Assistant
    ) -> None:
        one = open_page(address)
        ask(one, "Who met in Baku?")
        expect(one).to_have_url(re.compile("#conversation/"))
        two = one.context.new_page()
        two.goto(one.url)
        expect(two.locator(".turn")).to_have_count(1)
        ask(one, "Where do apples ripen?")
        expect(one.get_by_role("button", name="Ask", exact=True)).to_be_visible()
        ask(two, "And cotton?")
        expect(two.locator(".toast-body")).to_contain_text("was changed elsewhere")
        expect(two).not_to_have_url(one.url)

        assert sorted(head.turns for head in assistant.conversations.list(None).heads) == [2, 2]
        two.reload()
        expect(two.locator(".question")).to_have_text(["Who met in Baku?", "And cotton?"])

    def test_it_looks_the_same_after_a_restart_and_its_marker_opens_what_was_cited(
        self, settings: Settings, open_page: Open, chromium: str
    ) -> None:
        with Assistant.open(settings=settings, embedder=WordEmbeddings()) as assistant:
            assistant.add([BAKU])
            with serving(assistant) as address:
                page = open_page(address)
                ask(page, "Who met in Baku?")
                expect(page).to_have_url(re.compile("#conversation/"))
                state, shown = page.context.storage_state(), page.locator(".turn .answer").inner_html()
                place = page.url.partition("#")[2]
            assistant.add(make_article("Nothing is known.", title="Corrected", url=BAKU.url))
        with (
            Assistant.open(settings=settings, embedder=WordEmbeddings()) as assistant,
            serving(assistant) as address,
        ):
            page = open_page(f"{address}#{place}", storage_state=state)
            expect(page.locator(".turn .answer")).to_be_visible()
            assert page.locator(".turn .answer").inner_html() == shown
            page.locator(".turn .marker").first.click()
            expect(page.locator("#panel mark").first).to_have_text(FACT)
            expect(page.locator("#panel .note")).to_contain_text("The article has changed")

    def test_lists_searches_and_opens_conversations(self, address: str, open_page: Open) -> None:
        page = open_page(address)
        expect_listed(page)
        expect(page.locator(".conversations.is-empty")).to_contain_text("What you ask is kept here")
        ask(page, "Who met in Baku?")
        show_tab(page, "History")
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator(".turn")).to_have_count(0)
        ask(page, "Where do apples ripen?")
        show_tab(page, "History")
        expect(page.locator(TITLE)).to_have_text(["Where do apples ripen?", "Who met in Baku?"])
        page.get_by_role("textbox", name="Search conversations").fill("Xuexiang")
        expect(page.locator(TITLE)).to_have_text(["Who met in Baku?"])
        page.locator(TITLE).click()
        expect(page.locator(".turn .question")).to_have_text(["Who met in Baku?"])
        expect(page.get_by_role("tab", name="Ask", exact=True)).to_have_attribute("aria-selected", "true")

    def test_stays_at_hand_with_sixty_conversations(
        self, address: str, open_page: Open, assistant: Assistant
    ) -> None:
        page = open_page(address)
        ask(page, "Who met in Baku?")
        expect(page).to_have_url(re.compile("#conversation/"))
        (first,) = assistant.conversations.list(None).heads
        answer = assistant.ask("Where do apples ripen?")
        for number in range(59):
            kept = assistant.conversations.keep(first.owner, answer)
            assistant.conversations.rename(kept.conversation_id, first.owner, f"Apples {number}")
        show_tab(page, "History")
        expect(page.locator(TITLE)).to_have_count(50)
        page.get_by_role("button", name="Show more").click()
        expect(page.locator(TITLE)).to_have_count(60)
        expect(page.locator(TITLE).last).to_have_text("Who met in Baku?")
        expect(page.get_by_role("button", name="Show more")).to_have_count(0)

        search = page.get_by_role("textbox", name="Search conversations")
        search.fill("apples 7")  # also 17, 27 ...
        expect(page.locator(TITLE)).to_have_count(6)
        search.fill("sharif")  # of an answer, behind the first fifty
        expect(page.locator(TITLE)).to_have_text(["Who met in Baku?"])
        search.fill("")
        expect(page.locator(TITLE)).to_have_count(60)
        oldest = page.locator(".conversations li").nth(58)
        oldest.get_by_role("button", name="Delete").click()
        oldest.get_by_role("button", name="Delete for good?").click()
        expect(page.locator(TITLE)).to_have_count(59)
        page.locator(TITLE).last.click()
        expect(page.locator(".turn .question")).to_have_text(["Who met in Baku?"])
        expect(page).to_have_url(re.compile(f"#conversation/{first.id}$"))

    def test_renames_a_conversation_in_its_place(
        self, address: str, open_page: Open, assistant: Assistant
    ) -> None:
        page = open_page(address)
        ask(page, "Who met in Baku?")
        expect_listed(page, "Who met in Baku?")
        page.get_by_role("button", name="Rename").click()
        box = page.get_by_role("textbox", name="Title")
        box.fill("<b>Talks</b>")
        box.press("Enter")
        expect(page.locator(TITLE)).to_have_text("<b>Talks</b>")
        assert [head.title for head in assistant.conversations.list(None).heads] == ["<b>Talks</b>"]

    def test_deletes_a_conversation_after_asking_once_more(
        self, address: str, open_page: Open, assistant: Assistant
    ) -> None:
        page = open_page(address)
        ask(page, "Who met in Baku?")
        expect_listed(page, "Who met in Baku?")
        page.get_by_role("button", name="Delete").click()
        expect(page.locator(TITLE)).to_have_count(1)
        page.get_by_role("button", name="Delete for good?").click()
        expect(page.locator(TITLE)).to_have_count(0)
        assert assistant.conversations.list(None).heads == ()
        show_tab(page, "Ask")
        expect(page.locator(".turn")).to_have_count(0)
        assert "#conversation" not in page.url

    def test_downloads_and_prints_with_references(self, address: str, open_page: Open) -> None:
        page = open_page(address)
        ask(page, "Who met in Baku?")
        expect_listed(page, "Who met in Baku?")
        for label, kind in (("Download as Markdown", "md"), ("Download as JSON", "json")):
            with page.expect_download() as caught:
                page.get_by_role("link", name=label).click()
            assert caught.value.suggested_filename.endswith(f".{kind}")
            text = Path(caught.value.path()).read_text(encoding="utf-8")
            if kind == "json":
                assert json.loads(text)["turns"][0]["answer"]["citations"][0]["cited_text"] == FACT
            else:
                assert text.startswith("# Who met in Baku?\n")
        href = page.get_by_role("link", name="Print").get_attribute("href")
        page.goto(address + (href or "")[1:])
        expect(page.locator("blockquote")).to_have_text(FACT)
        expect(page.locator("cite")).to_have_text("Two leaders meet by the sea")
        expect(page.get_by_role("heading", level=2)).to_have_text("Who met in Baku?")


class TestFeedback:
    def test_is_given_with_a_reason_shown_again_and_taken_back(
        self, address: str, open_page: Open, assistant: Assistant
    ) -> None:
        page = open_page(address)
        ask(page, "Who met in Baku?")
        expect(page).to_have_url(re.compile("#conversation/"))
        expect(page.get_by_role("textbox", name="Why")).to_be_hidden()
        vote = page.get_by_role("button", name="Not helpful")
        vote.click()
        expect(vote).to_have_attribute("aria-pressed", "true")
        page.get_by_role("textbox", name="Why").fill("Too <b>short</b>")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("It is kept with the answer")).to_be_visible()
        (said,) = assistant.conversations.feedback()
        assert (said["turn"], said["vote"], said["reason"]) == (0, "down", "Too <b>short</b>")

        page.reload()
        expect(vote).to_have_attribute("aria-pressed", "true")
        vote.click()
        expect(vote).to_have_attribute("aria-pressed", "false")
        assert list(assistant.conversations.feedback()) == []


class TestPermalink:
    def test_is_in_the_reader_beside_the_sentence(self, address: str, open_page: Open) -> None:
        page = open_page(address)
        ask(page, "Who met in Baku?").locator(".answer .marker").first.click()
        link = page.get_by_role("link", name="Link to this sentence")
        start = BAKU.text.index(FACT)
        expect(link).to_have_attribute(
            "href", f"#article/{BAKU.id}/{BAKU.version}/{start}-{start + len(FACT)}"
        )
        link.click()
        expect(page).to_have_url(re.compile("#article/"))
        expect(page.locator("#panel .reader mark").first).to_have_text(FACT)

    def test_of_a_citation_opens_the_article_at_the_sentence_in_a_fresh_browser(
        self, address: str, open_page: Open
    ) -> None:
        start = BAKU.text.index(FACT)
        page = open_page(f"{address}#article/{BAKU.id}/{BAKU.version}/{start}-{start + len(FACT)}")
        expect(page.locator("#panel .reader mark")).to_have_text(FACT)
        expect(page.locator("#panel .reader h2")).to_have_text("Two leaders meet by the sea")
        assert in_viewport(page, ".reader mark")

    def test_of_an_earlier_version_survives_a_change_and_a_rebuild(
        self, settings: Settings, open_page: Open
    ) -> None:
        embedder = WordEmbeddings()
        with Assistant.open(settings=settings, embedder=embedder) as assistant:
            assistant.add(BAKU)
            assistant.add(make_article("Nothing is known.", title="Corrected", url=BAKU.url))
        Assistant.rebuild(settings=settings, embedder=embedder)
        start = BAKU.text.index(FACT)
        with (
            Assistant.open(settings=settings, embedder=embedder) as assistant,
            serving(assistant) as address,
        ):
            page = open_page(f"{address}#article/{BAKU.id}/{BAKU.version}/{start}-{start + len(FACT)}")
            expect(page.locator("#panel .reader mark")).to_have_text(FACT)
            expect(page.locator("#panel .note")).to_contain_text("changed")

    @pytest.mark.parametrize(
        "place",
        [
            "#article/x/y/0-9",
            "#article/../../etc/passwd/0-1",
            "#article/<img src=x onerror=alert(1)>/v/0-1",
            "#conversation/000000000000000000000000",
            "#conversation/<script>alert(1)</script>",
            "#article/a/b/999999999999999-1",
            "#",
            "#conversation/",
        ],
    )
    def test_of_nothing_leaves_a_page_that_works(self, address: str, open_page: Open, place: str) -> None:
        page = open_page(address + place)
        ask(page, "Who met in Baku?")


class TestTwoPeople:
    def test_do_not_see_each_others_conversations(self, address: str, open_page: Open) -> None:
        ann, bob = open_page(address), open_page(address)
        ask(ann, "Who met in Baku?")
        expect(ann).to_have_url(re.compile("#conversation/"))
        place = ann.url.partition("#")[2]
        expect_listed(bob)
        bob.goto(f"{address}#{place}")
        bob.reload()
        bob.wait_for_selector("#question textarea")
        expect(bob.get_by_text("There is no such conversation here")).to_be_visible()
        expect(bob.locator(".turn")).to_have_count(0)
        conversation = place.partition("/")[2]
        for kind in ("md", "json", "html"):
            path = f"{address}conversations/{conversation}.{kind}"
            assert bob.request.get(path).status == 404
            assert ann.request.get(path).status == 200

    def test_no_script_sees_the_cookie(self, address: str, open_page: Open) -> None:
        page = open_page(address)
        assert page.evaluate("document.cookie") == ""
        (cookie,) = page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")


class TestLogin:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        answering = AnsweringSettings(min_score=0.0, max_sentences=1)
        server = ServerSettings(password="open sesame")
        return Settings(data_dir=tmp_path / "data", answering=answering, server=server)

    def test_leads_to_the_place_that_was_asked_for(self, address: str, browser: Browser) -> None:
        context = browser.new_context()
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        start = BAKU.text.index(FACT)
        page.goto(f"{address}#article/{BAKU.id}/{BAKU.version}/{start}-{start + len(FACT)}")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_have_text("That is not right.")
        page.goto(f"{address}#article/{BAKU.id}/{BAKU.version}/{start}-{start + len(FACT)}")
        page.reload()
        page.get_by_label("Password").fill("open sesame")
        page.keyboard.press("Enter")
        expect(page.locator("#panel .reader mark")).to_have_text(FACT)
        context.close()


class TestAccounts:
    def test_each_has_its_conversations_in_every_browser_and_can_log_out(
        self, address: str, assistant: Assistant, browser: Browser
    ) -> None:
        accounts = Accounts(assistant.settings.data_dir)
        accounts.put("ann", "correct horse")
        accounts.put("bob", "battery staple")

        def logged_in(name: str, password: str) -> Page:
            page = browser.new_context().new_page()
            page.set_default_timeout(WAIT_MS)
            page.goto(address)
            page.get_by_label("Name").fill(name)
            page.get_by_label("Password").fill(password)
            page.keyboard.press("Enter")
            page.wait_for_selector("#question textarea")
            return page

        ann, again, bob = (
            logged_in("ann", "correct horse"),
            logged_in("ann", "correct horse"),
            logged_in("bob", "battery staple"),
        )
        ask(ann, "Who met in Baku?")
        expect(ann).to_have_url(re.compile("#conversation/"))
        expect_listed(bob)
        expect_listed(again, "Who met in Baku?")
        expect(again.get_by_text("Logged in as ann")).to_be_visible()
        again.get_by_role("button", name="Log out").click()
        expect(again.get_by_label("Password")).to_be_visible()
        for page in (ann, again, bob):
            page.context.close()


class TestReadOnly:
    @pytest.fixture
    def address(self, tmp_path: Path, serve: Serve) -> str:
        answering = AnsweringSettings(min_score=0.0, max_sentences=1)
        settings = Settings(
            data_dir=tmp_path / "data", answering=answering, server=ServerSettings(read_only=True)
        )
        assistant = Assistant.open(settings=settings, embedder=WordEmbeddings())
        assistant.add([BAKU, ORCHARD])
        self.assistant = assistant
        return serve(assistant)

    def test_answers_and_keeps_nothing(self, address: str, open_page: Open) -> None:
        page = open_page(address)
        ask(page, "Who met in Baku?")
        show_tab(page, "History")
        expect(page.locator(".conversations")).to_contain_text("This server is a demo")
        assert self.assistant.conversations.list(None).heads == ()
        self.assistant.close()
