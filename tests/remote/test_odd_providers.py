"""What a provider may answer that is no answer: each is refused or asked again, soon, and tells no token."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qwatt.core.errors import QwattError
from qwatt.quantum.remote.dispatch import Dispatch
from qwatt.quantum.remote.http import TOKEN, HttpProvider
from qwatt.quantum.remote.ledger import FILE, Ledger
from qwatt.quantum.remote.program import Program

PRICE, JOB = b'{"usd_per_job": 0, "usd_per_shot": 0}', b'{"id": "j1"}'
DONE = b'{"status": "done", "usd": 0, "counts": {"00": 10}}'
SECRET = "sesame-0123456789-open"
PROGRAM = Program(2, (("h", (), (0,)),), 10)


def whole(body: bytes, status: bytes = b"200 OK", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@contextmanager
def serving(answer: Callable[[str, int], bytes]) -> Iterator[str]:
    """Serve raw bytes; the answer is told what is asked, "price", "submit" or "poll", and how often."""
    listener, asked = socket.create_server(("127.0.0.1", 0)), {"price": 0, "submit": 0, "poll": 0}

    def serve() -> None:
        while True:
            try:
                taken, _ = listener.accept()
            except OSError:
                return
            with taken:
                head = taken.recv(1 << 16).decode()
                what = "price" if "/price" in head else "submit" if head.startswith("POST") else "poll"
                asked[what] += 1
                if what == "submit" and not head.endswith("}"):
                    taken.recv(1 << 16)  # the body comes by itself
                taken.sendall(answer(what, asked[what]))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def usual(what: str) -> bytes:
    return whole({"price": PRICE, "submit": JOB, "poll": DONE}[what])


NEVER = {
    "a page": (b"<html>Sign in</html>", "no JSON object: '<html>Sign in</html>'"),
    "no JSON": (b"{'id': 'j1'}", "no JSON: "),
    "null": (b"null", "no JSON object"),
    "a list": (b"[1]", "no JSON object"),
    "not UTF-8": (b"\xff\xfe{", "no JSON object"),
    "nested": (b'{"id": ' + b"[" * 200_000, "nested too deeply"),
    "no field": (b"{}", "has no "),
    "10 MB": (json.dumps({"id": "x" * 10_000_000, "status": "y" * 10_000_000}).encode(), " ..."),
}
"""Bodies that are no answer to any question, and what is said."""
ALSO = {
    "price": {
        "NaN": (b'{"usd_per_job": NaN, "usd_per_shot": 0}', "states NaN as an amount"),
        "negative": (b'{"usd_per_job": -1, "usd_per_shot": 0}', "states -1 as"),
        "text": (b'{"usd_per_job": "1", "usd_per_shot": 0}', "states \"1\" as"),
        "huge": (b'{"usd_per_job": 1e999, "usd_per_shot": 0}', "states Infinity as"),
    },
    "submit": {
        "a list": (b'{"id": ["j"]}', r"no id of a job: \["),
        "empty": (b'{"id": ""}', "no id of a job"),
        "null": (b'{"id": null}', "no id of a job: null"),
        "long": (json.dumps({"id": "j" * 501}).encode(), "no id of a job"),
    },
    "poll": {
        "cancelled": (b'{"status": "cancelled", "usd": 0}', "unknown: \"cancelled\""),
        "a number": (b'{"status": 3}', "unknown: 3"),
        "list of counts": (b'{"status": "done", "usd": 0, "counts": [1]}', "no counts by bit string"),
        "text for a count": (b'{"status": "done", "usd": 0, "counts": {"00": "x"}}', "no counts"),
        "negative count": (b'{"status": "done", "usd": 0, "counts": {"00": -1, "11": 11}}', "no counts"),
        "fraction": (b'{"status": "done", "usd": 0, "counts": {"00": 10.5}}', "no counts"),
        "wide": (b'{"status": "done", "usd": 0, "counts": {"000": 10}}', "not up to 10 of 2 bits"),
        "no bits": (b'{"status": "done", "usd": 0, "counts": {"0x": 10}}', "not up to 10 of 2 bits"),
        "too many": (b'{"status": "done", "usd": 0, "counts": {"00": 11}}', "not up to 10 of 2 bits"),
        "none": (b'{"status": "done", "usd": 0, "counts": {}}', "not up to 10 of 2 bits"),
        "bill of text": (b'{"status": "done", "usd": null, "counts": {"00": 10}}', "states null as"),
        "failed with a novel": (
            json.dumps({"status": "failed", "usd": 0, "error": SECRET + "x" * 10**6}).encode(),
            "could not run",
        ),
    },
}  # fmt: skip
CASES = [
    (what, name, body, said)
    for what, own in ALSO.items()
    for name, (body, said) in (NEVER | own).items()
    if not (what == "price" and name == "10 MB")
]


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, SECRET)


def no_sleep(seconds: float) -> None:
    raise AssertionError(f"waits {seconds} s")


@pytest.mark.parametrize(("what", "name", "body", "said"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES])
def test_what_is_no_answer_is_refused_at_once(
    tmp_path: Path, what: str, name: str, body: bytes, said: str
) -> None:
    with serving(lambda asked, _: whole(body) if asked == what else usual(asked)) as url:
        dispatch = Dispatch(HttpProvider(url, 5), Ledger(tmp_path), "trial", sleep=no_sleep)
        with pytest.raises(QwattError, match=said) as caught:
            dispatch.run([PROGRAM])
    assert len(str(caught.value)) < 1500
    assert SECRET not in str(caught.value)
    book = (tmp_path / FILE).read_text()
    assert SECRET not in book and len(book) < 4000
    with serving(lambda asked, _: usual(asked)) as url:
        again = Dispatch(HttpProvider(url, 5), Ledger(tmp_path), "trial", sleep=no_sleep)
        assert again.run([PROGRAM]) == [{"00": 10}], "what was refused spoils nothing"


STATUSES = {
    "elsewhere": whole(b"", b"302 Found", b"Location: http://evil.example/take"),
    "to itself": whole(b"", b"307 Again", b"Location: /v1/price"),
    "not modified": whole(b"", b"304 Not Modified"),
    "teapot": whole(b"I am " + SECRET.encode(), b"418 Teapot"),
    "cut off": b"HTTP/1.1 403 No\r\nContent-Length: 900\r\n\r\nyou",
    "bad chunks": b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("name", STATUSES)
def test_redirects_and_refusals_end_it_and_lead_nowhere(name: str) -> None:
    refused = pytest.raises(QwattError, match="the provider refuses")
    with serving(lambda *_: STATUSES[name]) as url, refused as caught:
        Dispatch(HttpProvider(url, 5), Ledger(None), sleep=no_sleep).price()
    assert SECRET not in str(caught.value)


AGAIN = {
    "429 alone": whole(b"", b"429 Slow down"),
    "429 until a date": whole(b"", b"429 No", b"Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"),
    "503 with words": whole(b"soon", b"503 Busy", b"Retry-After: soon"),
    "nothing": whole(b""),
    "nothing of it": b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n",
    "torn JSON": whole(b'{"usd_per_job": 0, "usd_per_'),
    "torn in a text behind a brace": whole(b'{"usd_per_job": 0, "note": "by {job}'),
    "torn body": b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"usd_per_job": 0',
    "no status": b"hello\r\n\r\n",
    "hangs up": b"",
    "endless header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
}


@pytest.mark.parametrize("name", AGAIN)
def test_what_may_pass_is_asked_again(name: str) -> None:
    waits: list[float] = []
    with serving(lambda _, times: AGAIN[name] if times < 3 else whole(PRICE)) as url:
        found = Dispatch(HttpProvider(url, 5), Ledger(None), sleep=waits.append).price()
    assert (found.usd_per_job, waits) == (0.0, [0.1, 0.2])


def test_a_wait_without_end_is_not_waited_for() -> None:
    endless = whole(b"", b"429 No", b"Retry-After: " + b"9" * 400)
    with serving(lambda *_: endless) as url, pytest.raises(QwattError, match="has not answered for 0 s"):
        Dispatch(HttpProvider(url, 5), Ledger(None), sleep=no_sleep).price()


def test_an_answer_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qwatt.quantum.remote.http._LARGEST", 100_000)
    refused = pytest.raises(QwattError, match="longer than 100,000 bytes")
    with serving(lambda *_: whole(b"{" + b" " * 200_000)) as url, refused:
        HttpProvider(url, 5).price()


@pytest.mark.parametrize(
    "url",
    [
        "https://", "https://[::1", "https://host:port/v1", "https://host:99999", "https://host/v1?key=secret",
        "https://host/v1#secret", "https://host/a b", "https://host/\n", "https://h\u00f6st/v1", "https:///v1",
        "https://alice:secret99", "https://host:secret99", "alice:secret@host/x",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(QwattError) as caught:
        HttpProvider(url)
    assert "secret" not in str(caught.value)
    assert caught.value.mend


@pytest.mark.parametrize("token", [SECRET + "\n", SECRET + "\r\nX: y", SECRET + "\u00e9"])
def test_a_token_that_no_header_carries_is_refused_untold(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, token)
    with pytest.raises(QwattError, match="the token has characters") as caught:
        HttpProvider("http://127.0.0.1:9/v1").price()
    assert SECRET not in str(caught.value)
