import math

import pytest

from qwatt import catalogue
from qwatt.core.errors import QwattError
from qwatt.energy.qpu import get_qpu, load_qpus, offers_for

OWN = ("qpus", "qpu_power", "qpu_prices", "fault_tolerance")


def numbers(table, path=""):
    if catalogue.is_number(table):
        yield path, table
    elif isinstance(table, dict):
        for key, item in table.items():
            yield from numbers(item, f"{path}.{key}")
    elif isinstance(table, list):
        for index, item in enumerate(table):
            yield from numbers(item, f"{path}[{index}]")
    elif isinstance(table, float | int) and not isinstance(table, bool):
        raise AssertionError(f"a bare number at {path}")


@pytest.mark.parametrize("name", OWN)
def test_every_number_is_complete_and_none_is_bare(name):
    entries = list(numbers(catalogue.load(name)))
    assert entries
    for path, entry in entries:
        quantity = catalogue.quantity(entry)
        assert entry["source"] and entry["date"], path
        assert entry["confidence"] in catalogue.CONFIDENCE, path
        assert all(math.isfinite(x) for x in quantity.interval), path


def test_numbers_that_are_only_claimed_have_wide_intervals():
    """Times, errors and watts of confidence C carry low and high unless they bound one side already."""
    power = catalogue.load("qpu_power")
    claimed = [t["system"] for t in power.values() if "system" in t and t["system"]["confidence"] == "C"]
    assert claimed
    assert all(entry["high"] / entry["low"] >= 2 for entry in claimed)


def test_catalogue_has_the_machines_and_leaves_blanks_out():
    machines = load_qpus()
    assert len(machines) >= 25
    assert {m.modality for m in machines.values()} >= {"superconducting", "ion", "annealer", "photonic"}
    assert get_qpu("rigetti_cepheus").number("error_1q") is None
    assert get_qpu("atom_magne").number("error_2q") is None
    zero = [(m.id, k) for m in machines.values() for k, q in m.numbers.items() if q.interval[1] == 0]
    assert zero == []


def test_times_are_seconds_at_every_corner():
    kingston = get_qpu("ibm_kingston")
    assert kingston.at("value")["repetition"] == pytest.approx(250e-6)
    assert kingston.at("low")["error_2q"] < kingston.at("value")["error_2q"] < kingston.at("high")["error_2q"]


def test_every_priced_machine_is_catalogued():
    from qwatt.energy.qpu.money import load_offers

    assert {qpu for offer in load_offers() for qpu in offer.qpus} <= set(load_qpus())
    assert len(offers_for("ionq_forte")) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a.x]\nvalue = 1\nunit = 's'\n", "lacks source, date, confidence"),
        ("[a]\nsource='s'\ndate='d'\nconfidence='A'\nx = {value = 1}\n", "lacks unit"),
        ("[a]\nsource='s'\ndate='d'\nconfidence='Z'\nx = {value = 1, unit = 's'}\n", "unknown confidence"),
        ("[a]\nsource='s'\ndate='d'\nconfidence='A'\nx = {value = 1, unit = 'furlong'}\n", "unknown unit"),
        ("[a]\nsource='s'\ndate='d'\nconfidence='A'\nx = {value = 1, low = 2, unit = 's'}\n", "interval"),
        ("[a\n", "not valid TOML"),
    ],
)
def test_a_broken_entry_is_named(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(QwattError, match=message) as error:
        catalogue.read(path)
    assert "mine.toml" in str(error.value)


def test_unknown_names_give_the_nearest():
    with pytest.raises(QwattError, match="qpus"):
        catalogue.load("qpu")
    with pytest.raises(QwattError, match="ibm_kingston"):
        get_qpu("ibm_kingstn")


def test_a_machine_of_ones_own(tmp_path):
    path = tmp_path / "mine.toml"
    words = "vendor='v'\nmodel='m'\nmodality='ion'\nprogram='circuit'\nservice='cloud'\nconnectivity='all'\n"
    body = "source='s'\ndate='d'\nconfidence='A'\nqubits={value=3,unit='qubit'}\n"
    path.write_text(f"[mine]\n{words}power='unknown'\n{body}")
    mine = load_qpus(path)["mine"]
    assert mine.qubits == 3
    assert not mine.power.known
    path2 = tmp_path / "bad.toml"
    path2.write_text(f"[mine]\n{words}power='windmill'\n{body}")
    with pytest.raises(QwattError, match="unknown power"):
        load_qpus(path2)
