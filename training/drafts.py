"""Have a small chat model write about training texts: `python -m training.drafts --data FOLDER --out FILE`.

It is shown a question and two passages as the product would show them. Each sentence that it writes becomes
a row to be labelled by reading; labelled ones are `drafts.jsonl`. It knows prompts and texts; it judges
nothing.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from assistant import prompts
from assistant.answering.evidence import Evidence, fit, new_fence
from assistant.answering.generative import PROMPTS
from assistant.answering.markers import drafts
from assistant.settings import ChatSettings
from assistant.types import Article, Hit, Passage
from benchmarks import small_model
from training import data
from training.claims import shown_of

SOURCES = {"squad1": 3, "squad2": 2, "new_wiki": 3, "qamr_wikinews": 2, "qamr_wikipedia": 1}
TEMPERATURES = (0.0, 0.5, 0.5)  # of the answers to one question; the first is what the product takes
MAX_TOKENS = 120
ROOM = 1_100  # tokens for the passages, estimated


@dataclass(frozen=True)
class Asked:
    """A question, and the texts that are shown with it.

    Attributes:
        row: The question, with the text that it was written for.
        beside: A question about another text, which is shown, too.
    """

    row: data.Row
    beside: data.Row


def drawn(rows: Sequence[data.Row], seed: int) -> Iterator[Asked]:
    """Questions in random order, without end; the second text is of the same article if there is one."""
    rng = random.Random(seed)
    by_source: dict[str, list[data.Row]] = defaultdict(list)
    by_title: dict[str, list[data.Row]] = defaultdict(list)
    for row in rows:
        by_source[row.source].append(row)
        by_title[row.title].append(row)
    names = [name for name in SOURCES if by_source[name]]
    while True:
        row = rng.choice(by_source[rng.choices(names, [SOURCES[name] for name in names])[0]])
        others = [other for other in by_title[row.title] if other.context != row.context]
        yield Asked(row, rng.choice(others or by_source[row.source]))


def evidence(asked: Asked, rng: random.Random) -> Evidence:
    """The two passages, numbered and fenced, the right one mostly first."""
    hits = [_hit(asked.row), _hit(asked.beside)]
    if rng.random() < 0.3:
        hits.reverse()
    return fit(hits, ROOM, new_fence())


def _hit(row: data.Row) -> Hit:
    article = Article(shown_of(row), title=row.readable_title, source=row.source)
    return Hit(Passage(article.id, 0, len(article.text), article.text, article.title), article, 0.5)


def answers(chat: ChatSettings, question: str, found: Evidence, seed: int) -> Iterator[str]:
    """What the model writes, once for each of `TEMPERATURES`."""
    loaded = {name: prompts.load(name, variables=PROMPTS[name]) for name in ("answer", "evidence")}
    messages = [
        {"role": "system", "content": loaded["answer"].fill(fence=found.fence)},
        {"role": "user", "content": loaded["evidence"].fill(passages=found.text, question=question)},
    ]
    assert chat.api_key
    headers = {"Authorization": f"Bearer {chat.api_key.get_secret_value()}"}
    for n, temperature in enumerate(TEMPERATURES):
        body = {"messages": messages, "temperature": temperature, "seed": seed + n, "max_tokens": MAX_TOKENS}
        reply = httpx.post(f"{chat.base_url}/chat/completions", json=body, headers=headers, timeout=300)
        yield str(reply.raise_for_status().json()["choices"][0]["message"]["content"])


def written(chat: ChatSettings, rows: Sequence[data.Row], seed: int) -> Iterator[dict[str, object]]:
    """Sentences with the rows whose texts were shown, without end; each sentence once for a question."""
    rng = random.Random(seed)
    for asked in drawn(rows, seed):
        found = evidence(asked, rng)
        said = [
            draft.text
            for text in answers(chat, asked.row.question, found, seed)
            for draft in drafts(text, len(found.hits))
        ]
        for sentence in dict.fromkeys(said):
            yield {"rows": [asked.row.id, asked.beside.id], "claim": sentence}


def main() -> None:
    """Read the options and write until there are enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the question files")
    parser.add_argument("--out", type=Path, required=True, help="file that the sentences are added to")
    parser.add_argument("--seed", type=int, default=0, help="of the questions drawn")
    parser.add_argument("--count", type=int, default=500, help="sentences")
    options = parser.parse_args()
    rows, _ = data.split(data.load(options.data))
    with small_model.served() as chat, options.out.open("a", encoding="utf-8") as file:
        made = written(chat, rows, options.seed)
        for row in (next(made) for _ in range(options.count)):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()


if __name__ == "__main__":
    main()
