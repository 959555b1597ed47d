"""What `qwatt list` keeps: the same rows as the registry's, and never stale ones."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from qwatt.catalogue import add
from qwatt.cli import index as kept
from qwatt.core import registry

METHOD = """
from qwatt.core.method import Kind, Method
from qwatt.core.registry import method

@method
class Mine(Method):
    name, task, kind, sources = "{name}", "tuning/head", Kind.CLASSICAL, ("own",)

    def run(self, problem, settings, context):
        raise NotImplementedError
"""
WALK = """
from importlib import import_module
from pkgutil import iter_modules

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
"""
LIST = "from qwatt.cli.index import index; print(*index().methods_by_task()['tuning/head'])"


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def never(*_: object) -> None:
    raise AssertionError("it was found again")


def test_kept_rows_are_the_registry_s(monkeypatch) -> None:
    found = kept.index()
    assert [row["task"] for row in found.tasks] == list(registry.all_tasks())
    assert [(row["task"], row["name"], row["kind"]) for row in found.methods] == [
        (m.task, m.name, m.kind.value) for m in registry.all_methods()
    ]
    assert [row["name"] for row in found.backends] == registry.all_backends()
    monkeypatch.setattr(kept, "_find", never)
    assert kept.index() == found


@pytest.mark.parametrize("damage", ["", "{", "[]", "cut", "changed", "binary", "deep"])
def test_a_damaged_file_is_found_again_without_a_word(damage, capfd) -> None:
    found, file = kept.index(), kept._file()
    whole = file.read_bytes()
    deep = "[" * 100_000
    written = {
        "deep": f"{kept._digest(deep)}\n{deep}".encode(),
        "cut": whole[:-9],
        "changed": whole.replace(b"minhash", b"maxhash"),
        "binary": b"\xff\xfe",
    }
    file.write_bytes(written.get(damage, damage.encode()))
    assert kept.index() == found
    assert file.read_bytes() == whole
    assert capfd.readouterr() == ("", "")


def test_modules_without_a_file_keep_nothing_from_being_kept(monkeypatch) -> None:
    made = ModuleType("made_at_run_time")
    made.__file__ = "_ops.py"  # as torch.ops has it
    monkeypatch.setitem(sys.modules, made.__name__, made)
    found = kept.index()
    monkeypatch.setattr(kept, "_find", never)
    assert kept.index() == found


def test_a_process_that_knows_less_or_more_keeps_nothing(monkeypatch) -> None:
    known = registry.all_tasks()
    with monkeypatch.context() as less:
        less.setattr(registry, "_tasks", {"tuning/head": known["tuning/head"]})
        assert len(kept.index().tasks) == 1 and not kept._file().exists()
    mine = type(
        "Mine", (registry.get_method("tuning/head", "logistic").__class__,), {"__module__": "notebook"}
    )
    with monkeypatch.context() as more:
        more.setitem(registry._methods, ("tuning/head", "mine"), mine)
        kept.index()
        assert not kept._file().exists()
    kept.index()
    assert kept._file().exists()


def test_where_nothing_can_be_kept_it_is_found_each_time(monkeypatch, tmp_path, capfd) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "file" / "below"))
    assert kept.index() == kept.index()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("path", ["stages/tuning/head/reupload.py", "stages/tuning", "catalogue/qpus.toml"])
def test_a_file_or_folder_of_ours_that_changed_is_looked_into_again(path, monkeypatch) -> None:
    kept.index()
    before, changed = kept._stamp, str(kept._PACKAGE / path)
    assert kept._read() is not None
    monkeypatch.setattr(kept, "_stamp", lambda one: [0, 0] if str(one) == changed else before(one))
    assert kept._read() is None


def test_a_file_that_changes_while_it_is_read_is_not_relied_on(monkeypatch) -> None:
    monkeypatch.setattr(kept.time, "time_ns", lambda: kept._TICK_NS)
    kept.index()
    assert not kept._file().exists()


def test_an_own_catalogue_is_never_kept(tmp_path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("source = 'here'\ndate = '2026-01-01'\nconfidence = 'A'\n[grids.deu]\nname = 'mine'\n")
    add(own)
    try:
        kept.index()
        assert not kept._file().exists()
    finally:
        add(None)


def test_a_plugin_s_method_appears_changes_and_goes_at_once(tmp_path, cache) -> None:
    folder = tmp_path / "site"
    metadata = folder / "mine-0.1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 0.1\n")

    def listed() -> list[str]:
        """Return the names that a new process lists; it leaves no bytecode, which would change a folder."""
        paths = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
        done = subprocess.run(
            [sys.executable, "-c", LIST],
            env=os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    assert "mine-first" not in listed()
    (folder / "mine").mkdir()
    (folder / "mine/__init__.py").write_text(WALK)
    (folder / "mine/one.py").write_text(METHOD.format(name="mine-first"))
    (metadata / "entry_points.txt").write_text("[qwatt.methods]\nx = mine\n")
    assert "mine-first" in listed()
    (folder / "mine/one.py").write_text(METHOD.format(name="mine-other"))
    found = listed()
    assert "mine-other" in found and "mine-first" not in found
    (folder / "mine/two.py").write_text(METHOD.format(name="mine-third"))
    assert {"mine-other", "mine-third"} <= set(listed())
    Path(metadata / "entry_points.txt").unlink()
    assert "mine-other" not in listed()
    [file] = (cache / "index").iterdir()
    assert json.loads(file.read_text().partition("\n")[2])["plugins"] == []
