from __future__ import annotations

import gzip
import itertools
import socket
import threading
import time
import zlib

import pytest

from assistant.errors import SourceError
from assistant.settings import WebSettings
from assistant.sources.web.connection import INFLATED_AT_ONCE, inflate
from assistant.sources.web.fetch import Fetcher, Validators
from tests.fakes import LocalNetwork
from tests.webserver import article, known, redirect, reply, served

PUBLIC, OTHER = "93.184.216.34", "93.184.216.35"
KINDS = frozenset({"text/html", "text/plain"})


class Memory:
    """Keeps robots.txt in a dict."""

    def __init__(self):
        self.kept = {}

    def robots(self, origin):
        return self.kept.get(origin)

    def remember_robots(self, origin, text, read_at):
        self.kept[origin] = text, read_at


@pytest.fixture
def site():
    with served() as site:
        yield site


def fetcher(site, names=None, **settings):
    """A fetcher to whom site.test is the server, and the server's own port is nothing special."""
    network = LocalNetwork({"site.test": [[PUBLIC]], **(names or {})}, {PUBLIC: site.port})
    return Fetcher(WebSettings(**{"retries": 0, **settings}), network, Memory()), network


def refused(site, path="/a", **settings):
    asking, network = fetcher(site, **settings)
    with pytest.raises(SourceError) as caught:
        asking.fetch(f"http://site.test{path}", kinds=KINDS)
    assert caught.value.hint
    return caught.value.reason, network


def raw(head, parts):
    """A reply of a status line with headers and a body that goes on as it likes."""
    return itertools.chain([f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode()], parts)


def test_fetches_a_page_with_our_name_and_no_more(site):
    site.pages["/a"] = reply(article(), ETag='"1"')
    found = fetcher(site)[0].fetch("http://site.test/a#part", kinds=KINDS)
    assert (found.url, found.kind, found.charset) == ("http://site.test/a", "text/html", "utf-8")
    assert found.body == article().encode()
    assert found.validators == Validators('"1"')
    assert site.log == [("/robots.txt", 404), ("/a", 200)]
    assert set(site.requests[1].headers) == {"host", "connection", "accept-encoding", "user-agent", "accept"}
    assert site.requests[1].headers["host"] == "site.test"
    assert site.requests[1].headers["user-agent"] == "article-assistant/0.1"


def test_uses_no_proxy_and_no_cookie(site, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.pages["/a"] = reply(article(), Set_Cookie="a=b")
    asking, network = fetcher(site)
    asking.fetch("http://site.test/a", kinds=KINDS)
    asking.fetch("http://site.test/a", kinds=KINDS)
    assert "cookie" not in site.requests[-1].headers
    assert set(network.connected) == {PUBLIC}


def test_follows_redirects_and_says_where_it_ended(site):
    site.pages |= {
        "/a": redirect("/b", 301),
        "/b": redirect("http://site.test/c", 307),
        "/c": reply(article()),
    }
    assert fetcher(site)[0].fetch("http://site.test/a", kinds=KINDS).url == "http://site.test/c"


def test_hears_that_nothing_has_changed(site):
    site.pages["/a"] = known(article(), '"1"')
    found = fetcher(site)[0].fetch("http://site.test/a", kinds=KINDS, validators=Validators('"1"'))
    assert found.is_unchanged
    assert found.body == b""


@pytest.mark.parametrize("etag", ["\xe9", "x" * 5000])
def test_a_validator_that_cannot_be_sent_back_is_not_kept(site, etag):
    site.pages["/a"] = reply(article(), ETag=etag).decode().encode("latin-1")
    assert fetcher(site)[0].fetch("http://site.test/a", kinds=KINDS).validators == Validators()


def test_follows_a_redirect_that_is_written_in_letters(site):
    site.pages |= {"/a": redirect("/Žilina b"), "/%C5%BDilina%20b": reply(article())}
    assert fetcher(site)[0].fetch("http://site.test/a", kinds=KINDS).url.endswith("/%C5%BDilina%20b")


def test_unpacks_gzip(site):
    site.pages["/a"] = reply(gzip.compress(article().encode()), Content_Encoding="gzip")
    assert fetcher(site)[0].fetch("http://site.test/a", kinds=KINDS).body == article().encode()


# -- where a page may not lead


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://127.0.0.1:{port}/secret", "port {port} is not one of the web's"),
        ("http://127.0.0.1/secret", "127.0.0.1 is this machine: refused"),
        ("http://localhost/secret", "is this machine: refused"),
        ("http://2130706433/secret", "is this machine: refused"),
        ("//[::ffff:127.0.0.1]/secret", "is this machine: refused"),
        ("http://169.254.169.254/latest/meta-data/", "the address at which clouds keep their keys: refused"),
        ("file:///etc/passwd", "only http and https are fetched, not file"),
        ("http://me:pw@site.test/", "user name or password"),
        ("http://site.test:x/", "it redirects to something that is no address"),
    ],
)
def test_no_redirect_leads_inside(site, location, reason):
    with served({"/secret": reply(article())}) as canary:
        site.pages["/a"] = redirect(location.format(port=canary.port))
        found, network = refused(site)
        assert reason.format(port=canary.port) in found
        assert canary.log == []
        assert set(network.connected) == {PUBLIC}


def test_a_public_site_cannot_send_to_a_host_that_only_the_settings_allow(site):
    with served({"/secret": reply(article())}) as canary:
        site.pages["/a"] = redirect(f"http://127.0.0.1:{canary.port}/secret")
        reason, _ = refused(site, internal_hosts=(f"127.0.0.1:{canary.port}",))
        assert reason == "a public site points to the internal host 127.0.0.1: refused"
        assert canary.log == []


def test_a_name_that_rebinds_is_connected_to_where_it_was_checked(site):
    """The name is looked up once a request, and what was checked is what is connected to."""
    site.pages["/a"] = reply(article())
    asking, network = fetcher(site, {"site.test": [[PUBLIC], [PUBLIC], ["127.0.0.1"]]}, delay_seconds=0)
    asking.fetch("http://site.test/a", kinds=KINDS)  # two answers: for robots.txt and for the page
    with pytest.raises(SourceError, match=r"site\.test is 127\.0\.0\.1, which is this machine"):
        asking.fetch("http://site.test/a", kinds=KINDS)
    assert network.connected == [PUBLIC, PUBLIC]


def test_a_name_that_rebinds_between_two_redirects_is_refused(site):
    site.pages["/a"] = redirect("/b")
    reason, _ = refused(site, names={"site.test": [[PUBLIC], [PUBLIC], ["169.254.169.254"]]})
    assert "the address at which clouds keep their keys" in reason
    assert site.log == [("/robots.txt", 404), ("/a", 302)]


def test_redirects_end(site):
    site.pages |= {f"/{n}": redirect(f"/{n + 1}") for n in range(9)}
    assert refused(site, "/0")[0] == "more than 5 redirects"
    assert len(site.log) == 7  # robots.txt, the page and five redirects
    site.pages["/a"] = redirect("/a")
    assert refused(site)[0] == "it redirects in a circle"


def test_the_certificate_is_asked_for_by_name_at_the_checked_number():
    """What the client says first in TLS names the host; nothing but TLS is spoken to port 443."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said = []

        def hear():
            connection, _ = listener.accept()
            with connection:
                said.append(connection.recv(2000))

        thread = threading.Thread(target=hear)
        thread.start()
        network = LocalNetwork({"site.test": [[PUBLIC]]}, {PUBLIC: listener.getsockname()[1]})
        with pytest.raises(SourceError):
            Fetcher(WebSettings(retries=0), network, Memory()).fetch("https://site.test/", kinds=KINDS)
        thread.join()
    assert b"site.test" in said[0]
    assert said[0][0] == 22  # a TLS handshake


# -- what is too much, too slow or not what it says


def endless(size=100_000):
    return itertools.repeat(b"<p>" + b"x" * size)


def drip(seconds=0.05):
    for _ in range(400):
        time.sleep(seconds)
        yield b"x"


def chunks(parts):
    return (b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


def test_an_endless_page_is_cut(site):
    site.pages["/a"] = lambda _: raw("Content-Type: text/html", endless())
    assert refused(site, max_mb=1)[0] == "it is larger than 1 MB"
    site.pages["/b"] = lambda _: raw(
        "Content-Type: text/html\r\nTransfer-Encoding: chunked", chunks(endless())
    )
    assert refused(site, "/b", max_mb=1)[0] == "it is larger than 1 MB"


def test_a_page_that_says_it_is_too_large_is_not_read(site):
    site.pages["/a"] = raw("Content-Type: text/html\r\nContent-Length: 99999999", [])
    assert refused(site)[0] == "it is larger than 10 MB"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_bomb_does_not_go_off(site, pack):
    bomb = pack(b"\0" * 50_000_000, 6)
    assert len(bomb) < 300_000
    encoding = "gzip" if pack is gzip.compress else "deflate"
    site.pages["/a"] = reply(bomb, Content_Encoding=encoding)
    began = time.perf_counter()
    assert refused(site)[0] == "unpacked it is larger than 10 MB"
    assert time.perf_counter() - began < 2


def test_what_is_unpacked_comes_in_small_pieces():
    packed = gzip.compress(b"\0" * 5_000_000)
    pieces = list(inflate([packed], "x", 10_000_000))
    assert sum(map(len, pieces)) == 5_000_000
    assert max(map(len, pieces)) == INFLATED_AT_ONCE


def test_a_slow_drip_is_cut(site):
    site.pages["/a"] = lambda _: raw("Content-Type: text/html", drip())
    began = time.perf_counter()
    assert refused(site, total_timeout_seconds=0.5)[0] == "it took longer than 0.5 s: cut off"
    assert time.perf_counter() - began < 2


def test_headers_that_drip_are_cut(site):
    site.pages["/a"] = lambda _: itertools.chain([b"HTTP/1.1 200 OK\r\nX: "], drip())
    assert refused(site, total_timeout_seconds=0.5)[0] == "it took longer than 0.5 s: cut off"


def test_headers_without_end_are_cut(site):
    site.pages["/a"] = lambda _: itertools.chain(
        [b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"X: y\r\n" * 1000)
    )
    assert refused(site)[0] == "its answer is not valid HTTP"


def test_a_silent_server_is_left(site):
    site.pages["/a"] = lambda _: drip(0.6)
    assert refused(site, read_timeout_seconds=0.3)[0] == "the server was silent for 0.3 s"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(b"GIF89a", kind="image/gif"), "it is no article but image/gif"),
        (reply(b"x", kind="application/octet-stream"), "it is no article but application/octet-stream"),
        (reply(b"x", kind="nonsense"), "it is no article but nonsense"),
        (reply(b"", 304), "the server answered 304"),  # though nothing was asked that it could answer
        (reply(b""), "the page is empty"),
        (reply(b"x", Content_Encoding="br"), "its answer is packed as 'br', which was not asked for"),
        (
            reply(b"x", Content_Encoding="gzip, gzip"),
            "its answer is packed as 'gzip, gzip', which was not asked for",
        ),
        (reply(b"no gzip", Content_Encoding="gzip"), "its compressed answer is damaged"),
        (reply(gzip.compress(b"x" * 999)[:-12], Content_Encoding="gzip"), "its compressed answer breaks off"),
        (reply(b"short", Content_Length="500"), "the server broke off before the end"),
        (reply(b"x", Content_Length="-5"), "its answer is not valid HTTP"),
        (
            reply(b"zz\r\nnonsense", Content_Length="", Transfer_Encoding="chunked"),
            "its answer is not valid HTTP",
        ),
        (
            reply(b"5\r\nabc", Content_Length="", Transfer_Encoding="chunked"),
            "the server broke off before the end",
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "its answer is not valid HTTP"),
        (reply(b"", 403), "the server does not let us in (403)"),
        (reply(b"", 404), "there is no such page (404)"),
        (reply(b"", 410), "the page has been removed (410)"),
        (reply(b"", 418), "the server answered 418"),
        (reply(b"", 503), "the server has a problem (503)"),
    ],
)
def test_what_is_no_page_is_refused_with_its_own_reason(site, answer, reason):
    site.pages["/a"] = answer
    assert refused(site)[0] == reason


def test_a_length_that_lies_low_gives_no_more_than_it_says(site):
    site.pages["/a"] = reply(b"0123456789", Content_Length="4")
    assert fetcher(site)[0].fetch("http://site.test/a", kinds=KINDS).body == b"0123"


def test_a_server_that_is_not_there_is_said_to_be(site):
    asking, _ = fetcher(site, {"gone.test": [[OTHER]]})
    with pytest.raises(SourceError, match="the connection was refused or there is no way to it"):
        asking.fetch("http://gone.test/", kinds=KINDS)


# -- manners


def after(*answers):
    """Each answer once, the last for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def test_a_busy_server_is_asked_again_later_and_later(site):
    site.pages["/a"] = after(reply(b"", 503), reply(b"", 500), reply(article()))
    asking, network = fetcher(site, retries=2, delay_seconds=0)
    assert asking.fetch("http://site.test/a", kinds=KINDS).body
    first, second = network.slept
    assert 0.7 < first < 1.3 < second < 2.6


def test_waits_as_long_as_it_is_asked_to_but_no_longer_than_half_a_minute(site):
    site.pages["/a"] = after(reply(b"", 429, Retry_After="7"), reply(article()))
    asking, network = fetcher(site, retries=2, delay_seconds=0)
    assert asking.fetch("http://site.test/a", kinds=KINDS).body
    assert network.slept == [7.0]
    site.pages["/a"] = reply(b"", 429, Retry_After="3600")
    reason, network = refused(site, retries=2, delay_seconds=0)
    assert reason == "too many requests (429); it asks to be left alone for 3600 s"
    assert network.slept == []


def test_gives_up_after_the_last_attempt(site):
    site.pages["/a"] = reply(b"", 502)
    refused(site, retries=2)
    assert site.log.count(("/a", 502)) == 3


def test_a_broken_connection_is_tried_again(site):
    site.pages["/a"] = after(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", reply(article()))
    assert fetcher(site, retries=1)[0].fetch("http://site.test/a", kinds=KINDS).body == article().encode()


def test_pauses_between_two_pages_of_a_host_only(site):
    site.pages |= {"/a": reply(article()), "/b": reply(article())}
    asking, network = fetcher(site, {"other.test": [[PUBLIC]]}, delay_seconds=2)
    asking.fetch("http://site.test/a", kinds=KINDS)
    asking.fetch("http://other.test/a", kinds=KINDS)
    assert network.slept == []
    asking.fetch("http://site.test/b", kinds=KINDS)
    assert len(network.slept) == 1
    assert 1.5 < network.slept[0] <= 2


def test_keeps_to_robots_txt_and_its_delay_and_reads_it_once(site):
    robots = (
        "User-agent: *\nDisallow: /\n\nUser-agent: article-assistant\nDisallow: /private*/x\nCrawl-delay: 5\n"
    )
    site.pages |= {"/robots.txt": reply(robots, kind="text/plain"), "/a": reply(article())}
    asking, network = fetcher(site)
    asking.fetch("http://site.test/a", kinds=KINDS)
    asking.fetch("http://site.test/a", kinds=KINDS)
    assert 4.5 < network.slept[0] <= 5
    with pytest.raises(SourceError, match=r"the site's robots\.txt asks programs not to fetch it"):
        asking.fetch("http://site.test/private-things/x", kinds=KINDS)
    assert [path for path, _ in site.log] == ["/robots.txt", "/a", "/a"]


def test_a_redirect_does_not_lead_around_robots_txt(site):
    site.pages |= {
        "/robots.txt": reply("User-agent: *\nDisallow: /private", kind="text/plain"),
        "/a": redirect("/private"),
        "/private": reply(article()),
    }
    assert "robots.txt" in refused(site)[0]
    assert ("/private", 200) not in site.log


def test_nothing_is_fetched_where_robots_txt_cannot_be_had(site):
    site.pages |= {"/robots.txt": reply(b"", 503), "/a": reply(article())}
    assert refused(site)[0].startswith("the site's robots.txt cannot be had, so nothing is fetched: ")
    assert ("/a", 200) not in site.log


def test_a_delay_that_no_one_can_keep_is_said(site):
    site.pages |= {"/robots.txt": reply("User-agent: *\nCrawl-delay: 86400", kind="text/plain")}
    assert refused(site)[0] == "the site asks for 86400 s between two requests, too long to wait"
