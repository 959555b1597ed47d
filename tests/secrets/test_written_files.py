"""No file of a projection, an export or a picture, and no notebook, shows a secret of the environment."""

import json
import shutil
from pathlib import Path

import pytest

import qwatt
from qwatt.core.errors import QwattError
from qwatt.core.study_file import load_study
from qwatt.report.formats.write import FORMS

SECRET = "7f3e9a1c5b2d8e4f6a0b1c2d3e4f5a6b"
ROOT = Path(__file__).parents[2]
RUN = ROOT / "tests" / "records_of_old" / "format1_details"
STUDY = '[[tasks]]\ntask = "tuning/head"\nsource = "builtin:weather"\n'


@pytest.fixture(autouse=True)
def _in_the_environment(monkeypatch):
    monkeypatch.setenv("IONQ_API_KEY", SECRET)


def held_by(folder):
    return [f.name for f in folder.rglob("*") if f.is_file() and SECRET in f.read_text("utf-8")]


def test_a_projection_shows_no_secret_that_its_scenario_holds(tmp_path):
    text = (ROOT / "scenarios" / "my-model.toml").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("name =", "note ="))]
    scenario = tmp_path / "own.toml"
    scenario.write_text("\n".join([f'name = "of {SECRET}"', f'note = "{SECRET}"', *lines]), "utf-8")
    found = qwatt.project(str(scenario), draws=100, out=tmp_path / "out")
    assert held_by(tmp_path / "out") == [] and "of ***" in (tmp_path / "out" / "report.html").read_text()
    assert SECRET not in found._repr_html_() + repr(found)


@pytest.mark.parametrize("form", FORMS)
def test_an_export_shows_no_secret_that_an_older_record_holds(form, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(RUN, run)
    trials = run / "trials.jsonl"
    records = [json.loads(line) for line in trials.read_text("utf-8").splitlines()]
    records[0] |= {"status": "failed", "error": f"RuntimeError: 401 for {SECRET}", "traceback": SECRET}
    trials.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    qwatt.export(run, form, out=tmp_path / "out" / "x")
    assert held_by(tmp_path / "out") == []


@pytest.mark.parametrize("line", [f'name = "{SECRET}"', f"# by {SECRET}", f'description = """\n{SECRET}"""'])
def test_a_study_that_is_kept_as_it_is_holds_no_secret_anywhere(line, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(f"{line}\n{STUDY}", "utf-8")
    with pytest.raises(QwattError, match="holds a token or password") as caught:
        load_study(path)
    assert f"study.toml, line {line.count(chr(10)) + 1}" in str(caught.value)
    assert SECRET not in str(caught.value) and "environment variable" in caught.value.mend
