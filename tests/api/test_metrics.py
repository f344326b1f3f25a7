"""What Prometheus reads: requests by address and status, times, articles."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from assistant.assistant import Assistant
from tests.api.conftest import ARTICLES


def samples(client: httpx.Client) -> dict[tuple[str, ...], float]:
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(response.text)
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def requests(method: str, route: str, status: int) -> tuple[str, ...]:
    return ("assistant_requests_total", f"method={method}", f"route={route}", f"status={status}")


def test_requests_are_counted_by_their_address_not_by_what_was_sent(client: httpx.Client) -> None:
    one = "/api/v1/articles/{article_id}"
    counted = [requests("GET", one, 200), requests("GET", one, 404), requests("POST", "/api/v1/search", 422)]
    before = samples(client)
    client.get(f"/articles/{ARTICLES[0].id}")
    client.get("/articles/" + "0" * 24)
    client.get("/articles/" + "1" * 24)
    client.post("/search", json={})
    after = samples(client)

    assert [after[name] - before.get(name, 0) for name in counted] == [1, 2, 1]
    assert not any("0" * 24 in part for name in after for part in name)


@pytest.mark.parametrize("method", ["GET", "PROPFIND"])
def test_series_are_bounded(client: httpx.Client, method: str) -> None:
    known = {"GET": "GET"}.get(method, "other")
    client.request(method, "/no/such/address-1")
    before = len(samples(client))
    for n in range(5):
        client.request(method, f"/no/such/address{n}")

    assert len(samples(client)) == before
    assert samples(client)[requests(known, "unknown", 404)] > 5


def test_openai_clients_are_counted_too(client: httpx.Client, address: str) -> None:
    httpx.get(f"{address}/v1/models")

    assert samples(client)[requests("GET", "/v1/models", 200)] >= 1


def test_state_is_that_of_now(client: httpx.Client, assistant: Assistant) -> None:
    now = samples(client)

    assert now[("assistant_articles",)] == assistant.corpus.count() == 3
    assert now[("assistant_jobs_unfinished", "state=queued")] == 0
    assert now[("assistant_request_seconds_bucket", "le=+Inf", "route=/api/v1/metrics")] >= 1
    assert now[("assistant_requests_in_progress",)] == 1  # this one
