"""The parts of a search, timed: they are those that a search has, and the picture shows them all."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from assistant.corpus import Corpus
from assistant.settings import ChunkingSettings
from benchmarks.search_parts import Stopwatch, svg, time_parts
from tests.fakes import WordEmbeddings, make_article

TEXT = "{http://www.w3.org/2000/svg}text"


def test_every_part_is_timed_and_drawn_behind_the_whole_that_it_belongs_to(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, WordEmbeddings(), ChunkingSettings())
    corpus.add([make_article("Leaders met in Baku.", url="https://a")])
    corpus.open_indexes()
    watch = Stopwatch()
    watch.time("LangChain", lambda: None)
    watch.time("ours", lambda: None)
    time_parts(corpus, "who met in Baku?", watch)
    corpus.close()
    drawn = ElementTree.fromstring(svg(watch.medians(), 20_000))
    labels = [text.text for text in drawn.iter(TEXT) if text.get("text-anchor") == "end"]
    assert (labels[0], labels[-1]) == ("ours", "LangChain")
    assert {"query embedded", "Chroma, 100 nearest", "passages read"} < set(labels)
    assert len(labels) == len(watch.medians())
