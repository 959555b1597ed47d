"""Claims of the article and the works it cites beside what qwatt finds: supported, contradicted, undecided.

A row of the article is judged by its best enhancement. Its time scale is supported when an advantage by the
end of its band is likely (or, for "long", unlikely before the band begins); a potential of medium or high
when an advantage by the end of the band is likely, a low one when it is unlikely or saves less than 1 % of
the stage's energy. A row is contradicted when either is. Thresholds are in `catalogue/claims.toml`.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from qwatt import catalogue
from qwatt.core.quantity import Quantity
from qwatt.energy.qpu import get_qpu, load_qpus
from qwatt.projection.calculators.inference import estimate_inference
from qwatt.projection.calculators.serving import InferenceInput
from qwatt.projection.futures.montecarlo import DrawSettings
from qwatt.projection.futures.simulation import crossover_qubits
from qwatt.projection.life.life_cycle import LifeCycle
from qwatt.projection.verdicts.measured import Measured
from qwatt.projection.verdicts.reasons import share_text

SUPPORTED, CONTRADICTED, UNDECIDED = "supported", "contradicted", "undecided"
Finding = tuple[str, str]
"""A word and its evidence."""

Entries = Sequence[Mapping[str, Any]]


@cache
def book() -> Mapping[str, Any]:
    """Return the catalogue of claims; not to be changed."""
    return catalogue.load("claims")


def rows() -> Mapping[str, Mapping[str, str]]:
    """Return the article's seven rows by stage."""
    return {stage: row for stage, row in book()["rows"].items() if isinstance(row, Mapping)}


def all_claims() -> list[dict[str, Any]]:
    """Return every claim with its id, kind, text and source, for `list claims`."""
    table = [
        {
            "id": f"row-{stage}",
            "kind": "row",
            "stage": stage,
            "text": _row_text(row),
            "source": book()["source"],
        }
        for stage, row in rows().items()
    ]
    return table + [
        {
            "id": name,
            "kind": "statement",
            "text": entry["text"],
            "source": entry.get("source", book()["source"]),
        }
        for name, entry in book()["statements"].items()
        if isinstance(entry, Mapping)
    ]


def audit(
    entries: Entries, cycle: LifeCycle, settings: DrawSettings, found: Measured
) -> list[dict[str, Any]]:
    """Return every claim with what qwatt finds.

    Args:
        entries: the enhancements' records of a projection.
        cycle: the scenario's life-cycle costs.
        settings: the projection's years.
        found: what a run measured.

    Returns:
        [{id, kind, text, source, finding, evidence, ...}]; rows also time_scale_finding, potential_finding.
    """
    judged = []
    for claim in all_claims():
        if claim["kind"] == "row":
            judged.append(claim | _row(claim["stage"], entries, cycle, settings))
        else:
            word, evidence = _statement(claim["id"], entries, settings, found)
            judged.append(claim | {"finding": word, "evidence": evidence})
    return judged


def rule(name: str) -> float:
    """Return a threshold of the audit."""
    return float(book()["rules"][name]["value"])


def _row_text(row: Mapping[str, str]) -> str:
    return f"{row['enhancement']}: {row['time_scale']} term, {row['potential']} potential"


def _row(stage: str, entries: Entries, cycle: LifeCycle, settings: DrawSettings) -> dict[str, Any]:
    row = rows()[stage]
    best = max((e for e in entries if e["stage"] == stage), key=_promise)
    bands = book()["bands"]
    end = {name: int(bands["published"] + bands[name]["value"]) for name in ("near", "medium")}
    until = end.get(row["time_scale"], settings.years[-1])
    by_then, before = _chance(best, until), _chance(best, end["medium"])
    when = _likely(by_then) if row["time_scale"] != "long" else _likely(1.0 - before)
    share = _saved_share(best, cycle, stage)
    if row["potential"] == "low":
        small = share is not None and share < rule("small_share")
        how = SUPPORTED if small or by_then <= rule("unlikely") else _likely(1.0 - by_then)
    else:
        how = _likely(by_then)
    words = {when, how}
    word = CONTRADICTED if CONTRADICTED in words else UNDECIDED if UNDECIDED in words else SUPPORTED
    return {
        "finding": word,
        "time_scale_finding": when,
        "potential_finding": how,
        "evidence": _row_evidence(best, until, by_then, share) + _runnable(stage, entries),
    }


def _promise(entry: Mapping[str, Any]) -> tuple[float, float]:
    """Return the order of enhancements: the greater chance, then the fewer joules over the best classical."""
    gap = _last_gap(entry)
    return max(entry["p_advantage"].values()), -(math.inf if gap is None else gap)


def _last_gap(entry: Mapping[str, Any]) -> float | None:
    return next((ratio["p50"] for _, ratio in sorted(entry["ratio"].items(), reverse=True)), None)


def _row_evidence(best: Mapping[str, Any], until: int, chance: float, share: float | None) -> str:
    text = f"best chance of an energy advantage by {until}: {share_text(chance)} ({best['name']})"
    if share is not None:
        text += f"; where it wins, it saves {share_text(share)} of the stage's energy"
    gap = _last_gap(best)
    if gap is not None and gap > 1:
        text += f"; a machine of any size would need {_two_digits(gap)} times "
        text += "the joules of the best classical method"
    return text


def _runnable(stage: str, entries: Entries) -> str:
    own = [entry for entry in entries if entry["stage"] == stage and entry["kind"] == "quantum"]
    able = sum(bool(entry["today"] and entry["today"]["executable"]) for entry in own)
    return f"; {able} of {len(own)} enhancements of {stage} can run on machines in service"


def _saved_share(entry: Mapping[str, Any], cycle: LifeCycle, stage: str) -> float | None:
    saved, energy = entry["saved_kwh"]["if_it_wins"], cycle.stages[stage].energy
    if saved is None or not energy.known or energy.interval[1] <= 0:
        return None
    return float(saved["p90"] / energy.to("kWh").interval[1])


def _chance(entry: Mapping[str, Any], year: int) -> float:
    known = [y for y in entry["p_advantage"] if y <= year]
    return float(entry["p_advantage"][max(known)]) if known else 0.0


def _likely(p: float) -> str:
    return SUPPORTED if p >= rule("likely") else CONTRADICTED if p <= rule("unlikely") else UNDECIDED


def _statement(name: str, entries: Entries, settings: DrawSettings, found: Measured) -> Finding:
    entry = book()["statements"][name]
    if "better" in entry:
        return _measured(entry, found)
    tests: dict[str, Callable[[], Finding]] = {
        "long-prompt": lambda: _long_prompt(entry),
        "kilowatts": lambda: _kilowatts(entry),
        "fine-tuning": lambda: _fine_tuning(entries),
        "crossover": lambda: _crossover(entry, entries, settings),
        "supremacy": lambda: _supremacy(entry),
    }
    return tests[name]()


def _measured(entry: Mapping[str, Any], found: Measured) -> Finding:
    better, worse = (found.quality(entry["task"], entry[side]) for side in ("better", "worse"))
    if not better or not worse:
        basis = f"{entry['prior_source']}; no trial of it in the run folder"
        return entry["prior"], f"{entry['prior_evidence']} ({basis})"
    one, other = statistics.median(better), statistics.median(worse)
    gain = one / other - 1.0 if entry.get("relative") else one - other
    claimed, tolerance = entry["claimed"]["value"], entry["tolerance"]["value"]
    word = SUPPORTED if gain >= claimed - tolerance else CONTRADICTED
    return (
        word,
        f"{entry['better']} {one:.3f} against {entry['worse']} {other:.3f}: {gain:+.3f} ({claimed:+.3f})",
    )


def _long_prompt(entry: Mapping[str, Any]) -> Finding:
    tokens = entry["output_tokens"]["value"]
    plain = InferenceInput(
        model=entry["model"],
        accelerator="h100",
        gpus=8,
        precision="fp8",
        input_tokens=entry["input_tokens"]["value"],
        output_tokens=tokens,
    )
    thinking = replace(plain, output_tokens=tokens * entry["thinking"]["value"])
    short, long = (
        estimate_inference(request)["energy_per_request.facility"].to("Wh").interval
        for request in (plain, thinking)
    )
    low, middle, high = short[0], long[1], long[2]
    claimed, revised = entry["claimed"]["value"], entry["revised"]["value"]
    word = CONTRADICTED if not low <= claimed <= high else UNDECIDED
    return word, (
        f"a 405B model takes {_two_digits(low)} to {_two_digits(high)} Wh ({_two_digits(middle)} with ten "
        f"times the tokens); the model is undisclosed, and a later version of the source says {revised:g} Wh "
        f"instead of {claimed:g}"
    )


def _kilowatts(entry: Mapping[str, Any]) -> Finding:
    watts = [qpu.power.to("kW") for qpu in load_qpus().values() if qpu.power.known]
    most = max(power.interval[2] for power in watts)
    qubits, each = (
        1e6,
        catalogue.quantity(catalogue.load("roadmaps")["modalities"]["superconducting"]["per_qubit"]),
    )
    large = each.scaled(qubits).to("MW")
    word = SUPPORTED if most <= entry["most"]["value"] else CONTRADICTED
    return word, (
        f"catalogued machines draw at most {most:g} kW, but one of a million qubits {_range(large)} MW; "
        "power is not energy: a shot takes 5 J (superconducting) to 20 kJ (analog atoms)"
    )


def _fine_tuning(entries: Entries) -> Finding:
    near = int(book()["bands"]["published"] + book()["bands"]["near"]["value"])
    by_stage: dict[str, float] = {}
    for entry in entries:
        by_stage[entry["stage"]] = max(by_stage.get(entry["stage"], 0.0), _chance(entry, near))
    own = by_stage["tuning"]
    word = SUPPORTED if own >= rule("likely") and own >= max(by_stage.values()) else _likely(own)
    others = ", ".join(f"{stage} {share_text(p)}" for stage, p in by_stage.items())
    return (
        word,
        f"chance of an energy advantage by {near}: {others}{_runnable('tuning', entries)}",
    )


def _crossover(entry: Mapping[str, Any], entries: Entries, settings: DrawSettings) -> Finding:
    power, shots = get_qpu(entry["qpu"]).power.to("W"), entry["shots"]
    low = crossover_qubits(power.interval[0], shots["low"])
    middle = crossover_qubits(power.interval[1], shots["value"])
    high = crossover_qubits(power.interval[2], shots["high"])
    claimed, slack = entry["claimed"]["value"], entry["tolerance"]["value"]
    word = SUPPORTED if low - slack <= claimed <= high + slack else CONTRADICTED
    head = next(e for e in entries if e["id"] == "tuning/head/reupload-forward")
    chance = head["p_advantage"][settings.years[-1]]
    return word, (
        f"own model: {low} to {high} qubits, {middle} at the central values, against simulating the circuit; "
        f"against the best classical method the chance is {share_text(chance)} by {settings.years[-1]}"
    )


def _supremacy(entry: Mapping[str, Any]) -> Finding:
    quantum = catalogue.quantity(entry["quantum"]).interval[1]
    then, now = (catalogue.quantity(entry[key]) for key in ("classical_2019", "classical_2024"))
    word = CONTRADICTED if now.interval[2] < quantum else SUPPORTED
    return word, (
        f"{_two_digits(then.interval[1] / quantum)} times less than the classical side of 2019, but "
        f"{_two_digits(quantum / now.interval[1])} times more than that of 2024"
    )


def _range(quantity: Quantity) -> str:
    low, _, high = quantity.interval
    return f"{_two_digits(low)} to {_two_digits(high)}"


def _two_digits(number: float) -> str:
    """Write two digits, and those of a hundred to a million without an exponent."""
    short = float(f"{number:.2g}")
    return f"{short:,.0f}" if 100 <= short < 1e6 else f"{number:.2g}"
