"""A provider over HTTP with JSON; what it must answer is in docs/remote-jobs.md."""

from __future__ import annotations

import json
import os
import time
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from qwatt.core.errors import QwattError
from qwatt.core.secrets import scrubbed
from qwatt.quantum.remote.answers import answer_in, id_in, parsed, price_in
from qwatt.quantum.remote.program import Program
from qwatt.quantum.remote.provider import Answer, Busy, Price

TOKEN = "QWATT_REMOTE_TOKEN"
"""Environment variable that holds the bearer token, if the provider wants one."""
_TIMEOUT_S = 60.0
_LARGEST = 64 * 2**20
_BUSY = (408, 409, 425, 429)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: the token is for the named host alone."""


class HttpProvider:
    """Speaks to one address.

    Args:
        url: such as "https://host/v1"; plain http only to this machine.
        timeout_s: of one answer.

    Raises:
        QwattError: the address is none, holds a credential, or would send a token in the clear.
    """

    def __init__(self, url: str, timeout_s: float = _TIMEOUT_S) -> None:
        _check_address(url)
        self.url, self._timeout_s = url.rstrip("/"), timeout_s
        self._opener = build_opener(_NoRedirect)

    def price(self) -> Price:
        """Ask for the price."""
        return price_in(self._json("GET", "/price"))

    def submit(self, program: Program, key: str) -> str:
        """Begin a job."""
        return id_in(self._json("POST", "/jobs", program.record(), key))

    def poll(self, job: str) -> Answer | None:
        """Ask for a job."""
        return answer_in(self._json("GET", f"/jobs/{quote(job, safe='')}"))

    def _json(self, verb: str, path: str, body: Any = None, key: str | None = None) -> dict[str, Any]:
        """Return an answer's JSON object."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json", **_authorization()}
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            request = Request(self.url + path, data, headers, method=verb)
            with self._opener.open(request, timeout=self._timeout_s) as response:
                return parsed(self._body(response, _LARGEST))
        except HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise Busy(scrubbed(f"{type(error).__name__}: {error}")) from None

    def _body(self, response: Any, largest: int) -> bytes:
        """Return a body, which may come in drops but not for ever.

        Raises:
            QwattError: it is larger.
            TimeoutError: it takes too long.
            Busy: it is shorter than it says.
        """
        until, found = time.monotonic() + self._timeout_s, b""
        while part := response.read1(min(1 << 20, largest + 1 - len(found))):
            found += part
            if len(found) > largest:
                raise QwattError(f"the provider's answer is longer than {largest:,} bytes", where=self.url)
            if time.monotonic() > until:
                raise TimeoutError("the answer takes too long")
        if response.length:
            raise Busy("an answer that breaks off")
        return found

    def _refusal(self, error: HTTPError) -> Exception:
        if error.code in _BUSY or error.code >= 500:
            wait = error.headers.get("Retry-After", "")
            return Busy(f"HTTP {error.code}", float(wait) if wait.isdecimal() else None)
        try:
            text = error.read1(500).decode(errors="replace")
        except (HTTPException, OSError, ValueError):
            text = "without a word"
        return QwattError(
            scrubbed(f"the provider refuses (HTTP {error.code}): {text}"),
            where=self.url,
            mend=f"check the address and the token ({TOKEN})",
        )


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:  # whose words may quote a credential
        raise QwattError("no address", where="url", mend="url=https://HOST[:PORT]") from None
    local = host in ("127.0.0.1", "localhost", "::1")
    if not host or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
        raise QwattError(
            "not an https address", where=f"url={host}" if host else "url", mend="url=https://HOST"
        )
    if "@" in parts.netloc or "?" in url or "#" in url:
        mend = f"set the token in the environment ({TOKEN})"
        what = "a credential" if "@" in parts.netloc else "more than host and path"
        raise QwattError(f"the address holds {what}", where="url", mend=mend)
    if not url.isascii() or not url.isprintable() or " " in url:
        raise QwattError(
            "the address holds characters that no address has", where="url", mend="url=https://HOST"
        )


def _authorization() -> dict[str, str]:
    """Return the header that carries the token, if there is one."""
    token = os.environ.get(TOKEN)
    if not token:
        return {}
    if not token.isascii() or not token.isprintable():
        mend = "set it again, without line breaks"
        raise QwattError("the token has characters that no header can carry", where=TOKEN, mend=mend)
    return {"Authorization": f"Bearer {token}"}
