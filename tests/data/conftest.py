from pathlib import Path
from types import SimpleNamespace

import pytest
from sdists import make_sdist

from qwatt.data import download as download_module
from qwatt.data import sets


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("QWATT_CACHE", str(folder))
    monkeypatch.delenv("QWATT_OFFLINE", raising=False)
    monkeypatch.delenv("QWATT_ARCHIVES", raising=False)
    return folder


class FakePip:
    """Stands in for pip: puts a prepared archive where `pip download` would."""

    def __init__(self, archive):
        self.archive = archive
        self.calls = 0

    def __call__(self, command, **_):
        self.calls += 1
        target = Path(command[command.index("-d") + 1])
        target.mkdir(parents=True)
        (target / self.archive.name).write_bytes(self.archive.read_bytes())
        return SimpleNamespace(returncode=0, stdout="", stderr="")


@pytest.fixture
def toy(tmp_path, monkeypatch, cache):
    """A data set "toy" whose archive holds two texts and a file that is not wanted."""
    archive = tmp_path / "toy-1.0.tar.gz"
    digest = make_sdist(
        archive, {"texts/a.txt": b"alpha", "texts/b.txt": b"beta", "setup.py": b"raise SystemExit"}
    )
    described = sets.Archive("toy", "1.0", "sdist", digest, ("texts/*.txt",))
    dataset = sets.DataSet("toy", "text", "Two toy texts", "CC0", "nobody", described, "texts")
    monkeypatch.setattr(sets, "_tables", lambda: ({"toy": described}, {"toy": dataset}))
    pip = FakePip(archive)
    monkeypatch.setattr(download_module.subprocess, "run", pip)
    return pip
