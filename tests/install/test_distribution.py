"""The wheel and the source distribution: built twice, compared, and used as a light install."""

import hashlib
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from distributions import CLEAN, ROOT, build, command

pytestmark = [pytest.mark.nightly, pytest.mark.network]

LIMIT_MB = 150
EXECUTING = ["run curation/dedup", "plan curation/dedup", "dedup a.jsonl --out b.jsonl",
             "predict runs/x --data a.csv", "train-lm a.jsonl --out lm", "watch a.jsonl"]  # fmt: skip


def test_the_wheel_is_reproducible(built: Path, tmp_path: Path) -> None:
    digests = {
        hashlib.sha256(next(d.glob("*.whl")).read_bytes()).hexdigest() for d in (built, build(tmp_path))
    }
    assert len(digests) == 1


def test_what_is_tracked_for_users_is_in_both(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        files = set(wheel.namelist())
    with tarfile.open(next(built.glob("*.tar.gz"))) as source:
        archived = {name.partition("/")[2] for name in source.getnames()}
    tracked = command("git", "ls-files", "src", "studies", "scenarios", cwd=ROOT).stdout.split()
    inside = {name.partition(".data/data/")[2] or name for name in files}
    for name in tracked:
        if name.startswith("src/") and not name.endswith("README.md"):
            assert name.removeprefix("src/") in inside, name
        elif name.endswith(".toml"):
            assert f"share/qwatt/{name}" in inside, name
    assert not [name for name in inside if name.startswith(("tests", "benchmarks", "design"))]
    assert {"README.md", "CHANGELOG.md", "constraints.txt", "docs/README.md", "pyproject.toml"} <= archived
    assert {name for name in tracked if name.endswith(".toml")} <= archived


def test_a_light_install_is_small_and_calculates(light: Path, tmp_path: Path) -> None:
    packages = next(light.glob("lib/python*/site-packages"))
    tools = {"pip", "setuptools", "pkg_resources", "_distutils_hack"}
    ours = [file for entry in packages.iterdir() if entry.name.split("-")[0] not in tools
            for file in ([entry] if entry.is_file() else entry.rglob("*")) if file.is_file()]  # fmt: skip
    assert sum(file.stat().st_size for file in ours) < LIMIT_MB * 1e6
    assert not {"torch", "pennylane", "sklearn", "scipy"} & {entry.name for entry in packages.iterdir()}

    qwatt = light / "bin/qwatt"
    tasks = json.loads(command(qwatt, "list", "tasks", "--json", cwd=tmp_path).stdout)
    assert len({row["task"] for row in tasks}) == 17
    methods = json.loads(command(qwatt, "list", "methods", "--json", cwd=tmp_path).stdout)
    for row in tasks:
        kinds = {m["kind"] for m in methods if m["task"] == row["task"]}
        wanted = {"classical"} if row["task"] == "encoding/tokenise" else {"classical", "quantum", "control"}
        assert wanted <= kinds, row["task"]
    words = "estimate training --params 8B --tokens 15T --accelerator h100 --json"
    estimate = json.loads(command(qwatt, *words.split(), cwd=tmp_path).stdout)
    assert estimate["energy_kwh"]["facility"]["value"] > 0
    command(qwatt, "doctor", cwd=tmp_path)
    command(qwatt, "project", "llama-3.1-8b-chat", "--out", "life", cwd=tmp_path)
    assert (tmp_path / "life/report.html").stat().st_size > 10_000


def test_a_light_install_calculates_in_python_and_refuses_to_run(light: Path, tmp_path: Path) -> None:
    code = (
        "import qwatt\n"
        "assert qwatt.__version__\n"
        "found = qwatt.estimate.training(params=8e9, tokens=15e12, accelerator='h100')\n"
        "assert found['energy_kwh.facility'].value > 0\n"
        "try:\n"
        "    qwatt.run('curation/dedup')\n"
        "except qwatt.QwattError as error:\n"
        "    print(error.mend)\n"
    )
    done = command(light / "bin/python", "-c", code, cwd=tmp_path)
    assert done.stdout == "pip install 'qwatt[run]'\n"
    assert not list(tmp_path.iterdir())


def test_a_light_install_reports_a_run_that_was_made_elsewhere(light: Path, tmp_path: Path) -> None:
    words = "run encoding/tokenise --method bytes --size xs --seeds 1 --tuning-trials 1 --out made"
    made = subprocess.run(
        [sys.executable, "-m", "qwatt.cli", *words.split()], cwd=tmp_path, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    (tmp_path / "made/report.html").unlink()
    command(light / "bin/qwatt", "report", "made", cwd=tmp_path)
    assert (tmp_path / "made/report.html").stat().st_size > 10_000


@pytest.mark.parametrize("line", EXECUTING)
def test_a_verb_that_needs_more_names_the_extra(light: Path, tmp_path: Path, line: str) -> None:
    words = [str(light / "bin/qwatt"), *line.split()]
    done = subprocess.run(words, cwd=tmp_path, env=CLEAN, capture_output=True, text=True, input="")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "  mend: pip install 'qwatt[run]'"
    assert done.stderr.startswith(f"error: `qwatt {line.split(maxsplit=1)[0]}` needs ")
    assert not list(tmp_path.iterdir())
