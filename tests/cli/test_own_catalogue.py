"""`--catalogue FILE` in every verb, what `list qpus` says of power and prices, and annealers by the hour."""

import pytest

from qwatt import catalogue
from qwatt.cli.app import command
from qwatt.core.errors import QwattError
from qwatt.energy.qpu import estimate_anneal, estimate_circuit, load_qpus

MINE = """
source = "my own machine"
date = "2026-11-26"
confidence = "C"
[qpu_power.mine]
system = { value = 500, unit = "W" }
[qpus.mine]
vendor = "me"
model = "one"
modality = "annealer"
connectivity = "all"
power = "mine"
program = "anneal"
service = "cloud"
clique = { value = 500, unit = "1" }
anneal = { value = 1, unit = "us" }
time_readout = { value = 1, unit = "us" }
delay = { value = 1, unit = "us" }
program_time = { value = 100, unit = "us" }
access = { value = 100, unit = "us" }
[qpu_prices.offers.mine]
platform = "mine"
kind = "on_demand"
[qpu_prices.offers.mine.minutes]
qpus = ["mine"]
per_second = { value = 2.0, unit = "USD/s" }
[grids.deu]
intensity = { value = 100, unit = "gCO2e/kWh" }
"""


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    yield path
    catalogue.add(None)


def _verbs(verb, name="qwatt"):
    if not hasattr(verb, "commands"):
        return [(name, verb)]
    inner = {key: verb.get_command(None, key) for key in verb.list_commands(None)}
    return [found for key, v in inner.items() for found in _verbs(v, key)]


def test_every_verb_takes_it():
    verbs = _verbs(command())
    assert len(verbs) > 25
    for name, verb in verbs:
        options = [option for parameter in verb.params for option in parameter.opts]
        assert options.count("--catalogue") == 1, name


def test_an_own_annealer_is_listed_and_priced(qwatt, mine):
    rows = {row["id"]: row for row in qwatt(f"list qpus --json --catalogue {mine}").record}
    assert rows["mine"]["kw"] == 0.5 and rows["mine"]["price"] == "per second 2 USD"
    assert rows["dwave_adv2"]["kw"] == 12.5, "the catalogue's are still there"
    record = qwatt(
        f"estimate anneal --qpu mine --variables 300 --reads 1000 --json --catalogue {mine}"
    ).record
    seconds = 200e-6 + 1000 * 3e-6
    assert record["seconds"]["value"] == pytest.approx(seconds) and record["executable"]
    assert record["energy_j"]["value"] == pytest.approx(500 * seconds)
    assert record["usd"]["value"] == pytest.approx(2 * seconds)
    again = qwatt("list qpus --json").record
    assert "mine" not in {row["id"] for row in again}, "it holds for its command alone"


def test_a_number_that_exists_is_replaced_and_its_neighbours_stay(qwatt, mine):
    before = {row["id"]: row for row in qwatt("list grids --json").record}["deu"]
    after = {row["id"]: row for row in qwatt(f"list grids --json --catalogue {mine}").record}["deu"]
    assert after["gco2e_per_kwh"] == [100, 100, 100] != before["gco2e_per_kwh"]
    assert after["usd_per_kwh"] == before["usd_per_kwh"] and after["name"] == "Germany"


def test_taken_away_nothing_of_it_is_left(mine):
    catalogue.add(mine)
    assert "mine" in load_qpus()
    catalogue.add(None)
    assert "mine" not in load_qpus()


def test_an_anneal_costs_what_its_formula_says_and_is_recorded_like_circuits():
    record = estimate_anneal("dwave_adv2", 64, 500, problems=3)
    numbers = load_qpus()["dwave_adv2"].at("value")
    read = numbers["anneal"] + numbers["time_readout"] + numbers["delay"]
    expected = 3 * (numbers["program_time"] + numbers["access"] + 500 * read)
    assert record["seconds"]["value"] == pytest.approx(expected)
    assert record["energy_j"]["value"] == pytest.approx(12_500 * expected)
    assert record.keys() == estimate_circuit("ibm_boston", 2, 1, 1).keys()
    assert record["inputs"]["couplings"] == 64 * 63 // 2
    large = estimate_anneal("dwave_adv2", 1000, 1)
    assert not large["executable"] and "160" in large["why"]
    with pytest.raises(QwattError, match="no annealer"):
        estimate_anneal("ibm_boston", 10, 10)


@pytest.mark.parametrize(("sort", "key"), [("energy", "energy_j"), ("usd", "usd"), ("time", "seconds")])
def test_a_plan_is_sorted_as_asked_and_shows_the_qpus_asked_for(sort, key):
    from qwatt.report.qpu_choice import chosen, number

    runs, not_yet = {"executable": True}, {"executable": False}
    costs = {
        "a": {"energy_j": {"value": 3.0}, "usd": 1.0, "seconds": 2.0} | runs,
        "b": {"energy_j": {"value": 1.0}, "usd": None, "seconds": 3.0} | runs,
        "c": {"energy_j": {"value": 2.0}, "usd": 3.0, "seconds": 1.0} | runs,
        "d": {"energy_j": {"value": 0.1}, "usd": 0.1, "seconds": 0.1} | not_yet,
    }
    order = list(chosen(None, False, sort).of(costs))
    assert order[-1] == "d"
    known = [number(costs[name][key]) for name in order[:-1] if number(costs[name][key]) is not None]
    assert known == sorted(known)
    assert chosen(None, True, sort).count is None and chosen(None, False, sort).count == 3
    only = chosen(["ibm_boston", "ibm_fez"], False, sort)
    assert list(only.of({"ibm_fez": costs["a"], "ibm_boston": costs["c"], "x": costs["b"]})) != []
    assert set(only.of({"ibm_fez": costs["a"], "x": costs["b"]})) == {"ibm_fez"} and only.count is None


def test_a_plan_on_a_machine_whose_shots_take_unknown_time_says_so(qwatt, mine):
    gate = MINE.replace('program = "anneal"', 'program = "circuit"\nqubits = { value = 20, unit = "qubit" }')
    mine.write_text(gate)
    words = "plan tuning/head --data builtin:weather --size xs --seeds 1 --method kernel-svm"
    said = " ".join(qwatt(f"{words} --qpu mine --catalogue {mine}").out.split())
    assert "the time of a shot on mine is not published" in said


def test_a_plan_on_a_machine_that_runs_no_circuits_says_so(qwatt, mine):
    words = (
        "plan tuning/head --data builtin:weather --size xs --seeds 1 --method logistic --method kernel-svm"
    )
    ran = qwatt(f"{words} --qpu mine --catalogue {mine}")
    (line,) = (line for line in ran.out.splitlines() if "not gate circuits" in line)
    assert line.startswith("kernel-svm") and "mine runs anneals of QUBOs" in line
    assert not any(name.strip() == "logistic" for name in line.partition(":")[0].split(","))


def _retraining(tmp_path, name, text):
    (tmp_path / "units.toml").write_text(
        f'[retraining.{name}]\nsource = "me"\ndate = "2026-11"\nconfidence = "A"\n{text}\n'
    )
    try:
        catalogue.add(tmp_path / "units.toml")
        group, key = name.split(".")
        return catalogue.load("retraining")[group][key]
    finally:
        catalogue.add(None)


@pytest.mark.parametrize(
    ("name", "text", "unit", "value", "high"),
    [
        ("answer.energy", 'value = 2\nhigh = 3\nunit = "Wh"', "J", 7200.0, 10800.0),
        ("fine_tune.energy_per_flop", 'value = 2\nhigh = 4\nunit = "kJ/FLOP"', "J/FLOP", 2e3, 4e3),
        ("fine_tune.tokens", 'value = 2\nhigh = 4\nunit = "1"', "1", 2, 4),
    ],
)
def test_numbers_come_to_the_shipped_unit(tmp_path, name, text, unit, value, high):
    found = _retraining(tmp_path, name, text)
    assert (found["unit"], found["value"], found["high"]) == (unit, pytest.approx(value), pytest.approx(high))


@pytest.mark.parametrize(
    ("name", "unit", "mend"),
    [
        ("answer.energy", "h", "write it in J"),
        ("answer.energy", "J/h", "write it in J"),
        ("fine_tune.tokens", "USD", "write it in 1"),
        ("fine_tune.energy_per_flop", "J", "write it in J/FLOP"),
        ("fine_tune.energy_per_flop", "J/h", "write it in J/FLOP"),
    ],
)
def test_a_unit_that_measures_something_else_is_refused(tmp_path, name, unit, mend):
    with pytest.raises(QwattError, match="measures something else") as refused:
        _retraining(tmp_path, name, f'value = 2\nunit = "{unit}"')
    assert refused.value.mend == mend and name in refused.value.where


@pytest.mark.parametrize(
    ("name", "text", "mend"),
    [
        (
            "qpus.ibm_fez.error_2q",
            '[qpus.ibm_fez]\nerror_2q = { value = 0.5, high = 1.0, unit = "1" }',
            "below 1",
        ),
        ("claims:rows:source", "[claims.rows.source]\nlow = 1", "source ="),
    ],
)
def test_an_error_of_one_and_a_source_that_is_no_text_are_refused(tmp_path, name, text, mend):
    path = tmp_path / "own.toml"
    path.write_text(f'source = "me"\ndate = "2026"\nconfidence = "C"\n{text}\n')
    with pytest.raises(QwattError) as caught:
        catalogue.add(path)
    assert name in caught.value.where and mend in caught.value.mend
