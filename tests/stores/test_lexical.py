from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from assistant.errors import CorpusError
from assistant.stores.lexical import FILES_WITH_CHECKSUM, MAX_QUERY_TERMS, LexicalIndex, damage, terms
from assistant.types import Article, Filters
from tests.fakes import make_article
from tests.retriever_contract import BAKU, ZEBRA, RetrieverContract, ids_of, passages_of

K1, B = 1.2, 0.75


class Lexical:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.index = LexicalIndex(folder)

    def add(self, some: Sequence[Article]) -> None:
        self.index.upsert([(passage, article) for article in some for passage in passages_of(article)])

    def remove(self, article: Article) -> None:
        self.index.upsert([], drop=[*ids_of(article), "unknown"])

    def search(self, query: str, k: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        return self.index.search(query, k, filters)

    def reopen(self) -> None:
        self.index = LexicalIndex(self._folder)

    def close(self) -> None:
        del self.index


class TestLexicalSearch(RetrieverContract):
    def open(self, folder: Path) -> Lexical:
        return Lexical(folder)


def leave_half_a_commit(folder: Path, article: Article) -> None:
    """What is there if the removal of an article is killed before tantivy has written meta.json."""
    whole = folder.with_name("whole")
    shutil.copytree(folder, whole)
    lexical = Lexical(whole)
    lexical.index.upsert([], drop=sorted(ids_of(article)))
    lexical.close()
    for path in [whole / ".managed.json", *whole.glob("*.del")]:
        shutil.copy(path, folder)
    shutil.rmtree(whole)


def bm25(query: str, texts: Sequence[str]) -> list[float]:
    """The formula, by hand."""
    bodies = [terms(text) for text in texts]
    average = sum(map(len, bodies)) / len(bodies)

    def score(body: list[str]) -> float:
        total, counts = 0.0, Counter(body)
        for term in dict.fromkeys(terms(query)):
            frequency = sum(term in other for other in bodies)
            rarity = math.log(1 + (len(bodies) - frequency + 0.5) / (frequency + 0.5))
            norm = K1 * (1 - B + B * len(body) / average)
            total += rarity * counts[term] * (K1 + 1) / (counts[term] + norm)
        return total

    return [score(body) for body in bodies]


TEXTS = (
    "baku baku summit",
    "the summit opened in baku today",
    "zebra",
    "a zebra and a zebra and a zebra met at the summit",
    "rockets fly",
)


@pytest.mark.parametrize(
    "query", ["baku", "zebra", "summit", "baku summit", "summit baku zebra", "rocket flying", "the"]
)
def test_scores_equal_the_formula_by_hand(tmp_path: Path, query: str):
    lexical = Lexical(tmp_path)
    some = [make_article(text, title="") for text in TEXTS]
    lexical.add(some)
    scores = {
        passages_of(article)[0].id: score for article, score in zip(some, bm25(query, TEXTS), strict=True)
    }
    expected = {i: pytest.approx(score, rel=1e-5) for i, score in scores.items() if score > 0}
    assert dict(lexical.index.search(query, 10, pair_weight=0)) == expected
    lexical.close()


def test_the_title_is_searched_with_the_text(tmp_path: Path):
    lexical = Lexical(tmp_path)
    lexical.add([make_article("Nothing else.", title="A zebra"), BAKU])
    assert len(lexical.search("zebra", 5)) == 1
    lexical.close()


def test_a_query_is_its_own_words_not_a_language(tmp_path: Path):
    lexical = Lexical(tmp_path)
    lexical.add([BAKU, ZEBRA])
    assert {i for i, _ in lexical.search("NOT zebra", 5)} == ids_of(ZEBRA)
    assert {i for i, _ in lexical.search("+baku -zebra", 5)} == ids_of(BAKU, ZEBRA)
    assert lexical.search('"', 5) == []
    lexical.close()


def test_a_very_long_query_is_cut(tmp_path: Path):
    lexical = Lexical(tmp_path)
    lexical.add([ZEBRA])
    filler = " ".join(f"word{n}" for n in range(MAX_QUERY_TERMS - 1))
    assert {i for i, _ in lexical.search(f"{filler} zebra", 5)} == ids_of(ZEBRA)
    assert lexical.search(f"{filler} more zebra", 5) == []
    lexical.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ding MET Sharif's ministers", ["ding", "met", "sharif", "s", "minist"]),
        ("Café Zürich", ["cafe", "zurich"]),
        ("talks talking talked", ["talk", "talk", "talk"]),
        ("3.5 million", ["3", "5", "million"]),
        ("", []),
        ("?! — …", []),
        ("z" * 70, []),
    ],
)
def test_terms(text: str, expected: list[str]):
    assert terms(text) == expected


def test_a_removed_passage_does_not_count_for_the_frequency_of_its_words(tmp_path: Path):
    lexical = Lexical(tmp_path)
    some = [make_article(f"A zebra, number {n}.", title="") for n in range(5)]
    lexical.add(some)  # in one segment, which stays while any of its passages does
    assert (lexical.index.document_frequency("zebra"), lexical.index.count()) == (5, 5)
    lexical.remove(some[0])
    lexical.remove(some[3])
    assert (lexical.index.document_frequency("zebra"), lexical.index.count()) == (3, 3)
    assert lexical.index.document_frequency("unicorn") == 0
    lexical.close()


def test_an_article_written_again_counts_once(tmp_path: Path):
    lexical = Lexical(tmp_path)
    for _ in range(3):
        lexical.add([BAKU, ZEBRA])
    assert (lexical.index.document_frequency("zebra"), lexical.index.count()) == (1, 2)
    assert lexical.index.ids() == ids_of(BAKU, ZEBRA)
    lexical.close()


def test_another_reader_sees_what_was_written_when_it_looks(tmp_path: Path):
    writer, reader = Lexical(tmp_path), Lexical(tmp_path)
    writer.add([BAKU])
    reader.index.refresh()
    assert reader.index.ids() == ids_of(BAKU)
    writer.close()
    reader.close()


def test_what_a_cut_off_commit_left_does_not_stand_in_the_way_of_the_next(tmp_path: Path):
    some = [make_article(f"A zebra, number {n}.") for n in range(3)]
    lexical = Lexical(tmp_path / "index")
    lexical.add(some)
    lexical.close()
    leave_half_a_commit(tmp_path / "index", some[0])
    lexical = Lexical(tmp_path / "index")
    lexical.index.upsert([], drop=sorted(ids_of(some[0])))
    assert lexical.index.ids() == ids_of(*some[1:])
    lexical.close()


@pytest.mark.parametrize("name", ["meta.json", "*.store", "*.term", "*.idx", "*.fieldnorm", "*.fast"])
@pytest.mark.parametrize(
    "broken", [lambda data: data[: len(data) // 2], lambda data: b"\0" * len(data), lambda _: b""]
)
def test_a_damaged_file_is_an_error_of_ours_when_the_index_is_opened(
    tmp_path: Path, name: str, broken: Callable[[bytes], bytes]
):
    lexical = Lexical(tmp_path)
    lexical.add([BAKU])
    lexical.close()
    (path,) = tmp_path.glob(name)
    path.write_bytes(broken(path.read_bytes()))
    with pytest.raises(CorpusError):
        Lexical(tmp_path)


@pytest.mark.parametrize("suffix", sorted(FILES_WITH_CHECKSUM))
def test_a_changed_byte_is_damage(tmp_path: Path, suffix: str):
    lexical = Lexical(tmp_path)
    lexical.add([BAKU, ZEBRA])
    lexical.remove(BAKU)
    lexical.close()
    assert damage(tmp_path) is None
    (path,) = tmp_path.glob(f"*{suffix}")
    data = path.read_bytes()
    for at in (0, len(data) - 6):  # of the body, of the length of the footer
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert damage(tmp_path) == f"{path.name} is damaged"


def test_half_a_file_of_a_write_that_was_cut_off_is_no_damage(tmp_path: Path):
    lexical = Lexical(tmp_path)
    lexical.add([BAKU, ZEBRA])
    lexical.remove(BAKU)
    (of_deletes,) = tmp_path.glob("*.del")
    segment_id = of_deletes.name.split(".")[0]
    for name in (f"{'0' * 32}.pos", f"{segment_id}.9999.del"):
        (tmp_path / name).write_bytes(b"half")
    assert damage(tmp_path) is None
    lexical.close()


def test_a_folder_that_is_a_file_is_an_error_of_ours(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CorpusError):
        LexicalIndex(tmp_path / "file")


def test_neighbouring_words_of_the_query_count_more_where_they_are_neighbours(tmp_path: Path):
    lexical = Lexical(tmp_path)
    some = [make_article(text, title="") for text in ("the world cup was won", "a cup for the whole world")]
    lexical.add(some)
    near, apart = (passages_of(article)[0].id for article in some)
    plain = dict(lexical.index.search("world cup", 2, pair_weight=0))
    paired = dict(lexical.index.search("world cup", 2))
    assert paired[near] > plain[near]
    assert paired[apart] == plain[apart]
    lexical.close()
