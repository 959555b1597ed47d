"""The page in headless Chromium: nothing off-screen, no request, no error, and readable without scripts."""

import functools
import http.server
import re
import subprocess
import threading

import pytest
from browser import asked, chromium
from test_page import finished, make

from qwatt.projection.project import project
from qwatt.projection.scenario.file import load_scenario
from qwatt.report import write_report


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder, _, _ = make(tmp_path_factory.mktemp("page"), finished)
    projection = project(load_scenario("my-model"), draws=100, seed=1, run_folder=folder)
    return write_report(folder, projection).read_text(encoding="utf-8")


def frame(page, width):
    """Wrap a page into a frame of a given width, for a window cannot be narrower than 500 pixels."""
    text = page.replace("&", "&amp;").replace('"', "&quot;")
    inside = f'<iframe width="{width}" height="900" srcdoc="{text}"></iframe>'
    return f"<!doctype html><head></head><body>{inside}</body>"


MEASURE = """
    const frame = document.querySelector("iframe");
    while (!frame.contentDocument?.querySelector("footer")) await new Promise((done) => setTimeout(done, 50));
    const inside = frame.contentDocument, all = (what) => [...inside.querySelectorAll(what)];
    all("details").forEach((d) => { d.open = true; });
    const wide = inside.documentElement.clientWidth;
    const right = (e) => e.getBoundingClientRect().right, width = (e) => e.getBoundingClientRect().width;
    const shown = (found) => found.map((e) => e.outerHTML.slice(0, 200));
    const pushed = (e) => e.closest(".scroll, pre, svg");
    return {
      width: wide,
      whole: inside.documentElement.scrollWidth,
      out: shown(all("main *").filter((e) => !pushed(e) && right(e) > wide + 1)),
      pictures: all(".fig svg").filter((e) => width(e) > wide).length,
      drawn: all(".fig svg").filter((e) => width(e) > 0).length,
      scrolls: shown(all(".scroll").filter((e) => e.scrollWidth > e.clientWidth + 1)),
    };"""


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_off_screen(page, tmp_path, width):
    found = asked(frame(page, width), MEASURE, tmp_path)
    assert found["whole"] <= found["width"] and found["out"] == [] and found["pictures"] == 0
    assert found["drawn"] > 10
    assert found["scrolls"] == [], "no table and no picture has to be pushed aside"


CUT = """
    const frame = document.querySelector("iframe");
    while (!frame.contentDocument?.querySelector("footer")) await new Promise((done) => setTimeout(done, 50));
    const inside = frame.contentDocument, all = (what) => [...inside.querySelectorAll(what)];
    all("details").forEach((d) => { d.open = true; });
    const cut = (label) => {
      const box = label.getBoundingClientRect(), whole = label.closest("svg").getBoundingClientRect();
      return box.width > 0 && (box.left < whole.left - 1 || box.right > whole.right + 1);
    };
    const labels = all(".fig svg text").filter((label) => label.getBoundingClientRect().width > 0);
    return { labels: labels.length, cut: labels.filter(cut).map((label) => label.outerHTML) };"""


@pytest.mark.parametrize("width", [1280, 390])
def test_no_label_of_a_picture_is_cut_off(page, tmp_path, width):
    found = asked(frame(page, width), CUT, tmp_path)
    assert found["labels"] > 50 and found["cut"] == []


class Counting(http.server.SimpleHTTPRequestHandler):
    """Serves the page and remembers what was asked for."""

    asked_for: list[str] = []

    def do_GET(self):
        self.asked_for.append(self.path)
        super().do_GET()

    def log_message(self, *arguments):
        pass


def test_the_page_asks_for_nothing_and_its_console_stays_empty(page, tmp_path):
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    handler = functools.partial(Counting, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"]
        options += ["--virtual-time-budget=4000", "--dump-dom", f"--user-data-dir={tmp_path / 'profile'}"]
        address = f"http://127.0.0.1:{server.server_port}/report.html"
        ran = subprocess.run([chromium(), *options, address], capture_output=True, text=True, timeout=120)
        server.shutdown()
    assert [path for path in Counting.asked_for if path != "/favicon.ico"] == ["/report.html"]
    assert "CONSOLE" not in ran.stderr, ran.stderr
    assert 'id="theme" type="button" aria-label' in ran.stdout, "the page's own script ran under its policy"
    assert ran.stdout.count('class="save-figure"') > 10


def test_a_link_opens_what_it_leads_to(page, tmp_path):
    link = re.search(r'href="#(verdict-[^"]*)"', page)[1]
    script = f"""
        const target = document.getElementById({link!r});
        const before = target.closest("details.stage-fold").open;
        location.hash = {link!r};
        await new Promise((done) => setTimeout(done, 200));
        return [before, target.open, target.closest("details.stage-fold").open];"""
    assert asked(page, script, tmp_path) == [False, True, True]


def test_the_theme_turns_and_the_text_to_file_is_copied(page, tmp_path):
    script = """
        let copied;
        const clipboard = { writeText: async (text) => { copied = text; } };
        Object.defineProperty(navigator, "clipboard", { value: clipboard });
        const colour = () => getComputedStyle(document.body).backgroundColor;
        const light = colour();
        document.getElementById("theme").click();
        document.querySelector("button[data-copy]").click();
        await new Promise((done) => setTimeout(done, 100));
        return [light, colour(), copied === document.getElementById("filetext").innerText];"""
    light, dark, same = asked(page, script, tmp_path)
    assert (light, dark, same) == ("rgb(255, 255, 255)", "rgb(20, 22, 26)", True)


def test_without_javascript_everything_still_reads(page):
    plain = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert "result " in plain and 'id="filetext"' in plain
