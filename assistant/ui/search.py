"""The Search tab: retrieval alone, for those who want passages.

It asks the `Assistant` and hands what comes back to `render`; it builds no HTML.
"""

from __future__ import annotations

import time
from typing import Any

import gradio as gr

from assistant.access import are_others_meant, is_loopback
from assistant.accounts import Accounts
from assistant.assistant import Assistant
from assistant.exporting import hits_as_csv, hits_as_json
from assistant.listing import MOST_LISTED, ArticleQuery, ListedArticle
from assistant.types import Filters, Hit
from assistant.ui import render
from assistant.ui.adding import is_at_server
from assistant.ui.frame import PRIVATE, Frame, html, sent
from assistant.ui.lines import Served, lines
from assistant.ui.sought import Found, Sought
from assistant.ui.telling import explain
from assistant.ui.view import offered


class Search:
    """The tab.

    Args:
        assistant: Has the passages.
    """

    name, label = "search", "Search"

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        accounts = Accounts(assistant.corpus.data_dir)
        self._are_others_meant = are_others_meant(assistant.settings.server, accounts)

    def lay_out(self) -> None:
        """Make the fields and the place for what is found."""
        with gr.Column(elem_id="search"):
            self._sought = gr.State(Sought())
            self._bar = html(render.search_bar(Sought(), ()), elem_id="search-bar", actions=("search",))
            self._hits = html(render.before_search(), elem_id="hits", actions=("read", "csv", "json"))
            self._file = html(render.Html(), elem_id="export", script="export.js")

    def wire(self, frame: Frame) -> None:
        """Say what each event does."""
        self._bar.search(self.search, None, [self._sought, self._hits], trigger_mode="always_last", **PRIVATE)
        self._hits.csv(self.csv, [self._sought], [self._file], **PRIVATE)
        self._hits.json(self.json, [self._sought], [self._file], **PRIVATE)
        frame.reader.opens_from(self._hits)
        frame.tabs.select(self.selected, [self._sought], [self._bar], **PRIVATE)

    def selected(self, sought: Sought, event: gr.SelectData) -> Any:
        """The fields with the publishers that there are now, when the tab was clicked."""
        if event.value != self.label or sought.query:  # what was typed stays
            return gr.skip()
        counts = self._assistant.count_articles(ArticleQuery())
        return render.search_bar(sought, offered(counts))

    def search(self, event: gr.EventData, request: gr.Request) -> tuple[Sought, str]:
        """Search for what the fields say."""
        fields = sent(event).get("fields")
        sought = Sought.of(fields if isinstance(fields, dict) else {})
        if not sought.query:
            return sought, render.before_search()
        started = time.perf_counter()
        try:
            hits = self._found(sought)
            words, copies = self._assistant.known_words(sought.query), self._copies(hits)
        except Exception as exc:  # noqa: BLE001 - the edge: whatever failed, the reader is told
            return sought, render.problem(explain(sought.query, exc))
        found = Found(hits, words, copies, time.perf_counter() - started)
        return sought, render.passages(sought, found, lines(sought, self._served(request)))

    def csv(self, sought: Sought) -> str:
        """The hits as a table for a spreadsheet."""
        return render.download("passages.csv", "text/csv", hits_as_csv(self._found(sought)))

    def json(self, sought: Sought) -> str:
        """The hits for a program."""
        said = hits_as_json(self._found(sought), sought.query, sought.filters, rerank=sought.is_read)
        return render.download("passages.json", "application/json", said)

    def _found(self, sought: Sought) -> tuple[Hit, ...]:
        return self._assistant.search(sought.query, sought.top_k, sought.filters, rerank=sought.is_read)

    def _copies(self, hits: tuple[Hit, ...]) -> dict[str, ListedArticle]:
        ids = tuple(dict.fromkeys(other.article_id for hit in hits for other in hit.also_in))[:MOST_LISTED]
        if not ids:
            return {}
        page = self._assistant.list_articles(
            ArticleQuery(filters=Filters(article_ids=ids), limit=MOST_LISTED)
        )
        return {article.id: article for article in page.articles}

    def _served(self, request: gr.Request) -> Served:
        """How whoever asks has reached this server."""
        settings = self._assistant.settings
        address = request.headers.get("host", f"{settings.server.host}:{settings.server.port}")
        scheme = request.request.url.scheme if request.request else "http"
        is_here = is_at_server(request) and is_loopback(settings.server.host)
        with_token = self._are_others_meant or not is_here
        folder = (
            self._assistant.corpus.data_dir.absolute() if is_here and not self._are_others_meant else None
        )
        return Served(f"{scheme}://{address}/", with_token, folder)
