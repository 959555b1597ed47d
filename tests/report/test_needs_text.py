"""What would have to be true, in words that keep the record's numbers."""

from qwatt.projection.verdicts.triggers import FIELDS, Condition
from qwatt.report.projection.needs_text import again_text, ceiling_text, futures_text, needs_text
from qwatt.report.projection.trigger_text import TRIGGER_WORDS, trigger_text


def _row(what, factor, alone=True, **more):
    return {"what": what, "factor": factor, "alone": alone, "target": "parity"} | more


def test_needs_name_each_factor_and_what_does_not_suffice_and_the_joint_change():
    rows = [
        _row("shot time", 1200.0),
        _row("error rate", None, why="no factor suffices alone"),
        _row("shot time", 8.0, alone=False, years=20.0),
        _row("read count", 32.0, alone=False, years=20.0),
        _row("host time", 3.0, alone=False, why="calls"),
        {"what": "shot time", "factor": 7.0, "alone": True, "target": "P = 20 %"},
    ]
    text = needs_text({"needs": rows}).replace("\u00a0", " ")
    assert "shot time 1,200 times better" in text and "no factor on error rate suffices alone" in text
    assert (
        "20 more years" in text and "read count 32 times" in text and "host's calls 3 times cheaper" in text
    )
    assert "7 times" not in text


def test_no_qpu_helps_and_free_ones_need_nothing():
    why = "its classical part alone takes at least what the best classical method takes"
    assert needs_text({"needs": [_row("any QPU", None, why=why)]}) == f"no QPU helps: {why}"
    assert "free already" in needs_text({"needs": []})


def test_when_to_look_again_names_who_meets_the_trigger():
    entry = {"trigger": "clique >= 64", "trigger_tests": {"met_by": ["mine"]}, "expires": "2029-01-01"}
    assert again_text(entry) == (
        "when a machine has 64 or more variables that may all be coupled: met by mine; "
        "believe this until 2029-01-01"
    )
    assert "no machine" in again_text({"trigger": None, "trigger_tests": None, "expires": "2029-01-01"})


def test_a_trigger_is_told_in_words_with_its_own_numbers():
    told = trigger_text("qubits >= 12 and error_2q <= 3.47e-05 and shot_us <= 6.12")
    assert told == (
        "12 or more physical qubits, an error of at most 3.47e-05 in a two-qubit gate "
        "and shots of at most 6.12 µs beside their layers"
    )
    for field in FIELDS:
        op = ">=" if field in ("qubits", "clique") else "<="
        assert f"{Condition(field, op, 7.0).value:g}" in trigger_text(str(Condition(field, op, 7.0)))
        assert ("at most" in trigger_text(str(Condition(field, op, 7.0)))) == (op == "<=")
    assert TRIGGER_WORDS.keys() == FIELDS.keys()


def test_ceilings_and_futures_say_their_numbers():
    found = {"kwh": 2e6, "kwh_p90": 3e6, "co2e_kg": 1e3, "usd": 5e5, "share": 0.25}
    text = ceiling_text({"ceiling": found}).replace("\u00a0", " ")
    assert text == "2 GWh, 1 t CO₂e, 500,000 USD: 25 % of the life"
    assert ceiling_text({"ceiling": found | {"kwh_p90": 0.0}}) == "nothing"
    entry = {"verdict_probabilities": {"watch": 0.06, "do not": 0.94, "pilot": 0.0}, "on_threshold": "do not"}
    words = futures_text(entry).replace("\u00a0", " ")
    assert words == "watch 6 %, do not 94 %; on a threshold: more futures may say 'do not'"
