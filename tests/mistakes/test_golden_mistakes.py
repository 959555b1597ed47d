"""The golden catalogue: every wrong input is answered with code 2, no traceback, and exactly its text."""

import json
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from qwatt.cli.app import run
from qwatt.core import registry
from qwatt.core.printable import printable

HERE = Path(__file__).parent
MISTAKES = sorted(path.name for path in HERE.iterdir() if (path.is_dir() and not path.name.startswith("_")))
WITHOUT_ARGV = {
    "study.toml": ["run study.toml --out run", "plan study.toml"],
    "scenario.toml": ["project scenario.toml --draws 100 --out projected"],
}
TASKS = ("curation/dedup", "tuning/head")


@pytest.fixture(autouse=True)
def _two_tasks(monkeypatch):
    """Know these tasks alone: messages list what is known, and a new task must not change any of them."""
    known = registry.all_tasks()
    monkeypatch.setattr(registry, "_tasks", {name: known[name] for name in TASKS})


def command_lines(folder):
    """Return the command lines of a mistake; `{run,plan} ...` stands for both."""
    if not (folder / "argv").exists():
        return next(lines for name, lines in WITHOUT_ARGV.items() if (folder / name).exists())
    line = (folder / "argv").read_text().strip()
    if not line.startswith("{"):
        return [line]
    verbs, _, rest = line[1:].partition("}")
    return [f"{verb}{rest}" for verb in verbs.split(",")]


def answer(words, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["qwatt", *words])
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        run()
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def normal(text, place):
    return text.replace(str(place), "PLACE")


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_exactly_its_message(name, request, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    golden = HERE / name / "expected.txt"
    for line in command_lines(HERE / name):
        place = tmp_path / line.split()[0]
        shutil.copytree(HERE / name, place, ignore=shutil.ignore_patterns("expected.txt", "argv"))
        monkeypatch.chdir(place)
        before = sorted(place.rglob("*"))
        code, out, err = answer(shlex.split(line), capsys, monkeypatch)
        told = normal(err, place)
        assert (code, out) == (2, ""), told or out
        assert told.startswith("error: ") and "Traceback" not in told and "\n  mend: " in told
        if request.config.getoption("--update-mistakes", default=False):
            golden.write_text(told)
        assert told == golden.read_text()
        assert [path for path in before if not path.exists()] == [], "nothing is lost by a refusal"
        code, out, err = answer(as_json(shlex.split(line)), capsys, monkeypatch)
        error = json.loads(out)["error"]
        where = f"{error['where']}: " if error["where"] else ""
        same = f"error: {where}{error['what']}\n  mend: {error['mend']}\n"
        assert (code, err, printable(normal(same, place))) == (2, "", told)


def as_json(words):
    """Return the command line with --json before its first option."""
    first = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    return [*words[:first], "--json", *words[first:]]
