"""TOML that no reader of ours may fail on: special files, endless ones, numbers and nesting beyond reason."""

import os
from pathlib import Path

import pytest

from qwatt import catalogue
from qwatt.core.errors import QwattError
from qwatt.core.study_file import load_study
from qwatt.core.toml import read_toml

READERS = [lambda path: read_toml(path, "mend"), load_study, catalogue.read]
DEEP = {
    "lists": "a=" + "[" * 2000,
    "closed lists": "a=" + "[" * 2000 + "]" * 2000,
    "tables": "a=" + "{a=" * 2000,
    "dots": f"[{'.'.join(['a'] * 2000)}]\nx = 1",
    "dotted key": f"{'.'.join(['a'] * 300)} = 1",
}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_nesting_beyond_reason_is_refused_with_the_file(tmp_path: Path, read, text) -> None:
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(QwattError, match=r"x\.toml.*nested too deeply"):
        read(tmp_path / "x.toml")


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("number", ["9" * 30, "9" * 6000, "1e400", "-1", "nan"])
def test_no_number_ends_in_a_traceback(tmp_path: Path, read, number) -> None:
    (tmp_path / "x.toml").write_text(f'seeds = {number}\n[[tasks]]\ntask = "curation/dedup"\n')
    try:
        read(tmp_path / "x.toml")
    except QwattError as error:
        assert "x.toml" in str(error) and error.mend


@pytest.mark.parametrize("read", READERS)
def test_special_and_endless_files_are_refused_before_they_are_opened(tmp_path: Path, read) -> None:
    os.mkfifo(tmp_path / "fifo.toml")
    with pytest.raises(QwattError, match="a FIFO, not a regular file"):
        read(tmp_path / "fifo.toml")
    with pytest.raises(QwattError, match="a device"):
        read(Path("/dev/zero"))
    with (tmp_path / "large.toml").open("wb") as file:
        file.truncate(1 << 34)
    with pytest.raises(QwattError, match="16,384 MiB are more than settings take"):
        read(tmp_path / "large.toml")


def test_a_message_is_bounded_whatever_it_names() -> None:
    assert len(str(QwattError("w" * 10**6, where="p" * 10**6, mend="short"))) < 1500
