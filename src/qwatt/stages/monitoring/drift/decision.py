"""What watching costs beside what it decides about: a retraining avoided, or started for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qwatt import catalogue
from qwatt.core.quantity import Basis, Quantity
from qwatt.core.trial import Trial

_OF_CATALOGUE = "of the catalogue; --catalogue FILE takes yours"
_FLOP_PER_TOKEN = 6.0
"""And parameter, forward and backward (arXiv:2001.08361)."""


@dataclass(frozen=True)
class Decision:
    """Joules of watching, and of what hangs on it.

    Args:
        per_thousand: joules of watching 1,000 prompts on this machine, embedding included.
        retraining: joules of one retraining, from catalogue/retraining.toml.
        false_alarms_per_thousand: in 1,000 prompts without drift.
        qpu_per_thousand_j: joules of the circuits of 1,000 prompts on the cheapest catalogued QPU; None for
            tests without circuits, or where no energy is known.
    """

    per_thousand: Quantity
    retraining: Quantity
    false_alarms_per_thousand: float
    qpu_per_thousand_j: float | None

    @property
    def prompts_per_retraining(self) -> float | None:
        """Prompts that can be watched for one retraining avoided, circuits on a QPU where there are any."""
        each = self.qpu_per_thousand_j or self.per_thousand.value
        return 1_000 * self.retraining.interval[1] / each if each else None

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "joules_per_1000_prompts": self.per_thousand.value,
            "qpu_joules_per_1000_prompts": self.qpu_per_thousand_j,
            "retraining_j": self.retraining.value,
            "prompts_watched_per_retraining_avoided": self.prompts_per_retraining,
            "false_alarms_per_1000_prompts": self.false_alarms_per_thousand,
            "false_retraining_joules_per_1000_prompts": self.false_alarms_per_thousand
            * self.retraining.interval[1],
        }

    def said(self) -> list[str]:
        """Say it in two sentences; nothing where the energy is unknown."""
        prompts = self.prompts_per_retraining
        if self.per_thousand.value is None or prompts is None:
            return []
        watching = f"watching 1,000 prompts takes {self.per_thousand.value:.3g} J"
        if self.qpu_per_thousand_j is not None:
            watching += f", their circuits on the cheapest QPU {self.qpu_per_thousand_j:.2g} J"
        mega = [joules / 1e6 for joules in self.retraining.interval]
        low, value, high = (f"{joules:,.0f}" if joules >= 10 else f"{joules:.2g}" for joules in mega)
        return [
            watching,
            f"a retraining avoided, of {value} MJ ({low} to {high}{self._whose}), pays for {prompts:.2g} "
            "prompts; one that a false alarm starts costs as much",
        ]

    @property
    def _whose(self) -> str:
        own = catalogue.own_tables().get("retraining", {})
        return "" if "fine_tune" in own else f", {_OF_CATALOGUE}"


def delay_said(trial: Trial) -> str | None:
    """Say how long the weakest planted drift is missed; None where nothing was planted."""
    delays, window = trial.extras.get("mean_delay_windows"), trial.extras.get("window")
    if not delays or not window:
        return None
    weakest = min(delays, key=float)
    drift = f"drift in {float(weakest):.0%} of the texts"
    if delays[weakest] is None:
        return f"{drift} was never noticed"
    prompts = delays[weakest] * window
    answers = catalogue.quantity(catalogue.load("retraining")["answer"]["energy"]).to("J").scaled(prompts)
    low, value, high = (f"{joules / 1e3:,.3g}" for joules in answers.interval)
    return (
        f"{drift} is missed until {prompts:,.0f} prompts have come on average, answered for {value} kJ "
        f"({low} to {high})"
    )


def decision(trial: Trial) -> Decision | None:
    """Return what a finished trial's tests cost beside a retraining; None where the trial lacks a number."""
    found = trial.extras
    if trial.host_energy is None or "texts" not in found:
        return None
    windows = found["tested_windows"] + found["validation_windows"] * max(1, len(trial.tuning))
    tested = windows * found["window"]
    embedding = trial.shared_energy or Quantity(0.0, boundary=trial.host_energy.boundary)
    testing = _less(trial.host_energy, embedding)
    return Decision(
        testing.scaled(1_000 / tested) + embedding.scaled(1_000 / found["texts"]),
        retraining_energy(),
        1_000 * found["false_alarm_rate"] / found["window"],
        _cheapest(trial.qpu, tested),
    )


def retraining_energy() -> Quantity:
    """Return the joules of the catalogue's retraining: measured ones, if any are given, else a product."""
    table = catalogue.load("retraining")["fine_tune"]
    if "energy" in table:
        return catalogue.quantity(table["energy"]).to("J")
    parts = [catalogue.quantity(table[name]) for name in ("parameters", "tokens", "energy_per_flop")]
    ends = [_FLOP_PER_TOKEN, _FLOP_PER_TOKEN, _FLOP_PER_TOKEN]
    for part in parts:
        ends = [end * value for end, value in zip(ends, part.interval, strict=True)]
    low, value, high = ends
    return Quantity(value, low, high, "J", Basis.MODELLED, reason="6 x parameters x tokens x J/FLOP")


def _less(whole: Quantity, part: Quantity) -> Quantity:
    """Return a measured energy without a part of it, never below 0."""
    if whole.value is None or part.value is None:
        return whole if whole.value is None else part
    pairs = zip(whole.interval, part.interval, strict=True)
    low, value, high = (max(0.0, own - other) for own, other in pairs)
    return Quantity(value, min(low, value), max(high, value), "J", whole.basis, whole.boundary, whole.reason)


def _cheapest(qpus: Mapping[str, Any], prompts: int) -> float | None:
    """Return the least joules of 1,000 prompts' circuits over the QPUs whose energy is known."""
    energies = [cost["energy_j"]["value"] for cost in qpus.values() if cost.get("energy_j")]
    known = [energy for energy in energies if energy is not None]
    return 1_000 * min(known) / prompts if known else None
