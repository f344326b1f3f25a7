"""The assistant: articles in, cited answers out. The whole flow on one screen.

Every surface (web page, command line, scripts) calls this one class and renders the values that it returns.
It knows the order of the steps and nothing of how any of them works.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from assistant import corpus as corpus_module
from assistant import retrieval, sources
from assistant.answering import abstention, extractive, gathering, others, reranking, short, telling
from assistant.answering.accounts import Account, account_of
from assistant.answering.candidates import Candidate, candidates
from assistant.answering.citations import cite
from assistant.answering.gathering import Gathered
from assistant.answering.generative import Writer
from assistant.answering.grounding import Grounding
from assistant.answering.keywords import as_question
from assistant.answering.questions import content_terms, is_question
from assistant.answering.suggestions import Suggestion, suggestions
from assistant.chat import ChatModel, open_chat_model
from assistant.conversation import Understood, is_courtesy, understand
from assistant.conversations import Conversations
from assistant.corpus import Backup, Corpus
from assistant.dates import publication, resolve, told_of
from assistant.entailment import OnnxEntailment
from assistant.errors import AssistantError, CorpusBusyError, CorpusError, ModelError
from assistant.failures import Failures
from assistant.intake import Intake, place_of, place_of_article
from assistant.listing import ArticleCounts, ArticlePage, ArticleQuery
from assistant.models import Embedder, open_embedder
from assistant.models.sessions import MAX_THREADS
from assistant.originals import OriginalKeeper
from assistant.reader import OnnxReader, Reader, Reading
from assistant.settings import Settings, load
from assistant.sources.clean import clean, one_line
from assistant.sources.parsers import Parsers
from assistant.stores.seen import SeenFiles
from assistant.types import (
    Abstention,
    Answer,
    Article,
    ArticleVersion,
    Cancelled,
    Citation,
    DateRange,
    Failure,
    Filters,
    Form,
    Hit,
    IngestReport,
    Original,
    Passage,
    Progress,
    Reason,
    RememberedFailure,
    Turn,
    VerifyReport,
    always,
    never,
)

if TYPE_CHECKING:
    from assistant.feeds import Feeds

OnProgress = Callable[[Progress], None]
NO_FILTERS = Filters()
SEARCHES_AHEAD = 32  # of many: enough to keep all cores at work
ALL_ARTICLES = ArticleQuery()
WIDER = 2  # times as many passages are the evidence for what several articles tell
MOST_TRIED = 5  # questions to ask next; each costs a search and a reading


class Assistant:
    """Questions answered from the articles of one data folder, each sentence with its citation.

    Use `Assistant.open`. Safe to use from several threads; close it, or use it as a context manager.
    """

    def __init__(
        self,
        corpus: Corpus,
        settings: Settings,
        reader: Reader | None = None,
        chat_model: ChatModel | None = None,
    ) -> None:
        self.corpus = corpus
        self.settings = settings
        self.reader = reader or OnnxReader()
        self._parsers = Parsers(settings.ingest)
        grounding = Grounding(corpus.embed_texts, OnnxEntailment(), settings.chat.min_support)
        self.writer = Writer(chat_model, grounding, settings.chat) if chat_model else None
        self._seen = SeenFiles(corpus.data_dir)
        self._keeper = OriginalKeeper(corpus.originals, settings.library.max_original_bytes)
        self._intake = Intake(self._parsers, self._seen, corpus.digests, self._keeper, settings.ingest)
        self._failures = Failures(settings.data_dir, corpus.lock.held)
        self._warming, self._is_warm = threading.Lock(), False
        # one reading keeps as many processors busy as it may use
        self._reading = threading.Semaphore(max(1, (os.cpu_count() or 1) // MAX_THREADS))

    @property
    def is_read_only(self) -> bool:
        """Whether all that would change something raises ReadOnlyError; a server can set this."""
        return self.corpus.is_read_only

    @is_read_only.setter
    def is_read_only(self, value: bool) -> None:
        self.corpus.is_read_only = self.conversations.is_read_only = value

    @classmethod
    def open(
        cls,
        path: Path | str | None = None,
        *,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
        reader: Reader | None = None,
        chat_model: ChatModel | None = None,
        must_exist: bool = False,
        is_brief: bool = False,
    ) -> Self:
        """Open the corpus of a data folder, or begin a new one.

        Args:
            path: The data folder; by default the settings' own.
            settings: By default those of `assistant.toml` and the environment.
            embedder: By default the settings' model.
            reader: By default the one that ships with the package.
            chat_model: Writes the answers; by default the settings' own, and without one they are quoted.
            must_exist: Whether it is an error, and nothing is written, if there is no corpus yet.
            is_brief: Whether only a question or two will be asked: the first answer comes seconds sooner from
                a large corpus, and the hundredth a little later.

        Returns:
            The assistant, ready to be asked.

        Raises:
            IndexMismatchError: If the corpus was built with another model or chunking.
            CorpusError: If the folder cannot be read or written, or holds no corpus and must.
            ModelError: If the embedding model is missing.
            ConfigError: If the chat model's name or a prompt is wrong.
        """
        settings = _settings(path, settings)
        if must_exist:
            corpus_module.require(settings.data_dir)
        chat_model = chat_model or open_chat_model(settings.chat)
        embedder = embedder or _embedder(settings)
        corpus = Corpus(
            settings.data_dir,
            embedder,
            settings.chunking,
            is_brief=is_brief,
            kept_versions=settings.library.keep_versions,
            undo_seconds=settings.library.undo_days * 86_400,
            reserve_bytes=settings.library.reserve_mb * 1_000_000,
        )
        return cls(corpus, settings, reader, chat_model)

    @classmethod
    def rebuild(
        cls,
        path: Path | str | None = None,
        *,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
        on_progress: OnProgress | None = None,
    ) -> IngestReport:
        """Cut and embed every article of a data folder anew; goes on where it was if it was stopped."""
        settings = _settings(path, settings)
        corpus_module.require(settings.data_dir)
        embedder = embedder or _embedder(settings)
        return corpus_module.rebuild(settings.data_dir, embedder, settings.chunking, on_progress=on_progress)

    @classmethod
    def restore(
        cls,
        file: Path | str,
        path: Path | str | None = None,
        *,
        settings: Settings | None = None,
        force: bool = False,
    ) -> Backup:
        """Bring a data folder back from a backup; with `force`, what is there now is set aside."""
        settings = _settings(path, settings)
        return corpus_module.restore(Path(file).expanduser(), settings.data_dir, force=force)

    def backup(self, file: Path | str) -> Backup:
        """Write all that cannot be made again to one file, as it is at this moment; others may write on."""
        return corpus_module.backup(self.corpus.data_dir, Path(file).expanduser())

    # -- asking
    # -------------------------------------------------------------------------------------------------

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters = NO_FILTERS,
        *,
        today: date | None = None,
        dates: bool = True,
        quoted: bool = False,
    ) -> Answer:
        """Answer a question from the corpus, or say why not.

        Args:
            question: What the user asks.
            history: The conversation before, oldest turn first; a follow-up question is understood by it.
            filters: Which articles may be used.
            today: The day on which the question is asked, which "this week" counts from; articles published
                shortly before it are preferred. By default today, and then only words such as "this week"
                have that effect.
            dates: Whether words that name a period are minded at all.
            quoted: Whether the answer is quoted even if a chat model is set.

        Returns:
            The complete answer: its text quotes the corpus and cites every sentence, or it is an abstention.
        """
        *_, answer = self.stream(question, history, filters, today=today, dates=dates, quoted=quoted)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        filters: Filters = NO_FILTERS,
        *,
        today: date | None = None,
        dates: bool = True,
        quoted: bool = False,
    ) -> Iterator[Answer]:
        """Answer step by step: first the evidence, then sentence by sentence; the last is complete.

        While a chat model rewrites a follow-up question, an answer without evidence comes several times a
        second, so that whoever reads can stop.
        """
        started = time.perf_counter()
        question = clean(question)

        understood = yield from self._understood(Answer(question, filters=filters), history)

        def timed(answer: Answer) -> Answer:
            note = " ".join(each for each in (understood.note, answer.note) if each)
            return replace(answer, note=note, seconds=time.perf_counter() - started)

        standalone = as_question(understood.standalone)
        period = _period(understood, today or date.today()) if dates else None
        answer = Answer(
            question,
            standalone_question=standalone,
            period=period,
            searched_articles=self.corpus.count(filters),
            filters=filters,
        )
        if reason := self._cannot_search(standalone, answer, filters):
            yield timed(replace(answer, abstention=reason, is_complete=True))
            return
        near = publication(period, today) if dates else None
        account = None if understood.quoted else account_of(standalone)
        told = Gathered()
        if account and account.form is not Form.LIST:
            answer, told = self._gathered(account, answer, near)
            found: Sequence[Candidate] = told.chosen
            yield timed(answer)
        else:
            hits = self.evidence(understood, filters, near=near)
            yield timed(replace(answer, hits=hits))
            asked = account.question if account else as_question(understood.read)
            readings, found = self._read(asked, hits, _told_of(answer))
            found = others.unquoted(asked, found, understood.quoted)
            answer = replace(answer, hits=tuple(reading.hit for reading in readings))
            answer = replace(answer, score=abstention.answerable_score(found))
            if account:
                told = self._listed(account, found)
                answer = replace(answer, form=account.form, score=gathering.listed_score(answer.score))
        if not found or answer.score < abstention.threshold(self.settings.answering):
            frequency, searched = self.corpus.document_frequency, answer.searched_articles
            about = account.topic if account else standalone
            why = abstention.not_supported(about, found, frequency, searched=searched, filters=filters)
            if understood.quoted:
                why = abstention.no_others(standalone, searched=searched, filters=filters)
            yield timed(replace(answer, abstention=why, is_complete=True))
            return
        for growing in self._quoted(answer, found, told) if quoted else self._answered(answer, found, told):
            yield timed(growing)

    def follow_ups(
        self,
        answer: Answer,
        filters: Filters = NO_FILTERS,
        *,
        asked: Sequence[str] = (),
        most: int = 3,
        may_go_on: Callable[[], bool] = always,
    ) -> list[str]:
        """Offer questions that the corpus answers, each tried before it is named.

        Args:
            answer: A complete one; what it cites is what the questions are about.
            filters: Which articles may be used.
            asked: Questions that need not be offered again.
            most: How many at most.
            may_go_on: Called before each try, as long as it likes; whether to try on.

        Returns:
            The questions; often fewer, none if nothing near makes one. Takes as long as a few answers.
        """
        found: list[str] = []
        for tried, suggestion in enumerate(suggestions(answer, asked)):
            if len(found) == most or tried == MOST_TRIED or not may_go_on():
                break
            if self._is_answered(suggestion, filters, beyond=answer.citations):
                found.append(suggestion.question)
        return found

    def _is_answered(self, suggestion: Suggestion, filters: Filters, *, beyond: Sequence[Citation]) -> bool:
        """Whether a question is answered by what it was made from, and that was not cited already."""
        answer = self.ask(suggestion.question, filters=filters, dates=False, quoted=True)
        said = {(citation.article.id, citation.start) for citation in beyond}
        return any(
            citation.article.id == place.article_id
            and citation.start < place.end
            and place.start < citation.end
            and (citation.article.id, citation.start) not in said
            for citation in answer.citations
            for place in suggestion.places
        )

    def warm_up(self) -> None:
        """Load the models and open the index, once, so that the first question does not wait for them."""
        with self._warming:  # of those who ask at once, the first one loads
            if self._is_warm:
                return
            self.search("ready")
            self.corpus.embed_query("ready")
            article = Article("Ready.")
            self.reader.read("ready?", [Hit(Passage(article.id, 0, 6, article.text), article, 0.0)])
            self._is_warm = True

    def search(
        self,
        query: str,
        top_k: int | None = None,
        filters: Filters = NO_FILTERS,
        *,
        also: str = "",
        also_share: float = retrieval.ALSO_SHARE,
        earlier: str = "",
        near: DateRange | None = None,
        rerank: bool = False,
    ) -> tuple[Hit, ...]:
        """Find the passages that fit a query, best first.

        Args:
            query: Any text.
            top_k: Most hits to return; by default the settings' own.
            filters: Which articles may be looked at.
            also: Another text for the same, searched with it, such as the question without its history.
            also_share: How much it counts, in [0, 1].
            earlier: The question before in a conversation; it helps what stands beside its answers.
            near: A period about which articles are likely to be published; it helps them and hides no other.
            rerank: Whether to read the best `reranking.READ` and put first what answers. Slower, and without
                effect if the query is not a question.

        Returns:
            The hits, best first; none for a query without a word to search for, such as "😀" or "to the".
        """
        query = clean(query)
        top_k = self.settings.retrieval.top_k if top_k is None else top_k
        is_read = rerank and is_question(query)
        wanted = max(top_k, reranking.READ) if is_read and top_k > 0 else top_k
        hits = retrieval.search(
            self.corpus,
            query,
            also=also,
            also_share=also_share,
            earlier=earlier,
            settings=self.settings.retrieval,
            top_k=wanted,
            filters=filters,
            near=near,
        )
        if is_read:
            read, _ = self._read(query, hits[: reranking.READ])
            hits = (*(reading.hit for reading in read), *hits[reranking.READ :])
        return hits[:top_k]

    def _read(
        self, question: str, hits: Sequence[Hit], period: DateRange | None = None
    ) -> tuple[list[Reading], list[Candidate]]:
        """The hits once they are read, those that answer first, and their sentences, best first."""
        with self._reading:  # whoever came first is answered first, not all of them when the last one is
            readings = self.reader.read(question, hits)
        found = candidates(question, readings, self.corpus.document_frequency, period)
        return reranking.rerank(readings, found), found

    def known_words(self, query: str) -> dict[str, bool]:
        """The words of a query that a search looks for, and whether any passage of the corpus holds them.

        Args:
            query: Any text.

        Returns:
            Each word as it was written, in their order; empty if there is none, as in "to the".
        """
        found = abstention.missing_words(clean(query), (), self.corpus.document_frequency)
        return {word: not is_absent for word, is_absent in found}

    def search_many(
        self,
        queries: Iterable[str],
        top_k: int | None = None,
        filters: Filters = NO_FILTERS,
        *,
        rerank: bool = False,
    ) -> Iterator[tuple[Hit, ...]]:
        """Search for many queries, several at a time.

        Args:
            queries: Any number, read a few ahead of what was yielded.
            top_k: As for `search`.
            filters: As for `search`.
            rerank: As for `search`.

        Yields:
            What `search` gives for each query, in their order.
        """
        left = iter(queries)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            while batch := [*islice(left, SEARCHES_AHEAD)]:
                yield from pool.map(lambda query: self.search(query, top_k, filters, rerank=rerank), batch)

    def evidence(
        self,
        question: Understood,
        filters: Filters = NO_FILTERS,
        *,
        near: DateRange | None = None,
    ) -> tuple[Hit, ...]:
        """Find the passages that an answer is sought in, best first."""
        hits = self.search_understood(question, retrieval.SEEN_FOR_EVIDENCE, filters, near=near)
        return retrieval.evidence(hits, self.settings.retrieval.top_k)

    def search_understood(
        self,
        question: Understood,
        top_k: int,
        filters: Filters = NO_FILTERS,
        *,
        near: DateRange | None = None,
        rerank: bool = False,
    ) -> tuple[Hit, ...]:
        """Search as `search` does, with what the conversation adds to the question."""
        return self.search(
            question.standalone,
            top_k,
            filters,
            also=question.also,
            also_share=question.also_share,
            earlier=question.earlier,
            near=near,
            rerank=rerank,
        )

    # -- the corpus
    # ---------------------------------------------------------------------------------------------

    def add(
        self,
        what: Path | str | bytes | Article | Iterable[Article],
        *,
        name: str = "",
        limit: int | None = None,
        since: date | None = None,
        on_progress: OnProgress | None = None,
        cancelled: Cancelled = never,
    ) -> IngestReport:
        """Add articles, or replace their earlier versions.

        Args:
            what: A folder (what has vanished from it is removed), a file, the address of a page, a feed or a
                sitemap, the bytes of a file, an article, or an iterable of articles, of which one that is
                wrong is a failure and stops no other.
            name: File name of the bytes; for a folder, a name to know it by instead of its place on the disk.
            limit: Most articles of a feed or sitemap; by default the settings'.
            since: Leave out what a feed or sitemap has that is known to be older than this day.
            on_progress: Called while the work goes on.
            cancelled: Whether to stop. What is embedded by then is kept, and adding the same again goes on
                from there.

        Returns:
            What was done; what could not be read is listed with its reason and does not stop the rest, and is
            remembered in `failures` until it succeeds.

        Raises:
            CorpusBusyError: If another process is writing.
            CorpusError: If the stores cannot be written; what was added before is kept.
        """
        self.corpus.check_writable()
        if isinstance(what, str) and sources.is_address(what):
            report = self.feeds.add(
                what.strip(), limit=limit, since=since, on_progress=on_progress, cancelled=cancelled
            )
            self._failures.note(sources.without_password(what.strip()), name, report)
            return report
        items, root, total = self._intake.items(what, name)
        report = self.corpus.add(items, root=root, total=total, on_progress=on_progress, cancelled=cancelled)
        if isinstance(what, str | Path | bytes):
            self._failures.note(place_of(what), name, report)
        return report

    def failures(self) -> tuple[RememberedFailure, ...]:
        """What could not be added and is not mended yet, oldest first."""
        return self._failures.all()

    def retry(self, *, on_progress: OnProgress | None = None, cancelled: Cancelled = never) -> IngestReport:
        """Add once more what failed; what succeeds is no longer in `failures`.

        A folder is synced as a whole, a feed refreshed. What was handed over as bytes is not at hand any more
        and stays.

        Args:
            on_progress: Called while the work goes on.
            cancelled: Whether to stop, as for `add`.

        Returns:
            What was done.
        """
        self.corpus.check_writable()
        report = IngestReport()
        for origin, name in dict.fromkeys((one.origin, one.name) for one in self.failures() if one.origin):
            if cancelled():
                return replace(report, is_cancelled=True)
            try:
                report += self._again(origin, name, on_progress, cancelled)
            except CorpusBusyError:
                raise
            except AssistantError as exc:  # such as a file that is gone: there is nothing to try again
                self._failures.forget(origin, name)
                report += IngestReport(failed=(Failure(origin, str(exc), exc.hint),))
        return report

    def _again(
        self, origin: str, name: str, on_progress: OnProgress | None, cancelled: Cancelled
    ) -> IngestReport:
        """Add once more what failed; a feed that is kept up to date is refreshed."""
        feeds = self.feeds.subscriptions() if sources.is_address(origin) else ()
        if url := next((one.url for one in feeds if sources.without_password(one.url) == origin), ""):
            return self.feeds.refresh(url, on_progress=on_progress)
        return self.add(origin, name=name, on_progress=on_progress, cancelled=cancelled)

    @cached_property
    def feeds(self) -> Feeds:
        """Feeds that are kept up to date, and what else is fetched from the web."""
        from assistant.feeds import Feeds  # only now: it brings httpcore and more

        return Feeds(
            self.corpus,
            self.settings.web,
            parse=self._parsers.data,
            keeper=self._keeper,
            parse_feed=self._parsers.feed,
            on_refreshed=lambda url, report: self._failures.note(sources.without_password(url), "", report),
        )

    @cached_property
    def conversations(self) -> Conversations:
        """What was asked and answered before, and what people thought of it; kept by the surfaces."""
        return Conversations(self.corpus.data_dir)

    def articles(self) -> Iterator[Article]:
        """All articles, newest first, those without a date last."""
        return self.corpus.articles()

    def list_articles(self, query: ArticleQuery = ALL_ARTICLES) -> ArticlePage:
        """List a page of the articles, without their texts; as fast at 100,000 articles as at ten.

        Args:
            query: Which articles, in which order, and which page of the list.

        Returns:
            The page, how many articles the whole list has, and where the next page begins.
        """
        return self.corpus.list_articles(query)

    def count_articles(self, query: ArticleQuery = ALL_ARTICLES) -> ArticleCounts:
        """Count the articles of a list by publisher and by month."""
        return self.corpus.count_articles(query)

    def article(self, article_id: str) -> Article:
        """Find an article by its id.

        Args:
            article_id: The id, or its first six characters or more, if no other id begins so.

        Returns:
            The article, as it stands in the corpus now.

        Raises:
            UnknownArticleError: If there is none, or more than one.
        """
        return self.corpus.article(article_id)

    def remove(self, article_id: str) -> Article:
        """Remove an article; it is not found any more when this returns.

        Args:
            article_id: Its id, or the beginning of it as for `article`.

        Returns:
            The article that was removed.

        Raises:
            UnknownArticleError: If there is none.
        """
        return self.corpus.remove(article_id)

    def article_version(self, article_id: str, version: str) -> ArticleVersion:
        """Find an article as it was when something was cited from it.

        Args:
            article_id: As for `article`.
            version: Hash of the text, as a citation names it.

        Returns:
            The article of that version; its `note` says if it is an older one.

        Raises:
            UnknownArticleError: If there is no such article, or this version is not kept.
        """
        return self.corpus.article_version(article_id, version)

    def original(self, article_id: str, version: str = "") -> Original:
        """Find the file that an article was read from; its citations name the pages of a PDF.

        Args:
            article_id: As for `article`.
            version: Hash of the text, as a citation names it; by default the present one.

        Returns:
            Where the file is, what to call it, and how it may be shown.

        Raises:
            UnknownArticleError: If there is no such article or version, or its original is not kept.
        """
        return self.corpus.original(article_id, version)

    def edit(self, article_id: str, **changes: str | date | None) -> Article:
        """Correct title, author, source or published by hand; it stays so when the article is read again.

        Args:
            article_id: As for `article`.
            **changes: New values by field; none takes all corrections back.

        Returns:
            The article as it is now.

        Raises:
            UnknownArticleError: If there is none.
            ValueError: If a field is not one of these, or the title is empty.
        """
        cleaned = {
            name: one_line(value) if isinstance(value, str) else value for name, value in changes.items()
        }
        if not cleaned.get("title", "a title"):
            raise ValueError("a title cannot be empty")
        return self.corpus.edit(article_id, cleaned)

    def fetch_again(
        self, article_id: str, *, on_progress: OnProgress | None = None, cancelled: Cancelled = never
    ) -> IngestReport:
        """Read an article once more from where it came from, which may have changed.

        Args:
            article_id: As for `article`.
            on_progress: Called while the work goes on.
            cancelled: Whether to stop, as for `add`.

        Returns:
            What was done. An article of a folder is read with all of its folder, as `add` does.

        Raises:
            UnknownArticleError: If there is none.
            CorpusError: If it came from nowhere that can be looked at again, such as an upload.
        """
        article = self.article(article_id)
        place = place_of_article(article)
        if not place:
            raise CorpusError(
                f"“{article.name}” came from a file that is not at hand any more",
                hint="Add the file once more; it takes the place of what is here if it is the same article.",
            )
        return self.add(place, on_progress=on_progress, cancelled=cancelled)

    def sizes(self) -> dict[str, int]:
        """How many bytes the parts of the data folder take: catalog, indexes, uploads, all else."""
        return self.corpus.sizes()

    def removed(self) -> list[tuple[Article, datetime]]:
        """Articles that were removed and can be brought back, each with the moment, latest first."""
        return self.corpus.removed()

    def undo(self, article_id: str) -> Article:
        """Bring back an article that was removed a short while ago, or raise UnknownArticleError."""
        return self.corpus.restore_removed(article_id)

    def purge(self, *, everything: bool = False) -> int:
        """Delete for good what can no longer be brought back, or with `everything` all that was removed."""
        return self.corpus.purge(everything=everything)

    def verify(self, *, repair: bool = False, on_progress: OnProgress | None = None) -> VerifyReport:
        """Check that nothing is lost, changed, doubled or half there; with `repair`, mend what is damaged."""
        if repair:
            self.corpus.check_writable()
        return self.corpus.verify(repair=repair, on_progress=on_progress)

    def close(self) -> None:
        """Release the files; all that is asked for later raises CorpusError."""
        self.corpus.close()
        self._parsers.close()
        self._seen.close()
        self.conversations.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # -- private
    # ------------------------------------------------------------------------------------------------

    def _gathered(self, account: Account, answer: Answer, near: DateRange | None) -> tuple[Answer, Gathered]:
        """The evidence for a summary, a timeline or a comparison, and the sentences that tell it."""
        topics = [
            self.search(topic, retrieval.SEEN_FOR_EVIDENCE, answer.filters, near=near)
            for topic in account.topics
        ]
        told = gathering.gather(
            account,
            topics,
            self.corpus.document_frequency,
            self.corpus.embed_texts,
            max_sentences=self.settings.answering.max_sentences,
        )
        quoted = [candidate.hit for candidate in told.chosen]
        hits = gathering.evidence([quoted, *topics], WIDER * self.settings.retrieval.top_k)
        return replace(answer, form=account.form, hits=hits, score=told.score), told

    def _listed(self, account: Account, found: Sequence[Candidate]) -> Gathered:
        """The sentences of a list."""
        chosen = gathering.gather_list(
            account,
            found,
            self.corpus.document_frequency,
            self.corpus.embed_texts,
            max_sentences=self.settings.answering.max_sentences,
        )
        return Gathered(tuple(chosen))

    def _answered(self, answer: Answer, found: Sequence[Candidate], told: Gathered) -> Iterator[Answer]:
        """The chat model's answer, if one is set; if it fails, the quoted one with the reason."""
        if self.writer is None:
            yield from self._quoted(answer, found, told)
            return
        try:
            yield from self.writer.write(answer)
        except ModelError as error:
            failed = self.writer.failed(error)
            yield from self._quoted(replace(answer, generation=failed), found, told)

    def _quoted(self, answer: Answer, found: Sequence[Candidate], told: Gathered) -> Iterator[Answer]:
        """The answer, growing by a sentence at a time."""
        if told.chosen:
            yield from _growing(replace(answer, note=telling.gathered(answer.form, told.chosen)), told)
            return
        question = answer.standalone_question
        most = self.settings.answering.max_sentences
        chosen = extractive.select(question, found, self.corpus.embed_texts, max_sentences=most)
        if not _told_of(answer):
            chosen = short.newest_first(question, chosen)
        answer = replace(
            answer,
            confidence=abstention.confidence(answer.score),
            short_answer=short.short_answer(question, chosen),
            note=short.disagreement(question, chosen),
        )
        yield from _growing(answer, Gathered(tuple(chosen)))

    def _understood(self, answer: Answer, history: Sequence[Turn]) -> Generator[Answer, None, Understood]:
        """Yield the answer while its question is being understood; one that is too long is left as it is."""
        if len(answer.question) > self.settings.answering.max_question_chars:
            return Understood(answer.question)
        if self.writer is None:
            return understand(answer.question, history)
        return (yield from self.writer.understand(answer, history))

    def _cannot_search(self, question: str, answer: Answer, filters: Filters) -> Abstention | None:
        limit = self.settings.answering.max_question_chars
        if not question.strip():
            return Abstention(Reason.EMPTY_QUESTION, "Ask a question about the articles.")
        if len(answer.question) > limit:
            length = f"The question has {len(answer.question):,} characters; at most {limit:,} are allowed."
            return Abstention(Reason.QUESTION_TOO_LONG, length)
        if is_courtesy(answer.question):
            return Abstention(Reason.NOTHING_TO_SEARCH_FOR, "Glad to help. Ask another question any time.")
        if not content_terms(question):
            return Abstention(Reason.NOTHING_TO_SEARCH_FOR, "Name a person, a place, an event or a topic.")
        if not answer.searched_articles and filters:
            return Abstention(Reason.NOTHING_MATCHES_FILTERS, f"No article is {filters.describe()}.")
        if not answer.searched_articles:
            return Abstention(Reason.EMPTY_CORPUS, "The corpus holds no articles yet. Add some first.")
        return None


def _period(understood: Understood, today: date) -> DateRange | None:
    """The period that a question in a conversation speaks of."""
    return next((period for text in understood.dated if (period := resolve(text, today))), None)


def _told_of(answer: Answer) -> DateRange | None:
    """The period that what answers must be of, as the typed or the standalone question tells it."""
    texts = (answer.question, answer.standalone_question)
    return next((told for text in texts if (told := told_of(text, answer.period))), None)


def _growing(answer: Answer, told: Gathered) -> Iterator[Answer]:
    """The answer with its first sentence, with two, and so on."""
    for count in range(1, len(told.chosen) + 1):
        text, citations = cite(told.chosen[:count], told.labels[:count])
        yield replace(answer, text=text, citations=citations, is_complete=count == len(told.chosen))


def _settings(path: Path | str | None, settings: Settings | None) -> Settings:
    settings = settings or load({"data_dir": path})
    if path is None:
        return settings
    return settings.model_copy(update={"data_dir": Path(path).expanduser()})


def _embedder(settings: Settings) -> Embedder:
    return open_embedder(settings.embedding, settings.models_dir.expanduser())
