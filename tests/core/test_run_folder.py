import json
import subprocess
import sys
from pathlib import Path

import pytest

from qwatt.core import trial_lines
from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.core.trial import Trial, TrialSpec


def trial(seed: int, status: str = "done") -> Trial:
    spec = TrialSpec("tuning/head", "mlp", "vader", "s", seed, "engine", 1000, 4)
    return Trial(
        spec, "classical", "accuracy", status, 0.5, host_energy=Quantity(1.0, 0.5, 2.0, boundary="node")
    )


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.append(trial(0))
    folder.append(trial(1))
    assert [t.to_record() for t in folder.trials()] == [trial(0).to_record(), trial(1).to_record()]


@pytest.mark.parametrize("cut", [1, 5, 100])
def test_a_torn_last_line_is_put_aside(tmp_path: Path, cut: int) -> None:
    folder = RunFolder(tmp_path)
    folder.append(trial(0))
    folder.append(trial(1))
    data = folder.trials_file.read_bytes()
    folder.trials_file.write_bytes(data[:-cut])
    assert [t.spec.seed for t in folder.trials()] == [0]
    assert folder.repair()
    assert not folder.repair()
    folder.append(trial(2))
    assert [t.spec.seed for t in folder.trials()] == [0, 2]
    assert (tmp_path / "trials.torn").stat().st_size > 0


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.append(trial(0))
    folder.trials_file.write_text("{}\n" + folder.trials_file.read_text())
    with pytest.raises(QwattError, match="line 1"):
        folder.trials()


@pytest.mark.parametrize("change", [("quality", 0.9), ("seed", 7), ("id", "0123456789abcdef")])
def test_a_record_that_was_changed_is_named(tmp_path: Path, change: tuple[str, object]) -> None:
    folder = RunFolder(tmp_path)
    folder.append(trial(0))
    folder.append(trial(1))
    first, second = map(json.loads, folder.trials_file.read_text().splitlines())
    second[change[0]] = change[1]
    folder.trials_file.write_text(json.dumps(first) + "\n" + json.dumps(second) + "\n")
    with pytest.raises(QwattError, match="changed after it was written") as caught:
        folder.trials()
    assert "line 2" in str(caught.value) and "repeat that trial" in str(caught.value.mend)


def test_a_record_of_before_there_were_checksums_is_read_in_any_order(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.append(trial(0))
    record = json.loads(folder.trials_file.read_text())
    folder.trials_file.write_text(json.dumps(dict(sorted(record.items()))) + "\n")
    assert folder.trials()[0].quality == 0.5
    del record["sha256"]
    folder.trials_file.write_text(json.dumps(record) + "\n")
    assert folder.trials()[0].quality == 0.5


def test_a_trial_that_was_repeated_counts_once(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.append(trial(0, "failed"))
    folder.append(trial(0))
    assert [t.status for t in folder.trials()] == ["done"]


def test_lines_have_what_the_contract_names(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.append(trial(0))
    record = json.loads(folder.trials_file.read_text())
    names = "task method kind seed size status metric quality seconds phases host_energy simulation_energy"
    assert set(f"{names} qpu demand backend environment".split()) <= set(record)
    assert set(record["host_energy"]) == {"value_j", "low_j", "high_j", "basis", "boundary"}


def test_no_run_here(tmp_path: Path) -> None:
    with pytest.raises(QwattError, match="holds no run"):
        RunFolder.open(tmp_path)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.append(trial(0))
    folder.trials_file.write_bytes(folder.trials_file.read_bytes() + b"\xff\xfe\x00\n")
    with pytest.raises(QwattError, match="line 2") as caught:
        folder.trials()
    assert "delete the line" in str(caught.value.mend)


def test_an_impossible_record_is_named(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    record = trial(0).to_record()
    record["host_energy"] |= {"value_j": 5.0, "high_j": 1.0}
    folder.trials_file.write_text(json.dumps(record) + "\n")
    with pytest.raises(QwattError, match="line 1"):
        folder.trials()


def test_a_broken_environment_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "environment.json").write_text('{"half": ')
    with pytest.raises(QwattError, match=r"environment\.json"):
        RunFolder(tmp_path).add_environment("e", {})


@pytest.mark.parametrize("inside", ["file", "file/deeper"])
def test_a_file_cannot_be_a_run_folder(tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(QwattError, match="file") as caught:
        RunFolder(tmp_path / inside)
    assert "--out" in str(caught.value.mend)


def test_only_one_writer_at_a_time(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with folder.locked():
        with pytest.raises(QwattError, match="another run"), RunFolder(tmp_path).locked():
            pass
        folder.append(trial(0))
    with RunFolder(tmp_path).locked():
        pass


def test_half_a_character_anywhere_in_a_record_is_written_escaped(tmp_path: Path) -> None:
    folder, odd = RunFolder(tmp_path), trial(0)
    odd.extras = {"ids": ["\ud800225", ("x\udfff", "ü")], "by \udc80": {"n": 1.5}}
    folder.append(odd)
    assert folder.trials_file.read_text("ascii").count("\\\\ud800225") == 1
    found = {"ids": ["\\ud800225", ["x\\udfff", "ü"]], "by \\udc80": {"n": 1.5}}
    assert RunFolder(tmp_path).trials()[0].extras == found


def test_a_line_that_holds_half_a_character_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = trial(0)
    odd.extras = {"id": "\ud800225"}
    monkeypatch.setattr(trial_lines, "whole", lambda value: value)  # as lines were written before
    RunFolder(tmp_path).append(odd)
    assert RunFolder(tmp_path).trials()[0].extras == odd.extras


def test_what_a_killed_writer_left_is_written_over(tmp_path: Path) -> None:
    script = f"""
import os, signal
from pathlib import Path
from qwatt.core.durable import whole_file
with whole_file(Path({str(tmp_path / "report.html")!r}), alone=True) as stream:
    stream.write(b"half")
    stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    assert [f.name for f in tmp_path.iterdir()] == [".report.html.part"]
    RunFolder(tmp_path).write_text("report.html", "whole")
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("report.html", "whole")]
