"""The bench's work, who does it, and the targets that qwatt's engine is held to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine_peers.rounds import Candidate
from engine_peers.work import Size

QWATT, FLOOR, LIGHTNING = "qwatt", "machine floor", "PennyLane lightning adjoint"
PL_TORCH, PL_JAX, TC = "PennyLane torch broadcast", "PennyLane JAX-jit", "TensorCircuit-NG JAX"
PL_CHUNKS, PL_WHOLE, JAX_HAND = (
    "PennyLane broadcast, chunks",
    "PennyLane broadcast, whole",
    "JAX by hand, cost vector",
)
QULACS, AER = "qulacs loop", "Aer states (scaled)"
PRISM, PANTA = "prism-q", "panta-sim"
TOLERANCE = 2e-3
"""Largest deviation from qwatt's values, relative to the largest, with which a candidate counts."""

MODULES = {
    QWATT: ("qwatt_engine", ""),
    FLOOR: ("floor", ""),
    LIGHTNING: ("pennylane_native", ""),
    PL_TORCH: ("pennylane_native", ""),
    PL_CHUNKS: ("pennylane_native", ""),
    PL_WHOLE: ("pennylane_native", "_whole"),
    PL_JAX: ("pennylane_jax", ""),
    JAX_HAND: ("pennylane_jax", "_vector"),
    TC: ("tensorcircuit_jax", ""),
    QULACS: ("qulacs_loop", ""),
    AER: ("aer_states", ""),
    PRISM: ("prism_loop", ""),
    PANTA: ("panta_loop", ""),
}


@dataclass
class Work:
    """One piece of work with its candidates; the first is the reference for values and ratios."""

    title: str
    kind: str
    size: Size
    names: tuple[str, ...]
    candidates: list[Candidate] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in self.names:
            module, suffix = MODULES[name]
            self.candidates.append(Candidate(name, module, self.kind + suffix))

    def cpu_s(self, name: str) -> float | None:
        """CPU seconds of a candidate that finished and agreed."""
        found = next((c for c in self.candidates if c.name == name), None)
        if found is None or (found.deviation or 0.0) > TOLERANCE:
            return None
        return found.cpu_s

    def best(self, *names: str) -> tuple[float, str] | None:
        """Return the fastest of the named candidates."""
        times = [(seconds, name) for name in names if (seconds := self.cpu_s(name)) is not None]
        return min(times, default=None)

    def candidate(self, name: str) -> Candidate:
        """Return the candidate of that name."""
        return next(c for c in self.candidates if c.name == name)


KERNELS = (QWATT, FLOOR, PL_CHUNKS, PL_WHOLE, PL_JAX, TC, QULACS, AER, PRISM, PANTA)
NETWORKS = (QWATT, FLOOR, PL_TORCH, PL_JAX, TC, PRISM, PANTA)
NETWORK_PEERS = NETWORKS[2:]
QAOA = (QWATT, FLOOR, LIGHTNING, JAX_HAND, TC, QULACS, PRISM, PANTA)


def works(quick: bool) -> list[Work]:
    """Return the table's work; quick sizes only show that everything runs and agrees."""
    if quick:
        return [
            Work("kernel", "kernel", Size(6, 60), KERNELS),
            Work("network tiny", "network", Size(2, 4), NETWORKS),
            Work("network small", "network", Size(4, 8), NETWORKS),
            Work("network large", "network", Size(5, 16), NETWORKS),
            *(
                Work(f"qaoa {i} {kind}", "qaoa", Size(n, 1, p, kind == "fields"), (*QAOA, PL_JAX))
                for i, n, p in ((1, 6, 1), (2, 7, 2), (3, 8, 1))
                for kind in ("cut", "fields")
            ),
            Work("metric", "metric", Size(4), (QWATT, FLOOR, PL_JAX)),
        ]
    return [
        Work("kernel", "kernel", Size(12, 1000), KERNELS),
        Work("network tiny", "network", Size(4, 8), NETWORKS),
        Work("network small", "network", Size(8, 32), NETWORKS),
        Work("network large", "network", Size(12, 256), NETWORKS),
        Work("qaoa 1 cut", "qaoa", Size(12, 1, 1), (*QAOA, PL_JAX)),
        Work("qaoa 1 fields", "qaoa", Size(12, 1, 1, True), (*QAOA, PL_JAX)),
        Work("qaoa 2 cut", "qaoa", Size(16, 1, 2), (*QAOA, PL_JAX)),
        Work("qaoa 2 fields", "qaoa", Size(16, 1, 2, True), QAOA),
        Work("qaoa 3 cut", "qaoa", Size(20, 1, 1), (*QAOA, PL_JAX)),
        Work("qaoa 3 fields", "qaoa", Size(20, 1, 1, True), QAOA),
        Work("metric", "metric", Size(10), (QWATT, FLOOR, PL_JAX)),
    ]


@dataclass(frozen=True)
class Verdict:
    """One target: what was measured, what was asked, and whether it holds (None: could not be measured)."""

    what: str
    asked: str
    measured: str
    holds: bool | None


def verdicts(done: dict[str, Work]) -> list[Verdict]:
    """Judge every target on the measured work."""
    kernel, small, large = done["kernel"], done["network small"], done["network large"]
    found = [
        _ratio("kernel over half a complex product (floor)", "<= 2.0", _over(kernel), lambda r: r <= 2.0),
        _faster("kernel against best native PennyLane", kernel, 15, PL_CHUNKS, PL_WHOLE),
        _faster("network small against PennyLane JAX-jit", small, 2.5, PL_JAX),
        _faster("network large against PennyLane JAX-jit", large, 10, PL_JAX),
        _faster("network large against PennyLane torch", large, 20, PL_TORCH),
        _ratio("network large: memory of PennyLane torch", "<= 0.15", _memory(large), lambda r: r <= 0.15),
    ]
    for number, factor in ((1, 2.0), (2, 3.0), (3, 1.5)):
        for kind in ("cut", "fields"):
            work = done[f"qaoa {number} {kind}"]
            what = f"QAOA n={work.size.n} p={work.size.layers} ({kind}) against the best peer"
            found.append(_faster(what, work, factor, LIGHTNING, PL_JAX, JAX_HAND, TC))
    if (tiny := done.get("network tiny")) is not None:  # records made before it was measured have none
        found.append(_faster("network tiny against the best peer", tiny, 1.0, *NETWORK_PEERS))
    found.append(_faster("metric against jit(jacfwd(state))", done["metric"], 1.0, PL_JAX))
    first = _first_call(large)
    found.append(_ratio("network large: first call against JAX-jit", ">= 50", first, lambda r: r >= 50))
    return found


def _over(work: Work) -> float | None:
    own, floor = work.cpu_s(QWATT), work.cpu_s(FLOOR)
    return own / floor if own and floor else None


def _memory(work: Work) -> float | None:
    own, other = work.candidate(QWATT).step_mb, work.candidate(PL_TORCH).step_mb
    return own / other if own and other else None


def _first_call(work: Work) -> float | None:
    own, other = work.candidate(QWATT).first_s, work.candidate(PL_JAX).first_s
    return other / own if own and other else None


def _faster(what: str, work: Work, factor: float, *names: str) -> Verdict:
    own, best = work.cpu_s(QWATT), work.best(*names)
    if own is None or best is None:
        return Verdict(what, f">= {factor}", "not measured", None)
    ratio = best[0] / own
    return Verdict(what, f">= {factor}", f"{ratio:.2f} ({best[1]})", ratio >= factor)


def _ratio(what: str, asked: str, ratio: float | None, holds: Callable[[float], bool]) -> Verdict:
    if ratio is None:
        return Verdict(what, asked, "not measured", None)
    return Verdict(what, asked, f"{ratio:.2f}", holds(ratio))
