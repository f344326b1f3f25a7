"""What a site's robots.txt asks of us.

It knows the rules of RFC 9309: without a robots.txt (4xx) everything may be fetched, with one that cannot be
had (5xx, no connection) nothing; what was read holds for a day.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol as Interface

from protego import Protego

from assistant.errors import SourceError
from assistant.sources.web.addresses import shown

KEPT_SECONDS = 24 * 3600  # RFC 9309: no longer
MAX_BYTES = 500_000  # RFC 9309: at least this much is read
MAX_DELAY_SECONDS = 60.0  # a Crawl-delay beyond it cannot be kept in one run


class RobotsMemory(Interface):
    """Keeps what was read from one run to the next."""

    def robots(self, origin: str) -> tuple[str, float] | None:
        """(text, when it was read, in seconds since 1970); None if it was not."""
        ...

    def remember_robots(self, origin: str, text: str, read_at: float) -> None:
        """Keep what a site's robots.txt says."""
        ...


class Robots:
    """The rules of each site, read when they are first needed.

    Args:
        user_agent: Our name, as in the request; the part before the first "/" or space is what rules name.
        fetch: Fetches the text of a robots.txt; an empty one if there is none.
        memory: Keeps it for a day.
    """

    def __init__(self, user_agent: str, fetch: Callable[[str], str], memory: RobotsMemory) -> None:
        self._name = user_agent.replace("/", " ").split()[0]
        self._fetch, self._memory = fetch, memory
        self._rules: dict[str, tuple[Protego, float]] = {}

    def check(self, origin: str, url: str) -> float:
        """Check whether a page may be fetched.

        Args:
            origin: Scheme, host and port of the site.
            url: The page.

        Returns:
            Seconds that the site wants between two requests; 0 if it does not say.

        Raises:
            SourceError: If the site does not want it, or its robots.txt cannot be had.
        """
        rules = self._of(origin)
        if not rules.can_fetch(url, self._name):
            raise SourceError(
                shown(url),
                "the site's robots.txt asks programs not to fetch it",
                hint="Open it in the browser, save the page, and add the file.",
            )
        delay = float(rules.crawl_delay(self._name) or 0)
        if delay > MAX_DELAY_SECONDS:
            reason = f"the site asks for {delay:g} s between two requests, too long to wait"
            raise SourceError(shown(url), reason, hint="Save the page in the browser, and add the file.")
        return delay

    def _of(self, origin: str) -> Protego:
        rules, read_at = self._rules.get(origin, (None, 0.0))
        if rules is None or time.time() - read_at > KEPT_SECONDS:
            text, read_at = self._memory.robots(origin) or ("", 0.0)
            if time.time() - read_at > KEPT_SECONDS:
                text, read_at = self._fetch(f"{origin}/robots.txt"), time.time()
                self._memory.remember_robots(origin, text, read_at)
            rules = Protego.parse(text)
            self._rules[origin] = rules, read_at
        return rules
