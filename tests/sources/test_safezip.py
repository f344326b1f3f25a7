"""ZIP archives opened with limits."""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import SourceError
from assistant.sources import safezip
from assistant.sources.safezip import Member


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        safezip.check(data, "a.zip")
    return caught.value.reason


def test_members_are_listed_without_folders_and_read():
    with safezip.opened(packed(("a.txt", b"one"), ("d/", b""), ("d/b.txt", b"two")), "a.zip") as archive:
        assert archive.members == (Member("a.txt", 3, ""), Member("d/b.txt", 3, ""))
        assert [archive.read(name) for name in sorted(archive.names())] == [b"one", b"two"]
    assert safezip.check(packed(("a.txt", b"one")), "a.zip") == {"a.txt"}


@pytest.mark.parametrize("name", ["../a", "/a", "d/../../a", "..\\a", "C:\\a", "C:/a", "d\\..\\a"])
def test_a_member_that_leads_out_is_not_read(name):
    data = packed((name, b"x"), ("b.txt", b"y"))
    with safezip.opened(data, "a.zip") as archive:
        assert archive.names() == {"b.txt"}
    assert refusal(data).endswith("its path leads out of the archive")


def test_a_link_is_not_read():
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    assert refusal(packed((link, b"/etc/passwd"))) == "in it, link: it is a link, not a file"


def test_a_second_member_of_the_same_name_is_not_read():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = packed(("a.txt", b"1"), ("a.txt", b"2"))
    with safezip.opened(data, "a.zip") as archive:
        assert [member.problem for member in archive.members] == ["", "a file of this name came before"]


def test_a_locked_member_is_not_read():
    data = bytearray(packed(("a.txt", b"secret")))
    data[6] |= 1  # the flag in the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    assert refusal(bytes(data)) == "in it, a.txt: it is locked with a password"


def test_a_member_packed_with_lzma_is_not_read():
    data = packed(("a.txt", b"x"), method=zipfile.ZIP_LZMA)
    assert refusal(data) == "in it, a.txt: it is packed in a way that is not read here"


def test_a_member_that_grows_too_much_is_not_read():
    assert refusal(packed(("a", bytes(5_000_000)))).endswith(
        "it becomes more than 200 times as large when unpacked"
    )
    assert safezip.check(packed(("a", bytes(900_000))), "a.zip") == {"a"}


def test_an_archive_of_too_many_or_too_large_members_is_refused():
    assert refusal(packed(*((str(n), b"") for n in range(2001)))) == "it holds more than 2,000 files"
    large = packed(("a", bytes(60_000_000)), ("b", bytes(60_000_000)))
    assert refusal(large) == "what it holds is larger than 100 MB when unpacked"


def test_a_directory_of_a_million_records_is_refused_before_it_is_read():
    assert refusal(b"PK\x01\x02" * 1_000_000) == "it holds more than 2,000 files"


def test_reading_stops_at_the_limit_however_often_a_member_is_read():
    with safezip.opened(packed(("a", bytes(900_000))), "a.zip") as archive:
        for _ in range(111):
            archive.read("a")
        with pytest.raises(SourceError, match=r"larger than 100 MB when unpacked$"):
            archive.read("a")


def test_a_header_that_understates_the_size_gains_nothing():
    data = bytearray(packed(("a", bytes(5_000_000))))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 100)
    assert "damaged" in refusal(bytes(data))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no archive"])
def test_what_is_no_archive_is_refused(data):
    assert refusal(data) == "it is not a ZIP archive, or it is damaged"


SOUND = packed(("a.txt", b"one " * 50), ("d/b.txt", b"two"))


@given(cut=st.integers(0, len(SOUND)), at=st.integers(0, len(SOUND) - 1), flip=st.integers(0, 255))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_a_damaged_archive_is_read_or_refused(cut, at, flip):
    damaged = bytearray(SOUND)
    damaged[at] ^= flip
    for data in (bytes(damaged), SOUND[:cut]):
        with suppress(SourceError):
            assert safezip.check(data, "a.zip") <= {"a.txt", "d/b.txt"} or flip
