"""Who may log in: names and passwords, of which only a slow hash is kept.

A password is hashed with scrypt, which costs whoever steals the file a tenth of a second for each guess. An
account has an id beside its name: one that is made again under the name of a removed one is another one. It
knows the file and the hash; when a login is asked for is for `entrance` to say.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from assistant.errors import ConfigError

FILE_NAME = "accounts.json"  # in the data folder; not in a backup, which may go elsewhere
MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 1000
N, R, P = 2**15, 8, 1  # of scrypt: 32 MB and about a tenth of a second
SALT_BYTES = 16
ID_BYTES = 8

_NAME = re.compile(r"[A-Za-z0-9._@-]{1,40}")
_ID = re.compile(r"[0-9a-f]*")
_HASHED = re.compile(r"scrypt\$\d+\$\d+\$\d+\$[\w+/=-]+\$[\w+/=-]+")


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of someone who may log in.

    Args:
        password: What `hashed` made of it; of the one password of a server, that itself or its hash.
        id: Of this account and no later one of its name; empty of one that an earlier release made.
    """

    password: str
    id: str = ""


def hashed(password: str) -> str:
    """Hash a password with a salt of its own: "scrypt$N$r$p$salt$hash"."""
    salt = secrets.token_bytes(SALT_BYTES)
    parts = (base64.b64encode(part).decode() for part in (salt, _scrypt(password, salt, N, R, P)))
    return "$".join(("scrypt", str(N), str(R), str(P), *parts))


def is_hashed(text: str) -> bool:
    """Whether a text is what `hashed` gives."""
    return _HASHED.fullmatch(text) is not None


def fits(password: str, known: str) -> bool:
    """Whether a password is the one that a hash was made from, or, of a password itself, the same."""
    if not is_hashed(known):
        return hmac.compare_digest(password.encode(errors="replace"), known.encode(errors="replace"))
    _, n, r, p, salt, wanted = known.split("$")
    found = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(wanted))


class Accounts:
    """The accounts of one data folder; the file is read again when it has changed.

    Args:
        data_dir: The folder.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME
        self._stamp: tuple[int, int] | None = None
        self._known: dict[str, Account] = {}

    def all(self) -> Mapping[str, Account]:
        """All accounts by name; ConfigError if the file cannot be read."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._known = None, {}
            return self._known
        except OSError as exc:
            raise self._unreadable(exc) from exc
        if self._stamp != (stat.st_mtime_ns, stat.st_size):
            self._known = self._read()
            self._stamp = stat.st_mtime_ns, stat.st_size
        return self._known

    def put(self, name: str, password: str) -> bool:
        """Make an account, or give it another password; ValueError if either is not fit for that.

        Args:
            name: Whose; letters, digits and . _ @ -
            password: What it is checked against from now on.

        Returns:
            Whether the account is new.
        """
        if not _NAME.fullmatch(name):
            raise ValueError("a name has 1 to 40 letters, digits and . _ @ -")
        if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
            raise ValueError(f"a password has at least {MIN_PASSWORD_CHARS} characters")
        known = dict(self.all())
        account = known.get(name, Account("", secrets.token_hex(ID_BYTES)))
        self._write(known | {name: replace(account, password=hashed(password))})
        return name not in known

    def remove(self, name: str) -> bool:
        """Remove an account; returns whether there was one."""
        known = dict(self.all())
        is_there = known.pop(name, None) is not None
        if is_there:
            self._write(known)
        return is_there

    def _read(self) -> dict[str, Account]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            if not isinstance(found, dict):
                raise ValueError("it holds no accounts")
            return {str(name): _account(value) for name, value in found.items()}
        except (OSError, ValueError) as exc:
            raise self._unreadable(exc) from exc

    def _write(self, known: Mapping[str, Account]) -> None:
        """Replace the file as a whole; nobody else may read it."""
        try:
            handle, place = tempfile.mkstemp(dir=self._path.parent, prefix=f".{FILE_NAME}-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({name: asdict(account) for name, account in known.items()}, file, indent=1)
            Path(place).replace(self._path)
        except OSError as exc:
            raise self._unreadable(exc) from exc

    def _unreadable(self, exc: Exception) -> ConfigError:
        return ConfigError(
            f"{self._path} cannot be read or written: {exc}",
            hint="Mend or delete that file, then `assistant accounts add NAME`.",
        )


def _account(value: Any) -> Account:
    """An account as the file has it: an object, or of an earlier release the hash alone."""
    fields = {"password": value} if isinstance(value, str) else value
    if not isinstance(fields, dict):
        raise ValueError("it holds no accounts")
    account = Account(str(fields.get("password")), str(fields.get("id", "")))
    if not is_hashed(account.password) or not _ID.fullmatch(account.id):
        raise ValueError("it holds no accounts")
    return account


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    secret = password[:MAX_PASSWORD_CHARS].encode(errors="replace")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r)
