"""Quality: whether the evidence is found, and whether the answer is right or rightly withheld.

Retrieval is measured for every pipeline on the same questions; answers are the product's alone. Every number
is kept for each question, so that two runs can be compared question by question. It knows pipelines and
metrics; it does not know where the results go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant import Assistant
from assistant.models import Embedder
from assistant.settings import Settings
from assistant.types import Answer, Filters, Turn
from benchmarks import datasets, metrics
from benchmarks.metrics import Span
from benchmarks.pipelines import ASSISTANT, NAMES, AssistantPipeline, Pipeline, open_pipeline

RETRIEVAL_SETS = ("wiki_qa", "news_quiz", "scifact", "time_magazine", "chunking")
ANSWER_SETS = {"wiki_qa": ("questions_sample600.jsonl",), "news_quiz": datasets.NEWS_QUIZ_FILES}
RANKED = 60  # passages of a ranking that are looked at: more than 5,000 characters of any pipeline
ANSWERED_SHARE = 0.8  # abstention is compared at the threshold that answers this share
INGEST_ARTICLES = 500
DECIMALS = 4

Log = Callable[[str], None]
Row = Mapping[str, float]


def measure_retrieval(
    dataset: datasets.Dataset, embedder: Embedder, *, names: Sequence[str] = NAMES, log: Log = print
) -> dict[str, dict[str, list[Any]]]:
    """Metrics of each pipeline, a list with a value for each answerable question in order."""
    found = {}
    for name in names:
        with open_pipeline(name, embedder) as pipeline:
            for first in range(0, len(dataset.articles), INGEST_ARTICLES):
                pipeline.add(dataset.articles[first : first + INGEST_ARTICLES])
                log(f"{dataset.name}, {name}: {min(first + INGEST_ARTICLES, len(dataset.articles))} articles")
            found[name] = retrieval_rows(dataset, pipeline)
        log(f"{dataset.name}, {name}: {_means(found[name])}")
    return found


def retrieval_rows(dataset: datasets.Dataset, pipeline: Pipeline) -> dict[str, list[Any]]:
    """Metrics of one pipeline that holds the articles."""
    questions = dataset.answerable
    rankings = [pipeline.search(question.text, RANKED) for question in questions]
    if dataset.name in datasets.RANKING_SETS:
        by_query = {q.id: metrics.rank_articles(r) for q, r in zip(questions, rankings, strict=True)}
        ndcg = metrics.ndcg(by_query, questions)
        return _columns([{"ndcg_10": ndcg[q.id]} if q.id in ndcg else {} for q in questions])
    texts = {article.id: article.text for article in dataset.articles}
    rows = [retrieval_row(q, ranking, texts) for q, ranking in zip(questions, rankings, strict=True)]
    return _columns(rows)


def retrieval_row(question: datasets.Question, ranking: Sequence[Span], texts: Mapping[str, str]) -> Row:
    """Metrics of one ranking; those of coverage if the question has no gold answers."""
    if not question.answers:
        return asdict(metrics.coverage(metrics.cut(ranking, metrics.HIT_5_CHARS), question.evidence))
    rank = metrics.first_hit(ranking, question, texts)
    return {
        "hit_1": float(metrics.hit_within(ranking, question, texts, metrics.HIT_1_CHARS)),
        "hit_5": float(metrics.hit_within(ranking, question, texts, metrics.HIT_5_CHARS)),
        **{f"hit_rank_{k}": float(0 < rank <= k) for k in (1, 5, 10)},
        "mrr_10": metrics.reciprocal_rank(rank),
    }


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What was answered to one question, whatever the threshold.

    `is_right` says whether the first cited sentence holds a gold answer, `is_grounded` whether it does so
    within the evidence; both are False for unanswerable questions.
    """

    id: str
    is_answerable: bool
    score: float
    is_right: bool
    is_grounded: bool
    is_resolved: bool
    line: int = 0
    short_f1: float = 0.0  # of the short answer, or of the first sentence if there is none


def measure_answers(dataset: datasets.Dataset, embedder: Embedder, *, log: Log = print) -> list[AnswerRow]:
    """Ask every question of a set, with the threshold taken away."""
    with open_pipeline(ASSISTANT, embedder, always_answering(Settings())) as pipeline:
        assert isinstance(pipeline, AssistantPipeline)
        for first in range(0, len(dataset.articles), INGEST_ARTICLES):
            pipeline.add(dataset.articles[first : first + INGEST_ARTICLES])
        log(f"{dataset.name}: asking {len(dataset.questions)} questions")
        return [answer_row(pipeline.assistant, question) for question in dataset.questions]


def measure_removed(dataset: datasets.Dataset, embedder: Embedder, *, log: Log = print) -> list[float]:
    """The score of each answerable question when the articles that hold its evidence may not be used."""
    with open_pipeline(ASSISTANT, embedder, always_answering(Settings())) as pipeline:
        assert isinstance(pipeline, AssistantPipeline)
        pipeline.add(dataset.articles)
        log(f"{dataset.name}: asking {len(dataset.answerable)} questions without their articles")
        return [_score_without(pipeline.assistant, dataset, question) for question in dataset.answerable]


def _score_without(assistant: Assistant, dataset: datasets.Dataset, question: datasets.Question) -> float:
    of_evidence = {evidence.article_id for evidence in question.evidence}
    others = tuple(article.id for article in dataset.articles if article.id not in of_evidence)
    return assistant.ask(question.text, filters=Filters(article_ids=others)).score


def always_answering(settings: Settings) -> Settings:
    """The settings with no threshold, so that a run can be judged at any."""
    answering = settings.answering.model_copy(update={"min_score": 0.0})
    return settings.model_copy(update={"answering": answering})


def answer_row(assistant: Assistant, question: datasets.Question, history: Sequence[Turn] = ()) -> AnswerRow:
    """Ask one question and judge the first cited sentence."""
    answer = assistant.ask(question.text, history)
    first = answer.citations[0] if answer.citations else None
    is_right = bool(first and question.answers and metrics.holds_answer(first.text, question.answers))
    cited = Span(first.article.id, first.start, first.end) if first else None
    is_grounded = is_right and any(metrics.overlap(cited, e) for e in question.evidence if cited)
    score = answer.score if first else 0.0
    resolved = citations_resolve(assistant, answer)
    f1 = max((metrics.f1(short_text(answer), gold) for gold in question.answers), default=0.0)
    return AnswerRow(
        question.id, question.is_answerable, score, is_right, is_grounded, resolved, question.line, f1
    )


def short_text(answer: Answer) -> str:
    """The short answer, or the first cited sentence if there is none; empty after an abstention."""
    if answer.short_answer:
        return answer.short_answer.text
    return answer.citations[0].text if answer.citations else ""


def citations_resolve(assistant: Assistant, answer: Answer) -> bool:
    """Whether every citation is the exact text of its article and stands in the answer before its marker."""
    for citation in answer.citations:
        text = assistant.article(citation.article.id).text[citation.start : citation.end]
        if not text.strip() or text != citation.text or f"[{citation.marker}]" not in answer.text:
            return False
        if " ".join(text.split()) not in " ".join(answer.text.split()):
            return False
    return not answer.unresolved


def summarise_retrieval(found: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, Any]:
    """Mean and interval of each metric for each pipeline; None values do not count."""
    return {
        name: {metric: _summary(values) for metric, values in columns.items()}
        for name, columns in found.items()
    }


def summarise_answers(rows: Sequence[AnswerRow], min_score: float) -> dict[str, Any]:
    """Answer quality: without a threshold, at the shipped one, and at the one that answers .80.

    Args:
        rows: Of at least one answerable question.
        min_score: The shipped threshold.
    """
    answerable = [row for row in rows if row.is_answerable]
    unanswerable = [row for row in rows if not row.is_answerable]
    matched = metrics.threshold_answering([row.score for row in answerable], ANSWERED_SHARE)
    return {
        "n_answerable": len(answerable),
        "n_unanswerable": len(unanswerable),
        "first_sentence_holds_answer": _summary([row.is_right for row in answerable]),
        "first_sentence_in_evidence": _summary([row.is_grounded for row in answerable]),
        "short_answer_f1": _summary([row.short_f1 for row in answerable]),
        "auroc": round(
            metrics.auroc([row.score for row in rows], [row.is_answerable for row in rows]), DECIMALS
        ),
        "ece_odd": round(_calibration([row for row in rows if row.line % 2]), DECIMALS),
        "citations_resolve": _summary([row.is_resolved for row in rows]),
        "shipped_threshold": at_threshold(answerable, unanswerable, min_score),
        "threshold_answering_80": at_threshold(answerable, unanswerable, matched),
    }


def _calibration(rows: Sequence[AnswerRow]) -> float:
    right = [row.is_right for row in rows]
    return metrics.expected_calibration_error([row.score for row in rows], right)


def at_threshold(
    answerable: Sequence[AnswerRow], unanswerable: Sequence[AnswerRow], threshold: float
) -> dict[str, Any]:
    """What is answered, what is refused, and how much of what is answered is right."""
    answered = [row for row in answerable if row.score >= threshold]
    return {
        "threshold": round(threshold, 4),
        "answered": _summary([row.score >= threshold for row in answerable]),
        "right_if_answered": _summary([row.is_right for row in answered]),
        "refused": _summary([row.score < threshold for row in unanswerable]),
    }


def _columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _summary(values: Iterable[float | bool | None]) -> dict[str, Any]:
    numbers = [float(value) for value in values if value is not None]
    low, high = metrics.interval(numbers)
    return {
        "mean": round(metrics.mean(numbers), 4),
        "interval": [round(low, 4), round(high, 4)],
        "n": len(numbers),
    }


def _means(columns: Mapping[str, Sequence[Any]]) -> str:
    return ", ".join(f"{name} {_summary(values)['mean']:.3f}" for name, values in columns.items())
