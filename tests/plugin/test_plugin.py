"""A real third-party package, installed into a folder of its own, is found through its entry point."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent / "qwatt-example"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay the package out as an installer would: its modules beside its metadata."""
    import shutil
    import tomllib

    target = tmp_path_factory.mktemp("site")
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    shutil.copytree(PACKAGE / "src" / "qwatt_example", target / "qwatt_example")
    metadata = target / f"qwatt_example-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    entries = [
        f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in points.items())
        for group, points in project["entry-points"].items()
    ]
    (metadata / "entry_points.txt").write_text("\n\n".join(entries) + "\n")
    return target


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    return subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, check=False
    )


def test_the_method_is_listed(installed: Path) -> None:
    done = run(installed, "-m", "qwatt.cli", "list", "methods", "--json")
    names = {(row["task"], row["name"], row["kind"]) for row in json.loads(done.stdout)}
    assert ("tuning/head", "nearest-centroid", "classical") in names


def test_without_the_package_it_is_not(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "qwatt.cli", "list", "methods", "--json")
    assert "nearest-centroid" not in {row["name"] for row in json.loads(done.stdout)}


def test_it_passes_the_conformance_checks(installed: Path, tmp_path: Path) -> None:
    checks = tmp_path / "test_checks.py"
    checks.write_text(
        "from qwatt.testing import MethodChecks\n"
        "from qwatt_example.nearest_centroid import NearestCentroidHead\n\n"
        "class TestNearestCentroid(MethodChecks):\n"
        "    method = NearestCentroidHead\n"
        "    source = 'builtin:weather'\n"
    )
    done = run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(checks))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_a_broken_plugin_is_named(installed: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken-0.1.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 0.1\n")
    (broken / "entry_points.txt").write_text("[qwatt.methods]\nx = no_such_module\n")
    done = run(tmp_path, "-m", "qwatt.cli", "list", "methods")
    assert done.returncode == 0
    assert "minhash" in done.stdout
    assert "Traceback" not in done.stderr
    assert done.stderr.count("warning: ") == 1
    assert "qwatt.methods:x" in done.stderr and "mend: update or uninstall" in done.stderr
    helped = run(tmp_path, "-m", "qwatt.cli", "--help")
    assert "warning" not in helped.stderr, "what loads no plugin warns of none"


def test_what_a_broken_plugin_lacks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    from qwatt.core import registry

    registry.broken_plugins()  # everything is loaded before, so that only the broken one is counted
    broken = EntryPoint("x", "no_such_module", "qwatt.methods")
    monkeypatch.setattr(registry, "plugins", lambda: [broken])
    monkeypatch.setattr(registry, "_broken", [])
    registry._load.__wrapped__()
    [error] = registry.broken_plugins()
    assert error.where == "entry point qwatt.methods:x"
    assert "no_such_module" in error.what
    assert "uninstall" in str(error.mend)


HEAD = "from qwatt.core.method import Kind, Method\nfrom qwatt.core.registry import method, task\n"
METHOD = (
    "@method\nclass Mine(Method):\n"
    "    name, task, kind, sources = 'mine', 'tuning/head', Kind.CLASSICAL, ('own',)\n"
)
RUN = "    def run(self, problem, settings, context): raise SystemExit(3)\n"


def plugin(folder: Path, code: str) -> Path:
    """Lay out a package of one module with one entry point."""
    (folder / "mine.py").write_text(HEAD + code)
    metadata = folder / "mine-0.1.dist-info"
    metadata.mkdir(exist_ok=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 0.1\n")
    (metadata / "entry_points.txt").write_text("[qwatt.methods]\nx = mine\n")
    return folder


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit(4)", "SystemExit: 4"),
        ("raise RuntimeError('one\\ntwo')", "RuntimeError: one two"),
        (METHOD, "Mine: it does not define run"),
        (METHOD.replace("('own',)", "'own'") + RUN, "Mine: the attribute 'sources' is 'own'"),
        (METHOD.replace("Kind.CLASSICAL", "'classical'") + RUN, "the attribute 'kind' is 'classical'"),
        (METHOD + "    space = {'a': ()}\n" + RUN, "Mine: the setting 'a' has no candidates"),
        (METHOD.replace("tuning/head", "tuning/none") + RUN, "unknown task 'tuning/none'"),
        (METHOD + "    companions = ('ghost',)\n" + RUN, "unknown companion 'ghost'"),
        (METHOD + RUN + "raise ValueError('after a method')", "after a method"),
        (
            "from qwatt.core.task import Task\n@task\nclass Half(Task):\n    name = 'tuning/half'\n",
            "Half: the attribute 'functional_unit' is missing",
        ),
    ],
)
def test_half_a_plugin_is_named_and_stops_nothing(tmp_path: Path, code: str, why: str) -> None:
    done = run(plugin(tmp_path, code), "-m", "qwatt.cli", "list", "methods", "--json")
    assert done.returncode == 0, done.stderr
    assert why in done.stderr and "mend: update or uninstall" in done.stderr
    assert done.stderr.count("warning: ") == 1
    names = {row["name"] for row in json.loads(done.stdout)}
    assert "minhash" in names and "mine" not in names


def test_a_method_that_ends_the_process_does_not_end_it_in_silence(tmp_path: Path) -> None:
    words = ["run", "tuning/head", "--method", "mine", "--method", "logistic", "--size", "xs", "--seeds", "1"]
    place = ["--data", "builtin:weather", "--out", str(tmp_path / "run")]
    done = run(plugin(tmp_path, METHOD + RUN), "-m", "qwatt.cli", *words, *place, "--json")
    assert (done.returncode, done.stdout) == (3, "")
    assert "a trial ended the process: exit(3); what was done before it is kept" in done.stderr
    assert "logistic" in (tmp_path / "run" / "trials.jsonl").read_text()
