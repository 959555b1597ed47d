"""What others name is shown, never obeyed, and no secret passes: terminal, report, records."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import warnings

import pytest

from qwatt.cli.app import run as run_command
from qwatt.cli.edge import edge
from qwatt.core.errors import QwattError
from qwatt.core.printable import one_line, printable

ODD = "[/b][red] \x1b[31mred\x1b]0;own\x07 \u202ebackwards\u2066 two\nlines\t\x9b1m \u200b<script>"
ACTIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]")
TOKEN = "hf_QwErTyUiOpAsDfGhJkLz99"
SCENARIO = """
name = %s
[model]
params = 1e9
[training]
accelerator = "a100"
tokens = 2e10
[deployment]
accelerator = "l4"
requests_per_day = 100
input_tokens = 100
output_tokens = 50
years = 1
"""


def test_a_corpus_with_an_odd_name(qwatt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    odd = "[red] \x1b[31m \u202eback two\nlines.jsonl"
    (tmp_path / odd).write_text(
        "".join(json.dumps({"text": f"a day number {i} of many"}) + "\n" for i in range(40))
    )
    ran = qwatt(
        ["run", "curation/dedup", "--data", odd, "--method", "exact-hash", "--seeds", "1", "--out", "o"]
    )
    assert ran.code == 0
    for shown in (ran.out, ran.err, (tmp_path / "o/report.html").read_text()):
        assert not ACTIVE.search(shown)
    assert "[red] \\x1b[31m \\u202eback two\\nlines" in ran.out
    assert "[red] \\x1b[31m \\u202eback two" in (tmp_path / "o/report.html").read_text()
    missing = qwatt(["run", "curation/dedup", "--data", "no" + odd, "--out", "p"])
    assert missing.code == 2
    assert not ACTIVE.search(missing.err)
    assert missing.err.count("\n") == 2, "one line for the error, one for its mend"


def test_a_scenario_with_an_odd_name(qwatt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.toml").write_text(SCENARIO % json.dumps(ODD))
    ran = qwatt("project odd.toml --draws 100 --out p")
    assert ran.code == 0
    page = (tmp_path / "p/report.html").read_text()
    for shown in (ran.out, ran.err, page):
        assert not ACTIVE.search(shown)
    assert "[/b][red] \\x1b[31mred\\x1b]0;own\\x07" in ran.out
    assert "<script>" not in page.split("<title>")[1].split("</title>")[0]


@pytest.mark.parametrize(
    "character", ["\x1b", "\x07", "\r", "\x9b", "\u202e", "\u2066", "\u200f", "\u2028", "\ufeff"]
)
def test_a_character_that_acts_is_escaped(character):
    assert printable(f"a{character}b") == "a" + character.encode("unicode_escape").decode() + "b"
    assert one_line("a\nb\tc") == "a\\nb\\tc"


@pytest.mark.parametrize("text", ["äöü", "数据", "👩\u200d🔬", "a b", "µJ – · é"])
def test_ordinary_writing_stays(text):
    assert printable(text) == text


def test_an_error_is_one_line_and_its_mend(qwatt):
    error = QwattError(f"no {ODD}", where=f"in {ODD}", mend="another")
    assert str(error).count("\n") == 1
    assert not ACTIVE.search(str(error).replace("\n", " "))


def test_whatever_is_written_to_a_stream_is_scrubbed_and_escaped(capsys, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with edge():
        print(f"{TOKEN} \x1b[2J")
        logging.StreamHandler(sys.stderr).emit(
            logging.LogRecord("hub", logging.ERROR, "", 1, f"GET /?token={TOKEN}\x1b]0;x\x07", None, None)
        )
        sys.stderr.write(warnings.formatwarning(f"used {TOKEN[:16]}", UserWarning, "file", 1))
        sys.excepthook(ValueError, ValueError(f"for {TOKEN}"), None)
    shown = "".join(capsys.readouterr())
    assert TOKEN[:10] not in shown and shown.count("***") == 4
    assert not ACTIVE.search(shown)


def test_a_plugin_whose_methods_and_backends_repeat_a_token(qwatt, tmp_path, monkeypatch):
    from qwatt.stages.curation.dedup.exact_hash import ExactHash

    monkeypatch.setenv("SERVICE_API_KEY", TOKEN)
    monkeypatch.chdir(tmp_path)

    def fail(self, problem, settings, context):
        raise RuntimeError(f"401 for {TOKEN} \x1b[31m at https://me:{TOKEN}@api.example.org")

    monkeypatch.setattr(ExactHash, "run", fail)
    ran = qwatt("run curation/dedup --size xs --data builtin:phrases --method exact-hash --seeds 1 --out o")
    assert ran.code == 1
    told = qwatt(
        "run curation/dedup --size xs --data builtin:phrases --method exact-hash --seeds 1 --out o --json"
    )
    texts = [ran.out, ran.err, told.out, told.err]
    texts += [file.read_text("utf-8", "replace") for file in (tmp_path / "o").rglob("*") if file.is_file()]
    assert len(texts) > 7
    for text in texts:
        assert TOKEN[3:14] not in text
        assert not ACTIVE.search(text)
    assert "401 for ***" in told.record["errors"][0]["error"]


def test_an_unexpected_exception_is_not_swallowed(monkeypatch):
    monkeypatch.setattr("qwatt.cli.app.command", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_command()


def test_an_interrupt_while_verbs_are_imported_ends_without_a_traceback():
    code = (
        "import sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'qwatt.cli.app': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from qwatt.cli import main\n"
        "main()\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (130, "", "")
