"""Runs a page in headless Chromium, and returns what a script found in it."""

import html
import json
import re
import shutil
import subprocess

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FOUND = re.compile(r'<pre id="found-by-the-test">(.*?)</pre>', re.S)
_POLICY = re.compile('<meta http-equiv="Content-Security-Policy"[^>]*>')
"""The page lets no script run but its own; the test's may here."""


def chromium():
    """Return the browser, or skip the test with a message."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    return found


def asked(page, script, folder, width=1280):
    """Return what a script finds in a page once it has loaded; errors of the page's own scripts fail.

    Args:
        page: the whole HTML.
        script: the body of an async function whose value is JSON.
        folder: for the page's file and the browser's profile.
        width: of the window, in pixels.
    """
    path = folder / "asked.html"
    listen = '<script>window.failures=[];addEventListener("error",(e)=>failures.push(e.message))</script>'
    end = f"""<pre id="found-by-the-test"></pre><script>
        (async () => {{ {script} }})()
          .then((answer) => ({{ answer }}), (error) => ({{ failed: String(error) }}))
          .then((found) => {{ document.getElementById("found-by-the-test").textContent =
            JSON.stringify({{ ...found, failures }}); }});
        </script></body>"""
    head, body, tail = page.rpartition("</body>")
    text = (head + end + tail if body else page + end).replace("<head>", f"<head>{listen}", 1)
    path.write_text(_POLICY.sub("", text), encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--dump-dom")
    window = f"--window-size={width},1000"
    profile = f"--user-data-dir={folder / 'profile'}"
    ran = subprocess.run(
        [chromium(), *options, window, profile, path.as_uri()], capture_output=True, text=True, timeout=120
    )
    found = json.loads(html.unescape(_FOUND.search(ran.stdout)[1]))
    assert found["failures"] == [] and "failed" not in found, found
    return found["answer"]
