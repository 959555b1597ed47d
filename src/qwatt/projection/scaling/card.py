"""A scaling card: what one method costs as formulas of problem size, each symbol explained and sourced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qwatt.core.errors import QwattError

CLASSICAL_COSTS = {
    "flop": "floating-point operations on the scenario's accelerators",
    "gpu_h": "accelerator hours",
    "core_s": "seconds of busy CPU cores",
}
DEMANDS = {
    "gate": ("circuits", "shots", "qubits", "gates_1q", "gates_2q", "depth"),
    "anneal": ("problems", "reads", "variables", "couplings"),
    "logical": ("qubits", "toffoli", "rotations", "depth", "runs"),
}
"""What a card may ask of a QPU, all of it for one unit of work."""
NOT_BUILT = "not built: projected by this card only"
NO_CARD = "no card: measured, not projected"


@dataclass(frozen=True)
class Symbol:
    """A constant of a card: value, 90 % interval, unit, meaning, source."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    meaning: str
    source: str
    confidence: str

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}


@dataclass(frozen=True)
class Formula:
    """A named intermediate result."""

    name: str
    text: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Card:
    """The cost of one method for one unit of work.

    Args:
        id: "stage/task/method".
        name: the method in words.
        kind: classical, quantum, inspired, control, or none (a task without any quantum method).
        unit: the functional unit, the same for every card of the task; only what methods do differently.
        times: how often the unit is done over the model's life.
        costs: by name of `CLASSICAL_COSTS` a formula; the classical part of the method.
        demands: by name of `DEMANDS` the QPU's bill, as a call of primitives or as its formulas; several are
            alternatives.
        symbols: constants.
        formulas: intermediate results in order.
        read: "mean" (expectation values, error cancellation) or "sample" (the best of many samples).
        quality: symbol whose value is the probability that the method reaches equal quality at this cost.
        measured: whether trials measured that quality; else the probability is judged.
        upside: symbol whose value is the share of the stage's energy that better solutions could save.
        rivals: classical methods of the task to compare with; empty for all.
        article: words of the article's row that this enhancement belongs to.
        valid: sizes for which the formulas hold.
        source: where the formulas are from.
        note: what a reader must know.
        trial_sizes: sizes and symbols as formulas of the parameters of a measured trial's rung.
        built: whether a method of this id exists, as a test makes sure.
        progress: class of the task in `baseline.algorithms`: how fast its classical algorithms get better.
        scale: factors on costs and on circuits that measured trials gave; see `anchor`.
    """

    id: str
    name: str
    kind: str
    unit: str
    times: str
    costs: Mapping[str, str]
    demands: Mapping[str, str | Mapping[str, str]]
    symbols: Mapping[str, Symbol]
    formulas: tuple[Formula, ...]
    source: str
    valid: str
    read: str = "mean"
    quality: Symbol | None = None
    upside: Symbol | None = None
    rivals: tuple[str, ...] = ()
    article: str = ""
    note: str = ""
    trial_sizes: Mapping[str, str] = field(default_factory=dict)
    built: bool = True
    progress: str = "general"
    scale: Mapping[str, float] = field(default_factory=dict)
    measured: bool = False

    @property
    def stage(self) -> str:
        """The stage."""
        return self.id.split("/")[0]

    @property
    def task(self) -> str:
        """The task, "stage/task"."""
        return self.id.rsplit("/", 1)[0]

    @property
    def method(self) -> str:
        """The method's name inside the task."""
        return self.id.rsplit("/", 1)[1]

    def used(self) -> frozenset[str]:
        """Return every symbol that the card's formulas use, directly or through others."""
        from qwatt.projection.scaling.expression import names_in

        steps = {formula.name: formula.text for formula in self.formulas}
        texts = [self.times, *self.costs.values()]
        found: set[str] = set()
        for demand in self.demands.values():
            if isinstance(demand, str):
                found |= names_in(demand, demand=True)
            else:
                texts += demand.values()
        texts += [steps[name] for name in found if name in steps]
        while texts:
            new = names_in(texts.pop()) - found
            found |= new
            texts += [steps[name] for name in new if name in steps]
        return frozenset(found)

    def loads(self) -> bool:
        """Return whether a primitive that the card calls loads classical data."""
        from qwatt.projection.scaling.expression import calls_in

        return any(call.loads for text in self._texts(self.used()) for call in calls_in(text))

    def pinned(self, values: Mapping[str, float]) -> Card:
        """Return the card with symbols and intermediate results of the given names at given values."""
        symbols = {
            name: replace(s, value=values[name], low=values[name], high=values[name]) if name in values else s
            for name, s in self.symbols.items()
        }
        formulas = tuple(
            replace(f, text=repr(float(values[f.name]))) if f.name in values else f for f in self.formulas
        )
        return replace(self, symbols=symbols, formulas=formulas)

    def explain(self) -> dict[str, Any]:
        """Return the card for `qwatt show`: formulas, symbols with unit and meaning, sources, validity."""
        from qwatt.projection.scaling.sizes import MEANINGS

        used = self.used()
        return {
            "what": "scaling card",
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "unit_of_work": self.unit,
            "times_over_life": self.times,
            "classical_cost": dict(self.costs) or "none",
            "quantum_demand": {kind: _explained(demand) for kind, demand in self.demands.items()} or "none",
            "primitives": self._primitives(used),
            "formulas": {
                f.name: f"{f.text}  [{f.unit}] {f.meaning}" for f in self.formulas if f.name in used
            },
            "symbols": {s.name: _symbol_text(s) for s in self.symbols.values() if s.name in used},
            "sizes": {name: MEANINGS[name] for name in sorted(used & MEANINGS.keys())},
            "equal_quality": _symbol_text(self.quality) if self.quality else "it is the reference",
            "upside": _symbol_text(self.upside) if self.upside else "none",
            "valid": self.valid,
            "source": self.source,
            "note": self.note,
            "built": "yes" if self.built else NOT_BUILT,
            "anchored": dict(self.scale) or "no measured trial",
        }

    def _primitives(self, used: frozenset[str]) -> dict[str, str]:
        """Return the formulas of the primitives that the card calls, in its demands and in its formulas."""
        from qwatt.projection.scaling.expression import calls_in

        return {call.name: call.formula for text in self._texts(used) for call in calls_in(text)}

    def _texts(self, used: frozenset[str]) -> list[str]:
        """Return the texts of the demands and of the intermediate results in use."""
        texts = [demand for demand in self.demands.values() if isinstance(demand, str)]
        texts += [
            t for demand in self.demands.values() if not isinstance(demand, str) for t in demand.values()
        ]
        return texts + [formula.text for formula in self.formulas if formula.name in used]

    def check(self) -> None:
        """Refuse a card whose formulas use an unknown symbol or name an unknown cost.

        Raises:
            QwattError: names card and symbol.
        """
        from qwatt.projection.scaling.sizes import MEANINGS

        known = {formula.name for formula in self.formulas} | self.symbols.keys() | MEANINGS.keys()
        missing = sorted(self.used() - known)
        if missing:
            raise QwattError(f"unexplained symbols: {', '.join(missing)}", where=self.id)
        for name, demand in self.demands.items():
            if not isinstance(demand, str) and set(demand) != set(DEMANDS[name]):
                raise QwattError(f"the demand {name} needs {', '.join(DEMANDS[name])}", where=self.id)
        if unknown := self.costs.keys() - CLASSICAL_COSTS.keys():
            raise QwattError(f"unknown costs: {', '.join(unknown)}", where=self.id)


def _explained(demand: str | Mapping[str, str]) -> dict[str, str]:
    return {"call": demand} if isinstance(demand, str) else dict(demand)


def _symbol_text(symbol: Symbol) -> str:
    spread = "" if symbol.low == symbol.high else f" [{symbol.low:g}, {symbol.high:g}]"
    unit = "" if symbol.unit == "1" else f" {symbol.unit}"
    return f"{symbol.value:g}{spread}{unit}: {symbol.meaning} ({symbol.confidence}: {symbol.source})"
