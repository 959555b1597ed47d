"""Tokens in twenty forms are blanked, and what only looks odd is not."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import time
import uuid
from urllib.parse import quote, quote_plus

import pytest

from qwatt.core.secrets import scrubbed

NAMED = {
    "HF_TOKEN": "hf_" + "QwErTyUiOpAsDfGhJkLzXcVbNm12345678",
    "GITHUB_PAT": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "OPENAI_API_KEY": "sk-proj-" + "Ab12Cd34Ef56Gh78Ij90Kl12Mn34Op56",
    "SERVICE_AUTH": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
    "MY_PASS": "correct horse&battery=staple",
    "PROXY_PASSWORD": "pa:ss/w@rd%41#1",
    "IONQ_SECRET": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
}
SHORT = {"DB_PASS": "x9Kq", "DEVICE_KEY": "h4ck3", "CLOUD_TOKEN": "sesame"}


def _b64(text, before=b"", after=b""):
    return base64.b64encode(before + text.encode() + after).decode()


FORMS = {
    "bare": lambda t: f"failed for {t} today",
    "quoted": lambda t: f"KeyError: {t!r}",
    "bytes": lambda t: f"got {t.encode()!r}",
    "json": lambda t: json.dumps({"api": {"value": t}}),
    "json in json": lambda t: json.dumps(json.dumps([t])),
    "html": lambda t: f"<td>{html.escape(t)}</td>",
    "bearer": lambda t: f"Authorization: Bearer {t}",
    "header in a dict": lambda t: str({"authorization": f"token {t}"}),
    "query": lambda t: f"GET https://api.example.org/v1?user=me&k={quote(t, safe='')}&x=1",
    "plus-encoded": lambda t: f"form: k={quote_plus(t)}",
    "percent-encoded twice": lambda t: f"redirect=%2Fa%3Fk%3D{quote(quote(t, safe=''), safe='')}",
    "every byte percent-encoded": lambda t: "u=" + "".join(f"%{b:02X}" for b in t.encode()),
    "base64": lambda t: f"body {_b64(t)}",
    "base64 of a pair": lambda t: f"Basic {_b64(t, b'user:')}",
    "base64 inside, url-safe": lambda t: (
        "c=" + base64.urlsafe_b64encode(f"k={t};z".encode()).decode().rstrip("=")
    ),
    "hex": lambda t: t.encode().hex(),
    "upper case": lambda t: f"X-KEY {t.upper()}",
    "cut at the end": lambda t: f"invalid key {t[: len(t) * 2 // 3]}...",
    "cut at the beginning": lambda t: f"key ...{t[len(t) // 3 :]} is refused",
    "in a URL": lambda t: f"cannot reach https://me:{quote(t, safe='')}@proxy.example.org:3128/",
    "base64 twice": lambda t: f"secret: {_b64(_b64(t))}",
    "base64 cut short": lambda t: f"Basic {_b64(t, b'user:')[:-8]}...",
    "base32": lambda t: f"seed {base64.b32encode(t.encode()).decode()}",
    "hex with colons": lambda t: t.encode().hex(":"),
    "every byte escaped": lambda t: "".join(f"\\x{byte:02x}" for byte in t.encode()),
    "every character escaped": lambda t: "".join(f"\\u{ord(sign):04x}" for sign in t),
    "every character an entity": lambda t: "".join(f"&#{ord(sign)};" for sign in t),
}
ODD = [*list(FORMS)[-7:], "upper case", "hex", "cut at the beginning"]
"""Forms in which the beginning of a token of known form cannot be seen."""


def left_of(secret, text):
    """Return the longest stretch of a secret that is left in a text, decoded in every way."""
    low = text.lower()
    return max(
        (
            n
            for n in range(len(secret) + 1)
            for i in range(len(secret) - n + 1)
            if secret[i : i + n].lower() in low
        ),
        default=0,
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NAMED)
def test_a_token_of_the_environment_is_blanked_in_every_form(name, form, monkeypatch):
    monkeypatch.setenv(name, NAMED[name])
    text = scrubbed(FORMS[form](NAMED[name]))
    assert "***" in text
    assert left_of(NAMED[name], text) < 8
    for encoded in (_b64(NAMED[name])[:16], quote(NAMED[name], safe=""), NAMED[name].encode().hex()[:16]):
        assert encoded.lower() not in text.lower()
    for encode in ODD[:1] + ODD[2:7]:
        assert FORMS[encode](NAMED[name]).split()[-1].rstrip("=") not in text
    assert left_of(_b64(NAMED[name], b"user:")[8:-8], text) < 8


@pytest.mark.parametrize(
    "form", [f for f in FORMS if (not f.startswith(("base", "hex")) and "cut" not in f) or "pair" in f]
)
@pytest.mark.parametrize("name", SHORT)
def test_a_short_token_is_blanked_where_it_stands_alone(name, form, monkeypatch):
    monkeypatch.setenv(name, SHORT[name])
    assert SHORT[name].lower() not in scrubbed(FORMS[form](SHORT[name])).lower()


@pytest.mark.parametrize("form", [f for f in FORMS if f not in ODD])
@pytest.mark.parametrize("name", ["HF_TOKEN", "GITHUB_PAT", "OPENAI_API_KEY", "SERVICE_AUTH"])
def test_a_token_of_known_form_is_blanked_whoever_holds_it(name, form, monkeypatch):
    monkeypatch.delenv(name, raising=False)
    assert left_of(NAMED[name], scrubbed(FORMS[form](NAMED[name]))) < 16


@pytest.mark.parametrize(
    "text",
    [
        "https://anna:s3cret@pypi.example.org/simple",
        "http://s3cret@example.org",
        "socks5h://anna:s3cret@10.0.0.1:1080",
        "ProxyError('anna:s3cret@proxy.corp:3128')",
        "postgresql://anna:s3cret@localhost/runs",
        "password=s3cret&x=1",
        '{"password": "s3cret"}',
        "AWS_SESSION_TOKEN=s3cret",
        "called with --token s3cret",
        "Authorization: Basic " + _b64("anna:s3cret"),
        "Authorization: s3cret",
        "https://b.s3.amazonaws.com/o?X-Amz-Signature=s3cret",
        "-----BEGIN RSA PRIVATE KEY-----\ns3cret\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_what_signs_in_is_blanked_without_any_environment(text):
    found = scrubbed(text)
    assert "s3cret" not in found and _b64("anna:s3cret") not in found and "***" in found


def test_what_a_proxy_of_the_environment_signs_in_with_is_blanked_everywhere(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://anna:s3cret-9@proxy.corp:3128")
    assert scrubbed("407: user anna, password s3cret-9") == "407: user anna, password ***"


ORDINARY = [
    hashlib.sha256(b"data").hexdigest(),
    hashlib.md5(b"data").hexdigest(),
    "sha256:" + hashlib.sha256(b"more").hexdigest(),
    "0123456789abcdef the id of a trial",
    str(uuid.uuid5(uuid.NAMESPACE_DNS, "qwatt")),
    "independent-set-annealing, reupload-separable, linear-same-size, hf_transfer, hf_xet, sk-learn",
    "curation/dedup on docs.jsonl#body, size xs, backend pennylane:lightning.qubit?seed=1",
    "artifacts/curation/dedup/independent-set-qaoa@2/corpus.jsonl",
    "joules per token: 0.0031; tokens = 2T; token 5 of 80; eos_token='</s>', max_token=200",
    "a basic training of a bearer of news; the secret of good tokenisation; password managers",
    "https://example.org:8080/a/b?c=d#e, https://arxiv.org/abs/2508.20720v1, git@github.com:a/b.git",
    "ssh://git@github.com/a/b, mail anna@example.org, 3:2@half, minhash:0.5",
    "dGhpcyBpcyBwbGFpbiB0ZXh0IGluIGJhc2U2NCBhbmQgbm8gc2VjcmV0",
    'json {"quality": 0.9, "shots": 1000, "energy_j": {"value": 12345678.9}}',
    "deep/path/with/many/parts/that/are/long/enough/to/look/like/base64/file.py, line 12, in run",
    "field qpu.ibm_kingston.energy_j: neither a number within bounds nor an interval of low, value and high",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays(text, monkeypatch):
    for name, value in (NAMED | SHORT).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "curation")
    monkeypatch.setenv("PASS", "1000")
    monkeypatch.setenv("PWD", "/runs")
    monkeypatch.setenv("RAY_AUTH_MODE", "token")  # what Ray sets itself
    assert scrubbed(text) == text


def test_a_megabyte_takes_less_than_two_seconds(monkeypatch):
    for name, value in (NAMED | SHORT).items():
        monkeypatch.setenv(name, value)
    text = " ".join(ORDINARY) * 500
    begun = time.process_time()
    scrubbed(text)
    assert time.process_time() - begun < 2 * len(text) / 1e6
