"""Who may ask the server for what: the one place where that is decided, from the connection and the token.

A server that listens on a loopback address takes every connection of this machine for its user, unless
`server.require_token` says otherwise, or it has further names or asks people for a password: then others
are meant to reach it, through a proxy whose connections come from here, too. Any other server demands a token
from everyone. It knows nothing of what is asked for.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from assistant.errors import ConfigError

if TYPE_CHECKING:
    from assistant.accounts import Accounts
    from assistant.settings import ServerSettings

NO_PASSWORD_HINT = (
    "Set `server.password`, make accounts with `assistant accounts add NAME`, or say that it is meant with"
    " --without-password."
)
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
LOCAL_ID = "local"  # of who is asking from this machine, without a token


class Scope(StrEnum):
    """What a token is good for."""

    READ = "read"  # search, ask and look
    WRITE = "write"  # change the corpus


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking.

    Args:
        id: Of the token, or `LOCAL_ID`; what one caller keeps on the server no other one sees.
        scopes: What they may do.
    """

    id: str
    scopes: frozenset[Scope]


LOCAL = Caller(LOCAL_ID, frozenset(Scope))


class Tokens(Protocol):
    """Where tokens are kept."""

    def find(self, secret: str) -> Caller | None:
        """The caller that a token stands for; None if there is no such token."""


def are_others_meant(settings: ServerSettings, accounts: Accounts) -> bool:
    """Whether the settings speak of other people or machines, which come through a proxy of this one."""
    return bool(settings.require_token or settings.names or settings.password or accounts.all())


class Access:
    """Decides about one server.

    Args:
        host: The address that it listens on.
        tokens: The tokens that were given out.
        require_token: Whether connections of this machine need one, too.
    """

    def __init__(self, host: str, tokens: Tokens, *, require_token: bool = False) -> None:
        self._is_open = is_loopback(host) and not require_token
        self._tokens = tokens

    def caller(self, address: str, authorization: str, *, is_handed_on: bool = False) -> Caller | None:
        """Find out who is asking.

        Args:
            address: Where the connection comes from, as the server sees it.
            authorization: The header of that name; empty if there is none.
            is_handed_on: Whether a proxy says that it asks for someone else.

        Returns:
            Who it is, or None if they must show a token first.
        """
        if self._is_open and is_loopback(address) and not is_handed_on:
            return LOCAL
        scheme, _, secret = authorization.partition(" ")
        return self._tokens.find(secret.strip()) if scheme.lower() == "bearer" and secret else None


def check_exposure(host: str, *, asks_who: bool, is_meant: bool) -> None:
    """Refuse to let strangers in because nobody thought of them.

    Args:
        host: The address that the server listens on.
        asks_who: Whether the page asks for a password.
        is_meant: Whether the settings say that it need not.

    Raises:
        ConfigError: If others could reach the page, and it is not said that they may.
    """
    if not is_loopback(host) and not asks_who and not is_meant:
        raise ConfigError(
            f"on {host} everyone who reaches this machine could read and change the articles",
            hint=NO_PASSWORD_HINT,
        )


def is_handed_on(headers: Container[str]) -> bool:
    """Whether a request's headers, whose names are compared in any case, say that a proxy hands it on."""
    return any(name in headers for name in FORWARDED)


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
