"""Figures as files: each stands alone, nothing that a user wrote breaks out, and the page saves the same."""

import dataclasses
import re
import sys
from xml.etree import ElementTree

import pytest
from browser import asked
from markupsafe import escape

from qwatt.core.errors import QwattError
from qwatt.projection.project import project
from qwatt.projection.scenario.file import changed, load_scenario
from qwatt.report.gallery import png as drawing
from qwatt.report.gallery.figure import Figure, file_name, standalone
from qwatt.report.gallery.files import check_kind, write_figures
from qwatt.report.gallery.of_projection import projection_figures
from qwatt.report.projection import write_projection_report

EVIL = "\"><script>alert(1)</script>\x00\x1b]]>&'</title></style>"
SVG = "{http://www.w3.org/2000/svg}"
PLAIN = (
    '<svg viewBox="0 0 100 50" role="img" aria-label="a"><text class="tick" x="1" y="9">words</text></svg>'
)


@pytest.fixture(scope="module")
def projection():
    return project(load_scenario("my-model"), draws=100, seed=1)


@pytest.fixture(scope="module")
def written(projection, tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    return write_figures(projection_figures(projection), folder, "svg")


def test_every_figure_is_whole_and_says_what_it_is(projection, written):
    assert len(set(written)) == len(written) > 20
    for path, figure in zip(written, projection_figures(projection), strict=True):
        root = ElementTree.parse(path).getroot()
        assert path.name == f"{figure.name}.svg" and root.tag == f"{SVG}svg"
        assert root.findtext(f"{SVG}title") == figure.title
        said = root.findtext(f"{SVG}desc")
        assert "modelled" in said and projection.scenario.name in said and "qwatt" in said
        assert float(root.get("width")) > 0 and float(root.get("height")) > 0


def test_a_figure_needs_nothing_from_outside(written):
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert "var(" not in text and "url(" not in text and "href" not in text and "<script" not in text


def test_every_class_has_a_style(written):
    for path in written:
        root = ElementTree.parse(path).getroot()
        style = root.findtext(f"{SVG}style")
        classes = {name for node in root.iter() for name in node.get("class", "").split()}
        assert all(re.search(rf"\.{name}[ ,]", style) for name in classes - {"name"})  # a name is plain text


def test_what_people_wrote_does_not_break_out(projection):
    entries = [
        dict(entry) | {"name": EVIL, "stage": EVIL, "limit": EVIL} for entry in projection.enhancements
    ]
    for entry in entries:
        entry["tornado"] = [dict(bar) | {"meaning": EVIL} for bar in entry["tornado"]]
    scenario = changed(projection.scenario, {"name": EVIL})
    cycle = dataclasses.replace(projection.cycle, scenario=scenario)
    evil = dataclasses.replace(projection, scenario=scenario, cycle=cycle, enhancements=tuple(entries))
    for figure in projection_figures(evil):
        text = standalone(figure)
        tags = {node.tag.removeprefix(SVG) for node in ElementTree.fromstring(text).iter()}
        assert tags <= {
            "svg",
            "title",
            "desc",
            "style",
            "rect",
            "g",
            "text",
            "line",
            "circle",
            "path",
            "polyline",
        }
        assert "<script" not in text and "\x1b" not in text and "\x00" not in text


def test_a_name_is_a_file_name_whatever_it_was():
    assert file_name("curation/dedup", "My Data.csv", "xs") == "curation-dedup-my-data-csv-xs"
    assert file_name("../../etc/passwd\0\n") == "etc-passwd"
    assert file_name("///") == "figure" and len(file_name("x" * 999)) <= 100


def test_two_figures_of_one_name_are_two_files(tmp_path):
    figure = Figure("same", "a title", "modelled", "here", PLAIN)
    paths = write_figures([figure, figure], tmp_path / "new" / "folder", "svg")
    assert [path.name for path in paths] == ["same.svg", "same-2.svg"] and all(p.is_file() for p in paths)


def test_figures_do_not_change_between_runs(projection, written, tmp_path):
    again = write_figures(projection_figures(projection), tmp_path, "svg")
    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in written]


def test_png_has_the_pixels_of_its_figure(tmp_path):
    pytest.importorskip("resvg_py", reason="needs qwatt[figures]")
    from PIL import Image

    figure = Figure("one", "a title", "modelled", "here", PLAIN)
    (path,) = write_figures([figure], tmp_path, "png")
    image = Image.open(path).convert("RGB")
    height = float(ElementTree.fromstring(standalone(figure)).get("height"))
    assert image.size == (100 * drawing.ZOOM, height * drawing.ZOOM)
    assert image.getpixel((0, 0)) == (255, 255, 255)


def test_png_without_its_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(QwattError, match=r"pip install 'qwatt\[figures\]'"):
        check_kind("png")


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(QwattError, match="taken: cannot be written"):
        write_figures([], tmp_path / "taken", "svg")


def test_the_page_saves_the_same_figures(projection, tmp_path):
    scenario = changed(projection.scenario, {"name": EVIL.replace("\x00", "").replace("\x1b", "")})
    evil = dataclasses.replace(projection, scenario=scenario)
    page = write_projection_report(evil, tmp_path / "out").read_text(encoding="utf-8")
    figures = {figure.name: standalone(figure) for figure in projection_figures(evil)}
    script = """
        let text; const texts = {};
        window.Blob = class { constructor(parts) { text = parts.join(""); } };
        URL.createObjectURL = () => "blob:none";
        HTMLAnchorElement.prototype.click = function () { texts[this.download] = text; };
        for (const button of document.querySelectorAll(".save-figure")) button.click();
        return texts;"""
    saved = asked(page, script, tmp_path)
    assert set(saved) == {f"{name}.svg" for name in figures}
    for name, text in figures.items():
        assert ElementTree.canonicalize(saved[f"{name}.svg"]) == ElementTree.canonicalize(text)


def test_a_page_shows_the_folders_figures(projection, written):
    page = (written[0].parent / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<img src="([^"]*)"', page) == [path.name for path in _folded_last(written)]
    assert "http:" not in page and "https:" not in page and "<script" not in page
    for figure in projection_figures(projection):
        assert f'alt="{escape(figure.title)}"' in page


def _folded_last(paths):
    return sorted(paths, key=lambda path: path.name.startswith("what-moves-"))


def test_what_people_wrote_does_not_break_out_of_that_page(tmp_path):
    write_figures([Figure("one", EVIL, EVIL, EVIL, PLAIN)], tmp_path, "svg")
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<script" not in page and "\x1b" not in page and "\x00" not in page


def test_a_page_of_somebody_else_is_left_alone(tmp_path):
    mine = tmp_path / "index.html"
    mine.write_text("my own page")
    write_figures([Figure("one", "a title", "modelled", "here", PLAIN)], tmp_path, "svg")
    assert mine.read_text() == "my own page" and (tmp_path / "one.svg").is_file()
