"""What a run says before its first trial."""

from qwatt.api.run import prepare
from qwatt.cli.beginning import beginning


def test_how_much_what_was_added_and_where(tmp_path) -> None:
    options = {"methods": ["reupload"], "size": "xs", "seeds": 2, "settings": None}
    prepared = prepare("tuning/head", options, tmp_path / "out")
    first, added = beginning(prepared)
    methods = {spec.method for spec in prepared.specs}
    count = len(methods)
    assert first == f"{2 * count} trials of {count} methods of tuning/head; run folder: {tmp_path / 'out'}"
    names = added.removeprefix("tuning/head: ").partition(" added unasked")[0].split(", ")
    assert set(names) == methods - {"reupload"} and "reupload-random" in names


def test_where_all_methods_run_nothing_was_added(tmp_path) -> None:
    prepared = prepare("tuning/head", {"size": "xs", "seeds": 1, "settings": None}, tmp_path / "out")
    assert len(beginning(prepared)) == 1


def test_many_tasks_are_summed_up(tmp_path) -> None:
    prepared = prepare("studies/quick.toml", {"settings": None}, tmp_path / "out")
    lines = beginning(prepared)
    assert "13 tasks; run folder: " in lines[0] and len(lines) <= 2


def test_a_refused_run_says_nothing_before(qwatt, tmp_path) -> None:
    ran = qwatt(
        f"run tuning/head --size xs --seeds 1 --data {tmp_path / 'none.csv'} --out {tmp_path / 'out'}"
    )
    assert ran.code == 2 and ran.err.startswith("error: ")


def test_a_run_says_it_once_on_stderr(qwatt, tmp_path) -> None:
    out = tmp_path / "out"
    words = f"run encoding/tokenise --method bytes --size xs --seeds 2 --tuning-trials 1 --out {out}"
    ran = qwatt(words)
    assert ran.code == 0
    assert ran.err.splitlines()[0] == f"2 trials of 1 method of encoding/tokenise; run folder: {out}"
    assert ran.err.count("run folder") == 1
    assert "run folder" not in qwatt(f"{words} --json").err
