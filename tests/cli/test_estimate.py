"""The calculators' verbs: contracts, units, published anchors, and refusals that can be mended."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwatt.cli.estimate.numbers import interval, number, whole
from qwatt.core.errors import QwattError

CONTRACT = {"value", "low", "high", "unit", "basis"}
EIGHT = "estimate training --params 8B --tokens 15T --accelerator h100 --json"
SERVED = "estimate inference --model llama-3.1-8b --accelerator h100 --input-tokens 500 --output-tokens 300"
CIRCUIT = (
    "estimate circuit --qpu ibm_sherbrooke --qubits 8 --gates-1q 20 --gates-2q 10 --depth 12 --shots 1000"
)
EVERY = (
    EIGHT,
    SERVED + " --json",
    "estimate curation --tokens 1T --accelerator h100 --hashes 128 --json",
    "estimate tokenise --tokens 1T --tokenizer tiktoken --json",
    "estimate tuning --params 8B --tokens 100M --accelerator h100 --method lora --json",
    "estimate distil --student-params 1B --teacher llama-3.1-8b --tokens 10B --accelerator h100 --json",
    "estimate monitoring --requests-per-day 1e5 --input-tokens 500 --output-tokens 300 "
    "--fraction 0.1 --guard 1B --accelerator h100 --json",
    "estimate development --params 8B --tokens 15T --accelerator h100 --json",
    "estimate development --trial 150M,3B,20 --trial 1B,20B --accelerator h100 --json",
)


def quantities(record):
    for name, entry in record.items():
        if isinstance(entry, dict) and entry.keys() >= CONTRACT:
            yield name, entry
        elif isinstance(entry, dict):
            yield from quantities(entry)


@pytest.mark.parametrize("line", [line for line in EVERY if "--accelerator h100" in line])
def test_the_hardware_is_never_assumed(qwatt, line):
    ran = qwatt(line.replace("--accelerator h100", ""))
    assert ran.code == 2
    assert "--accelerator" in ran.out + ran.err


@pytest.mark.parametrize("line", EVERY)
def test_every_calculator_answers_with_intervals_formula_and_sources(qwatt, line):
    ran = qwatt(line)
    assert ran.code == 0, ran.out
    found = dict(quantities(ran.record))
    assert found
    for name, q in found.items():
        if q["value"] is None:
            assert q["reason"], name
        else:
            assert 0 <= q["low"] <= q["value"] <= q["high"], name
    assert ran.record["formula"] and ran.record["symbols"] and ran.record["sources"]


def test_training_keeps_its_contract_and_brackets_the_published_run(qwatt):
    record = qwatt(EIGHT).record
    assert record["gpu_hours"]["unit"] == "GPU-h"
    assert set(record["energy_kwh"]) == {"device", "node", "facility"}
    assert record["gpu_hours"]["low"] <= 1.46e6 <= record["gpu_hours"]["high"]  # Llama 3.1 8B model card
    energy = [record["energy_kwh"][name]["value"] for name in ("device", "node", "facility")]
    assert energy == sorted(energy)
    assert record["co2e_kg"]["unit"] == "kgCO2e" and record["usd"]["unit"] == "USD"


def test_joules_are_not_watt_hours(qwatt):
    record = qwatt("estimate training --gpu-hours 1000 --accelerator h100 --pue 1 --k-node 1 --json").record
    kwh = record["energy_kwh"]["device"]["value"]
    assert 100 < kwh < 700  # 1000 hours of a 700 W chip; in Wh or J it would be thousands of times more


def test_known_hours_replace_the_formula(qwatt):
    record = qwatt("estimate training --gpu-hours 1.46M --accelerator h100 --gpus 16k --json").record
    assert record["gpu_hours"]["value"] == 1.46e6 and record["gpu_hours"]["basis"] == "published"
    assert record["wall_hours"]["value"] == pytest.approx(1.46e6 / 16000)


def test_inference_keeps_its_contract_and_a_batch_narrows_the_range(qwatt):
    anything = qwatt(SERVED + " --json").record["j_per_output_token"]
    batched = qwatt(SERVED + " --gpus 1 --batch 64 --precision fp8 --json").record
    narrow = batched["j_per_output_token"]
    assert narrow["unit"] == "J/token" and batched["j_per_request"]["unit"] == "J"
    assert narrow["high"] / narrow["low"] < anything["high"] / anything["low"]
    assert batched["j_per_request"]["value"] == pytest.approx(300 * narrow["value"])


def test_the_place_moves_carbon_and_money(qwatt):
    here = qwatt(EIGHT + " --grid fra").record
    there = qwatt(EIGHT + " --grid pol --pue 1.08,1.2,1.6 --usd-per-gpu-hour 2").record
    assert there["co2e_kg"]["value"] > 5 * here["co2e_kg"]["value"]
    assert there["usd"]["value"] == pytest.approx(2 * there["gpu_hours"]["value"])


def test_circuit_keeps_its_contract(qwatt):
    record = qwatt(CIRCUIT + " --json").record
    assert {"seconds", "energy_j", "usd", "fidelity", "executable", "why"} <= record.keys()
    assert record["executable"] is True and record["why"] == ""
    wide = qwatt(CIRCUIT.replace("--qubits 8", "--qubits 5000") + " --json").record
    assert wide["executable"] is False and wide["why"]
    more = qwatt(CIRCUIT + " --circuits 100 --mitigation zne --json").record
    assert more["energy_j"]["value"] > 50 * record["energy_j"]["value"] / 100


def test_fault_tolerant_shows_every_route(qwatt):
    line = "estimate fault-tolerant --logical-qubits 100 --t 1e5 --ccz 10 --measurements 5 --budget 0.01"
    record = qwatt(line + " --json").record
    assert record["physical_qubits"]["unit"] == "qubit" and record["energy_j"]["unit"] == "J"
    assert {route["role"] for route in record["routes"]} >= {"primary", "second route"}
    slower = qwatt(line + " --p 1e-3 --cycle-ns 1e5 --json").record
    assert slower["seconds"]["high"] > record["seconds"]["high"]
    shown = qwatt(line)
    assert "own surface-code formula" in shown.out and "arXiv:1208.0928" in shown.out


def test_tables_show_interval_basis_formula_and_sources(qwatt):
    out = qwatt(SERVED + " --batch 64").out
    for words in ("interval", "modelled", "facility", "J_token = a * G/B", "k_node:", "arXiv:"):
        assert words in out
    assert "executable: yes" in qwatt(CIRCUIT).out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (EIGHT.replace("15T", "-5"), ("tokens", "-5", "from 0")),
        (EIGHT.replace("15T", "many"), ("tokens", "many", "8e9")),
        (EIGHT.replace("15T", "nan"), ("tokens", "nan")),
        (EIGHT.replace("8B", "1e400"), ("params", "1e400")),
        (EIGHT.replace("h100", "h1000"), ("accelerator", "h1000", "h100")),
        (EIGHT + " --pue 0.5", ("pue", "0.5", "1 to 3")),
        (EIGHT + " --pue 1.2,1.1", ("pue", "1.2,1.1", "low,value,high")),
        (EIGHT + " --mfu 38", ("mfu", "38", "0 to 1")),
        (EIGHT + " --mfu 38%", ("mfu", "38%")),
        (EIGHT + " --grid atlantis", ("grid", "atlantis")),
        (EIGHT + " --gpus 0", ("gpus", "0")),
        (EIGHT + " --gpus 2.5", ("gpus", "2.5", "whole")),
        (EIGHT + " --active 9B", ("active", "9e+09")),
        (EIGHT + " --gpu-hours 5", ("gpu-hours", "params")),
        ("estimate training --accelerator h100 --json", ("params", "gpu_hours")),
        (SERVED + " --precision int3 --json", ("precision", "int3", "int4")),
        (SERVED + " --params 8B --json", ("model", "params")),
        (SERVED.replace("llama-3.1-8b", "llama-9") + " --json", ("model", "llama-9")),
        (SERVED.replace("llama-3.1-8b", "llama-3.1-405b") + " --gpus 1 --json", ("gpus",)),
        (
            "estimate tuning --params 8B --tokens 1M --accelerator h100 --method magic --json",
            ("method", "magic", "lora"),
        ),
        (
            "estimate distil --student-params 1B --teacher moose --tokens 1B --accelerator h100 --json",
            ("teacher", "moose"),
        ),
        ("estimate development --trial 1B --accelerator h100 --json", ("trial", "1B")),
        (CIRCUIT.replace("ibm_sherbrooke", "ibm_sherbroke") + " --json", ("ibm_sherbrooke",)),
        (CIRCUIT.replace("--shots 1000", "--shots 0") + " --json", ("shots", "0")),
        (CIRCUIT + " --mitigation prayer --json", ("mitigation", "prayer", "pec")),
        ("estimate fault-tolerant --logical-qubits 10 --t 5 --budget 2 --json", ("budget", "2")),
        (
            "estimate fault-tolerant --logical-qubits 10 --t 5 --preset gate_ns --json",
            ("preset", "gate_ns_e3"),
        ),
        ("estimate fault-tolerant --logical-qubits 10 --t 5 --p 0.3 --json", ("p is 0.3", "0.01")),
    ],
)
def test_bad_input_names_field_value_and_range(qwatt, line, words):
    ran = qwatt(line)
    assert ran.code == 2
    error = ran.record["error"]
    told = json.dumps(error)
    assert error["mend"] or error["where"]
    for word in words:
        assert word in told, told


def test_errors_for_people_go_to_stderr_without_a_traceback(qwatt):
    ran = qwatt("estimate training --params 8B --tokens 15Q --accelerator h100")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: tokens:") and "mend:" in ran.err and "Traceback" not in ran.err


def test_a_left_out_option_is_named(qwatt):
    ran = qwatt("estimate training --params 8B --tokens 1T")
    assert ran.code == 2 and "--accelerator" in ran.err


@given(st.floats(1e-30, 1e30))
def test_numbers_survive_being_written(value):
    assert number("x", repr(value)) == value
    assert number("x", f"{value!r}k") == pytest.approx(1e3 * value)


@pytest.mark.parametrize(
    ("text", "value"), [("8B", 8e9), ("70.6b", 70.6e9), ("15T", 15e12), ("1_000", 1000.0), (" 2 k ", 2000.0)]
)
def test_suffixes(text, value):
    assert number("x", text) == value


@pytest.mark.parametrize("text", ["", "B", "8BB", "1,5", "inf", "0x10", "1e", "8 B C", "1e999999999"])
def test_what_is_not_a_number_is_refused(text):
    with pytest.raises(QwattError, match="x is"):
        number("x", text)


def test_whole_numbers_and_intervals():
    assert whole("x", "1.5k") == 1500 and whole("x", "1e18") == 10**18
    with pytest.raises(QwattError, match="more than 1e18"):
        whole("x", "2e18")
    assert interval("x", "1,2,3") == (1.0, 2.0, 3.0) and interval("x", None) is None


def test_help_and_calculators_import_nothing_heavy():
    code = (
        "import sys; from qwatt.cli.app import app; first = set(sys.modules); "
        "from qwatt.projection.calculators.training import TrainingInput, estimate_training; "
        "estimate_training(TrainingInput(params=8e9, tokens=1e12, accelerator='h100')); "
        "heavy = {'torch', 'pennylane', 'transformers', 'sklearn', 'pandas', 'dimod'}; "
        "print(sorted(heavy & set(sys.modules)), sorted({'numpy', 'pydantic', 'jinja2'} & first))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "[] []"
