"""Studies and scenarios, changed in their tables, their text or their bytes."""

import json
import math
import tomllib
from datetime import date, datetime, time
from pathlib import Path

from junk import changed_tree, damaged_text
from mutants import damaged

SCENARIOS = Path(__file__).parents[2] / "scenarios"
STUDY = """name = "fuzz"
description = "two tasks"
seeds = 1
size = "xs"
tuning_trials = 1
shots = 100
exact = false
backend = "engine"

[[tasks]]
task = "curation/dedup"
source = "builtin:phrases"
methods = ["exact-hash", "minhash"]
set = {threshold = 0.7, minhash = {shingles = "char8"}}

[[tasks]]
task = "tuning/head"
source = "builtin:weather"
methods = ["logistic"]
seeds = [0]
tuning_trials = 1

[host.w_per_vcpu]
value = 5.0
low = 3.0
high = 9.0
unit = "W"
"""


def write_changed(path, text, drawn):
    """Write a settings file with something changed."""
    how = drawn.random()
    if how < 0.6:
        data = to_toml(changed_tree(tomllib.loads(text), drawn)).encode("utf-8", "surrogatepass")
    elif how < 0.9:
        data = damaged_text(text, drawn).encode("utf-8", "surrogatepass")
    else:
        data = damaged(text.encode(), drawn)
    path.write_bytes(data)


def scenario_text(drawn):
    """Return the text of a shipped scenario."""
    return drawn.choice(sorted(SCENARIOS.glob("*.toml"))).read_text("utf-8")


def to_toml(tree):
    """Write a tree as TOML, each top key on its own line; what TOML lacks is left out."""
    if not isinstance(tree, dict):
        return f"x = {_value(tree)}\n"
    lines = [f"{json.dumps(key)} = {_value(value)}" for key, value in tree.items() if value is not None]
    return "\n".join(lines) + "\n"


def _value(value):
    if isinstance(value, dict):
        inner = (f"{json.dumps(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value if item is not None) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)
