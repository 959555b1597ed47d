"""Rows of the user's own work: what they hold, what a kill leaves, and that nothing is counted twice."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qwatt
from qwatt.core.energy_log import _checksum, append_energy, read_energy, stage_totals
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.core.stage_energy import StageEnergy
from qwatt.energy.meter.reader import Reader
from qwatt.integrations.recording import ENCLOSING

JOULES_A_SECOND = 7.0
HUGE = 10**400


class Clock(Reader):
    """A reader whose joules are its seconds times a constant: the truth that rows are held against."""

    name = "clock"

    def read(self, now):
        return (now.seconds,)

    def between(self, begin, end):
        return Quantity((end[0] - begin[0]) * JOULES_A_SECOND, boundary=Boundary.NODE, basis=Basis.MEASURED)


def clock():
    return qwatt.Meter(readers=[Clock()])


def work(seconds=0.05):
    time.sleep(seconds)


def rows_of(folder):
    return read_energy(folder).rows


def test_a_stretch_holds_what_the_meter_read(tmp_path):
    with qwatt.record(
        tmp_path / "run", stage="training", label="mine", counts={"tokens": 5}, meter=clock()
    ) as it:
        work()
        it.count(tokens=7, steps=1)
        it.note(optimiser="adam")
    (row,) = rows_of(tmp_path / "run")
    assert row == it.row and (row.status, row.label, row.stage) == ("done", "mine", "training")
    assert row.energy.value == pytest.approx(row.seconds * JOULES_A_SECOND) and row.seconds > 0.05
    assert row.counts == {"tokens": 12, "steps": 1} and row.facts["optimiser"] == "adam"
    assert row.environment in qwatt.core.run_folder.RunFolder(tmp_path / "run").environments()
    assert ENCLOSING not in os.environ


def test_what_raises_is_recorded_and_comes_out(tmp_path):
    with pytest.raises(ValueError, match="no"), qwatt.record(tmp_path, stage="tuning", meter=clock()):
        raise ValueError("no")
    (row,) = rows_of(tmp_path)
    assert (row.status, row.error) == ("failed", "ValueError") and row.energy.known


def test_every_call_of_a_function_is_a_row(tmp_path):
    @qwatt.record(tmp_path, stage="curation", meter=clock())
    def clean(n):
        """Clean."""
        return n + 1

    assert [clean(1), clean(n=2)] == [2, 3] and clean.__doc__ == "Clean."
    assert [row.label for row in rows_of(tmp_path)] == ["clean", "clean"]
    assert len({row.id for row in rows_of(tmp_path)}) == 2


def test_a_coroutine_is_recorded_while_it_waits(tmp_path):
    @qwatt.record(tmp_path, stage="monitoring", label="watch")
    async def watch():
        await asyncio.sleep(0.02)
        return 3

    async def both():
        return await asyncio.gather(watch(), watch())

    assert asyncio.run(both()) == [3, 3]
    assert all(row.seconds >= 0.02 and row.status == "done" for row in rows_of(tmp_path))
    assert ENCLOSING not in os.environ


def test_a_generator_is_refused(tmp_path):
    def numbers():
        yield 1

    with pytest.raises(qwatt.QwattError, match="generator"):
        qwatt.record(tmp_path, stage="curation")(numbers)


def test_parts_add_up_to_less_than_the_whole_and_are_in_no_sum(tmp_path):
    recording = qwatt.record(tmp_path, stage="training", label="all", meter=clock()).begin()
    recording.begin_parts()
    for epoch in range(3):
        work(0.021)
        recording.mark(f"epoch {epoch}", steps=10)
    whole = recording.end()
    parts = [row for row in rows_of(tmp_path) if row.part_of == whole.id]
    assert [row.label for row in parts] == ["epoch 0", "epoch 1", "epoch 2"]
    joules = [row.energy.value for row in parts]
    assert min(joules) >= 0.02 * JOULES_A_SECOND and sum(joules) <= whole.energy.value
    (total,) = stage_totals(read_energy(tmp_path))
    assert total.energy.value == whole.energy.value and total.rows == [whole]


def test_a_stretch_inside_another_is_counted_once(tmp_path):
    with qwatt.record(tmp_path, stage="training", label="outer", meter=clock()) as outer:
        with qwatt.record(tmp_path, stage="training", label="inner", meter=clock()):
            work()
        child = (
            "import qwatt, sys\n"
            "with qwatt.record(sys.argv[1], stage='tuning', label='child'):\n"
            "    sum(range(1000))\n"
        )
        subprocess.run([sys.executable, "-c", child, str(tmp_path)], check=True)
    (total,) = stage_totals(read_energy(tmp_path))
    assert total.energy.value == outer.energy.value
    assert total.remarks == ["contains child of tuning, which ran inside it"]
    assert len(rows_of(tmp_path)) == 3


def test_another_stage_inside_is_refused(tmp_path):
    with (
        qwatt.record(tmp_path, stage="training", label="outer", meter=clock()),
        pytest.raises(qwatt.QwattError, match="would count as training"),
        qwatt.record(tmp_path, stage="curation", meter=clock()),
    ):
        pass


def test_a_killed_process_leaves_what_it_took_until_then(tmp_path):
    code = (
        "import qwatt, sys, os, time, signal\n"
        "with qwatt.record(sys.argv[1], stage='training', label='killed', every_s=0.1):\n"
        "    end = time.time() + 0.6\n"
        "    while time.time() < end: sum(range(10000))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    (row,) = rows_of(tmp_path)
    assert row.status == "open" and 0.2 < row.seconds < 5 and row.energy.known and row.cpu_seconds > 0
    (total,) = stage_totals(read_energy(tmp_path))
    assert "not ended when last written" in total.remarks[0]


def test_a_stretch_is_known_before_anything_was_measured(tmp_path):
    recording = qwatt.record(tmp_path, stage="training", meter=clock()).begin()
    (row,) = rows_of(tmp_path)
    assert row.status == "open" and not row.energy.known
    recording.end()


def test_many_processes_record_into_one_folder(tmp_path):
    code = (
        "import qwatt, sys\n"
        "for n in range(5):\n"
        "    with qwatt.record(sys.argv[1], stage='deployment', counts={'requests': 2}): pass\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    found = read_energy(tmp_path)
    (total,) = stage_totals(found)
    assert found.torn == 0 and len(total.rows) == 15 and total.count("requests") == 30
    assert total.count("tokens") is None


def row(**changes):
    fields = {
        "id": "a", "stage": "training", "label": "x", "status": "done", "started": "2026-01-31T12:00:00Z",
        "seconds": 10.0, "energy": Quantity(5.0, boundary=Boundary.NODE, basis=Basis.ESTIMATED_CPU_TIME),
    }  # fmt: skip
    return StageEnergy(**fields | changes)


def test_a_torn_line_is_left_out_and_what_follows_is_kept(tmp_path):
    append_energy(tmp_path, row())
    with (tmp_path / "energy.jsonl").open("ab") as stream:
        stream.write(b'{"format": 1, "id": "torn", "ene')
    append_energy(tmp_path, row(id="b"))
    found = read_energy(tmp_path)
    assert [one.id for one in found.rows] == ["a", "b"] and found.torn == 1


def test_a_changed_row_is_refused_with_its_line(tmp_path):
    append_energy(tmp_path, row())
    file = tmp_path / "energy.jsonl"
    file.write_text(file.read_text().replace('"seconds": 10.0', '"seconds": 1.0'))
    with pytest.raises(qwatt.QwattError, match=r"energy\.jsonl, line 1: it was changed"):
        read_energy(tmp_path)


WRONG = [
    {"facts": None}, {"facts": {"a": float("nan")}}, {"counts": [1]}, {"counts": {"a": HUGE}},
    {"counts": {"a": float("nan")}},
    {"seconds": float("inf")}, {"seconds": 1e308}, {"seconds": HUGE}, {"cpu_seconds": HUGE},
    {"part_of": []}, {"part_of": 0}, {"error": 1}, {"flags": [1]}, {"started": "0001-01-01T00:00:00"},
    {"energy": {"value_j": HUGE, "basis": "modelled", "boundary": None}},
    {"energy": {"value_j": None, "basis": "modelled", "boundary": None, "reason": [1]}},
]  # fmt: skip


@pytest.mark.parametrize("change", WRONG, ids=lambda change: str(change)[:40])
def test_a_well_formed_row_of_wrong_values_is_refused_with_its_line(tmp_path, change):
    record = json.loads(json.dumps(row().to_record() | change))
    (tmp_path / "energy.jsonl").write_text(json.dumps(record | {"sha256": _checksum(record)}) + "\n")
    with pytest.raises(qwatt.QwattError, match="line 1"):
        read_energy(tmp_path)


def test_energies_of_two_boundaries_are_not_added(tmp_path):
    gpu = Quantity(3.0, boundary=Boundary.DEVICE, basis=Basis.MEASURED_NVML)
    for one in (row(), row(id="b", energy=gpu)):
        append_energy(tmp_path, one)
    (total,) = stage_totals(read_energy(tmp_path))
    assert not total.energy.known and "different boundaries" in total.energy.reason
    assert sorted(energy.value for energy in total.energies) == [3.0, 5.0]


def test_gpus_read_by_two_processes_at_once_are_pointed_out(tmp_path):
    gpu = Quantity(3.0, boundary=Boundary.DEVICE, basis=Basis.MEASURED_NVML)
    for name, started in (("b", "2026-01-31T12:00:05Z"), ("c", "2026-01-31T13:00:00Z")):
        folder = tmp_path / name
        folder.mkdir()
        card = {"accelerators": "1 x H100"}
        append_energy(folder, row(energy=gpu, facts=card, process=1))
        append_energy(folder, row(id=name, energy=gpu, facts=card, process=2, started=started))
    overlapping, apart = (stage_totals(read_energy(tmp_path / name))[0].remarks for name in "bc")
    assert "counted twice" in overlapping[0] and not apart


def test_an_unknown_stage_is_named(tmp_path):
    with pytest.raises(qwatt.QwattError, match="training"):
        qwatt.record(tmp_path, stage="trainig")


@pytest.mark.parametrize(
    "number", [float("nan"), float("inf"), -5, "many", None, True, HUGE, [1.0]], ids=repr
)
def test_what_is_no_count_is_refused_and_the_joules_are_kept(tmp_path, number):
    with (
        pytest.raises(qwatt.QwattError, match="no count"),
        qwatt.record(tmp_path, stage="tuning", counts={"tokens": number}),
    ):
        pass
    assert not rows_of(tmp_path)
    with (
        pytest.raises(qwatt.QwattError, match="counts, tokens"),
        qwatt.record(tmp_path, stage="tuning", meter=clock()) as it,
    ):
        it.count(tokens=number)
    (row,) = rows_of(tmp_path)
    assert row.status == "failed" and row.energy.value > 0 and not row.counts
    assert ENCLOSING not in os.environ


def test_numbers_of_other_libraries_are_counts_and_facts(tmp_path):
    counts, facts = {"tokens": np.int64(3), "flop": np.float32(0.5)}, {"rate": 0.25, "loss": float("nan")}
    with qwatt.record(tmp_path, stage="tuning", label=7, counts=counts, facts=facts, meter=clock()) as it:
        it.count(tokens=np.int32(4))
        it.note(layers=np.int64(2))
    (row,) = rows_of(tmp_path)
    assert row.counts == {"tokens": 7, "flop": 0.5} and row.label == "7"
    assert (row.facts["rate"], row.facts["loss"], row.facts["layers"]) == (0.25, "nan", 2)


@pytest.mark.parametrize("every_s", [0, -1.0, float("nan"), float("inf")])
def test_rows_that_could_not_be_written_in_time_are_refused(tmp_path, every_s):
    with pytest.raises(qwatt.QwattError, match="every_s"):
        qwatt.record(tmp_path, stage="tuning", every_s=every_s).begin()


def test_an_interrupt_while_a_stretch_ends_leaves_nothing_open(tmp_path, monkeypatch):
    it = qwatt.record(tmp_path, stage="tuning", meter=clock()).begin()
    joined = it._writer.join

    def interrupted():
        joined()
        raise KeyboardInterrupt

    monkeypatch.setattr(it._writer, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        it.end()
    assert ENCLOSING not in os.environ
    with qwatt.record(tmp_path, stage="training", meter=clock()) as after:
        pass
    assert after.row.part_of is None


def test_threads_that_share_a_record_end_what_each_began(tmp_path):
    shared = qwatt.record(tmp_path, stage="tuning", meter=clock())
    second_began, first_ended, found = threading.Event(), threading.Event(), {}

    def second():
        with shared as it:
            second_began.set()
            first_ended.wait(10)
            time.sleep(0.2)
            found["ended early"] = it.row.status == "done"

    other = threading.Thread(target=second)
    with shared as first:
        other.start()
        second_began.wait(10)
    first_ended.set()
    other.join()
    assert first.row.status == "done" and found == {"ended early": False}
    (tuning,) = stage_totals(read_energy(tmp_path))
    assert len(tuning.rows) == 1 and "went on after" in tuning.remarks[0]


@settings(deadline=None, max_examples=40)
@given(
    label=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    counts=st.dictionaries(st.text(max_size=5), st.floats(0, 1e18), max_size=3),
    joules=st.one_of(st.none(), st.floats(0, 1e15)),
)
def test_rows_come_back_as_they_were(tmp_path_factory, label, counts, joules):
    energy = Quantity.unknown("no reader") if joules is None else Quantity(joules, boundary=Boundary.NODE)
    folder = tmp_path_factory.mktemp("rows")
    written = row(label=label, counts=counts, energy=energy, flags=("short_window",))
    append_energy(folder, written)
    assert read_energy(folder).rows == [written]
    assert json.loads((folder / "energy.jsonl").read_text())["format"] == 1
