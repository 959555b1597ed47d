"""A source that changed since its run began is noticed in bounded time, whatever version wrote its digest."""

import os
from types import SimpleNamespace

import pytest

from qwatt.core.durable import digest_of
from qwatt.core.errors import QwattError
from qwatt.protocol import fingerprint
from qwatt.protocol.fingerprint import FILE, check_sources


class Run(SimpleNamespace):
    """A run folder of which a trial is done."""

    def trials(self):
        return [SimpleNamespace(done=True)]

    def write_text(self, name, text):
        (self.path / name).write_text(text)


@pytest.fixture
def run(tmp_path):
    (tmp_path / "run").mkdir()
    return Run(path=tmp_path / "run")


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.jsonl").write_text('{"text": "one"}\n')
    return folder


def test_a_changed_or_new_file_is_noticed_and_a_hidden_one_is_not(run, data):
    check_sources(run, [str(data)])
    (data / ".cache").mkdir()
    (data / ".cache" / "x").write_text("left by a tool")
    check_sources(run, [str(data)])
    (data / "b.jsonl").write_text('{"text": "two"}\n')
    with pytest.raises(QwattError, match="changed since this run began"):
        check_sources(run, [str(data)])


def test_a_large_file_is_told_by_size_time_and_blocks(run, data, monkeypatch):
    monkeypatch.setattr(fingerprint, "_LARGE_BYTES", 1000)
    monkeypatch.setattr(fingerprint, "_BLOCK_BYTES", 2)
    large = data / "large.txt"
    large.write_bytes(b"a" * 2000)
    os.utime(large, (1e9, 1e9))
    check_sources(run, [str(large)])
    check_sources(run, [str(large)])
    large.write_bytes(b"a" * 1999 + b"b")
    os.utime(large, (1e9, 1e9))
    with pytest.raises(QwattError, match="changed"):
        check_sources(run, [str(large)])
    large.write_bytes(b"a" * 2000)
    with pytest.raises(QwattError, match="changed"):
        check_sources(run, [str(large)])


def test_a_file_of_ten_gigabytes_takes_no_second(run, data):
    with (data / "sparse.txt").open("wb") as stream:
        stream.truncate(10 << 30)
    before = os.times().user + os.times().system
    check_sources(run, [str(data / "sparse.txt")])
    assert os.times().user + os.times().system - before < 1


def test_the_digest_of_an_earlier_version_still_counts(run, data):
    (data / ".hidden").write_text("x")
    (run.path / FILE).write_text(f'{{"{data}": "{digest_of(data)}"}}')
    check_sources(run, [str(data)])
    (data / ".hidden").write_text("y")
    with pytest.raises(QwattError, match="changed"):
        check_sources(run, [str(data)])
