"""Detectors of drift: every statistic against an independent one, every level against the binomial."""

import json
import pickle

import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import get_backend
from qwatt.core.trial import Trial
from qwatt.data.domains import WEATHER, read_domain
from qwatt.data.report import gather_reports
from qwatt.data.rows import write_jsonl
from qwatt.stages.monitoring.drift.adwin import Adwin
from qwatt.stages.monitoring.drift.amplitude_estimated import AmplitudeEstimated
from qwatt.stages.monitoring.drift.classifier import ClassifierTest
from qwatt.stages.monitoring.drift.components import Components
from qwatt.stages.monitoring.drift.ddm import Ddm
from qwatt.stages.monitoring.drift.discrepancy import squared_discrepancies
from qwatt.stages.monitoring.drift.kernel_mmd import KernelMmd, ring_kernel
from qwatt.stages.monitoring.drift.kernel_mmd_separable import SeparableKernelMmd
from qwatt.stages.monitoring.drift.kernel_mmd_twin import KernelMmdTwin
from qwatt.stages.monitoring.drift.kernel_sequential import KernelSequential
from qwatt.stages.monitoring.drift.kernel_sequential_twin import KernelSequentialTwin
from qwatt.stages.monitoring.drift.ks import KolmogorovSmirnov, kolmogorov_distances
from qwatt.stages.monitoring.drift.mean_score import MeanScore
from qwatt.stages.monitoring.drift.mixture_overlap import MixtureOverlap
from qwatt.stages.monitoring.drift.mixture_overlap_twin import MixtureOverlapTwin
from qwatt.stages.monitoring.drift.mmd_fuse import MmdFuse
from qwatt.stages.monitoring.drift.mmd_rbf import MmdRbf
from qwatt.stages.monitoring.drift.permutation import PERMUTATIONS, labels, p_value
from qwatt.stages.monitoring.drift.problem import ALPHA
from qwatt.stages.monitoring.drift.psi import StabilityIndex, stability_indices
from qwatt.stages.monitoring.drift.random_labels import RandomLabels
from qwatt.stages.monitoring.drift.sampled_score import SampledScore
from qwatt.stages.monitoring.drift.second_moments import SecondMoments
from qwatt.stages.monitoring.drift.sequential import Sequential
from qwatt.stages.monitoring.drift.task import DriftTask
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec

CLASSICAL = [
    KolmogorovSmirnov, StabilityIndex, MmdRbf, MmdFuse, SecondMoments, ClassifierTest, MeanScore, Adwin, Ddm,
    Sequential,
]  # fmt: skip
TWINS = [KernelMmdTwin, KernelSequentialTwin, MixtureOverlapTwin]
QUANTUM = [KernelMmd, KernelSequential, MixtureOverlap, AmplitudeEstimated]
CONTROLS = [SeparableKernelMmd, SampledScore, RandomLabels]
METHODS = [*CLASSICAL, *TWINS, *QUANTUM, *CONTROLS]
ANYTIME = [Sequential, KernelSequential, KernelSequentialTwin]


class TestTask(TaskChecks):
    task = DriftTask
    source = WEATHER


def _checks(method):
    return type(f"Test{method.__name__}", (MethodChecks,), {"method": method, "source": WEATHER})


for _method in METHODS:
    globals()[f"Test{_method.__name__}"] = _checks(_method)


def normal_rows(seed, texts=12, features=3):
    return np.random.default_rng(seed).normal(size=(texts, features))


def windows(tmp_path, second):
    file = tmp_path / "mine.jsonl"
    texts = [f"the parcel {i} is late again" for i in range(100)] + second
    write_jsonl(file, ({"id": f"row {i}", "text": text} for i, text in enumerate(texts)))
    return str(file)


@given(seed=st.integers(0, 999), texts=st.integers(2, 6))
@settings(max_examples=20)
def test_the_discrepancy_is_the_sum_over_pairs(seed, texts):
    rows = normal_rows(seed, 2 * texts)
    gram = np.exp(-0.5 * ((rows[:, None] - rows) ** 2).sum(-1))
    assigned = labels(len(rows), np.random.default_rng(seed))[:5]
    for found, window in zip(squared_discrepancies(gram, assigned), assigned, strict=True):
        x, y = np.flatnonzero(~window), np.flatnonzero(window)
        within = [
            sum(gram[i, j] for i in part for j in part if i != j) / (len(part) * (len(part) - 1))
            for part in (x, y)
        ]
        across = sum(gram[i, j] for i in x for j in y) / (len(x) * len(y))
        assert found == pytest.approx(sum(within) - 2 * across, abs=1e-12)


@given(seed=st.integers(0, 999), ties=st.booleans())
@settings(max_examples=20)
def test_the_largest_kolmogorov_distance_is_scipys(seed, ties):
    rows = normal_rows(seed, 20, 4)
    rows = np.round(rows) if ties else rows
    assigned = labels(20, np.random.default_rng(seed))[:4]
    for found, window in zip(kolmogorov_distances(rows, assigned), assigned, strict=True):
        wanted = [stats.ks_2samp(rows[window, k], rows[~window, k]).statistic for k in range(4)]
        assert found == pytest.approx(max(wanted), abs=1e-12)


def test_the_stability_index_is_its_definition():
    rows = np.arange(8.0)[:, None]
    assigned = np.array([[False] * 4 + [True] * 4])
    high, low = 4.5 / 5, 0.5 / 5
    assert stability_indices(rows, assigned, 2) == pytest.approx([2 * (high - low) * np.log(high / low)])


def test_second_moments_are_those_of_unit_vectors():
    """With its bias, the discrepancy of the squared cosine is the squared Frobenius distance."""
    rows = normal_rows(3, 16)
    gram = SecondMoments().gram(rows, {})
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    moments = [part.T @ part / 8 for part in (unit[:8], unit[8:])]
    biased = gram[:8, :8].mean() + gram[8:, 8:].mean() - 2 * gram[:8, 8:].mean()
    assert biased == pytest.approx(((moments[0] - moments[1]) ** 2).sum(), abs=1e-12)


@pytest.mark.parametrize("method", [KernelMmd, SeparableKernelMmd])
def test_the_closed_form_is_what_the_circuit_gives_on_default_qubit(method):
    rows = normal_rows(5, 5, 4)
    circuit = method().feature_map(4)

    @qml.qnode(qml.device("default.qubit", wires=4))
    def state(x):
        circuit.function(x, None)
        return qml.state()

    states = np.array([state(x) for x in rows])
    assert method().gram(rows, {}) == pytest.approx(np.abs(states.conj() @ states.T) ** 2, abs=1e-9)


def test_finite_shots_scatter_around_the_closed_form():
    rows = 0.5 * normal_rows(7, 8, 3)
    context = Unmetered(get_backend("engine"), shots=2_000)
    (found,) = KernelMmd().compared([rows], {}, context)
    assert np.abs(found - ring_kernel(rows)).max() < 5 * 0.5 / np.sqrt(2_000)
    assert context.backend.recorder.demand.circuits == 8 * 7 // 2


def test_a_wide_bandwidth_makes_the_kernel_blind():
    """Exponential concentration: at angles all over the circle, other texts overlap like random states."""
    rows = np.random.default_rng(1).uniform(-30, 30, size=(40, 10))
    off = ring_kernel(rows)[np.triu_indices(40, 1)]
    assert off.mean() < 4 * 2.0**-10 < 0.3 < ring_kernel(0.01 * rows)[np.triu_indices(40, 1)].mean()


def test_components_of_the_reference_have_variance_one():
    rows = normal_rows(2, 40, 6) @ np.diag([5, 4, 3, 2, 1, 0.5])
    found = Components.of(rows[:30], 4).coordinates(rows)
    assert np.cov(found[:30].T) == pytest.approx(np.eye(4), abs=1e-9)
    assert np.abs(found[:, 0]) == pytest.approx(np.abs(_first_component(rows)), rel=1e-6)


def _first_component(rows):
    from sklearn.decomposition import PCA

    return PCA(1, whiten=True).fit(rows[:30]).transform(rows)[:, 0]


def test_a_p_value_is_the_share_of_assignments_and_never_zero():
    assert p_value(np.array([3.0, 1, 2, 3, 4])) == pytest.approx(3 / 5)
    assert p_value(np.arange(PERMUTATIONS + 1, 0, -1.0)) == 1 / (PERMUTATIONS + 1)
    assert p_value(np.zeros(PERMUTATIONS + 1)) == 1.0


def test_assignments_keep_the_number_of_labels():
    found = labels(14, np.random.default_rng(0))
    assert found.shape == (PERMUTATIONS + 1, 14) and (found.sum(axis=1) == 7).all()
    assert found[0].tolist() == [False] * 7 + [True] * 7


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_false_alarms_are_as_many_as_the_level_says(method):
    """200 null pairs; 99.9 % of all binomial draws at the level are no more than this, and none is empty."""
    rng = np.random.default_rng(17)
    found = p_values(method, [0.3 * rng.normal(size=(24, 4)) for _ in range(200)], rng, shots=100)
    alarms = int((found <= ALPHA).sum())
    assert alarms <= stats.binom.ppf(0.999, 200, ALPHA)
    if method not in (KolmogorovSmirnov, Ddm, *ANYTIME):  # ties, and validity at any time, stay below it
        assert alarms >= stats.binom.ppf(0.001, 200, ALPHA)


def p_values(method, samples, rng, shots, **chosen):
    """Return the p-value of each pair, of the method's default settings unless some are chosen."""
    detector, context = method(), Unmetered(get_backend("engine"), shots=shots)
    context.rng = rng
    settings = method.defaults() | chosen
    settings |= {"components": 0} if "components" in settings else {}
    encode = detector.encoding(np.concatenate(samples), settings)
    compared = detector.compared([encode(rows) for rows in samples], settings, context)
    return np.array([detector.evidence(sample, settings, rng).p_value for sample in compared])


@pytest.mark.parametrize("method", [m for m in METHODS if m is not RandomLabels], ids=lambda m: m.name)
def test_a_large_drift_is_noticed_and_random_labels_notice_nothing(method):
    rng = np.random.default_rng(23)
    shift = np.repeat([[0.0, 0, 0, 0], [1.2, 0, 0, 0]], 60, axis=0)
    samples = [np.array([1.0, 0, 0, 0]) + 0.5 * rng.normal(size=(120, 4)) - shift for _ in range(20)]
    chosen = {"bandwidth": 1.0} if "bandwidth" in method.space else {}
    found = p_values(method, samples, rng, 500, **chosen)
    blind = p_values(RandomLabels, samples, rng, 500)
    assert (found <= ALPHA).mean() >= 0.8 and (blind <= ALPHA).mean() <= 0.3


def test_pairs_hold_what_they_say():
    problem = DriftTask().load(WEATHER, "xs", 3)
    tuned = {i for pair in problem.validation for i in (*pair.reference, *pair.window)}
    for pair in problem.test:
        every = [*pair.reference.tolist(), *pair.window.tolist()]
        assert len(set(every)) == len(every) == 2 * problem.window
        assert (pair.reference < problem.normal).all() and not tuned & set(every)
        assert (pair.window >= problem.normal).sum() == round(pair.strength * problem.window)


def test_a_users_stream_is_watched_window_after_window(tmp_path):
    source = windows(tmp_path, [f"refund number {i}, my card was charged twice" for i in range(100)])
    trial, problem, solution = run_small(MmdRbf, small_spec(MmdRbf, source))
    assert trial.extras["watched_windows"] == trial.extras["alarms"] == 5
    file, _ = DriftTask().export(problem, solution, tmp_path / "mmd-rbf")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    watched = [row for row in rows if row["window"] == "watched"]
    assert rows[:5] == watched and [row["first"] for row in watched] == [
        f"row {100 + 20 * i}" for i in range(5)
    ]
    assert all(row["alarm"] == (row["p_value"] <= 0.05) for row in rows)
    assert {row["window"] for row in rows} == {"watched", "planted", "null"}
    headline = DriftTask().headline(trial, None)
    assert headline.facts[0] == "5 of 5 watched windows drifted"
    assert len(pickle.dumps(solution.answer)) < 10_000


def test_a_stream_is_watched_from_its_beginning_and_what_is_not_is_told(tmp_path):
    source = windows(tmp_path, [f"refund number {i}" for i in range(155)])
    with gather_reports() as reports:
        problem = DriftTask().load(source, "xs", 0)
    watched = [problem.ids[i] for pair in problem.test if pair.strength is None for i in pair.window]
    assert watched == [f"row {127 + i}" for i in range(120)]
    (note,) = reports[0].notes
    assert note == (
        "the first 127 texts are the reference, the next 120 are watched in 6 windows; "
        "the last 8 are not: too few for a window, or beyond the size"
    )


def test_a_stream_like_its_reference_gives_no_power(tmp_path):
    source = windows(tmp_path, [f"the parcel {i} is late again" for i in range(100, 200)])
    trial, _, _ = run_small(RandomLabels, small_spec(RandomLabels, source))
    assert trial.quality <= 0.3 and trial.extras["false_alarm_low"] <= 0.05
    assert (
        trial.extras["false_alarm_low"]
        <= trial.extras["false_alarm_rate"]
        <= trial.extras["false_alarm_high"]
    )


def test_too_few_texts_are_refused(tmp_path):
    file = tmp_path / "few.jsonl"
    write_jsonl(file, ({"text": f"text {i}"} for i in range(30)))
    with pytest.raises(QwattError, match="30 texts are too few") as refused:
        DriftTask().load(str(file), "xs", 0)
    assert refused.value.mend.startswith("give 80 or more")


def test_a_folder_says_itself_what_is_reference_and_what_is_stream(tmp_path):
    write_jsonl(tmp_path / "reference.jsonl", ({"body": f"parcel {i} is on its way"} for i in range(90)))
    write_jsonl(tmp_path / "stream.jsonl", ({"body": f"write a poem on {i}"} for i in range(60)))
    with gather_reports() as reports:
        problem = DriftTask().load(f"{tmp_path}#body", "xs", 0)
    texts = problem.embedding.texts
    assert all("parcel" in text for text in texts[: problem.normal]) and problem.normal == 90
    watched = [pair for pair in problem.test if pair.strength is None]
    assert [texts[i] for i in watched[0].window] == [f"write a poem on {i}" for i in range(problem.window)]
    assert problem.ids[problem.normal].startswith("stream:")
    assert any("the first 90 texts are the reference" in note for r in reports for note in r.notes)
    write_jsonl(tmp_path / "stream.jsonl", ({"body": f"poem {i}"} for i in range(30)))
    with pytest.raises(QwattError, match="30 texts are too few") as refused:
        DriftTask().load(f"{tmp_path}#body", "xs", 0)
    assert refused.value.where.endswith("stream.jsonl")


def test_windows_and_false_alarms_are_said_as_counts():
    trial = Trial(small_spec(KolmogorovSmirnov), "classical", "power", "done", 0.5)
    trial.extras = {
        "drifted_windows": 18,
        "null_windows": 20,
        "false_alarm_rate": 0.05,
        "false_alarm_low": 0.01,
        "false_alarm_high": 0.24,
    }
    assert DriftTask().headline(trial, None).facts == (
        "noticed 9 of 18 windows with planted drift",
        "1 false alarm in 20 windows without drift (rate, 95 %: 0.01 to 0.24; level 0.05)",
    )


def test_every_seed_draws_its_pool_from_the_first_texts_where_a_size_says_so():
    known = read_domain(WEATHER)
    first = {text for side in known for _, text in side[:100]}
    drawn = [
        set(DriftTask().load(WEATHER, size, 0).embedding.texts)
        for size in ("xs,pool=90,of=100", "xs,pool=90")
    ]
    assert drawn[0] <= first and not drawn[1] <= first
    assert len(drawn[0]) == len(drawn[1]) == 2 * 90
