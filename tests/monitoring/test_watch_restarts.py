"""`qwatt watch` stopped anywhere, and gone on with: no window is lost and none is printed twice."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from watching import printed, run_watch, scores, write_rows

from qwatt.core.errors import QwattError
from qwatt.stages.monitoring.drift.watch import folder as folder_module
from qwatt.stages.monitoring.drift.watch import loop as loop_module
from qwatt.stages.monitoring.drift.watch import printing as printing_module
from qwatt.stages.monitoring.drift.watch import watch as watch_module
from qwatt.stages.monitoring.drift.watch.stopping import Stop

QUICK = {"window": 20, "alpha": 0.3}


class Crash(BaseException):
    """The process dies here."""


@pytest.fixture(autouse=True)
def _no_power_is_cut(monkeypatch):
    """Leave out what only helps against a loss of power, and takes most of the time."""
    monkeypatch.setattr(folder_module.os, "fsync", lambda target: None)


@pytest.fixture
def rows(tmp_path):
    """A reference, and a stream with bad rows among the good and drift at its end."""
    reference = write_rows(tmp_path / "reference.jsonl", scores(1, 300))
    lines = [json.dumps(row) for row in [*scores(2, 120), *scores(3, 50, power=3.0)]]
    for place in (5, 60, 61, 130):
        lines.insert(place, "broken")
    stream = tmp_path / "stream.jsonl"
    stream.write_text("\n".join(lines), "utf-8")
    return reference, stream


def whole(tmp_path, rows, **options):
    place = tmp_path / "whole"
    place.mkdir(exist_ok=True)
    run_watch(place, *rows, **QUICK, **options)
    return printed(place / "out.jsonl"), (place / "state/bad_rows.jsonl").read_text()


def crash_at(monkeypatch, step):
    """Let the process die at its n-th step that changes something outside; half of a write has happened."""
    left = [step]

    def due():
        left[0] -= 1
        return left[0] == 0

    def write(target, data):
        if due():
            os_write(target, data[: len(data) // 2])
            raise Crash
        done = os_write(target, data)
        if due():
            raise Crash
        return done

    def fsync(target):
        if due():
            raise Crash
        os_fsync(target)

    def replace(self, target):
        if due():
            raise Crash
        return path_replace(self, target)

    os_write, os_fsync, path_replace = os.write, os.fsync, Path.replace
    monkeypatch.setattr(printing_module.os, "write", write)
    monkeypatch.setattr(folder_module.os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    return left


@pytest.mark.parametrize(
    ("detector", "stride"), [("ks", 7), ("psi", 4), pytest.param("psi", 1, marks=pytest.mark.nightly)]
)
def test_a_crash_at_any_step_loses_nothing_and_repeats_nothing(tmp_path, rows, monkeypatch, detector, stride):
    monkeypatch.setattr(loop_module, "COMMIT_S", 0.0)
    wanted, wanted_bad = whole(tmp_path, rows, detector=detector)
    step = 0
    while True:
        step += stride
        place = tmp_path / str(step)
        place.mkdir()
        with monkeypatch.context() as patch:
            left = crash_at(patch, step)
            try:
                run_watch(place, *rows, **QUICK, detector=detector)
            except Crash:
                assert left[0] <= 0
            else:
                break
        run_watch(place, *rows, **QUICK, detector=detector, resume=True)
        assert printed(place / "out.jsonl") == wanted
        assert (place / "state/bad_rows.jsonl").read_text() == wanted_bad
    assert step > 30 and len(wanted) == 8 and any(row["alert"] for row in wanted)


def test_into_a_pipe_a_window_may_come_twice_and_then_says_so(tmp_path, rows, monkeypatch):
    monkeypatch.setattr(loop_module, "COMMIT_S", 0.0)
    wanted, _ = whole(tmp_path, rows, detector="psi")
    again = 0
    for step in range(1, 50, 3):
        place = tmp_path / str(step)
        place.mkdir()
        with monkeypatch.context() as patch:
            crash_at(patch, step)
            with contextlib.suppress(Crash):
                run_watch(place, *rows, **QUICK, detector="psi", out="first.jsonl")
        first = (place / "first.jsonl").read_bytes()
        (place / "first.jsonl").write_bytes(first[: first.rfind(b"\n") + 1])  # a reader of lines sees these
        run_watch(place, *rows, **QUICK, detector="psi", out="second.jsonl", resume=True)
        seen = printed(place / "first.jsonl") + printed(place / "second.jsonl")
        again += sum("again" in row for row in seen)
        assert [
            row for row in seen if "again" not in row or row["window"] > len(printed(place / "first.jsonl"))
        ]
        numbers = {row["window"]: {k: v for k, v in row.items() if k != "again"} for row in reversed(seen)}
        assert [numbers[row["window"]] for row in wanted] == wanted
        twice = [row["window"] for row in printed(place / "second.jsonl") if "again" not in row]
        assert not set(twice) & {row["window"] for row in printed(place / "first.jsonl")}
    assert 0 < again < 20


def test_a_live_stream_goes_on_in_the_middle_of_a_window(tmp_path, rows):
    reference, stream = rows
    wanted, wanted_bad = whole(tmp_path, rows)
    lines = stream.read_bytes().splitlines(keepends=True)
    for part, chunk in enumerate((lines[:7], lines[7:8], lines[8:133], lines[133:])):
        file = tmp_path / f"part{part}"
        file.write_bytes(b"".join(chunk))
        run_watch(tmp_path, reference, file, **QUICK, live=True, resume=part > 0)
    assert printed(tmp_path / "out.jsonl") == wanted
    assert (tmp_path / "state/bad_rows.jsonl").read_text() == wanted_bad


class StopsLater(Stop):
    """A signal that comes when it is looked for the n-th time."""

    left = 0

    @property
    def signal(self):
        self.left -= 1
        return signal.SIGTERM if self.left <= 0 else 0

    @signal.setter
    def signal(self, number):
        pass


@pytest.mark.parametrize("looks", [2, 4])
def test_a_signal_loses_nothing_of_a_live_stream(tmp_path, rows, monkeypatch, looks):
    """Lines that were read are worked off, and half a line waits for its other half."""
    reference, stream = rows
    wanted, wanted_bad = whole(tmp_path, rows)
    data = stream.read_bytes()
    wake, _ = os.pipe()
    for part, chunk in enumerate((data[:2_003], data[2_003:5_007], data[5_007:])):
        file = tmp_path / f"part{part}"
        file.write_bytes(chunk)
        stop = StopsLater(wake)
        stop.left = looks if part < 2 else 1_000
        monkeypatch.setattr(watch_module, "stopping", lambda stop=stop: contextlib.nullcontext(stop))
        run_watch(tmp_path, reference, file, **QUICK, live=True, resume=part > 0)
    assert printed(tmp_path / "out.jsonl") == wanted
    assert (tmp_path / "state/bad_rows.jsonl").read_text() == wanted_bad


def test_a_stream_that_has_grown_goes_on(tmp_path, rows):
    reference, stream = rows
    wanted, _ = whole(tmp_path, rows)
    lines = stream.read_bytes().splitlines(keepends=True)
    for end in (0, 3, 33, 100, len(lines)):
        file = tmp_path / "grown"
        file.write_bytes(b"".join(lines[:end]))
        outcome = run_watch(tmp_path, reference, file, **QUICK, resume=True)
    assert printed(tmp_path / "out.jsonl") == wanted and outcome.resumed_from == 100


def test_another_stream_another_setting_and_a_second_process_are_refused(tmp_path, rows):
    reference, stream = rows
    run_watch(tmp_path, reference, stream, **QUICK)
    before = {file.name: file.read_bytes() for file in (tmp_path / "state").iterdir()}
    lines = stream.read_text().splitlines()
    other = tmp_path / "other"
    other.write_text("\n".join(["{}", *lines[1:]]))
    with pytest.raises(QwattError, match="are not those that were watched"):
        run_watch(tmp_path, reference, other, **QUICK, resume=True)
    other.write_text("\n".join(lines[:50]))
    with pytest.raises(QwattError, match="ended before line 174"):
        run_watch(tmp_path, reference, other, **QUICK, resume=True)
    with pytest.raises(QwattError, match=r"another alpha 0\.3"):
        run_watch(tmp_path, reference, stream, window=20, alpha=0.05, resume=True)
    with pytest.raises(QwattError, match="holds a watch of 174 lines"):
        run_watch(tmp_path, reference, stream, **QUICK)
    holder = folder_module.StateFolder(tmp_path / "state")
    holder._claim()
    with pytest.raises(QwattError, match="another qwatt watch"):
        run_watch(tmp_path, reference, stream, **QUICK, resume=True)
    holder.close()
    assert {file.name: file.read_bytes() for file in (tmp_path / "state").iterdir()} == before


def test_a_folder_that_is_no_state_is_left_alone(tmp_path, rows):
    (tmp_path / "state").mkdir()
    (tmp_path / "state/thesis.txt").write_text("mine")
    with pytest.raises(QwattError, match="holds other files"):
        run_watch(tmp_path, *rows, **QUICK)
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["thesis.txt"]
    (tmp_path / "state/thesis.txt").unlink()
    run_watch(tmp_path, *rows, **QUICK)
    (tmp_path / "state/checkpoint.json").write_text("{")
    with pytest.raises(QwattError, match="checkpoint cannot be read"):
        run_watch(tmp_path, *rows, **QUICK, resume=True)


def test_a_checkpoint_that_was_changed_anywhere_is_refused(tmp_path, rows):
    run_watch(tmp_path, *rows, **QUICK)
    card = tmp_path / "state/checkpoint.json"
    whole_text = card.read_text()
    known = json.loads(whole_text)
    changed = [whole_text[:end] for end in range(0, len(whole_text), 97)]
    for name in known.keys() - {"crc32"}:
        changed.append(json.dumps({key: value for key, value in known.items() if key != name}))
        changed += [json.dumps(known | {name: value}) for value in ("x", -5, None, [], {})]
    for text in changed:
        if text.endswith("}") and json.loads(text) == known:
            continue  # that is what it was
        card.write_text(text)
        folder = folder_module.StateFolder(card.parent)
        with pytest.raises(QwattError, match=r"cannot be read|was changed|another qwatt"):
            folder.open(known["identity"], resume=True)
        folder.close()
    card.write_text(whole_text)
    assert run_watch(tmp_path, *rows, **QUICK, resume=True).resumed_from == 174


def test_what_else_of_a_state_folder_is_lost_costs_no_window(tmp_path, rows):
    run_watch(tmp_path, *rows, **QUICK)
    state = tmp_path / "state"
    lines = (state / "windows.jsonl").read_bytes()
    (state / "printed").write_text("999999999")
    assert run_watch(tmp_path, *rows, **QUICK, resume=True, out="again.jsonl").printed_again == 8
    for name, what in (
        ("windows.jsonl", "shorter than it was"),
        ("checkpoint.json", "checkpoint is missing"),
    ):
        held = (state / name).read_bytes()
        (state / name).unlink()
        for resume in (True, False) if name == "checkpoint.json" else (True,):
            with pytest.raises(QwattError, match=what):
                run_watch(tmp_path, *rows, **QUICK, resume=resume)
        (state / name).write_bytes(held)
    assert (state / "windows.jsonl").read_bytes() == lines


def test_a_checkpoint_of_an_earlier_version_is_gone_on_with(tmp_path, rows):
    """It has no checksum, and nothing of options that came later."""
    run_watch(tmp_path, *rows, **QUICK)
    card = tmp_path / "state/checkpoint.json"
    known = json.loads(card.read_text())
    del known["crc32"], known["identity"]["masked"]
    card.write_text(json.dumps(known))
    assert run_watch(tmp_path, *rows, **QUICK, resume=True).resumed_from == 174


@pytest.mark.parametrize(
    "change",
    [
        *({name: -1} for name in ("lines", "checksum", "windows", "first_line", "bad_rows")),
        *({name: "x"} for name in ("lines", "bad", "energy", "detector", "held", "printed_to", "log_bytes")),
        {"log_bytes": {}},
        {"energy": {}},
        {"begun": None},
        {"held": ['{"score": 0.5}'] * 20},
        {"held": ["none"]},
    ],
)
def test_a_checkpoint_without_checksum_is_gone_on_with_only_if_a_watch_can_have_left_it(
    tmp_path, rows, change
):
    """Minus one line was waited for without end."""
    run_watch(tmp_path, *rows, **QUICK)
    card = tmp_path / "state/checkpoint.json"
    known = json.loads(card.read_text())
    del known["crc32"]
    card.write_text(json.dumps(known | change))
    with pytest.raises(QwattError, match=r"cannot be (read|used)"):
        run_watch(tmp_path, *rows, **QUICK, resume=True)


def test_endless_bad_rows_do_not_pile_up(tmp_path, rows, monkeypatch):
    _, stream = rows
    monkeypatch.setattr(loop_module, "_MOST_BAD_ROWS", 10)
    lines = stream.read_text().splitlines()
    stream.write_text("\n".join([*lines[:10], *(["broken"] * 500), *lines[10:]]))
    wanted, wanted_bad = whole(tmp_path, rows)
    place = tmp_path / "crashed"
    place.mkdir()
    with monkeypatch.context() as patch:
        crash_at(patch, 60)
        with pytest.raises(Crash):
            run_watch(place, *rows, **QUICK)
    run_watch(place, *rows, **QUICK, resume=True)
    assert printed(place / "out.jsonl") == wanted
    assert (place / "state/bad_rows.jsonl").read_text() == wanted_bad


def _start(tmp_path, reference):
    words = ["watch", reference, "--window", "20", "--alpha", "0.3", "--state", "state", "--resume"]
    pipe = subprocess.PIPE
    with (tmp_path / "out.jsonl").open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "qwatt.cli", *words], cwd=tmp_path, stdin=pipe, stdout=out, stderr=pipe
        )


def _until_windows(tmp_path, count):
    end = time.monotonic() + 60
    while (tmp_path / "out.jsonl").read_bytes().count(b"\n") < count:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_killed_and_stopped_for_real(tmp_path, rows):
    """SIGKILL, then SIGTERM while it waits, then the end: one file holds every window once."""
    reference, stream = rows
    wanted, _ = whole(tmp_path, rows)
    lines = stream.read_bytes().splitlines(keepends=True)
    for windows, sent, number in ((2, 50, signal.SIGKILL), (5, 111, signal.SIGTERM), (8, len(lines), None)):
        process = _start(tmp_path, reference)
        process.stdin.write(b"".join(lines[:sent]))
        process.stdin.flush()
        if number:
            _until_windows(tmp_path, windows)
            process.send_signal(number)
        _, told = process.communicate(timeout=60)
        assert b"Traceback" not in told
        assert process.returncode == {signal.SIGKILL: -9, signal.SIGTERM: 143, None: 0}[number]
        if number == signal.SIGTERM:
            assert b"--resume goes on" in told
    assert printed(tmp_path / "out.jsonl") == wanted


def test_nobody_reads_the_output(tmp_path, rows):
    reference, stream = rows
    words = (
        f"{sys.executable} -m qwatt.cli watch {reference} --window 20 --alpha 0.3 --state {tmp_path}/state"
    )
    line = f"({words}; echo $? > {tmp_path}/code) < {stream} | head -0"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert "Traceback" not in done.stderr and "nobody reads" in done.stderr, done.stderr
    assert (tmp_path / "code").read_text().strip() == "141"
    assert len((tmp_path / "state/windows.jsonl").read_text().splitlines()) == 8


KILLS = 20


@pytest.mark.nightly
def test_killed_at_random_twenty_times_no_alert_is_lost_and_none_repeated(tmp_path):
    """A quarter of the million rows has drifted; what is on standard output is what one run prints."""
    reference = write_rows(tmp_path / "reference.jsonl", scores(1, 20_000))
    values = np.random.default_rng(2).random(1_000_000)
    values[400_000:650_000] **= 1.2
    stream = tmp_path / "stream.jsonl"
    stream.write_text("".join(f'{{"score": {x:.6f}}}\n' for x in values), "utf-8")
    (tmp_path / "whole").mkdir()
    run_watch(tmp_path / "whole", reference, stream, window=500)
    wanted = printed(tmp_path / "whole/out.jsonl")
    words = [sys.executable, "-m", "qwatt.cli", "watch", reference, "--window", "500", "--resume"]
    dice, out, kills = np.random.default_rng(), tmp_path / "out.jsonl", 0
    for left in range(KILLS, -1, -1):
        with out.open("ab") as target, stream.open("rb") as source, (tmp_path / "err").open("wb") as told:
            process = subprocess.Popen(
                [*words, "--state", "state"], cwd=tmp_path, stdin=source, stdout=target, stderr=told
            )
        if left:
            _after_some_windows(process, out, int(dice.integers(0, len(wanted) // (2 * KILLS))))
            time.sleep(dice.uniform(0.0, 0.05))
            process.kill()
        ended = process.wait(600)
        kills += ended == -signal.SIGKILL
        assert ended == 0 or (left and ended == -signal.SIGKILL), (tmp_path / "err").read_text()
    found = printed(out)
    alerts = [row["window"] for row in found if row["alert"]]
    assert found == wanted and len(set(alerts)) == len(alerts) > 100
    assert kills > KILLS // 2, "it was done too soon"
    print(f"\n{kills} kills: {len(found):,} windows and {len(alerts):,} alerts, each once, as without a kill")


def _after_some_windows(process, out, count):
    """Wait until so many further windows are printed, or the process has ended."""
    goal = out.read_bytes().count(b"\n") + count
    while process.poll() is None and out.read_bytes().count(b"\n") < goal:
        time.sleep(0.001)
