"""Every verb with and without --json, the contracts of its records, and its exit codes."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qwatt.core import registry
from qwatt.core.method import Kind, Method

WEATHER = "--data builtin:weather --size xs --seeds 1 --tuning-trials 1 --shots 20"
ONE = f"tuning/head --method logistic --method reupload-random {WEATHER}"
TRIAL_KEYS = {
    "task", "method", "kind", "seed", "size", "status", "metric", "quality", "seconds", "phases",
    "host_energy", "simulation_energy", "qpu", "demand", "backend", "environment",
}  # fmt: skip
DEMAND_KEYS = {
    "circuits", "shots", "qubits", "gates_1q", "gates_2q", "depth", "measurements", "anneal_reads",
}  # fmt: skip
COST_KEYS = {"energy_j", "seconds", "usd", "fidelity", "executable", "why"}


@pytest.fixture
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def broken_method(monkeypatch):
    """A classical head that always fails, registered for one test."""

    class Broken(Method):
        name = "broken"
        task = "tuning/head"
        kind = Kind.CLASSICAL
        sources = ("made for a test",)

        def run(self, problem, settings, context):
            raise ValueError("<script>alert(1)</script> is no number")

    registry.all_tasks()
    monkeypatch.setitem(registry._methods, ("tuning/head", "broken"), Broken)


# Lists


def test_methods_are_listed_as_promised(qwatt):
    rows = qwatt("list methods --json").record
    assert rows
    for row in rows:
        assert {"task", "name", "kind", "sources"} <= set(row)
        assert row["kind"] in ("classical", "quantum", "inspired", "control")
        assert isinstance(row["sources"], list) and row["sources"]
    assert len({(row["task"], row["name"]) for row in rows}) == len(rows)


@pytest.mark.parametrize("what", ["tasks", "methods", "qpus", "datasets", "backends"])
def test_lists_are_tables_or_json_alone(qwatt, what):
    rows = qwatt(f"list {what} --json")
    assert isinstance(rows.record, list) and rows.err == ""
    table = qwatt(f"list {what}")
    assert (table.code, table.err) == (0, "")
    first = rows.record[0].get("name") or rows.record[0].get("id") or rows.record[0]["task"]
    assert first in table.out


def test_at_least_fourteen_qpus_are_listed(qwatt):
    assert len(qwatt("list qpus --json").record) >= 14


@pytest.mark.parametrize("what", ["qpus", "datasets", "tasks", "methods"])
@pytest.mark.parametrize("width", [60, 80, 100])
def test_tables_break_no_name_in_a_narrow_terminal(what, width, monkeypatch, capsys):
    from qwatt.cli import list as verbs

    monkeypatch.setenv("COLUMNS", str(width))
    names = []
    monkeypatch.setattr(verbs, "_print", lambda title, rows, *rest: names.extend(rows))
    getattr(verbs, what)(False)
    monkeypatch.undo()
    monkeypatch.setenv("COLUMNS", str(width))
    getattr(verbs, what)(False)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    key = next(iter(names[0]))
    assert all(any(str(row[key]) in line for line in out.splitlines()) for row in names)


@pytest.mark.parametrize("name", ["tuning/head", "reupload", "tuning/head/logistic", "ibm_kingston", "vader"])
def test_show(qwatt, name):
    record = qwatt(f"show {name} --json")
    assert record.code == 0 and isinstance(record.record, dict)
    assert name.split("/")[-1] in qwatt(f"show {name}").out


def test_doctor(qwatt):
    rungs = {rung["name"]: rung for rung in qwatt("doctor --json").record["rungs"]}
    assert set(rungs) == {"nvml", "rapl", "cpu_time", "ram"}
    assert rungs["cpu_time"]["readable"]
    for rung in rungs.values():
        assert rung["readable"] or rung["why_not"]
    out = qwatt("doctor").out
    assert all(name in out for name in rungs)


def test_data_list(qwatt):
    assert {"shakespeare", "vader", "minilm"} <= {row["name"] for row in qwatt("data list --json").record}
    assert "vader" in qwatt("data list").out


def test_help_names_every_verb(qwatt):
    out = qwatt("--help").out
    assert all(verb in out for verb in ("run", "plan", "report", "list", "show", "doctor", "data"))
    assert qwatt("--version").out.startswith("qwatt ")


# Plan


def test_plan(qwatt, inside):
    ran = qwatt(f"plan {ONE} --json")
    assert (ran.code, ran.err) == (0, "")
    rows = {row["method"]: row for row in ran.record}
    quantum = rows["reupload-random"]
    assert {"task", "method", "kind", "seeds", "shots", "demand", "host_energy", "qpu", "note"} <= set(
        quantum
    )
    assert set(quantum["demand"]) >= DEMAND_KEYS
    assert all(set(cost) >= COST_KEYS for cost in quantum["qpu"].values()) and len(quantum["qpu"]) >= 14
    assert rows["logistic"]["qpu"] == {}
    assert rows["logistic"]["host_energy"]["value"] is None or rows["logistic"]["host_energy"]["value"] > 0
    assert list(inside.iterdir()) == [], "a plan writes nothing"
    table = qwatt(f"plan {ONE}")
    assert "reupload-random" in table.out and "nothing was executed" in table.out


def test_a_plan_is_what_the_run_records(qwatt, inside):
    planned = {row["method"]: row["demand"] for row in qwatt(f"plan {ONE} --json").record}
    qwatt(f"run {ONE} --out run --json")
    for line in (inside / "run" / "trials.jsonl").read_text().splitlines():
        record = json.loads(line)
        assert {k: record["demand"][k] for k in DEMAND_KEYS} == {
            k: planned[record["method"]][k] for k in DEMAND_KEYS
        }


# Run and report


def test_run_and_report(qwatt, inside):
    ran = qwatt(f"run {ONE} --out run --json")
    assert (ran.code, ran.err) == (0, "")
    summary = ran.record
    assert {"run": "run", "trials": 2, "failed": 0}.items() <= summary.items()
    assert summary["seconds"] > 0
    records = [json.loads(line) for line in (inside / "run" / "trials.jsonl").read_text().splitlines()]
    environments = json.loads((inside / "run" / "environment.json").read_text())
    for record in records:
        assert set(record) >= TRIAL_KEYS
        assert record["status"] == "done"
        assert set(record["demand"]) >= DEMAND_KEYS
        assert set(record["host_energy"]) >= {"value_j", "low_j", "high_j", "basis", "boundary"}
        assert record["environment"] in environments
        for phase in record["phases"].values():
            assert {"seconds", "energy", "ring"} <= set(phase)
    quantum = next(r for r in records if r["method"] == "reupload-random")
    assert quantum["simulation_energy"]["value_j"] > 0
    for cost in quantum["qpu"].values():
        assert set(cost) >= COST_KEYS and {"value", "low", "high"} <= set(cost["energy_j"])
    again = qwatt(f"run {ONE} --out run")
    assert again.code == 0 and "2 from before" in again.out
    assert again.out.rstrip().endswith("run folder: run"), "the run folder is printed last"
    (inside / "run" / "report.html").unlink()
    report = qwatt("report run --json")
    assert (
        report.record["report"] == str(Path("run/report.html")) and (inside / "run" / "report.html").exists()
    )
    rows = report.record["comparisons"][0]["rows"]
    assert {row["method"] for row in rows} == {"logistic", "reupload-random"}
    assert "logistic" in qwatt("report run").out
    csv = (inside / "run" / "comparison.csv").read_text().splitlines()
    assert csv[0].startswith("task,source,size,method") and len(csv) == 3


def test_progress_goes_to_stderr(qwatt, inside):
    ran = qwatt(f"run {ONE} --out run")
    assert "done   tuning/head logistic seed 0" in ran.err
    assert "done   " not in ran.out


def test_a_failing_method_ends_with_code_1(qwatt, inside, broken_method):
    line = f"run tuning/head --method broken --method logistic {WEATHER} --out run"
    ran = qwatt(f"{line} --json")
    assert ran.code == 1
    assert (ran.record["trials"], ran.record["done"], ran.record["failed"]) == (2, 1, 1)
    assert ran.record["errors"][0]["method"] == "broken"
    told = qwatt(line)
    assert told.code == 1
    assert "failed: tuning/head broken seed 0: ValueError" in told.out
    page = (inside / "run" / "report.html").read_text()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_the_run_s_own_study_repeats_it(qwatt, inside):
    qwatt(f"run {ONE} --out run --json")
    again = qwatt("run run/study.toml --out run --json").record
    assert (again["skipped"], again["trials"]) == (2, 2)


def test_names_with_signs_survive_the_study_file(qwatt, inside):
    own = inside / 'Zürich "a" \\ [b] 🙂.csv'
    rows = [f"It was a {kind} day {i},{kind}" for i in range(60) for kind in ("good", "bad")]
    own.write_text("text,label\n" + "\n".join(rows) + "\n")
    words = ["run", "tuning/head", "--method", "logistic", "--data", own.name, "--size", "xs"]
    ran = qwatt([*words, "--seeds", "1", "--out", "run"])
    assert ran.code == 0, ran.err
    assert own.name in ran.out
    assert "🙂" in (inside / "run" / "report.html").read_text()


def test_a_method_picks_its_task_out_of_a_study(qwatt, inside):
    text = '[[tasks]]\ntask = "{}"\nsource = "{}"\nsize = "xs"\n'
    both = text.format("curation/dedup", "builtin:phrases") + text.format("tuning/head", "builtin:weather")
    (inside / "both.toml").write_text(both)
    ran = qwatt("run both.toml --method logistic --seeds 1 --out run --json")
    assert (ran.code, ran.record["trials"]) == (0, 1)


def test_a_user_s_file_is_taken_whole(qwatt, inside):
    (inside / "own.txt").write_text("one document only")
    from qwatt.api.target import Overrides, resolve

    study, _, _ = resolve("curation/dedup", Overrides(data="own.txt"))
    assert study.tasks[0].size == "full"
    (inside / "own.jsonl").write_text('{"body": "x"}\n')
    study, _, _ = resolve("curation/dedup", Overrides(data="own.jsonl#body"))
    assert study.tasks[0].size == "full"


def test_an_interrupted_run_says_how_to_go_on(inside):
    words = (
        f"run tuning/head --method logistic {WEATHER.replace('--seeds 1', '--seeds 400')} --out run".split()
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "qwatt.cli", *words],
        cwd=inside, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (inside / "run" / "trials.jsonl").exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "run the same command again" in err
    assert "Traceback" not in err and out == ""


def test_the_package_is_the_command_too():
    done = subprocess.run([sys.executable, "-m", "qwatt", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("qwatt ")


def test_a_closed_pipe_is_no_error():
    line = f"{sys.executable} -m qwatt.cli list methods --json | head -c 5"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
    assert "Traceback" not in done.stderr and "Broken" not in done.stderr


def test_a_terminal_without_signs_is_no_error():
    import os

    words = [sys.executable, "-m", "qwatt.cli", *f"plan tuning/head --method logistic {WEATHER}".split()]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
