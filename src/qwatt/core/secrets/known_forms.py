"""Credentials that are known by their form, whoever holds them: tokens of providers, headers, URLs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

BLANK = "***"

_TOKENS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:hf|api_org)_(?=[A-Za-z]*\d|[a-z]*[A-Z])[A-Za-z0-9]{6,}"  # Hugging Face; hf_transfer is a package
    r"|gh[pousr]_[A-Za-z0-9]{6,}|github_pat_\w{6,}|glpat-[\w-]{6,}"
    r"|(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{8,}"  # AWS access key ids
    r"|sk-(?:proj-|ant-|svcacct-|or-v1-)?(?=[\w-]*\d)[\w-]{8,}"  # OpenAI and its like
    r"|eyJ[\w-]{6,}(?:\.[\w-]*){0,2}"  # JSON web tokens
    r"|xox[abprs]-[\w-]{6,}|AIza[\w-]{10,}|npm_[A-Za-z0-9]{20,}|pypi-AgE[\w-]{10,}|DEV-[0-9a-f]{20,}"
    r"|crn:v1:[\w:/-]{8,}"  # IBM's service instances
    r")",
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S
)
_USER_INFO = re.compile(r"(?<=://)(?!git@)[^\s/@\"'<>]*(?::(?!\d{1,5}/)[^\s@\"'<>]*)?@")
_BEFORE_AT = re.compile(r"(?<![\w/@])[\w.%+-]{1,64}:(?![\d.]+\Z)[^\s/@:\"'<>(){}\[\]]{2,200}\Z")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*(?::\d{2,5}\b|\.[a-z]{2,}\b)")
_MOST_USER_INFO = 265
_HEADER = re.compile(r"(?i)(authorization\b[\"']?\s*[:=]\s*[\"']?)((?:[a-z]+ +)?)[^\s\"',;}]+")
_BEARER = re.compile(r"(?i)\b(bearer +|bearer%20)(?=[\w.~+/%-]*\d|[\w.~+/%-]{20})[\w.~+/%-]{4,}=*")
_BASIC = re.compile(r"\b([Bb]asic +)([\w+/-]{6,}={0,2})")
_WORDS = (
    "token", "secret", "password", "passwd", "passphrase", "pwd", "apikey", "api_key", "api-key", "accesskey",
    "access_key", "access-key", "access_key_id", "secretkey", "secret_key", "secret-key", "private_key",
    "credential", "amz-signature", "?sig", "&sig",
)  # fmt: skip
_NAMED = re.compile(
    r"(?:[\"']?\s*=>?\s*[bur]?[\"']?|[\"']\s*:\s*[bur]?[\"']|%3[dD])"
    r"(?!\*\*\*|[\d.]+\b)([^\s\"'&,;<>()\[\]{}]{4,})"
)
_OPTION = re.compile(r"( +)(?!\*\*\*)([^\s\"'-][^\s\"']+)")
_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_PERCENT_RUN = re.compile(r"(?:%[0-9A-Fa-f]{2}[\w.~-]*){2,}")
_SIGNS = re.compile(
    r"hf_|gh[pousr]_|github_pat|AKIA|ASIA|sk-|eyJ|[Bb]earer|[Bb]asic|[Pp]assw|[Tt]oken|[Ss]ecret|://"
)


def without_known_forms(text: str) -> str:
    """Return the text with everything blanked that has the form of a credential."""
    text = _plain(text)
    if "%" in text:
        text = _PERCENT_RUN.sub(lambda run: BLANK if _tells(unquote(unquote(run[0]))) else run[0], text)
    return _RUN.sub(lambda run: BLANK if _tells(_decoded(run[0])) else run[0], text)


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with the spans blanked; spans that overlap are one."""
    kept, done = [], 0
    for start, stop in sorted(spans):
        if start >= done:
            kept += [text[done:start], BLANK]
        done = max(done, stop)
    return "".join([*kept, text[done:]])


def _plain(text: str) -> str:
    text = _TOKENS.sub(BLANK, text)
    if "PRIVATE KEY" in text:
        text = _PRIVATE_KEY.sub(BLANK, text)
    if "@" in text:
        text = _USER_INFO.sub(f"{BLANK}@", text)
        text = blanked(text, _bare_user_info(text))
    low = text.lower()
    if "authorization" in low:
        text = _HEADER.sub(rf"\1\2{BLANK}", text)
    if "bearer" in low:
        text = _BEARER.sub(rf"\1{BLANK}", text)
    if "basic" in low:
        text = _BASIC.sub(lambda found: found[1] + BLANK if ":" in _decoded(found[2]) else found[0], text)
    return blanked(text, _named(text))


def _bare_user_info(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a name and a password stand before a host without a scheme, as proxies are told."""
    at = text.find("@")
    while at >= 0:
        first = max(0, at - _MOST_USER_INFO)
        if _HOST.match(text, at + 1) and (found := _BEFORE_AT.search(text[first:at])):
            yield first + found.start(), at
        at = text.find("@", at + 1)


def _named(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the values of what is called a token, password or key stand."""
    low = text.lower()
    if len(low) != len(text):  # a letter whose lower case is two characters
        low = text
    for word in _WORDS:
        at = low.find(word)
        while at >= 0:
            after = at + len(word)
            if found := _NAMED.match(text, after):
                yield found.span(1)
            elif "--" in text[max(0, at - 20) : at] and (found := _OPTION.match(text, after)):
                yield found.span(2)
            at = low.find(word, after)


def _tells(decoded: str) -> bool:
    """Return whether what was encoded holds a credential."""
    return bool(_SIGNS.search(decoded)) and _plain(decoded) != decoded


def _decoded(run: str) -> str:
    """Return the text that a run of base64 stands for, or "" where it is no text."""
    plain = run.rstrip("=").translate(str.maketrans("-_", "+/"))
    whole = plain[: len(plain) // 4 * 4] if len(plain) % 4 == 1 else plain + "=" * (-len(plain) % 4)
    try:
        return base64.b64decode(whole).decode("ascii")
    except (ValueError, binascii.Error):
        return ""
