"""Two runs: what changed, and paired tests held against the protocol's own comparison and by hand."""

import dataclasses
import json
import shutil

import pytest

import qwatt
from qwatt.cli.app import run as command_line
from qwatt.core.energy_log import append_energy
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.core.stage_energy import StageEnergy
from qwatt.core.trial import Trial

SEEDS = 6


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "before"
    return qwatt.run(
        "tuning/head", methods=["logistic", "svm-rbf"], data="builtin:weather", size="xs", seeds=SEEDS,
        tuning_trials=1, out=out,
    )  # fmt: skip


def other(before, tmp_path, change=lambda trial: trial, name="after"):
    """A copy of the run whose trials are changed; None leaves one out."""
    folder = tmp_path / name
    shutil.copytree(before.path, folder)
    (folder / "trials.jsonl").unlink()
    for trial in before.trials:
        if (changed := change(trial)) is not None:
            RunFolder(folder).append(changed)
    return folder


def whole(trial):
    """A trial that was read, as one that was made, so that fields can be replaced."""
    return Trial.from_record(trial.to_record())


def better(trial, quality=0.0, joules=1.0, method="logistic"):
    if trial.spec.method != method:
        return trial
    energy = trial.host_energy.scaled(joules)
    return dataclasses.replace(whole(trial), quality=trial.quality + quality, host_energy=energy)


def rows(before, folder):
    return {row["method"]: row for row in qwatt.compare(before, folder).rows()}


def test_a_run_is_not_worse_than_itself(before):
    found = qwatt.compare(before, before)
    assert not found.changes() and found.found.alone == []
    assert len(found.rows()) == 2
    for row in found.rows():
        assert (row["outcome"], row["joules"], row["ratio"]) == ("not worse", "not more", pytest.approx(1.0))
        assert (row["difference"], row["seeds"]) == (0.0, SEEDS)


@pytest.mark.parametrize(
    ("quality", "joules", "outcome", "words"),
    [(-0.5, 1.0, "worse", "not more"), (0.1, 2.0, "not worse", "more"), (-0.5, 0.5, "worse", "not more")],
)
def test_what_changed_for_every_seed_is_decided(before, tmp_path, quality, joules, outcome, words):
    folder = other(before, tmp_path, lambda t: better(t, quality, joules))
    row = rows(before, folder)["logistic"]
    assert (row["outcome"], row["joules"]) == (outcome, words)
    assert row["difference"] == pytest.approx(quality) and row["ratio"] == pytest.approx(joules)
    assert rows(before, folder)["svm-rbf"]["outcome"] == "not worse"


def test_half_of_the_seeds_worse_is_undecided(before, tmp_path):
    row = rows(before, other(before, tmp_path, lambda t: better(t, -0.5 if t.spec.seed % 2 else 0.0)))[
        "logistic"
    ]
    assert row["outcome"] == "undecided" and "both sides" in row["remarks"]


def test_seeds_of_one_run_alone_are_left_out_and_named(before, tmp_path):
    folder = other(before, tmp_path, lambda t: t if t.spec.seed != 2 else None)
    row = rows(before, folder)["logistic"]
    assert row["seeds"] == SEEDS - 1 and "seed 2 is in one run alone" in row["remarks"]


def test_no_seed_in_common_decides_nothing(before, tmp_path):
    folder = tmp_path / "seeds"
    after = qwatt.run(
        {
            "name": "seeds", "seeds": [100, 101], "size": "xs", "tuning_trials": 1,
            "tasks": [{"task": "tuning/head", "source": "builtin:weather", "methods": ["logistic"]}],
        },
        out=folder,
    )  # fmt: skip
    row = rows(before, after.path)["logistic"]
    assert (row["outcome"], row["seeds"], row["ratio"]) == ("undecided", 0, None)
    assert "no seed finished in both runs" in row["remarks"]
    found = qwatt.compare(before, after)
    assert {"seeds"} <= {change["name"] for change in found.changes()}
    assert "tuning/head svm-rbf: in the first run alone" in found.found.alone


def test_joules_of_another_basis_have_no_ratio(before, tmp_path):
    def measured(trial):
        energy = dataclasses.replace(trial.host_energy, basis=Basis.MEASURED_RAPL, boundary=Boundary.DEVICE)
        return dataclasses.replace(whole(trial), host_energy=energy)

    row = rows(before, other(before, tmp_path, measured))["logistic"]
    assert row["ratio"] is None and row["joules"] == "undecided" and row["outcome"] == "not worse"


def test_energies_estimated_from_time_and_from_memory_compare(before, tmp_path):
    """Which of both estimates is the larger part of a trial's joules differs from trial to trial."""

    def of_memory(trial):
        energy = dataclasses.replace(trial.host_energy, basis=Basis.ESTIMATED_RSS)
        return trial if trial.spec.seed % 2 else dataclasses.replace(whole(trial), host_energy=energy)

    found = rows(before, other(before, tmp_path, of_memory))
    assert {row["joules"] for row in found.values()} == {"not more"}


def test_another_machine_and_version_are_named(before, tmp_path):
    folder = other(before, tmp_path)
    file = folder / "environment.json"
    facts = json.loads(file.read_text())
    (only,) = facts.values()
    only["cpu"], only["packages"]["numpy"] = "Other CPU", "0.0"
    file.write_text(json.dumps(facts))
    found = qwatt.compare(before, folder)
    named = {(change["what"], change["name"]): change["after"] for change in found.changes()}
    assert named == {("machine", "cpu"): "Other CPU", ("version", "numpy"): "0.0"}
    assert all("other machine" in row["remarks"] for row in found.rows())


def test_changed_data_is_not_paired(before, tmp_path):
    folder = other(before, tmp_path)
    for place, digest in ((before.path, "1" * 64), (folder, "2" * 64)):
        (place / "sources.json").write_text(json.dumps({"builtin:weather": digest}))
    try:
        row = rows(before, folder)["logistic"]
    finally:
        (before.path / "sources.json").unlink()
    assert (row["outcome"], row["seeds"], row["ratio"]) == ("undecided", 0, None)
    assert "the content of builtin:weather changed" in row["remarks"]


def test_recorded_stages_stand_beside_each_other(tmp_path):
    for name, joules in (("a", 10.0), ("b", 30.0)):
        (tmp_path / name).mkdir()
        energy = Quantity(joules, boundary=Boundary.NODE, basis=Basis.ESTIMATED_CPU_TIME)
        append_energy(
            tmp_path / name, StageEnergy("x", "training", "", "done", "2026-01-31T12:00:00Z", 1.0, energy)
        )
    (stage,) = qwatt.compare(tmp_path / "a", tmp_path / "b").found.recorded
    assert stage.ratio == pytest.approx(3.0) and "nothing is tested" in stage.remark


def test_the_verb_says_the_same(before, tmp_path, capsys, monkeypatch):
    folder = other(before, tmp_path, lambda t: better(t, -0.5))
    outs = []
    for words in (["--json"], []):
        monkeypatch.setattr("sys.argv", ["qwatt", "compare", str(before.path), str(folder), *words])
        with pytest.raises(SystemExit) as ended:
            command_line()
        assert not ended.value.code
        outs.append(capsys.readouterr().out)
    found = qwatt.compare(before, folder)
    assert json.loads(outs[0]) == json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert "worse" in outs[1] and "logistic" in outs[1]
    assert "logistic" in found.figure().svg and "<svg" in found._repr_html_()


def test_a_folder_without_a_run_is_refused(before, tmp_path):
    with pytest.raises(qwatt.QwattError, match="holds no run"):
        qwatt.compare(before, tmp_path)
