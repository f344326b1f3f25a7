"""A page fetched: redirects followed one by one, each checked like the first; busy servers asked again.

It keeps to robots.txt and to the pace, sends what is needed to hear that nothing has changed, and takes only
kinds of content that can be read. What the content says it does not know.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.utils import parsedate_to_datetime

from assistant.errors import SourceError
from assistant.settings import WebSettings
from assistant.sources.web.addresses import Target, check, join, shown
from assistant.sources.web.connection import Deadline, Response, TransientError, get
from assistant.sources.web.network import Network
from assistant.sources.web.pace import Pace
from assistant.sources.web.robots import MAX_BYTES as MAX_ROBOTS_BYTES
from assistant.sources.web.robots import Robots, RobotsMemory

MAX_HEADER_CHARS = 1000  # of an ETag that is kept
MAX_WAIT_SECONDS = 30.0  # that a server may ask for; beyond it we give up for now
BUSY = (429, 500, 502, 503, 504)
REDIRECTS = (301, 302, 303, 307, 308)
REASONS = {
    401: "the page is for members only (401)",
    402: "the page is behind a paywall (402)",
    403: "the server does not let us in (403)",
    404: "there is no such page (404)",
    410: "the page has been removed (410)",
    451: "the page is withheld for legal reasons (451)",
}
KIND_HINT = "Only pages, feeds, sitemaps and documents are fetched."
PAGE_HINT = "Check the address in a browser; if it opens there, save the page and add the file."
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave with a page, so that it can be asked whether the page has changed since."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """The request's headers."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was at an address, or that it is still the same."""

    url: str  # where it was in the end
    kind: str = ""  # media type, lower case; empty if the server does not say
    charset: str = ""
    body: bytes = b""
    validators: Validators = field(default_factory=Validators)
    is_unchanged: bool = False
    is_internal: bool = False  # of a host that only the settings allow


class Fetcher:
    """Fetches pages; safe to use from several threads.

    Args:
        settings: Limits, ports, internal hosts, our name.
        network: Looks up, connects, waits.
        memory: Keeps robots.txt from one run to the next.
    """

    def __init__(self, settings: WebSettings, network: Network, memory: RobotsMemory) -> None:
        self._settings, self._network = settings, network
        self._pace = Pace(network.sleep)
        self._robots = Robots(settings.user_agent, self._robots_text, memory)

    def fetch(
        self,
        url: str,
        *,
        kinds: frozenset[str],
        validators: Validators | None = None,
        may_be_internal: bool = True,
    ) -> Fetched:
        """Fetch an address.

        Args:
            url: The address.
            kinds: Media types that can be read; what names none is taken.
            validators: What came with it the last time, to be told if it is still the same.
            may_be_internal: Whether internal hosts are allowed; not if a public feed or sitemap names it.

        Returns:
            What is there; with `validators`, perhaps only that nothing has changed.

        Raises:
            SourceError: If it may not or cannot be fetched, with the reason.
        """
        headers = {"Accept": ACCEPT, **(validators or Validators()).headers()}
        for attempt in range(self._settings.retries + 1):
            try:
                target, response = self._follow(url, headers, may_be_internal=may_be_internal)
                return _fetched(target, response, kinds, may_be_unchanged=len(headers) > 1)
            except TransientError as error:
                if attempt == self._settings.retries:
                    raise
                self._network.sleep(_pause(error, attempt))
        raise AssertionError

    def _follow(
        self, url: str, headers: Mapping[str, str], *, may_be_internal: bool = True, is_robots: bool = False
    ) -> tuple[Target, Response]:
        deadline = Deadline(self._settings.total_timeout_seconds)
        first, seen = url, set()
        for _ in range(self._settings.max_redirects + 1):
            target = check(url, self._settings, self._network, may_be_internal=may_be_internal)
            delay = 0.0 if is_robots else self._allowed_after(target)
            with self._pace.turn(target.host, delay) as waited:
                deadline.put_off(waited)
                response = self._get(target, headers, deadline, is_robots=is_robots)
            location = response.headers.get("location", "").encode("latin-1").decode("utf-8", "replace")
            if response.status not in REDIRECTS or not location:
                return target, response
            seen.add(target.url)
            url, may_be_internal = join(target.url, location), target.is_internal
            if url in seen:
                raise SourceError(shown(first), "it redirects in a circle", hint=PAGE_HINT)
        raise SourceError(shown(first), f"more than {self._settings.max_redirects} redirects", hint=PAGE_HINT)

    def _allowed_after(self, target: Target) -> float:
        return max(self._settings.delay_seconds, self._robots.check(target.origin, target.url))

    def _get(
        self, target: Target, headers: Mapping[str, str], deadline: Deadline, *, is_robots: bool
    ) -> Response:
        response = get(
            target,
            {"User-Agent": self._settings.user_agent, **headers},
            network=self._network,
            settings=self._settings,
            deadline=deadline,
            max_bytes=MAX_ROBOTS_BYTES if is_robots else self._settings.max_mb * 1_000_000,
        )
        if response.status in BUSY:
            what = "too many requests" if response.status == 429 else "the server has a problem"
            raise _busy(shown(target.url), f"{what} ({response.status})", response)
        return response

    def _robots_text(self, url: str) -> str:
        try:
            _, response = self._follow(url, {"Accept": "text/plain,*/*;q=0.5"}, is_robots=True)
        except SourceError as error:
            reason = f"the site's robots.txt cannot be had, so nothing is fetched: {error.reason}"
            raise type(error)(shown(url), reason, hint=error.hint) from error
        return response.body.decode("utf-8", "replace") if response.status == 200 else ""


def _fetched(target: Target, response: Response, kinds: frozenset[str], *, may_be_unchanged: bool) -> Fetched:
    name = shown(target.url)
    validators = Validators(_sendable(response, "etag"), _sendable(response, "last-modified"))
    if response.status == 304 and may_be_unchanged:
        return Fetched(target.url, validators=validators, is_unchanged=True, is_internal=target.is_internal)
    if response.status != 200:
        reason = REASONS.get(response.status, f"the server answered {response.status}")
        raise SourceError(name, reason, hint=PAGE_HINT)
    header = Message()
    header["content-type"] = response.headers.get("content-type", "")
    kind = header["content-type"].partition(";")[0].strip().lower()
    if kind and kind not in kinds:
        raise SourceError(name, f"it is no article but {kind[:60]}", hint=KIND_HINT)
    if not response.body.strip():
        raise SourceError(name, "the page is empty", hint=PAGE_HINT)
    charset = str(header.get_content_charset() or "")
    return Fetched(target.url, kind, charset, response.body, validators, is_internal=target.is_internal)


def _sendable(response: Response, header: str) -> str:
    """A header's value if it can be sent back."""
    value = response.headers.get(header, "")
    return value if value.isascii() and value.isprintable() and len(value) <= MAX_HEADER_CHARS else ""


def _busy(name: str, reason: str, response: Response) -> SourceError:
    wait = _seconds(response.headers.get("retry-after", ""))
    if wait is not None and wait > MAX_WAIT_SECONDS:
        return SourceError(
            name, f"{reason}; it asks to be left alone for {wait:.0f} s", hint="Try again after that."
        )
    error = TransientError(name, reason)
    error.wait_seconds = wait
    return error


def _seconds(retry_after: str) -> float | None:
    """What Retry-After asks for, in seconds from now; None if it is not understood."""
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after[:9])
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    except ValueError:
        return None


def _pause(error: TransientError, attempt: int) -> float:
    if error.wait_seconds is not None:
        return error.wait_seconds
    return float(2**attempt) * random.uniform(0.75, 1.25)
