"""Links that lead in a circle: an output takes their place, an input is refused by name."""

import json

import pytest

from qwatt.core.durable import write_out


@pytest.fixture
def circle(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.jsonl").symlink_to("back.jsonl")
    (tmp_path / "back.jsonl").symlink_to("there.jsonl")
    (tmp_path / "folder").symlink_to("folder")
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "one document of a few words"}) + "\n")
    return tmp_path / "there.jsonl"


def test_a_link_in_a_circle_gives_way_to_the_file(circle):
    write_out(circle, "text", "name another")
    assert circle.read_text() == "text"


@pytest.mark.parametrize(
    "line",
    [
        "dedup a.jsonl --out there.jsonl",
        "dedup a.jsonl --out folder/out.jsonl",
        "dedup there.jsonl --out out.jsonl",
        "predict folder --data there.jsonl --out back.jsonl",
        "run curation/dedup --data a.jsonl --method exact-hash --size xs --out folder",
        "runs list folder",
    ],
)
def test_verbs_name_what_leads_in_a_circle(qwatt, circle, line):
    ran = qwatt(line)
    if line == "dedup a.jsonl --out there.jsonl":
        assert ran.code == 0 and circle.read_bytes() == (circle.parent / "a.jsonl").read_bytes()
    else:
        assert ran.code == 2 and ran.err.startswith("error: ") and "mend: " in ran.err
