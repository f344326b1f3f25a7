from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import report, results, speed
from benchmarks.pipelines import ASSISTANT, LANGCHAIN
from benchmarks.vector_cache import VectorCache
from tests.fakes import WordEmbeddings, make_article

MACHINE = {"processor": "a processor", "cores": 2, "memory_gib": 8}


def run(commit: str, **more: Any) -> dict[str, Any]:
    return {
        "date": "2024-11-13",
        "commit": commit * 40,
        "dirty": False,
        "engine": "words",
        "machine": MACHINE,
    } | more


def summary(mean: float) -> dict[str, Any]:
    return {"mean": mean, "interval": [mean, mean], "n": 4}


def test_a_later_run_of_the_same_commit_adds_its_parts(tmp_path: Path) -> None:
    results.save(run("a"), {"retrieval": {"one": 1}}, {"one": {"ids": ["q"]}}, tmp_path)
    path = results.save(run("a"), {"retrieval": {"two": 2}}, {"one": {"answers": [1]}}, tmp_path)
    assert path.name == "2024-11-13-aaaaaaaaaaaa.json"
    (loaded,) = results.load_all(tmp_path)
    assert loaded["retrieval"] == {"one": 1, "two": 2}
    assert loaded["questions"] == {"one": {"ids": ["q"], "answers": [1]}}


def test_runs_of_another_engine_are_kept_apart_and_each_adds_to_its_own(tmp_path: Path) -> None:
    other = {"engine": "a-model/bfloat16"}
    results.save(run("a"), {"retrieval": {"one": 1}}, {}, tmp_path)
    results.save(run("a") | other, {"retrieval": {"two": 2}}, {}, tmp_path)
    path = results.save(run("a") | other, {"retrieval": {"three": 3}}, {}, tmp_path)
    assert path.name == "2024-11-13-aaaaaaaaaaaa-bfloat16.json"
    found = {loaded["engine"]: loaded["retrieval"] for loaded in results.load_all(tmp_path)}
    assert found == {"words": {"one": 1}, "a-model/bfloat16": {"two": 2, "three": 3}}


def test_a_run_that_embeds_nothing_adds_its_parts_to_any(tmp_path: Path) -> None:
    without = {key: value for key, value in run("a").items() if key != "engine"}
    for first, second in ((without, without), (run("b"), without | {"commit": "b" * 40})):
        results.save(first, {"scale": {"small": 1}}, {}, tmp_path)
        results.save(second, {"resync": {"large": 2}}, {}, tmp_path)
    found = {
        loaded["commit"][0]: (loaded.get("engine"), loaded["resync"]) for loaded in results.load_all(tmp_path)
    }
    assert found == {"a": (None, {"large": 2}), "b": ("words", {"large": 2})}


def test_runs_of_other_commits_and_other_files_are_kept_apart(tmp_path: Path) -> None:
    results.save(run("a"), {}, {}, tmp_path)
    results.save(run("b"), {}, {}, tmp_path)
    (tmp_path / "ablation-2024-11-13.json").write_text("{}", encoding="utf-8")
    assert [loaded["commit"][0] for loaded in results.load_all(tmp_path)] == ["a", "b"]


def test_a_run_names_no_folder_of_this_machine() -> None:
    assert str(Path.home()) not in str(results.describe_run("words"))


def test_the_readme_shows_the_newest_run_of_each_set() -> None:
    pipelines = {ASSISTANT: {"hit_5": summary(0.95)}, LANGCHAIN: {"hit_5": summary(0.9)}}
    numbers = {"articles": 1000, "questions": 4, "pipelines": pipelines}
    older = numbers | {"pipelines": {ASSISTANT: {"hit_5": summary(0.1)}}}
    page = report.render([run("a", retrieval={"wiki_qa": older}), run("b", retrieval={"wiki_qa": numbers})])
    assert "| assistant | 0.950 [0.950, 0.950] |" in page
    assert "Misses at 5: 0.050 against 0.100 of the LangChain tutorial, a share of 0.50." in page
    assert "commit bbbbbbbbbbbb, a processor, 2 cores, 8 GiB" in page
    assert "0.100 [0.100" not in page


def test_the_seconds_of_a_command_are_shown_with_and_without_pipelines() -> None:
    speed_run = {
        "articles": "some",
        "corpus/": {"command_line_s": {"assistant search": 0.5, "import x": 2.0}},
    }
    page = report.render([run("a", speed=speed_run)])
    assert "### corpus/" in page
    assert "in turns, median: `assistant search` 0.5 s, `import x` 2.0 s." in page


def test_vectors_are_embedded_once_and_keep_their_order(tmp_path: Path) -> None:
    embedder = WordEmbeddings()
    cached = VectorCache(embedder, tmp_path / "vectors.db")
    first = cached.embed_passages(["a longer text", "b", "b"])
    again = VectorCache(embedder, tmp_path / "vectors.db").embed_passages(["b", "a longer text"])
    assert (again == first[[1, 0]]).all()
    assert sorted(embedder.embedded) == ["a longer text", "b"]


def test_shuffled_articles_are_the_same_for_the_same_seed() -> None:
    sources = [make_article("One.\nTwo."), make_article("Three.")]
    made = speed.shuffled(sources, 3)
    assert made == speed.shuffled(sources, 3)
    assert len({article.id for article in made}) == 3
    assert set("\n".join(article.text for article in made).split("\n")) == {"One.", "Two.", "Three."}


def test_percentiles_are_in_milliseconds() -> None:
    assert speed.percentiles([0.001] * 95 + [0.101] * 5) == {"p50": 1.0, "p95": 6.0}
