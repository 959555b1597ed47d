"""A provider over HTTP with JSON; what it must answer is in docs/remote-jobs.md."""

from __future__ import annotations

import json
import os
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from qwatt.core.errors import QwattError
from qwatt.core.secrets import scrubbed
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
        parts = urlsplit(url)
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise QwattError(
                "not an https address", where=f"url={parts.hostname or url}", mend="url=https://HOST"
            )
        if "@" in parts.netloc:
            mend = f"set the token in the environment ({TOKEN})"
            raise QwattError("the address holds a credential", where="url", mend=mend)
        self.url, self._timeout_s = url.rstrip("/"), timeout_s
        self._opener = build_opener(_NoRedirect)

    def price(self) -> Price:
        """Ask for the price."""
        found = self._json("GET", "/price")
        return Price(_dollars(found["usd_per_job"]), _dollars(found["usd_per_shot"]))

    def submit(self, program: Program, key: str) -> str:
        """Begin a job."""
        return str(self._json("POST", "/jobs", program.record(), key)["id"])

    def poll(self, job: str) -> Answer | None:
        """Ask for a job."""
        found = self._json("GET", f"/jobs/{quote(job, safe='')}")
        if found["status"] == "failed":
            return Answer({}, _dollars(found["usd"]), scrubbed(str(found.get("error") or "it failed")))
        if found["status"] != "done":
            return None
        return Answer({str(k): int(n) for k, n in found["counts"].items()}, _dollars(found["usd"]))

    def _json(self, verb: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """Return an answer's JSON object, whose missing fields read as a refusal."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token := os.environ.get(TOKEN):
            headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            request = Request(self.url + path, data, headers, method=verb)
            with self._opener.open(request, timeout=self._timeout_s) as response:
                return _Fields(json.loads(response.read(_LARGEST)))
        except HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise Busy(scrubbed(f"{type(error).__name__}: {error}")) from None

    def _refusal(self, error: HTTPError) -> Exception:
        if error.code in _BUSY or error.code >= 500:
            wait = error.headers.get("Retry-After", "")
            return Busy(f"HTTP {error.code}", float(wait) if wait.isdecimal() else None)
        text = error.read(500).decode(errors="replace")
        return QwattError(
            scrubbed(f"the provider refuses (HTTP {error.code}): {text}"),
            where=self.url,
            mend=f"check the address and the token ({TOKEN})",
        )


class _Fields(dict[str, Any]):
    """A JSON object of a provider's answer."""

    def __missing__(self, name: str) -> Any:
        raise QwattError(f"the provider's answer has no {name}", mend="see docs/remote-jobs.md")


def _dollars(value: Any) -> float:
    """Return an amount of money, which is no less than nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise QwattError(f"the provider states {value!r} as an amount of money")
    return float(value)
