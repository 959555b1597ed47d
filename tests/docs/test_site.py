"""The generated pages say what the code and the catalogue say; the site builds without a warning."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from qwatt.core.registry import all_methods, all_tasks

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "src/qwatt/catalogue"


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    sys.path.insert(0, str(ROOT / "docs/generate"))
    try:
        from catalogue_pages import catalogue_pages
        from stage_pages import stage_pages
        from taken_pages import taken_pages
    finally:
        sys.path.pop(0)
    assert stage_pages() == stage_pages()
    return taken_pages(ROOT) | stage_pages() | catalogue_pages(CATALOGUE)


def targets(entry) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    inner = entry.values() if isinstance(entry, dict) else entry
    return [path for value in inner for path in targets(value)]


def test_every_task_and_method_is_on_its_stages_page(generated) -> None:
    for name in all_tasks():
        page = generated[f"stages/{name.split('/')[0]}.md"]
        assert f"\n## {name}\n" in page
        section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        listed = re.findall(r"(?m)^\| `([^`]+)` \| (\w+)", section)
        assert sorted(listed) == sorted((m.name, m.kind.value) for m in all_methods(name))


def test_every_machine_of_the_catalogue_is_there_with_its_sources(generated) -> None:
    for file in CATALOGUE.glob("*.toml"):
        assert f"catalogue/{file.stem}.md" in generated
    page = generated["catalogue/qpus.md"]
    for name, machine in tomllib.loads((CATALOGUE / "qpus.toml").read_text()).items():
        section = page.partition(f"\n## {name.replace('_', chr(92) + '_')}\n")[2].partition("\n## ")[0]
        for field, number in machine.items():
            if isinstance(number, dict) and "value" in number:
                assert f"| {field.replace('_', chr(92) + '_')} | " in section, (name, field)
        assert machine["date"] in section


def test_no_cell_of_a_table_breaks_it(generated) -> None:
    for path, text in generated.items():
        if path.startswith(("catalogue/", "stages/")) and path != "catalogue/README.md":
            widths = {
                len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("|")
            }
            assert widths <= {6, 9}, path


def test_the_navigation_leads_to_pages_that_exist(generated) -> None:
    plain = (ROOT / "mkdocs.yml").read_text()
    for path in targets(yaml.safe_load(plain)["nav"]):
        assert path in generated or (ROOT / "docs" / path).is_file(), path


@pytest.mark.nightly
def test_the_site_builds_offline_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="the extra docs is not installed")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    home = (tmp_path / "site/index.html").read_text()
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']?https?:", home)
