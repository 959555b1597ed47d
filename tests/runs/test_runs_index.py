"""Many run folders: what the index says equals what the folders hold, and nothing outside is ever deleted."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from qwatt.cli.app import run as run_command
from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.core.trial import Trial, TrialSpec
from qwatt.core.trial_lines import write_line
from qwatt.report.runs import index as runs_index
from qwatt.report.runs.ask import compare_runs, list_runs, trend_of
from qwatt.report.runs.index import opened

DAY_S = 86_400


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))


def trial(method: str, seed: int, quality: float | None, seconds: float = 1.0) -> Trial:
    from qwatt.core.quantity import Quantity

    spec = TrialSpec("tuning/head", method, "builtin:weather", "xs", seed, "engine", 100, 2)
    joules = Quantity(2.0 * seconds, seconds, 4.0 * seconds, "J", "estimated:cpu_time", "node")
    status = "failed" if quality is None else "done"
    return Trial(spec, "classical", "accuracy", status, quality, seconds=seconds, host_energy=joules)


def write(folder: Path, trials: list[Trial], days_ago: float = 1.0) -> Path:
    run = RunFolder(folder)
    for one in trials:
        run.append(one)
    at = time.time() - days_ago * DAY_S
    os.utime(run.trials_file, (at, at))
    return folder


def qwatt(*words: str) -> int:
    old = sys.argv
    sys.argv = ["qwatt", *words]
    try:
        with suppress(SystemExit) as _:
            run_command()
    except SystemExit as error:  # pragma: no cover
        return int(error.code or 0)
    finally:
        sys.argv = old
    return 0


@pytest.fixture
def year(tmp_path: Path) -> Path:
    root = tmp_path / "runs"
    for number in range(6):
        trials = [trial("svm", s, 0.5 + 0.01 * number + 0.1 * s, 1.0 + s) for s in range(3)]
        trials.append(trial("mlp", 0, None if number == 2 else 0.7))
        write(root / f"group-{number % 2}" / f"run-{number}", trials, days_ago=60 - 10 * number)
    return root


def test_runs_of_before_the_home_folder_was_a_tilde_are_of_the_same_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    for number, source in enumerate(("/home/anna/c.jsonl", "~/c.jsonl")):
        record = trial("svm", 0, 0.5 + 0.1 * number).to_record() | {"source": source}
        folder = tmp_path / "runs" / str(number)
        folder.mkdir(parents=True)
        (folder / "trials.jsonl").write_text(json.dumps(record) + "\n")
    with opened([tmp_path / "runs"]) as index:
        (spread,) = compare_runs(index, "quality")
    assert (spread.source, spread.runs, spread.low, spread.high) == ("~/c.jsonl", 2, 0.5, 0.6)


def test_it_says_what_the_folders_hold(year: Path) -> None:
    with opened([year]) as index:
        runs = list_runs(index)
        spreads = {s.method: s for s in compare_runs(index, "quality")}
        joules = {s.method: s for s in compare_runs(index, "energy_j")}
        series = trend_of(index, "quality", method="svm")
    assert [Path(run.path).name for run in runs] == [f"run-{n}" for n in (5, 4, 3, 2, 1, 0)]
    assert [run.failed for run in runs] == [0, 0, 0, 1, 0, 0]
    for line in runs:
        kept = RunFolder.open(Path(line.path)).trials()
        assert line.trials == len(kept)
        assert line.seconds == pytest.approx(sum(t.seconds for t in kept))
        energies = [t.host_energy.value for t in kept if t.host_energy is not None]
        assert line.energy_j == pytest.approx(sum(e for e in energies if e is not None))
    medians = [0.6 + 0.01 * n for n in range(6)]
    svm = spreads["svm"]
    assert (svm.low, svm.middle, svm.high) == pytest.approx((medians[0], median(medians), medians[-1]))
    assert (Path(svm.low_run).name, Path(svm.high_run).name) == ("run-0", "run-5")
    assert spreads["mlp"].runs == 5
    assert joules["svm"].middle == pytest.approx(4.0)
    assert [value for _, _, value in series[0].points] == pytest.approx(medians)
    assert series[0].change == pytest.approx(medians[-1] / median(medians[:-1]) - 1)


def test_only_what_changed_is_read_again(year: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def digest(folder: Path) -> Any:
        read.append(folder.name)
        return digest_of(folder)

    digest_of = runs_index.digest_of
    monkeypatch.setattr(runs_index, "digest_of", digest)
    with opened([year]):
        assert len(read) == 6
    read.clear()
    write(year / "group-1" / "run-3", [trial("svm", 9, 0.1)], days_ago=0.5)
    with opened([year]) as index:
        assert read == ["run-3"]
        assert list_runs(index)[0].trials == 5
    read.clear()
    (year / "group-1" / "run-3" / "trials.jsonl").unlink()
    with opened([year]) as index:
        assert len(list_runs(index)) == 5
    with opened([year / "group-0"]) as index:
        assert len(list_runs(index)) == 3
    assert read == []


def test_a_run_that_is_being_written_is_read_each_time(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", [trial("svm", 0, 0.5)], days_ago=0)
    with opened([folder]) as index:
        assert compare_runs(index, "quality")[0].middle == 0.5
    status = (folder / "trials.jsonl").stat()
    (folder / "trials.jsonl").write_bytes(write_line(trial("svm", 0, 0.6)))
    assert (folder / "trials.jsonl").stat().st_size == status.st_size
    os.utime(folder / "trials.jsonl", ns=(status.st_atime_ns, status.st_mtime_ns))
    with opened([folder]) as index:
        assert compare_runs(index, "quality")[0].middle == 0.6


DAMAGE = [b"", b"no database at all, but some text that is long enough", b"SQLite format 3\0"]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_made_anew(year: Path, tmp_path: Path, damage: bytes) -> None:
    with opened([year]) as index:
        before = list_runs(index)
    (tmp_path / "cache" / "runs.sqlite").write_bytes(damage)
    with opened([year]) as index:
        assert list_runs(index) == before


def test_processes_that_make_it_anew_at_once_all_get_the_same(year: Path) -> None:
    words = [sys.executable, "-m", "qwatt.cli", "runs", "list", str(year), "--rebuild", "--json"]
    several = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    said = {one.communicate()[0] for one in several}
    assert len(said) == 1 and len(json.loads(said.pop())) == 6 and not any(one.returncode for one in several)


def test_an_index_that_another_holds_is_named(year: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_index, "PATIENCE_S", 0.1)
    with (
        opened([year]),
        ThreadPoolExecutor(1) as other,
        pytest.raises(QwattError, match="held by another process"),
    ):
        other.submit(lambda: opened([year]).__enter__()).result()


@pytest.mark.parametrize("at_s", [2**40, -(2**33), 0])
def test_a_clock_that_was_wrong_hides_no_run(tmp_path: Path, at_s: int) -> None:
    for name in ("usual", "odd"):
        write(tmp_path / "runs" / name, [trial("logistic", 0, 0.5)])
    os.utime(tmp_path / "runs" / "odd" / "trials.jsonl", (at_s, at_s))
    for _ in range(2):
        with opened([tmp_path / "runs"]) as index:
            found = {Path(run.path).name for run in list_runs(index)}
        assert found == {"usual", "odd"}


@pytest.mark.parametrize("special", ["FIFO", "device"])
def test_a_run_whose_trials_are_no_regular_file_is_refused_unread(tmp_path: Path, special: str) -> None:
    file = RunFolder(tmp_path / "run").trials_file
    if special == "FIFO":
        os.mkfifo(file)
    else:
        file.symlink_to("/dev/zero")
    for ask in (RunFolder.trials, RunFolder.repair):
        with pytest.raises(QwattError, match=f"a {special}, not a regular file"):
            ask(RunFolder(tmp_path / "run"))


def test_a_century_is_the_longest_age(year: Path, capsys: Any) -> None:
    qwatt("runs", "prune", str(year), "--older", "99999999999")
    assert "36500" in capsys.readouterr().err


def test_an_index_of_another_version_is_made_anew(year: Path, tmp_path: Path) -> None:
    with opened([year]) as index:
        before = list_runs(index)
    with sqlite3.connect(tmp_path / "cache" / "runs.sqlite") as other:
        other.execute("DROP TABLE methods")
        other.execute("PRAGMA user_version = 99")
    with opened([year]) as index:
        assert list_runs(index) == before


def test_damaged_lines_are_counted_and_cost_nothing_else(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", [trial("svm", 0, 0.5)])
    odd = ["{", "[]", "null", '{"id": 3}', "[" * 100_000, '{"id": "\\ud800"}', ""]
    with (folder / "trials.jsonl").open("a") as stream:
        stream.write("\n".join(odd) + "\n")
        whole = json.loads((folder / "trials.jsonl").read_text().splitlines()[0])
        odd_fields = {
            "quality": "high",
            "seconds": None,
            "host_energy": 3,
            "shots": 1e300,
            "method": "\ud800",
        }
        plain = {name: value for name, value in whole.items() if name not in ("sha256", "line")}
        stream.write(json.dumps(plain | {"id": "other"} | odd_fields) + "\n")
    with opened([folder]) as index:
        (line,) = list_runs(index)
        assert (line.trials, line.damaged) == (2, len(odd))
        assert [s.method for s in compare_runs(index, "quality")] == ["svm"]


@pytest.mark.parametrize("digits", [b"0.5", b"0.50"])
def test_lines_that_were_changed_are_damaged(digits: bytes, tmp_path: Path) -> None:
    folder = write(tmp_path / "run", [trial("svm", seed, 0.5) for seed in range(3)])
    file = folder / "trials.jsonl"
    first, *rest = file.read_bytes().splitlines(keepends=True)
    assert b'"quality": 0.5,' in first
    file.write_bytes(b"".join([first.replace(b'"quality": 0.5,', b'"quality": 0.9' + b","), *rest]))
    with opened([folder]) as index:
        (line,) = list_runs(index)
        assert (line.trials, line.damaged) == (2, 1)
        assert compare_runs(index, "quality")[0].high == 0.5
    file.write_bytes(b"".join([first.replace(b'"quality": 0.5,', b'"quality": ' + digits + b","), *rest]))
    with opened([folder]) as index:  # written otherwise, it says the same
        assert (list_runs(index)[0].trials, list_runs(index)[0].damaged) == (3, 0)


def test_folders_of_recorded_work_alone_are_listed_and_never_pruned(tmp_path: Path, capsys: Any) -> None:
    from qwatt import record

    folder = tmp_path / "mine"
    with record(folder, stage="training", label="one"):
        sum(range(100_000))
    at = time.time() - 90 * DAY_S
    os.utime(folder / "energy.jsonl", (at, at))
    write(tmp_path / "run", [trial("svm", 0, 0.5)], days_ago=1)
    with opened([tmp_path]) as index:
        run, mine = list_runs(index)
    assert (mine.path, mine.tasks, mine.trials, mine.recorded) == (str(folder), "recorded: training", 0, 1)
    assert mine.energy_j is not None and mine.energy_j > 0 and mine.seconds > 0
    assert (run.trials, run.recorded) == (1, 0)
    for words in (["--older", "5"], ["--failed"]):
        qwatt("runs", "prune", str(tmp_path), *words, "--yes")
    assert (folder / "energy.jsonl").is_file()
    with (folder / "energy.jsonl").open("a") as stream:
        stream.write('{"id": 3}\n')
    with opened([folder]) as index:
        assert [run.damaged for run in list_runs(index)] == [1]


def test_names_that_are_no_utf8_are_found(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"run-\xff")
    write(folder, [trial("svm", 0, 0.5)])
    with opened([tmp_path]) as index:
        assert [run.path for run in list_runs(index)] == [str(folder)]


def test_prune_says_first_and_deletes_only_what_it_named(year: Path, capsys: Any) -> None:
    words = ["runs", "prune", str(year), "--older", "35"]
    qwatt(*words)
    said = capsys.readouterr().out
    assert said.count("would delete") == 3 and "3 runs would be deleted; nothing was: add --yes" in said
    assert len(list(year.rglob("trials.jsonl"))) == 6
    qwatt(*words, "--yes")
    left = sorted(file.parent.name for file in year.rglob("trials.jsonl"))
    assert left == ["run-3", "run-4", "run-5"]
    assert (year / "group-0").is_dir()
    capsys.readouterr()
    qwatt(*words)
    assert capsys.readouterr().out == "no run to delete\n"


def test_prune_keeps_what_is_not_ours_paid_for_or_elsewhere(year: Path, tmp_path: Path, capsys: Any) -> None:
    outside = write(tmp_path / "outside", [trial("svm", 0, 0.5)], days_ago=90)
    (year / "link").symlink_to(outside)
    (year / "group-0" / "run-0" / "thesis.tex").write_text("precious")
    (year / "group-1" / "run-1" / "jobs.jsonl").write_text("{}\n")
    with RunFolder(year / "group-0" / "run-2").locked():
        qwatt("runs", "prune", str(year), "--older", "1", "--yes")
    said = capsys.readouterr().out
    left = sorted(file.parent.name for file in year.rglob("trials.jsonl"))
    assert left == ["run-0", "run-1", "run-2"], said
    assert (outside / "trials.jsonl").exists()
    for reason in ("thesis.tex", "what was paid", "another run is writing"):
        assert reason in said


def test_prune_never_deletes_a_folder_that_was_given_itself(tmp_path: Path) -> None:
    folder = write(tmp_path / "run", [trial("svm", 0, 0.5)], days_ago=90)
    qwatt("runs", "prune", str(folder), "--older", "1", "--yes")
    assert (folder / "trials.jsonl").exists()


def test_prune_of_failed_runs(year: Path) -> None:
    write(year / "failed", [trial("svm", 0, None)], days_ago=3)
    qwatt("runs", "prune", str(year), "--failed", "--yes")
    assert not (year / "failed").exists()
    assert len(list(year.rglob("trials.jsonl"))) == 6


def test_what_does_not_exist_is_refused(tmp_path: Path, year: Path) -> None:
    with pytest.raises(QwattError, match="no such folder"), opened([tmp_path / "nowhere"]):
        pass
    with opened([year]) as index, pytest.raises(QwattError, match="unknown metric"):
        compare_runs(index, "qualty")


def test_the_verbs_print_and_give_json(year: Path, capsys: Any) -> None:
    for words in (["list"], ["compare", "quality"], ["trend", "seconds", "--method", "svm"]):
        qwatt("runs", *words, str(year))
        assert "tuning/head" in capsys.readouterr().out
        qwatt("runs", *words, str(year), "--json")
        assert json.loads(capsys.readouterr().out)


def test_where_nothing_is_found_it_says_where_it_looked(tmp_path: Path, capsys: Any) -> None:
    for words in (("list",), ("trend", "quality"), ("compare", "quality")):
        assert qwatt("runs", *words, str(tmp_path)) == 0
        said = capsys.readouterr().out
        assert said.startswith("no ") and str(tmp_path) in said.replace("\n", "") and "`--out FOLDER`" in said
        qwatt("runs", *words, str(tmp_path), "--json")
        assert capsys.readouterr().out.strip() == "[]"
