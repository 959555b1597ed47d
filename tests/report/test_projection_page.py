"""The projection's page: self-contained, escaped, complete, and the same numbers as its record."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from qwatt.projection.project import project
from qwatt.projection.scenario.file import changed, load_scenario
from qwatt.report.page import render
from qwatt.report.parts.needs import nearest
from qwatt.report.projection import write_projection_report
from qwatt.report.projection.screen import print_in_short
from qwatt.report.projection.verdict_counts import counted, counted_of
from qwatt.report.subject import Subject

EVIL = '<script>alert("x")</script>'
VOID = {"meta", "br", "input"}


class Balanced(HTMLParser):
    """Collects ids, links and every attribute that could load something; refuses unbalanced tags."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.loads = [], set(), set(), []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids.add(found.get("id"))
        self.loads += [v for k, v in attributes if k in ("src", "srcset", "action") or k.startswith("on")]
        if tag in ("link", "iframe", "img", "object"):
            self.loads.append(tag)
        if "href" in found:
            self.links.add(found["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page_of(projection):
    return render(Subject(projection.scenario.name, projection=projection))


@pytest.fixture(scope="module")
def projection():
    return project(load_scenario("my-model"), draws=200, seed=1)


@pytest.fixture(scope="module")
def page(projection):
    return page_of(projection)


def read(text):
    reader = Balanced()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_the_page_is_self_contained(page):
    reader = read(page)
    assert reader.loads == []
    assert all(link.startswith("#") and link[1:] in reader.ids for link in reader.links)
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.S))
    assert "url(" not in styles and "@import" not in styles
    assert "viewport" in page and "@media print" in styles and "max-width: 640px" in styles


def test_the_page_shows_every_part(projection, page):
    record = projection.to_record()
    for entry in record["enhancements"]:
        assert f"<summary><b>{escape(entry['name'])}</b> <small>{entry['verdict']};" in page
    cells = sum(len(e["p_advantage"]) for e in record["enhancements"] if e["kind"] != "none")
    cells += 7 * 25  # a row a stage
    drawn = re.findall(r'<path d="([^"]*)"[^>]*><title>[^<]*, (20\d\d)(?: to (20\d\d))?: ', page)
    assert [d.count("M") for d, _, _ in drawn] == [
        int(last or first) - int(first) + 1 for _, first, last in drawn
    ]
    assert sum(d.count("M") for d, _, _ in drawn) == cells
    assert page.count('<details class="card" id="verdict-') == len(record["enhancements"])
    for finding in {claim["finding"] for claim in record["claims"]}:
        shown = page.count(f'<span class="word">{finding}</span></div>')
        assert shown == sum(claim["finding"] == finding for claim in record["claims"])
    for label in (
        "Life-cycle energy by stage",
        "Break-even years",
        "Powers of ten between",
        "Distance against what",
    ):
        assert f'aria-label="{label}' in page
    assert "What moves the answer for" in page and "net present value" in page


def test_verdicts_are_folded_by_stage_and_counted(projection, page):
    record = projection.to_record()
    stages = {entry["stage"] for entry in record["enhancements"]}
    assert page.count('<details class="stage-fold') == len(stages) == 7
    verdicts = [entry["verdict"] for entry in record["enhancements"] if entry["kind"] != "none"]
    assert counted(verdicts).capitalize() in page and counted(["do not"] * 7) == "all 7: do not"
    assert counted(["do not", "watch", "do not"]) == "1 watch, 2 do not"


def test_the_terminal_and_the_page_count_the_same_verdicts(projection, page, capsys):
    record = projection.to_record()
    print_in_short(record)
    printed = " ".join(capsys.readouterr().out.split())
    encoding = [entry for entry in record["enhancements"] if entry["stage"] == "encoding"]
    assert {entry["kind"] for entry in encoding} == {"quantum", "none"}
    counts = counted_of(encoding)
    assert f"encoding {counts}" in printed and f"encoding <small>{counts}</small>" in page


def test_a_lever_that_loses_by_construction_is_not_among_those_that_a_better_machine_helps(projection):
    record = projection.to_record()
    first = nearest(record["enhancements"])[0]
    entries = [
        e | {"limit": "by construction"} if e["id"] == first["id"] else e for e in record["enhancements"]
    ]
    found = nearest(entries)
    assert found and first["id"] not in {entry["id"] for entry in found}


def test_a_verdict_leads_to_its_catalogue_entry(projection, page):
    ids = read(page).ids
    for entry in projection.enhancements:
        slug = entry["id"].replace("/", "-")
        assert f"verdict-{slug}" in ids and f"card-{slug}" in ids and f'href="#card-{slug}"' in page


def test_every_verdict_has_a_rule_that_the_page_prints(projection, page):
    assert all(word in page for word in ("Use now: ", "Pilot: ", "Watch: ", "Do not: "))
    for word, when in projection.to_record()["assumptions"]["rule"].items():
        assert str(escape(f"{word.capitalize()}: {when}.")) in page


def test_text_from_data_is_escaped(projection):
    entries = [
        dict(entry) | {"name": EVIL, "why": EVIL, "verdict": EVIL} for entry in projection.enhancements
    ]
    for entry in entries:
        entry["tornado"] = [dict(bar) | {"meaning": EVIL} for bar in entry["tornado"]]
    claims = [dict(claim) | {"text": EVIL, "evidence": EVIL, "source": EVIL} for claim in projection.claims]
    scenario = changed(projection.scenario, {"name": EVIL, "note": EVIL})
    evil = dataclasses.replace(
        projection, scenario=scenario, enhancements=tuple(entries), claims=tuple(claims)
    )
    text = page_of(evil)
    assert "<script>alert" not in text and "&lt;script&gt;" in text
    assert read(text).loads == []


def test_no_number_is_written_with_false_precision(page):
    text = re.sub(r"<(style|svg).*?</\1>", "", page, flags=re.S)
    table = re.findall(r'<td class="n"[^>]*><div>(.*?)</div>', text)
    numbers = re.findall(r"\d[\d,]*(?:\.\d+)?", " ".join(table))
    digits = [n.replace(",", "").replace(".", "").strip("0") for n in numbers]
    assert len(digits) > 100 and max(map(len, digits)) <= 3
    assert "nan" not in text.lower().split() and "None" not in text


def test_written_files(projection, tmp_path):
    path = write_projection_report(projection, tmp_path / "new" / "folder")
    names = {entry.name for entry in path.parent.iterdir()}
    assert names == {"report.html", "projection.json", "projection.csv", "levers.csv", "life_cycle.csv"}
