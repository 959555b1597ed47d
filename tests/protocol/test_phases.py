from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_numbers import TASK

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Basis, Boundary, Quantity, total
from qwatt.core.ring import Ring
from qwatt.core.shared import Shared
from qwatt.core.trial import TrialSpec
from qwatt.energy.meter import Meter, Reader
from qwatt.protocol.context import TrialContext
from qwatt.protocol.phases import PhaseWindow, add, merge, without

SPEC = TrialSpec(TASK, "identity", "numbers", "xs", 0, "engine", 10, 1)


class Clock(Reader):
    """A counter of joules that only the test moves; its interval is half to double."""

    name = "clock"

    def __init__(self) -> None:
        self.joules = 0.0

    def read(self, now: object) -> tuple[float, ...]:
        return (self.joules,)

    def between(self, begin: tuple[float, ...], end: tuple[float, ...]) -> Quantity:
        spent = end[0] - begin[0]
        return Quantity(spent, spent / 2, spent * 2, "J", Basis.MEASURED, Boundary.NODE)


# A tree is (name, joules spent before the children, children).
rings = {"train": Ring.KERNEL, "embed": Ring.LOADING, "search": Ring.OUTER}
names = st.sampled_from([*rings, "circuits", "shared"])
joules = st.integers(0, 1000).map(float)
trees = st.recursive(
    st.tuples(names, joules, st.just(())),
    lambda inner: st.tuples(names, joules, st.lists(inner, max_size=3).map(tuple)),
    max_leaves=12,
)


def walk(context: TrialContext, clock: Clock, tree: tuple) -> float:  # type: ignore[type-arg]
    name, own, children = tree
    if name == "shared":

        def work() -> Shared[None]:
            clock.joules += own
            return Shared(None, Quantity(0.0, boundary="node"), 0.0, "free of charge")

        context.shared(Ring.LOADING, name, work)
        return 0.0
    with context.circuits() if name == "circuits" else context.phase(rings[name], name):
        clock.joules += own
        return own + sum(walk(context, clock, child) for child in children)


@given(st.lists(trees, max_size=4), joules)
def test_exclusive_energies_add_up_to_the_trial(forest: list[tuple], outside: float) -> None:  # type: ignore[type-arg]
    clock = Clock()
    meter = Meter([clock])
    context = TrialContext(SPEC, meter)
    with meter.window("trial") as whole:
        clock.joules += outside
        spent = outside + sum(walk(context, clock, tree) for tree in forest)
    energy = context.close(whole.energy, 0.0)
    record = merge(context.windows, winner=0)
    for part, factor in (("value", 1.0), ("low", 0.5), ("high", 2.0)):
        assert sum(getattr(phase.energy, part) for phase in record.values()) == pytest.approx(spent * factor)
        assert getattr(energy, part) == pytest.approx(spent * factor)
    assert record["other"].energy.value == pytest.approx(outside)


def test_a_phase_that_raised_and_was_caught_leaves_the_others_right() -> None:
    clock = Clock()
    meter = Meter([clock])
    context = TrialContext(SPEC, meter)
    with context.phase(Ring.KERNEL, "train"):
        clock.joules += 1
        with suppress(ValueError), context.circuits():
            clock.joules += 10
            raise ValueError
        with context.phase(Ring.LOADING, "embed"):
            clock.joules += 100
    found = {phase.name: phase.energy.value for phase in context.windows}
    assert found == {"circuits": 10.0, "embed": 100.0, "train": 1.0}
    assert [energy.value for energy, _ in context.outermost] == [111.0]


def test_what_losing_candidates_did_is_tuning() -> None:
    one = Quantity(1.0, boundary="node")
    windows = [
        PhaseWindow(Ring.KERNEL, "train", 1.0, one, 0),
        PhaseWindow(Ring.KERNEL, "train", 1.0, one, 1),
        PhaseWindow(Ring.KERNEL, "predict", 1.0, one, -1),
    ]
    record = merge(windows, winner=1)
    assert {name: part.energy.value for name, part in record.items()} == {
        "tune": 1.0, "train": 1.0, "predict": 1.0,
    }  # fmt: skip
    assert record["tune"].ring is Ring.OUTER


@pytest.mark.parametrize("name", ["tune", "other"])
def test_the_protocols_own_names_are_refused(name: str) -> None:
    context = TrialContext(SPEC, Meter([Clock()]))
    with pytest.raises(QwattError, match=name), context.phase(Ring.KERNEL, name):
        pass


def test_a_name_belongs_to_one_ring() -> None:
    context = TrialContext(SPEC, Meter([Clock()]))
    with context.phase(Ring.KERNEL, "train"):
        pass
    with pytest.raises(QwattError, match="KERNEL"), context.phase(Ring.LOADING, "train"):
        pass
    with pytest.raises(QwattError, match="circuits"):
        with context.circuits():
            pass
        with context.phase(Ring.KERNEL, "circuits"):
            pass


def test_an_unknown_part_makes_the_rest_unknown() -> None:
    rest = without(Quantity(5.0, boundary="node"), [Quantity.unknown("no counter", boundary=Boundary.NODE)])
    assert not rest.known
    assert "no counter" in str(rest.reason)


def test_boundaries_are_never_mixed() -> None:
    mixed = [Quantity(1.0, boundary="node"), Quantity(2.0, boundary="device")]
    assert not add(mixed).known
    assert "boundaries" in str(add(mixed).reason)
    assert add(mixed[:1]).value == total(mixed[:1]).value == 1.0


def test_the_same_charge_counts_once_and_another_one_too() -> None:
    context = TrialContext(SPEC, Meter([Clock()]))
    for joules in (3.0, 3.0, 3.0, 4.0):
        work = Shared("vectors", Quantity(joules, boundary="node"), 2.0, "cached")
        assert context.shared(Ring.LOADING, "embed", lambda work=work: work) == "vectors"
    assert [charge.energy.value for charge in context.charged] == [3.0, 4.0]
