"""The answer of a chat model: asked with fenced passages, cut into sentences, each checked before it shows.

The model decides the words. Which sentence counts as supported, and by which sentence of which article, is
decided by `grounding`. It knows prompts, drafts and checks; it does not know how a model is reached.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant import prompts
from assistant.answering.evidence import OVERHEAD_TOKENS, Evidence, estimated_tokens, fit, new_fence
from assistant.answering.grounding import Grounding, Support
from assistant.answering.markers import Draft, Drafts
from assistant.chat import ChatModel, CutOff
from assistant.conversation import Understood, is_explained, understand
from assistant.errors import ModelError
from assistant.rewriting import fit_turns, understood_from
from assistant.settings import ChatSettings
from assistant.stores.lexical import terms
from assistant.types import Abstention, Answer, Citation, Generation, Reason, Sentence, Turn

MAX_SENTENCES = 40  # more than any answer needs; a model that goes on is stopped
LEAKED_WORDS = 5  # in a row, shared with the instructions: nobody writes those by chance
MAX_THOUGHT_CHARS = 50_000  # of a reply with a rewritten question; a model that goes on is stopped
NOT_REWRITTEN = "The chat model did not rewrite the question, so it was understood without it"
CITES = "A model that names the passages it uses is checked against them."
CUT_OFF = "The model's answer reached its longest length; its last sentence may be missing."


PROMPTS: dict[str, frozenset[str]] = {  # all that is ever sent to a chat model, with the names in it
    "answer": frozenset(["fence"]),
    "evidence": frozenset(["passages", "question"]),
    "standalone": frozenset(),
    "conversation": frozenset(["history", "question"]),
}


class Writer:
    """Has a chat model write answers.

    Args:
        model: The chat model.
        grounding: Checks sentences.
        settings: Bounds, and what becomes of unsupported sentences.
        folder: Of the prompts; by default where the package keeps its own.

    Raises:
        ConfigError: If a prompt is missing or its names are wrong.
    """

    def __init__(
        self, model: ChatModel, grounding: Grounding, settings: ChatSettings, folder: Path | None = None
    ) -> None:
        self.model = model
        self._grounding = grounding
        self._settings = settings
        loaded = {name: prompts.load(name, variables=names, folder=folder) for name, names in PROMPTS.items()}
        self._instructions, self._message = loaded["answer"], loaded["evidence"]
        self._rewriting, self._conversation = loaded["standalone"], loaded["conversation"]
        self._shingles = _shingles(self._instructions.text)

    def write(self, answer: Answer) -> Iterator[Answer]:
        """Let the model answer from the hits of an answer.

        Args:
            answer: With the standalone question and the hits, without a text.

        Yields:
            The growing answer; while the model is silent, the same answer again. The last one is complete; it
            is an abstention if nothing of what the model wrote is supported.

        Raises:
            ModelError: If the model fails, before or during its answer, or if nothing of it is supported
                but some of it is close to the passages.
        """
        fence = new_fence()
        instructions, question = self._instructions.fill(fence=fence), answer.standalone_question
        around = estimated_tokens(instructions + self._message.text + question) + OVERHEAD_TOKENS
        room = self.model.window - self._settings.max_output_tokens - around
        evidence = fit(answer.hits, room, fence)
        message = self._message.fill(passages=evidence.text, question=question)
        page = _Page(question, evidence, is_removing=self._settings.unsupported == "removed")
        answer = replace(answer, generation=self._generation(evidence, evidence.tokens + around))
        yield answer
        parser = Drafts(len(evidence.hits))
        note = ""
        with closing(self.model.stream(instructions, message)) as deltas:
            for delta in deltas:
                for draft in parser.feed(delta):
                    self._put(page, draft)
                note = CUT_OFF if isinstance(delta, CutOff) else note
                yield page.on(answer)
                if page.count >= MAX_SENTENCES:
                    break
        for draft in parser.finish():
            self._put(page, draft)
        yield page.finished(answer, note)

    def understand(self, answer: Answer, history: Sequence[Turn]) -> Generator[Answer, None, Understood]:
        """Fold a conversation into a question with the model; without it, and with a note, if that fails.

        Yields the answer, which only has its question yet, as long as the model is at work: closing the
        iterator ends the request. Returns the model's question, or what `conversation.understand` makes of it
        if the model wrote none; its note tells of a failure, and of turns without room in the model's window.
        """
        question = answer.question
        if not is_explained(question, history):
            return Understood(question)
        reply = ""
        try:
            spoken = fit_turns(history, self._room_for_turns(question))
            message = self._conversation.fill(history=spoken.text, question=question)
            with closing(self.model.stream(self._rewriting.text, message)) as deltas:
                for delta in deltas:
                    reply += delta
                    if isinstance(delta, CutOff):
                        reply = reply.rpartition("\n")[0]  # half a line is no question
                    yield answer
                    if len(reply) > MAX_THOUGHT_CHARS:
                        break
        except ModelError as error:
            return replace(
                understand(question, history), note=f"{NOT_REWRITTEN}: {error}. {error.hint}".strip()
            )
        return replace(understood_from(reply, question, history), note=spoken.note(self.model.window))

    def _room_for_turns(self, question: str) -> int:
        around = self._rewriting.text + self._conversation.text + question
        taken = estimated_tokens(around) + OVERHEAD_TOKENS + self._settings.max_output_tokens
        return self.model.window - taken

    def failed(self, error: ModelError) -> Generation:
        """What the reader is told when the model failed and another answer stands in."""
        return Generation(self.model.name, failure=f"{error}. {error.hint}")

    def _generation(self, evidence: Evidence, tokens: int) -> Generation:
        return Generation(
            self.model.name,
            f"{self._instructions.version}-{self._message.version}",
            passages=len(evidence.hits),
            left_out=evidence.left_out,
            tokens=tokens,
            window=self.model.window,
        )

    def _put(self, page: _Page, draft: Draft) -> None:
        is_ours = self._shingles & _shingles(draft.text) or page.repeats_question(draft.text)
        if is_ours or page.evidence.has_fence(draft.text):
            page.leaked += 1  # our own words, or the mark of this request: never shown
            return
        hits = page.evidence.hits
        named = [hits[number - 1] for number in draft.numbers]
        page.put(draft, self._grounding.check(draft.text, named, hits))


@dataclass(slots=True)
class _Page:
    """The checked sentences so far, and the citations that they rest on."""

    question: str
    evidence: Evidence
    is_removing: bool
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    unresolved: list[str] = field(default_factory=list)
    removed: int = 0
    leaked: int = 0
    unconfirmed: int = 0

    @property
    def count(self) -> int:
        return len(self.sentences) + self.removed + self.leaked

    def repeats_question(self, text: str) -> bool:
        """Whether a sentence is the question, which some models copy and which a passage may well contain."""
        question = terms(self.question)
        return text.endswith("?") and terms(text)[-len(question) :] == question

    def put(self, draft: Draft, support: Support) -> None:
        self.unresolved += draft.unknown
        self.unconfirmed += support.is_unconfirmed
        if self.is_removing and not support.is_supported:
            self.removed += 1
            return
        markers = tuple(dict.fromkeys(self._marker(*place) for place in support.places))
        opens = draft.opens_paragraph and bool(self.sentences)
        self.sentences.append(
            Sentence(
                draft.text,
                markers,
                support.value,
                is_supported=support.is_supported,
                reason=support.reason,
                opens_paragraph=opens,
                is_unconfirmed=support.is_unconfirmed,
            )
        )

    def _marker(self, hit_number: int, start: int, end: int) -> int:
        """The number of the citation of a sentence; a new one if it is not cited yet."""
        hit = self.evidence.hits[hit_number]
        article = hit.article
        for citation in self.citations:
            if (citation.article, citation.start, citation.end) == (article, start, end):
                return citation.marker
        self.citations.append(Citation(len(self.citations) + 1, article, start, end, hit.also_in))
        return len(self.citations)

    def on(self, answer: Answer) -> Answer:
        assert answer.generation
        return replace(
            answer,
            text=text_of(self.sentences),
            sentences=tuple(self.sentences),
            citations=tuple(self.citations),
            unresolved=tuple(self.unresolved),
            generation=replace(answer.generation, removed=self.removed + self.leaked),
        )

    def finished(self, answer: Answer, note: str) -> Answer:
        grown = self.on(answer)
        assert grown.generation
        if not self.count:
            raise ModelError(f"the chat model {grown.generation.model} wrote no sentence", hint="Ask again.")
        if self.unconfirmed and not self.citations:
            raise ModelError(_nothing_confirmed(grown.generation.model), hint=CITES)
        grown = replace(grown, is_complete=True, generation=replace(grown.generation, note=note))
        if self.citations:
            return grown
        why = Abstention(Reason.NOT_SUPPORTED, _nothing_supported(self.count))
        return replace(grown, text="", sentences=(), abstention=why)


def text_of(sentences: list[Sentence]) -> str:
    """The text of checked sentences, each followed by its markers."""
    parts: list[str] = []
    for sentence in sentences:
        parts += ["\n\n" if sentence.opens_paragraph else " "] if parts else []
        parts.append(sentence.marked)
    return "".join(parts)


def _nothing_confirmed(model: str) -> str:
    return f"what {model} wrote is close to the passages, but no sentence of it could be confirmed"


def _nothing_supported(count: int) -> str:
    if count == 1:
        return "The chat model wrote one sentence, which no article supports, so it is not shown."
    return f"The chat model wrote {count} sentences; none is supported by the articles, so none is shown."


def _shingles(text: str) -> set[tuple[str, ...]]:
    """The runs of `LEAKED_WORDS` words in a text."""
    words = terms(re.sub(r"\$\w+", " ", text))
    return {tuple(words[n : n + LEAKED_WORDS]) for n in range(len(words) - LEAKED_WORDS + 1)}
