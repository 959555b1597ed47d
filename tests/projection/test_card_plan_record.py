"""One bill: what the card projects is what the method plans and what the backend records."""

from dataclasses import replace

import pytest

from qwatt.core.demand import Demand
from qwatt.core.registry import get_method
from qwatt.projection.scaling import find_card, scenario_sizes
from qwatt.projection.scaling.today import bill
from qwatt.projection.scenario.file import load_scenario
from qwatt.quantum.primitives import expectation, layers
from qwatt.stages.curation.dedup import independent_set_qaoa as dedup
from qwatt.stages.curation.dedup.peeling import cut_to_fit
from qwatt.stages.tuning.distil.gram import ROWS
from qwatt.stages.tuning.distil.quantum_student import LAYERS, QUBITS, REUPLOADS
from qwatt.stages.tuning.distil.settings import setup
from qwatt.testing.trials import run_small, small_spec

SIZES = scenario_sizes(load_scenario("llama-3.1-8b-chat"))
SHOTS = 200


def totals(demand):
    """A bill without its lines, whose notes differ between a card, a plan and a record."""
    return {name: value for name, value in demand.to_record().items() if name != "lines"}


def shapes(demand):
    """Lines without their notes, as a set."""
    return {
        (c.circuits, c.shots, c.qubits, c.gates_1q, c.gates_2q, c.depth, c.measurements)
        for c in demand.circuit_lines
    }


def ran(task, name, source, **changes):
    """Run a method on a small problem; return its problem, settings, plan and record."""
    method = get_method(task, name)
    trial, problem, _ = run_small(type(method), small_spec(type(method), source, shots=SHOTS, **changes))
    plan = method.plan(problem, trial.settings, SHOTS)
    planned = plan.run.demand + plan.apply.demand
    return problem, trial.settings, planned, Demand.from_record(trial.demand)


@pytest.mark.parametrize(
    ("size", "threshold"),
    [("xs", 0.45), ("xs", 0.6), pytest.param("s", 0.5, marks=pytest.mark.nightly)],
)
def test_the_keep_set_by_qaoa(size, threshold):
    """The card's unit is all components of a corpus; its count of circuits is one a component."""
    fixed = (("threshold", threshold),)
    problem, settings, planned, recorded = ran(
        "curation/dedup", "independent-set-qaoa", "builtin:phrases", size=size, fixed=fixed
    )
    graph = dedup.IndependentSetQaoa.graph(problem, settings)
    _, pieces, _ = cut_to_fit(graph, problem.weights, dedup.QUBITS)
    card = find_card("curation/dedup/independent-set-qaoa")
    projected = Demand.sum(
        bill(
            card.pinned(
                {
                    "n": len(vertices),
                    "m": len(edges),
                    "p": dedup._LAYERS,
                    "components": 1,
                    "tts_shots": SHOTS,
                }
            ),
            SIZES,
        )
        for vertices, edges in pieces
    )
    assert shapes(projected) == shapes(planned) == shapes(recorded)
    assert planned.circuits == len(pieces) > 1 and recorded.qubits >= 2


def test_a_component_of_a_real_size_is_projected_as_it_would_be_charged():
    """16 documents, 64 edges, 10 layers: once 976 one-qubit gates in the plan and 800 in the card."""
    from qwatt.quantum.qubo import BqmShape, get_sampler

    card = find_card("curation/dedup/independent-set-qaoa")
    pinned = {"n": 16, "m_per_n": 4, "p": 10, "components": 1, "tts_shots": SHOTS}
    plan = get_sampler("qaoa", depth=10).plan(BqmShape(16, 64), SHOTS)
    assert shapes(bill(card.pinned(pinned), SIZES)) == shapes(plan) == {(1, SHOTS, 16, 976, 1280, 261, 16)}


def test_the_kernel_of_a_window_and_its_reference():
    """The card's unit is one test; a run makes one of every pair."""
    problem, settings, planned, recorded = ran("monitoring/drift", "kernel-mmd", "builtin:weather")
    pinned = {"window": problem.window, "drift_qubits": settings["components"], "shots": SHOTS}
    one = bill(find_card("monitoring/drift/kernel-mmd").pinned(pinned), SIZES)
    every = one.times(len(problem.validation) + len(problem.test))
    assert shapes(every) == shapes(planned) == shapes(recorded)


def test_the_projected_kernel_of_a_request():
    """The card's unit is one request, read in X and in Y; a run measures every text once."""
    problem, settings, planned, recorded = ran("monitoring/anomaly", "projected-kernel", "builtin:weather")
    pinned = {"map_qubits": settings["wires"], "shots": SHOTS}
    one = bill(find_card("monitoring/anomaly/projected-kernel").pinned(pinned), SIZES)
    assert totals(one.times(len(problem.ids))) == totals(planned) == totals(recorded)


def test_quantum_relational_distillation():
    """The card's unit is a training: both kernels and the student's shifts at each step."""
    problem, settings, planned, recorded = ran("tuning/distil", "quantum-relational", "held-back")
    pinned = {"n": settings["qubits"], "rows": ROWS, "steps": setup(problem, settings).steps, "shots": SHOTS}
    card = find_card("tuning/distil/quantum-relational").pinned(pinned)
    assert totals(bill(card, SIZES)) == totals(planned) == totals(recorded)


def test_a_student_with_a_quantum_layer():
    """The card's unit is a training; a run reads the other parts with the student as well."""
    problem, settings, planned, recorded = ran("tuning/distil", "quantum-student", "held-back")
    found = setup(problem, settings)
    card = find_card("tuning/distil/quantum-student").pinned(
        {"wires": QUBITS, "uploads": REUPLOADS, "passes": found.tokens, "shots": SHOTS}
    )
    read = (len(found.lesson.validation) + len(found.lesson.test)) * found.lesson.context
    reading = expectation.demand(layers.entangling_layers(QUBITS, LAYERS, REUPLOADS), read, SHOTS)
    assert totals(Demand.sum([bill(card, SIZES), reading])) == totals(planned) == totals(recorded)


HEADS = [
    {"steps": 3},
    {"steps": 5, "wires": 3, "reuploads": 3, "layers": 2},
]


@pytest.mark.parametrize("fixed", HEADS, ids=["four-wires", "three-wires"])
def test_the_reuploading_head(fixed):
    """The card's unit is one head trained once and the texts it labels; here also those it validates on."""
    problem, settings, planned, recorded = ran(
        "tuning/head", "reupload", "builtin:weather", fixed=tuple(sorted(fixed.items()))
    )
    card = find_card("tuning/head/reupload").pinned(
        {
            "n": settings["wires"],
            "reuploads": settings["reuploads"],
            "layers_q": settings["layers"],
            "samples": len(problem.train),
            "epochs": settings["steps"],
            "texts": len(problem.validation) + len(problem.test),
            "shots": SHOTS,
        }
    )
    assert totals(bill(card, SIZES)) == totals(planned) == totals(recorded)
    assert settings["wires"] == fixed.get("wires", 4)


@pytest.mark.parametrize("fixed", HEADS, ids=["four-wires", "three-wires"])
def test_the_heads_controls_have_no_card_and_one_bill(fixed):
    """Frozen angles take one pass; without entanglers the two-qubit gates go; both read all wires."""
    choices = tuple(sorted(fixed.items()))
    problem, settings, planned, recorded = ran(
        "tuning/head", "reupload-random", "builtin:weather", fixed=choices
    )
    size = layers.reupload(settings["wires"], settings["reuploads"], settings["layers"])
    seen = len(problem.train) + len(problem.validation) + len(problem.test)
    own = expectation.demand(replace(size, measurements=settings["wires"]), seen, SHOTS)
    assert totals(own) == totals(planned) == totals(recorded)
    _, _, planned, recorded = ran("tuning/head", "reupload-separable", "builtin:weather", fixed=choices)
    assert totals(planned) == totals(recorded)
    assert recorded.gates_2q == 0
    assert recorded.gates_1q == recorded.circuits * size.gates_1q
