"""What a page says to file and to repeat is true of where its numbers came from."""

import re
from html import unescape

import pytest

import qwatt
from qwatt.projection.scenario.file import scenario_files


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A user's copy that kept the name of a shipped scenario, with training recorded."""
    folder = tmp_path_factory.mktemp("own")
    copy = folder / "my-model.toml"
    copy.write_text(scenario_files()["my-model"].read_text().replace("params = 7.0e9", "params = 3.0e9"))
    with qwatt.record(folder / "run", stage="training"):
        sum(range(1000))
    life = qwatt.project(copy, run=folder / "run", draws=100, free_qpu=True)
    return life.write_report(folder / "page").report.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    life = qwatt.project("my-model", draws=100, seed=2)
    return life.write_report(tmp_path_factory.mktemp("shipped")).report.read_text(encoding="utf-8")


def filed(page):
    return unescape(re.search(r'<pre id="filetext"[^>]*>(.*?)</pre>', page, re.S)[1])


def test_what_was_recorded_is_filed_as_such(own, shipped):
    assert "Recorded energy stands in place of the calculated: training." in filed(own)
    assert "No measured run anchors it." in filed(shipped) and "Recorded" not in filed(shipped)
    assert "No measured run" not in filed(own)


def test_the_command_repeats_this_projection_and_no_other(own, shipped):
    assert "<pre>qwatt project my-model.toml --run RUN --free-qpu --draws 100 --seed 0</pre>" in own
    assert "<pre>qwatt project my-model --draws 100 --seed 2</pre>" in shipped
