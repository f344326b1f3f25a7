"""Which addresses may be asked for: the check that stands before every connection.

It takes an address apart once, with the library whose parts the connection then uses; it looks the host up
once, and what it returns are the very numbers that are connected to. So neither a second reading of the
address nor a second answer of the name server can lead elsewhere. It opens no connection.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from assistant.errors import SourceError
from assistant.settings import WebSettings
from assistant.sources import clean, without_password
from assistant.sources.web.network import Network

MAX_CHARS = 4000  # of an address
ADDRESS_HINT = "Give the address as the browser shows it, beginning with http:// or https://."
INTERNAL_HINT = (
    "If this host is yours and meant, name it in the setting web.internal_hosts, as host or host:port."
)

NEVER_HINT = "Leave it out: no article is at such an address."

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?", re.ASCII)
_BAD = re.compile(r"[\s\\\x00-\x1f\x7f]")
_DENIED = [  # what `is_global` lets pass, or newer or older versions of it might
    (ip_network(net), what)
    for net, what in (
        ("169.254.169.254/32", "the address at which clouds keep their keys"),
        ("169.254.0.0/16", "link-local"),
        ("168.63.129.16/32", "the metadata service of a cloud"),
        ("fd00:ec2::254/128", "the metadata service of a cloud"),
        ("0.0.0.0/8", "this machine"),
        ("127.0.0.0/8", "this machine"),
        ("::1/128", "this machine"),
        ("::/128", "this machine"),
        ("10.0.0.0/8", "a private network"),
        ("172.16.0.0/12", "a private network"),
        ("192.168.0.0/16", "a private network"),
        ("fc00::/7", "a private network"),
        ("100.64.0.0/10", "a provider's own network"),
        ("192.0.0.0/24", "reserved"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("ff00::/8", "multicast"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "a private network"),
        ("::/96", "an old form of an IPv4 address"),
        ("64:ff9b::/96", "a translated IPv4 address (NAT64)"),
        ("64:ff9b:1::/48", "a translated IPv4 address (NAT64)"),
        ("2002::/16", "a wrapped IPv4 address (6to4)"),
        ("2001::/32", "a wrapped IPv4 address (Teredo)"),
    )
]

_NEVER = ("the address at which clouds keep their keys", "link-local", "the metadata service of a cloud")


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be asked for, taken apart, and what its host's name stands for."""

    url: str  # without fragment
    scheme: str
    host: str  # lower case, ASCII; what the server is asked for and shown a certificate for
    port: int
    path: str  # with the query
    addresses: tuple[str, ...]  # numbers, each checked; the only ones to connect to
    is_internal: bool  # named in the settings: its addresses were not checked

    @property
    def origin(self) -> str:
        """Scheme, host and port: what has one robots.txt."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def shown(url: str) -> str:
    """An address as it may be printed: without the name and password that some carry."""
    return clean.printable(without_password(url))[:300]


def check(url: str, settings: WebSettings, network: Network, *, may_be_internal: bool = True) -> Target:
    """Check an address and look up its host.

    Args:
        url: The address, absolute.
        settings: Which ports and internal hosts are allowed.
        network: Looks up names.
        may_be_internal: Whether internal hosts are allowed: not if a public site has sent us here.

    Returns:
        The address and all that its host's name stands for.

    Raises:
        SourceError: If the address may not be asked for, or its host is unknown.
    """
    parsed = _parse(url)
    name, host = shown(url), parsed.raw_host.decode("ascii").lower().rstrip(".")
    if not (_HOST.fullmatch(host) or _is_ipv6(host)):
        raise SourceError(name, "it names no host that can be asked", hint=ADDRESS_HINT)
    port = parsed.port if parsed.port is not None else {"http": 80, "https": 443}[parsed.scheme]
    is_internal = _check_port(name, host, port, settings)
    if is_internal and not may_be_internal:
        reason = f"a public site points to the internal host {host}: refused"
        raise SourceError(name, reason, hint="Give the internal address itself if it is meant.")
    addresses = tuple(dict.fromkeys(network.resolve(host, port)))
    if not addresses:
        raise SourceError(name, f"there is no host called {host}", hint="Check the spelling of the address.")
    if not is_internal:
        _check_addresses(name, host, addresses)
    whole = str(parsed.copy_with(fragment=None))
    return Target(whole, parsed.scheme, host, port, parsed.raw_path.decode("ascii"), addresses, is_internal)


def join(base: str, location: str) -> str:
    """Where a redirect leads, given relative to where it was found; SourceError if that is no address."""
    try:
        return str(httpx.URL(base).join(location))
    except (httpx.InvalidURL, ValueError, TypeError) as exc:
        raise SourceError(shown(base), "it redirects to something that is no address") from exc


def refusal(address: str) -> str:
    """Why a number may not be connected to; empty if it is a public one."""
    number: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(number, IPv6Address) and number.ipv4_mapped:
        number = number.ipv4_mapped
    for net, what in _DENIED:
        if number.version == net.version and number in net:
            return what
    return "" if number.is_global and not number.is_multicast else "not an address of the public internet"


def _parse(url: str) -> httpx.URL:
    name = shown(url)
    if len(url) > MAX_CHARS or _BAD.search(url):
        raise SourceError(name, "it is no web address", hint=ADDRESS_HINT)
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as exc:
        raise SourceError(name, "it is no web address", hint=ADDRESS_HINT) from exc
    if parsed.scheme not in ("http", "https"):
        reason = f"only http and https are fetched, not {parsed.scheme or 'an address without a scheme'}"
        raise SourceError(name, reason, hint=ADDRESS_HINT)
    if parsed.userinfo:
        raise SourceError(
            name,
            "addresses with a user name or password are not fetched",
            hint="Leave out what is before the @.",
        )
    return parsed


def _check_port(name: str, host: str, port: int, settings: WebSettings) -> bool:
    """Whether the host is an internal one that the settings name; raises SourceError for a wrong port."""
    shown_host = f"[{host}]" if ":" in host else host
    if f"{shown_host}:{port}" in settings.internal_hosts:
        return True
    if port not in settings.ports:
        reason = f"port {port} is not one of the web's ({', '.join(map(str, settings.ports))})"
        raise SourceError(
            name, reason, hint="Allow it in the setting web.ports, or as host:port in web.internal_hosts."
        )
    return shown_host in settings.internal_hosts


def _check_addresses(name: str, host: str, addresses: Sequence[str]) -> None:
    for address in addresses:
        if what := refusal(address):
            known = address if host == address else f"{host} is {address}, which"
            hint = NEVER_HINT if what in _NEVER else INTERNAL_HINT
            raise SourceError(name, f"{known} is {what}: refused", hint=hint)


def _is_ipv6(host: str) -> bool:
    try:
        return isinstance(ip_address(host), IPv6Address)
    except ValueError:
        return False
