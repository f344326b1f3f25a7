from __future__ import annotations

import pytest

from assistant.errors import SourceError
from assistant.settings import WebSettings
from assistant.sources.web.addresses import check, refusal, shown
from tests.fakes import LocalNetwork

PUBLIC = "93.184.216.34"


def network(**names):
    return LocalNetwork({host: [answer] for host, answer in names.items()}, {})


def test_takes_an_address_apart_and_looks_its_host_up_once():
    target = check(
        "HTTPS://Bücher.example/a?q=ä#part",
        WebSettings(),
        LocalNetwork({"xn--bcher-kva.example": [[PUBLIC]]}, {}),
    )
    assert (target.scheme, target.host, target.port) == ("https", "xn--bcher-kva.example", 443)
    assert target.path == "/a?q=%C3%A4"
    assert target.addresses == (PUBLIC,)


LOOPBACK = (
    "127.0.0.1 127.1 2130706433 0x7f.1 0x7f000001 017700000001 0 localhost 127.0.0.1. [::] [::1] "
    "[::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::]"
)


@pytest.mark.parametrize("host", LOOPBACK.split())
def test_refuses_every_way_to_write_loopback(host):
    with pytest.raises(SourceError, match=r"refused|no web address|no host called"):
        check(f"http://{host}/", WebSettings(), network())


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("169.254.169.254", "the address at which clouds keep their keys"),
        ("169.254.0.1", "link-local"),
        ("168.63.129.16", "metadata service"),
        ("fd00:ec2::254", "metadata service"),
        ("10.1.2.3", "private network"),
        ("172.31.0.1", "private network"),
        ("192.168.1.1", "private network"),
        ("100.64.0.1", "provider's own network"),
        ("192.0.0.9", "reserved"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("fec0::1", "private network"),
        ("fe80::1%eth0", "link-local"),
        ("::ffff:10.0.0.1", "private network"),
        ("64:ff9b::a00:1", "NAT64"),
        ("2002:a00:1::", "6to4"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
        ("2001:db8::1", "not an address of the public internet"),
        ("198.18.0.1", "not an address of the public internet"),
    ],
)
def test_says_what_a_forbidden_number_is(address, what):
    assert what in refusal(address)


@pytest.mark.parametrize("address", [PUBLIC, "::ffff:93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_a_public_number_is_allowed(address):
    assert refusal(address) == ""


def test_one_forbidden_number_among_public_ones_is_enough():
    with pytest.raises(SourceError, match=r"site\.test is 10\.0\.0\.1, which is a private network: refused"):
        check("http://site.test/", WebSettings(), LocalNetwork({"site.test": [[PUBLIC, "10.0.0.1"]]}, {}))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://site.test/", "only http and https are fetched, not ftp"),
        ("file:///etc/passwd", "only http and https are fetched, not file"),
        ("gopher://site.test/", "only http and https are fetched, not gopher"),
        ("site.test/a", "not an address without a scheme"),
        ("http://me:secret@site.test/", "with a user name or password"),
        ("http://site.test\\@127.0.0.1/", "it is no web address"),
        ("http://site.test/a b", "it is no web address"),
        ("http://site.test/\r\nX: y", "it is no web address"),
        ("http:///a", "it names no host"),
        ("http://%31%32%37.0.0.1/", "it names no host"),
        ("http://0177.0.0.1/", "it is no web address"),
        ("http://①②⑦.⓪.⓪.①/", "it is no web address"),
        ("http://site.test:22/", "port 22 is not one of the web's (80, 443)"),
        ("http://site.test:0/", "port 0 is not one of the web's"),
        ("http://nowhere.test/", "there is no host called nowhere.test"),
        ("http://site.test/" + "a" * 5000, "it is no web address"),
    ],
)
def test_refuses_what_is_no_public_page(url, reason):
    names = LocalNetwork({"site.test": [[PUBLIC]], "nowhere.test": [[]]}, {})
    with pytest.raises(SourceError) as caught:
        check(url, WebSettings(), names)
    assert reason in caught.value.reason
    assert "secret" not in str(caught.value)
    assert caught.value.hint


def test_an_internal_host_is_allowed_by_name_and_port_only():
    settings = WebSettings(internal_hosts=("wiki.intern", "127.0.0.1:8080", "[::1]:8080"))
    names = LocalNetwork({"wiki.intern": [["10.0.0.1"]]}, {})
    assert check("http://WIKI.intern/a", settings, names).is_internal
    assert check("http://127.0.0.1:8080/", settings, names).is_internal
    assert check("http://[::1]:8080/", settings, names).is_internal
    for url in (
        "http://127.0.0.1/",
        "http://127.0.0.1:8081/",
        "http://wiki.intern:8080/",
        "http://10.0.0.1/",
    ):
        with pytest.raises(SourceError):
            check(url, settings, names)


def test_no_public_site_sends_to_an_internal_host():
    settings = WebSettings(internal_hosts=("wiki.intern",))
    with pytest.raises(SourceError, match=r"a public site points to the internal host wiki\.intern"):
        check(
            "http://wiki.intern/",
            settings,
            LocalNetwork({"wiki.intern": [["10.0.0.1"]]}, {}),
            may_be_internal=False,
        )


def test_other_ports_can_be_allowed():
    target = check(
        "http://site.test:8080/", WebSettings(ports="80, 8080"), LocalNetwork({"site.test": [[PUBLIC]]}, {})
    )
    assert target.port == 8080


def test_what_is_shown_of_an_address_has_no_password():
    assert shown("http://me:secret@site.test/a@b") == "http://site.test/a@b"


@pytest.mark.parametrize("host", ["169.254.169.254", "169.254.0.1", "168.63.129.16", "[fe80::1]"])
def test_nobody_is_told_how_to_allow_where_no_article_can_be(host):
    with pytest.raises(SourceError, match="refused") as caught:
        check(f"http://{host}/latest/", WebSettings(), network())
    assert "internal_hosts" not in caught.value.hint
    assert caught.value.reason.count(host.strip("[]")) == 1
