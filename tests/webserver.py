"""A real HTTP server on loopback whose every answer a test writes down, byte by byte if it likes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = bytes | Iterable[bytes]
TEXT = (
    "Ding Xuexiang met Shehbaz Sharif in Baku on Wednesday. They spoke about the safety of Chinese citizens. "
)


@dataclass
class Request:
    path: str
    headers: dict[str, str]


@dataclass
class Site:
    """Pages by path, and the log of what was asked for: (path, status)."""

    port: int = 0
    pages: dict[str, Reply | Callable[[Request], Reply]] = field(default_factory=dict)
    log: list[tuple[str, int]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        page = self.pages.get(request.path, reply(b"", 404))
        return page(request) if callable(page) else page


def reply(
    body: bytes | str, status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str
) -> bytes:
    """An honest answer; an underscore in a header's name stands for a dash."""
    body = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": kind, "Content-Length": str(len(body))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    return reply(b"", status, Location=location)


def known(body: str, etag: str, **kinds: str) -> Callable[[Request], bytes]:
    """A page whose server says 304 to who has it."""

    def answer(request: Request) -> bytes:
        if request.headers.get("if-none-match") == etag:
            return reply(b"", 304, "", ETag=etag)
        return reply(body, ETag=etag, **kinds)

    return answer


def article(title: str = "Talks in Baku", head: str = "", text: str = TEXT * 5) -> str:
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title}</title>{head}</head>"
        f"<body><article><h1>{title}</h1><p>{title}: {text}</p></article></body></html>"
    )


def rss(*items: tuple[str, str], title: str = "Gazette") -> str:
    """A feed of (address, date as RSS writes it)."""
    said = "".join(
        f"<item><title>t</title><link>{url}</link>{f'<pubDate>{day}</pubDate>' if day else ''}</item>"
        for url, day in items
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{said}</channel></rss>"


@contextmanager
def served(pages: dict[str, Reply | Callable[[Request], Reply]] | None = None) -> Iterator[Site]:
    """Serve pages until the block ends."""
    site = Site(pages=pages or {})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            request = Request(self.path, {name.lower(): value for name, value in self.headers.items()})
            site.requests.append(request)
            answer = site.answer(request)
            parts = [answer] if isinstance(answer, bytes) else answer
            self.close_connection = True
            try:
                for number, part in enumerate(parts):
                    if number == 0:
                        site.log.append((self.path, int(part[9:12]) if part[9:12].isdigit() else 0))
                    self.wfile.write(part)
                    self.wfile.flush()
            except OSError:
                pass  # who asked has hung up: that is what some tests are about

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
