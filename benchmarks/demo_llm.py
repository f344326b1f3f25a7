"""A real small chat model over `corpus/`, through the whole path: `make demo-llm`.

The articles are read into a folder that is thrown away, the model is served by llama.cpp on loopback, and the
assistant asks it as it would ask any other. Its answers are poor, which is the point: what the check makes of
each sentence is shown. With `--collect` the sentences are kept with the passages that they may rest on, in
order to be labelled by hand (`benchmarks/llm_sentences.py`). It knows neither labels nor thresholds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant import Assistant
from assistant.answering.markers import drafts
from assistant.chat import ChatModel, open_chat_model
from assistant.settings import ChatSettings, Settings
from assistant.types import Answer, Hit
from benchmarks import gate, small_model

QUESTIONS = (
    "Who met in Baku?",
    "What caused the fire at COP30?",
    "Where were the Karachi airport bombing suspects caught?",
)
GREY, PLAIN = "\033[90m", "\033[0m"


class Recorded:
    """A chat model whose raw answers are kept; satisfies `assistant.chat.ChatModel`."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.name, self.window = model.name, model.window
        self.raw = ""

    def stream(self, instructions: str, message: str) -> Generator[str, None, None]:
        """Answer as the model does."""
        self.raw = ""
        for delta in self._model.stream(instructions, message):
            self.raw += delta
            yield delta


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("question", nargs="*", help="instead of the three of the demo")
    parser.add_argument("--collect", type=Path, help="file that the sentences are added to")
    parser.add_argument("--temperature", type=float, default=0.0, help="how freely it writes")
    parser.add_argument("--every", type=int, default=1, help="collect: take one in so many questions")
    parser.add_argument("--first", type=int, default=0, help="collect: from this one on")
    options = parser.parse_args(argv)
    print("The model is loaded and the articles of corpus/ are read …", flush=True)
    with small_model.served(options.temperature) as chat, opened(chat) as (assistant, model):
        if options.collect:
            _collect(assistant, model, options)
            return
        for question in options.question or QUESTIONS:
            print(f"\n> {question}", flush=True)  # the answer takes a while
            started, model.raw = time.monotonic(), ""
            print("\n".join(shown(assistant.ask(question), model.raw)))
            print(f"({time.monotonic() - started:.0f} s)", flush=True)


@contextmanager
def opened(chat: ChatSettings, articles: Path = gate.CORPUS) -> Iterator[tuple[Assistant, Recorded]]:
    """An assistant with the articles of a folder, `corpus/` by default, and the model of some settings."""
    opened_model = open_chat_model(chat)
    assert opened_model
    model = Recorded(opened_model)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = Settings(data_dir=Path(folder), chat=chat)
        with Assistant.open(settings=settings, chat_model=model) as assistant:
            assistant.add(articles, name="corpus")
            yield assistant, model


def shown(answer: Answer, raw: str = "") -> Iterator[str]:
    """An answer for a terminal: each sentence with its support, grey with the reason if it is not supported.

    Args:
        answer: A finished one.
        raw: What the model wrote for it; printed if nothing of it is supported, since the answer keeps none.
    """
    for sentence in answer.sentences:
        line = f"{sentence.support:4.2f}  {_printable(sentence.marked)}"
        yield line if sentence.is_supported else f"{GREY}{line}  ({sentence.doubt}){PLAIN}"
    for citation in answer.citations:
        yield _printable(f"[{citation.marker}] {citation.article.title}: {citation.text}")
    if answer.abstention:
        for draft in drafts(raw, len(answer.hits)):
            yield f"{GREY}      {_printable(draft.text)}  (not shown to a reader){PLAIN}"
        yield _printable(f"No answer: {answer.abstention.message}")
    if answer.generation and answer.generation.failure:
        yield _printable(f"Quoted, since the model failed: {answer.generation.failure}")
        yield _printable(answer.text)


def _printable(text: str) -> str:
    """A model may write what a terminal obeys."""
    return "".join(char if char.isprintable() else " " for char in text)


def _collect(assistant: Assistant, model: Recorded, options: argparse.Namespace) -> None:
    rows = [(question.text, history) for question, history in gate.corpus_questions()]
    with options.collect.open("a", encoding="utf-8") as file:
        for text, history in rows[options.first :: options.every]:
            model.raw = ""
            answer = assistant.ask(text) if not history else None
            if answer and answer.generation and not answer.generation.failure:
                for row in sentences(answer, model.raw):
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                file.flush()


def sentences(answer: Answer, raw: str) -> Iterator[dict[str, Any]]:
    """The sentences of a raw answer, each once, with the passages that the model was shown; unjudged."""
    assert answer.generation
    hits = answer.hits[: answer.generation.passages]
    for draft in {draft.text: draft for draft in drafts(raw, len(hits))}.values():
        yield {
            "question": answer.question,
            "sentence": draft.text,
            "named": list(draft.numbers),
            "passages": [passage(hit) for hit in hits],
        }


def passage(hit: Hit) -> dict[str, str]:
    """What a passage says, and what is known of its article."""
    article = hit.article
    return {
        "title": article.title,
        "source": article.source,
        "published": article.published.isoformat() if article.published else "",
        "text": hit.passage.text,
    }


if __name__ == "__main__":
    main()
