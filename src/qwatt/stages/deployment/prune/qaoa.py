"""The quadratic model by QAOA that keeps the budgets, a window of one part a circuit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.method import Notes
from qwatt.stages.deployment.prune.penalty import sample_bits, within
from qwatt.stages.deployment.prune.problem import Mask
from qwatt.stages.deployment.prune.quadratic import SOURCES, SPACE, SPACE_LIMITS, QuadraticMethod
from qwatt.stages.deployment.prune.setup import Setup
from qwatt.stages.deployment.prune.windows import Window, solved_windows, window_size, windows_of

if TYPE_CHECKING:
    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import qaoa
else:
    _torch, qubo, qaoa = lazy("torch"), lazy("qwatt.quantum.qubo"), lazy("qwatt.quantum.primitives.qaoa")

SHOTS = 1_000
QUBITS = 16
"""Variables of a window."""
LAYERS: dict[str, Sequence[Any]] = {"layers": (10,)}
LAYERS_LIMITS: dict[str, Limit] = {"layers": (1, 200)}
COMPANIONS = ("random-masks", "annealing", "swap-search", "greedy", "taylor")


@method
class QaoaSearch(QuadraticMethod):
    """Linear-ramp QAOA from a Dicke state with an XY mixer: every shot keeps the budget of the window's part.

    Where units are in parts of each block's own, or too many for a circuit, windows are solved by turns while
    the others stay, from a random mask.
    """

    name: ClassVar[str] = "qaoa"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (
        *SOURCES,
        "arXiv:2405.09169",
        "arXiv:1709.03489",
        "arXiv:1904.07358",
    )
    companions: ClassVar[tuple[str, ...]] = COMPANIONS
    space: ClassVar[Mapping[str, Sequence[Any]]] = SPACE | LAYERS
    limits: ClassVar[Mapping[str, Limit]] = SPACE_LIMITS | LAYERS_LIMITS
    stochastic: ClassVar[bool] = True

    def search(self, model: qubo.BudgetedQubo, settings: Settings, context: Context) -> tuple[Mask, Notes]:
        """Sample one circuit a window."""
        windows = windows_of(model.part, model.ones, QUBITS, several=False)

        def solve(part: qubo.BudgetedQubo) -> Mask:
            sampler = qubo.get_sampler(
                "qaoa", context.backend, depth=int(settings["layers"]), ones=int(part.ones[0])
            )
            bqm, seed = qubo.complete_bqm(part.linear, part.quadratic), int(context.rng.integers(2**31))
            with context.circuits():
                found = sampler.sample(bqm, context.shots or SHOTS, seed)
            return within(part, sample_bits(found))

        with context.phase(Ring.KERNEL, "search"):
            masks = solved_windows(model, windows, solve, context.rng)
        return masks, {"windows": len(windows)}

    def search_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """A circuit a window."""
        units = found.like_grouped
        windows = windows_of(units.part, units.keep, QUBITS, several=False)
        return circuits_effort(windows, int(settings["layers"]), shots, keeps_ones=True)


def circuits_effort(windows: Sequence[Window], layers: int, shots: int | None, keeps_ones: bool) -> Effort:
    """Return the bill of a circuit for each window, and what simulating them takes."""
    found = []
    for window in windows:
        n, ones = window_size(window), window[0][1] if keeps_ones else None
        pairs = n * (n - 1) // 2
        demand = qaoa.demand(n, pairs, layers, shots or SHOTS, ones=ones)
        flops = qaoa.simulation_flops(n, pairs, layers)
        found.append(Effort(demand, {"engine_call": 1.0}, flops))
    return Effort.sum(found)
