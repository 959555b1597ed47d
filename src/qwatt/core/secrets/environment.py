"""Secrets that the environment holds, and every form in which a library may repeat them."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import html
else:
    html = lazy("html")

_SECRET_WORD = re.compile(
    r"(KEY|TOKEN|SECRET|PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|AUTH|AUTHORIZATION|CREDENTIALS?|BEARER|COOKIE"
    r"|CRN|INSTANCE|PAT)S?\d*\Z"
)
"""The end of a word in a name: TOKEN and APIKEY, not TOKENIZERS."""
_WORKING_FOLDERS = ("PWD", "OLDPWD")
_NO_SECRETS = ("true", "false", "none", "null", "auto", "default", "enabled", "disabled")
_KINDS = ("MODE", "TYPE", "METHOD", "SCHEME", "KIND")
"""Last words of names whose value says how one signs in, not with what, as in RAY_AUTH_MODE=token."""
_USER_INFO = re.compile(r"(?:\w+://)?([^\s/@]+)@")

LEAST = 4
"""Characters of the shortest value that is taken for a secret; fewer cannot be told from ordinary text."""
PIECE = 8
"""Characters of the shortest piece of a longer secret that is blanked: of one that a message cut short."""
_LONG = 12
_PUBLIC = (
    "github_pat_",
    "sk-proj-",
    "sk-ant-api",
    "https://",
    "http://",
    "bearer ",
    "basic ",
    "crn:v1:bluemix",
)
"""Beginnings that say what kind a secret is, and nothing more."""


def environment_secrets() -> tuple[str, ...]:
    """Return the environment's secrets: values of names such as HF_TOKEN, and what proxies sign in with."""
    found = [value for name, value in os.environ.items() if _is_secret(name, value)]
    for name, value in os.environ.items():
        if name.upper().endswith(("_PROXY", "_URL", "_URI", "_DSN")):
            for match in _USER_INFO.finditer(value):
                user, colon, password = match[1].partition(":")
                found += [part for part in ((password,) if colon else (user,)) if len(part) >= LEAST]
    return tuple(sorted({value.strip() for value in found}, key=lambda value: (-len(value), value)))


@lru_cache(maxsize=1024)
def _says_secret(name: str) -> bool:
    """Return whether the name of a variable says that its value is a secret."""
    words = re.split(r"[^A-Za-z0-9]+", name.upper())
    if name in _WORKING_FOLDERS or words[-1] in _KINDS:
        return False
    return any(_SECRET_WORD.search(word) for word in words)


def _is_secret(name: str, value: str) -> bool:
    if not _says_secret(name):
        return False
    plain = value.strip()
    if len(plain) < LEAST or plain.lower() in _NO_SECRETS or (plain.isdigit() and len(plain) < PIECE):
        return False
    return not (plain.startswith(("/", "~", ".")) and os.path.exists(os.path.expanduser(plain)))  # noqa: PTH110, PTH111


@lru_cache(maxsize=8)
def patterns(secrets: tuple[str, ...], least: int) -> tuple[re.Pattern[str], frozenset[str]] | None:
    """Return what finds whole secrets in any form, and all pieces of the long ones, in lower case.

    Args:
        secrets: of the environment.
        least: characters of the shortest to look for.
    """
    kept = [secret for secret in secrets if len(secret) >= least]
    if not kept:
        return None
    forms = {form for secret in kept for form in _forms(secret)}
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    whole = re.compile("|".join(map(_bounded, ordered)), re.IGNORECASE)
    pieces = frozenset(piece for secret in kept if len(secret) >= _LONG for piece in _every_piece(secret))
    return whole, pieces


def _bounded(form: str) -> str:
    """Return the pattern of a form; a short one counts only where no letter or digit is beside it."""
    if len(form) >= PIECE and not form.isdigit():
        return re.escape(form)
    return rf"(?:(?<!\w)(?<!\d\.)|(?<=%[0-9a-f]{{2}})){re.escape(form)}(?!\w|\.\d)"


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret as it stands, escaped, percent-encoded, in hex, and in base64 wherever it begins."""
    raw = secret.encode("utf-8", "surrogateescape")
    once = quote(secret, safe="", errors="surrogateescape")
    yield from (secret, once, quote(once, safe=""), quote_plus(secret, errors="surrogateescape"))
    yield from (quote(secret, errors="surrogateescape"), unquote(secret))
    yield "".join(f"%{byte:02x}" for byte in raw)
    yield from (json.dumps(secret)[1:-1], repr(secret)[1:-1], html.escape(secret))
    yield "".join(f"\\x{byte:02x}" for byte in raw)
    yield "".join(f"\\u{ord(sign):04x}" for sign in secret)
    yield "".join(f"&#{ord(sign)};" for sign in secret)
    if len(raw) >= PIECE - 2:
        yield from (raw.hex(), raw.hex(":"), base64.b32encode(raw).decode().rstrip("="))
        yield from _base64(raw)
        yield from _base64(base64.b64encode(raw))


def _base64(raw: bytes) -> Iterator[str]:
    """Yield what base64 of any text holds where the secret is in it, without the characters beside it."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode()
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        for form in (text[first:last], text[first:last].translate(str.maketrans("+/", "-_"))):
            if len(form) >= PIECE - 1:
                yield form
                yield quote(form, safe="")


def _every_piece(secret: str) -> Iterator[str]:
    """Yield the pieces of a secret, and of what base64 makes of it."""
    yield from _pieces(secret, _PUBLIC)
    public = [form.lower() for beginning in _PUBLIC for form in _base64(beginning.encode())]
    for form in _base64(secret.encode("utf-8", "surrogateescape")):
        yield from _pieces(form, public)


def _pieces(secret: str, public: Iterable[str]) -> Iterator[str]:
    low = secret.lower()
    for start in range(len(low) - PIECE + 1):
        piece = low[start : start + PIECE]
        if not piece.isdigit() and not any(piece in beginning for beginning in public):
            yield piece
