"""A trigger in words: "qubits >= 12 and shot_us <= 6.12" as what a machine would be."""

from __future__ import annotations

TRIGGER_WORDS = {
    "qubits": "{} or more physical qubits",
    "error_2q": "an error of at most {} in a two-qubit gate",
    "shot_us": "shots of at most {} µs beside their layers",
    "layer_us": "layers of gates of at most {} µs",
    "cycle_us": "cycles of a surface code of at most {} µs",
    "clique": "{} or more variables that may all be coupled",
    "program_us": "programming in at most {} µs",
    "read_us": "reads of at most {} µs",
    "watts_per_qubit": "at most {} W a qubit",
    "kw": "at most {} kW",
}


def trigger_text(trigger: str) -> str:
    """Return the conditions of a trigger as a list in words, each with the trigger's own number."""
    words = [TRIGGER_WORDS[field].format(value) for field, _, value in map(str.split, trigger.split(" and "))]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
