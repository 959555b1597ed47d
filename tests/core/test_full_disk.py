"""A full disk: the error names the file and the mend, and what was there before stays whole."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from qwatt.core.durable import cannot, write_whole
from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.core.trial import Trial, TrialSpec

FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="no device that is always full here")
TRIAL = Trial(
    TrialSpec("tuning/head", "mlp", "vader", "s", 0, "engine", 1000, 4), "classical", "f1", "failed"
)


def told(error):
    text = str(error.value)
    assert "No space left" in text and "make room" in text and "run the same command again" in text
    return text


def test_a_record_on_a_full_disk(tmp_path):
    folder = RunFolder(tmp_path)
    folder.trials_file.symlink_to(FULL)
    with pytest.raises(QwattError) as error:
        folder.append(TRIAL)
    assert "trials.jsonl" in told(error)


def test_a_report_on_a_full_disk_leaves_the_one_before(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_text("report.html", "before")
    (tmp_path / ".report.html.part").symlink_to(FULL)
    with pytest.raises(QwattError) as error:
        folder.write_text("report.html", "after" * 10_000)
    assert "report.html" in told(error)
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("report.html", "before")]


def test_a_folder_that_may_not_be_written_has_another_mend(tmp_path):
    error = cannot("be written", tmp_path / "a", PermissionError(13, "Permission denied"))
    assert "choose another --out" in str(error) and str(tmp_path / "a") in str(error)


def test_a_report_that_may_not_be_written_names_no_option_that_its_verb_lacks(tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(QwattError, match="Is a directory") as error:
        RunFolder(tmp_path).write_text("report.html", "after")
    assert "such as a copy of this one" in str(error.value) and "--out" not in str(error.value)


@pytest.mark.nightly
def test_a_small_disk_that_fills_up(tmp_path, record_property):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting is not permitted here")
    try:
        folder = RunFolder(tmp_path)
        with pytest.raises(QwattError) as error:
            for _ in range(1000):
                folder.append(TRIAL)
        told(error)
        assert folder.trials_file.read_bytes().endswith(b"\n"), "half a line stayed"
        assert len(RunFolder(tmp_path).trials()) == 1, "all of one specification"
        assert len(folder.trials_file.read_bytes().splitlines()) > 20
        with suppress(OSError), folder.trials_file.open("ab", buffering=0) as stream:
            while stream.write(b"torn"):
                pass
        with pytest.raises(QwattError) as error:
            folder.repair()
        told(error)
        subprocess.run(["mount", "-o", "remount,size=1m", tmp_path], check=True)  # room is made
        assert folder.repair()
        assert len(RunFolder(tmp_path).trials()) == 1
        with pytest.raises(QwattError):
            write_whole(tmp_path / "page.html", "x" * 2_000_000)
        assert not (tmp_path / "page.html").exists()
        record_property(
            "figures", f"64 kB took {len(folder.trials_file.read_bytes().splitlines())} trials, none torn"
        )
    finally:
        subprocess.run(["umount", tmp_path], check=True)
