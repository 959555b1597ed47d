"""Importances, the quadratic model and its searches against finite differences and exhaustive search."""

from __future__ import annotations

import copy
import itertools
import re
import sys
import types
from itertools import pairwise

import numpy as np
import pytest
import torch

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import all_methods, get_backend, get_method, get_task
from qwatt.language.decoder import validation_loss
from qwatt.quantum.qubo import BudgetedQubo, get_sampler, one_swap_search
from qwatt.stages.deployment.prune.annealer import AnnealerSearch
from qwatt.stages.deployment.prune.columns import flow_squares, unit_sums, weight_squares
from qwatt.stages.deployment.prune.decoder_calibration import DecoderCalibration
from qwatt.stages.deployment.prune.integer import least
from qwatt.stages.deployment.prune.loss_model import fisher_model, fitted_model
from qwatt.stages.deployment.prune.penalty import penalised_reads, penalty_strength
from qwatt.stages.deployment.prune.problem import TASK
from qwatt.stages.deployment.prune.quadratic import QuadraticMethod, lowest
from qwatt.stages.deployment.prune.reconstruct import reconstructed
from qwatt.stages.deployment.prune.setup import Setup, setup
from qwatt.stages.deployment.prune.shrinkage import shrunk_covariance
from qwatt.stages.deployment.prune.slim import slim
from qwatt.stages.deployment.prune.task import PruneTask
from qwatt.stages.deployment.prune.windows import layout, solved_windows, windows_of


@pytest.fixture(scope="module")
def problem():
    return PruneTask().load("held-back", "xs", 0)


def settings(name: str = "swap-search", **fixed: object) -> dict[str, object]:
    return get_method(TASK, name).defaults() | fixed


@pytest.fixture(scope="module")
def heads(problem) -> Setup:
    return setup(problem, settings(widths="free"))


def every_mask(n: int, ones: int) -> np.ndarray:
    rows = list(itertools.combinations(range(n), ones))
    masks = np.zeros((len(rows), n), dtype=np.int8)
    masks[np.arange(len(rows))[:, None], rows] = 1
    return masks


def context(seed: int = 0, shots: int | None = 300) -> Unmetered:
    return Unmetered(get_backend("engine"), shots, seed)


def test_the_loss_under_a_mask_is_that_of_the_pruned_model(heads):
    mask = heads.single.random(np.random.default_rng(0))
    ids = heads.calibration.rows
    model = slim(heads.whole.model, heads.single.kept(mask))
    rows = [validation_loss(model, row.numpy(), heads.calibration.context) for row in ids]
    found = heads.calibration.losses(heads.single, [mask])[0]
    assert found == pytest.approx(np.mean(rows), abs=1e-4)


def test_the_gradient_is_that_of_finite_differences(heads):
    at, n, step = np.full(len(heads.single), 0.5), len(heads.single), 1e-2
    shifted = [at + sign * step * np.eye(n)[i] for i in range(n) for sign in (1, -1)]
    losses = heads.calibration.losses(heads.single, shifted).reshape(n, 2)
    gradient = heads.calibration.window_gradients(heads.single, at).mean(0)
    assert gradient == pytest.approx((losses[:, 0] - losses[:, 1]) / (2 * step), abs=2e-3)


def test_the_hessian_is_that_of_finite_differences(heads):
    at, n, step = np.full(len(heads.single), 0.5), len(heads.single), 1e-2
    gradient, hessian = heads.calibration.curvature(heads.single, at)

    def slope(values: np.ndarray) -> np.ndarray:
        return heads.calibration.window_gradients(heads.single, values).mean(0)

    assert gradient == pytest.approx(slope(at), abs=1e-5)
    columns = [(slope(at + shift) - slope(at - shift)) / (2 * step) for shift in step * np.eye(n)]
    assert hessian == pytest.approx(np.array(columns), abs=5e-3)
    assert np.abs(hessian).max() > 0.05


def test_the_expansion_has_the_derivatives_that_it_was_made_of(heads):
    at = np.full(len(heads.single), 0.5)
    gradient, hessian = heads.calibration.curvature(heads.single, at)
    model = heads.loss_model("hessian", "keep-ratio", 0).value.qubo(heads.grouped)
    masks = every_mask(8, 4)
    offsets = masks - at
    expected = offsets @ gradient + ((offsets @ hessian) * offsets).sum(1) / 2
    gap = model.energies(masks) - expected
    assert np.ptp(gap) < 1e-6


@pytest.mark.parametrize(
    ("units", "curvature"), [("heads", "hessian"), ("ffn", "fisher"), ("mixed", "fisher")]
)
def test_heads_get_the_exact_hessian_and_groups_of_channels_the_fisher_matrix(problem, units, curvature):
    fixed = settings(units=units)
    found = setup(problem, fixed)
    assert found.loss_model("auto", "auto", 0).value.curvature == curvature
    priced = get_method(TASK, "swap-search").once(found, fixed).work["gemm_flop"]
    assert (
        priced
        == get_method(TASK, "swap-search").once(found, fixed | {"curvature": curvature}).work["gemm_flop"]
    )


@pytest.mark.parametrize("units", ["ffn", "mixed"])
def test_the_fisher_matrix_of_groups_takes_no_pass_of_its_own(problem, units, monkeypatch):
    """The sums of single gradients are those of the groups."""
    found = setup(problem, settings(units=units))
    by_passes = fisher_model(found.calibration, found.grouped, 1.0)
    monkeypatch.setattr(found.calibration, "window_gradients", None)
    found._models.clear()
    model = found.loss_model("auto", "auto", 0).value
    assert model.linear == pytest.approx(by_passes.linear, abs=1e-6)
    assert model.quadratic == pytest.approx(by_passes.quadratic, abs=1e-6)


def test_a_fitted_model_finds_a_loss_that_is_quadratic(heads):
    rng = np.random.default_rng(1)
    linear, quadratic = rng.normal(size=8), np.triu(rng.normal(size=(8, 8)), 1)
    planted = BudgetedQubo.single(linear, quadratic, 4)

    class Planted:
        def losses(self, units, masks):
            return planted.energies(masks)

    found = fitted_model(Planted(), heads.single, rng).qubo(heads.single)
    masks = every_mask(8, 4)
    assert np.corrcoef(found.energies(masks), planted.energies(masks))[0, 1] > 0.999


def test_magnitude_and_wanda_are_sums_of_squares_by_hand(problem):
    found = setup(problem, settings(units="mixed"))
    model, a = found.whole.model, found.anatomy
    units, squares = found.single, weight_squares(model, found.anatomy)
    block = model.model.layers[1]
    head = next(i for i, u in enumerate(units.units) if (u.kind, u.block, u.members[0]) == ("heads", 1, 2))
    rows = slice(2 * a.head_size, 3 * a.head_size)
    own = [getattr(block.self_attn, f"{name}_proj").weight[rows] for name in "qkv"]
    own.append(block.self_attn.o_proj.weight[:, rows])
    assert unit_sums(units, squares)[head] == pytest.approx(
        sum(float(w.square().sum()) for w in own), rel=1e-5
    )
    entered = []
    hook = block.mlp.down_proj.register_forward_pre_hook(lambda _, x: entered.append(x[0]))
    with torch.no_grad():
        model(found.calibration.rows[:, :-1])
    hook.remove()
    flow = flow_squares(found.calibration, a)
    by_hand = entered[0].flatten(0, 1).square().sum(0) * block.mlp.down_proj.weight.square().sum(0)
    assert flow["ffn", 1] == pytest.approx(by_hand.numpy(), rel=1e-4)


def test_greedy_is_greedy(problem):
    found = setup(problem, settings("greedy", widths="free"))
    mask = np.ones(8, dtype=np.int8)
    for _ in range(4):
        options = [np.where(np.arange(8) == i, 0, mask) for i in np.flatnonzero(mask)]
        mask = options[found.calibration.losses(found.single, options).argmin()]
    chosen = get_method(TASK, "greedy").choose(found, settings("greedy", widths="free"), context())[1]
    assert chosen.tolist() == mask.tolist()


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_rounds_judge_what_is_left_anew(problem, rounds):
    """By hand: heads of free widths, so many at a time, scored in the model that is left."""
    fixed = settings("taylor", units="heads", widths="free", rounds=rounds)
    found = setup(problem, fixed)
    mask = np.ones(8)
    for number in range(1, rounds + 1):
        gradients = found.calibration.window_gradients(found.single, mask)
        scores = np.where(mask > 0, np.abs(gradients).mean(0), -np.inf)
        mask = np.zeros(8)
        mask[np.argsort(-scores)[: 8 - round(4 * number / rounds)]] = 1
    chosen = get_method(TASK, "taylor").choose(found, fixed, context())[1]
    assert chosen.tolist() == mask.tolist()


@pytest.mark.parametrize("name", sorted(m.name for m in all_methods(TASK)))
def test_every_method_calibrates_on_as_many_tokens_as_a_size_says_and_plans_for_them(name):
    method, fixed = get_method(TASK, name), settings(name)
    flops = {}
    for tokens in (128, 256, 512):
        sized = PruneTask().load("held-back", f"xs,budget.calibration={tokens}", 0)
        assert setup(sized, fixed).calibration.tokens == tokens
        plan = method.plan(sized, fixed, 100)
        flops[tokens] = sum(effort.work.get("gemm_flop", 0) for effort in (plan.run, plan.once))
    more = flops[512] - flops[256]
    assert more == pytest.approx(2 * (flops[256] - flops[128])) and more > 0


def silenced(found: Setup, mask: np.ndarray) -> DecoderCalibration:
    """Return the calibration of a copy whose output matrices have nothing of what is cut."""
    model = copy.deepcopy(found.whole.model)
    for unit, stays in zip(found.single.units, mask, strict=True):
        if not stays:
            model.model.layers[unit.block].mlp.down_proj.weight.data[:, unit.members] = 0
    return DecoderCalibration(model, found.calibration.rows.numpy())


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("name", ["taylor", "fisher", "wanda"])
def test_rounds_are_nested_and_see_the_model_that_is_left(problem, name, rounds, monkeypatch):
    fixed = settings(name, units="ffn", widths="free", rounds=rounds)
    found, method = setup(problem, fixed), get_method(TASK, name)
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    own = type(method).scores_under

    def watched(self, found, mask):
        seen.append((mask, own(self, found, mask)))
        return seen[-1][1]

    monkeypatch.setattr(type(method), "scores_under", watched)
    units, mask, _ = method.choose(found, fixed, context())
    first = method.scores(found, context())
    if rounds == 1:
        assert not seen
        assert mask.tolist() == units.top(first).tolist()
        return
    masks = [np.ones(len(units)), *(mask for mask, _ in seen), mask]
    assert all((after <= before).all() for before, after in pairwise(masks)), "what is cut stays cut"
    assert [int(m.sum()) for m in masks] == [192, 160, 128, 96]
    for under, scores in seen:
        left = silenced(found, under)
        if name == "wanda":
            by_hand = np.sqrt(unit_sums(units, flow_squares(left, found.anatomy)))
        else:
            by_hand = method.worth(left.window_gradients(units, np.ones(len(units))))
        assert scores[under == 1] == pytest.approx(by_hand[under == 1], rel=1e-3, abs=1e-6)
    assert mask.tolist() == units.top(np.where(seen[-1][0], seen[-1][1], -np.inf)).tolist()


SEARCHES = sorted(m.name for m in all_methods(TASK) if issubclass(m, QuadraticMethod) and not m.extra)


@pytest.mark.parametrize("widths", ["uniform", "free"])
@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_finds_the_optimum_of_eight_variables(problem, name, widths):
    """70 masks, or 36 in two parts: what has so many reads finds the least, and all keep the budgets."""
    fixed = settings(name, widths=widths)
    found = setup(problem, fixed)
    model = found.loss_model("auto", "keep-ratio", 0).value.qubo(found.grouped)
    masks, _ = get_method(TASK, name).search(model, fixed, context())
    assert model.is_within(masks).all()
    every = every_mask(8, 4)
    every = every[model.is_within(every)]
    best = masks[model.energies(masks).argmin()]
    if name == "qaoa" and widths == "uniform":  # a window is one block: no other mask of either is better
        every = every[((every == best)[:, :4].all(1)) | ((every == best)[:, 4:].all(1))]
    assert model.energies(best) == pytest.approx(model.energies(every).min(), abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_integer_program_is_exhaustive_search(seed):
    rng = np.random.default_rng(seed)
    model = BudgetedQubo(
        rng.normal(size=9),
        np.triu(rng.normal(size=(9, 9)), 1),
        np.repeat([0, 1], [4, 5]),
        np.array([2, 2]),
    )
    mask, proved = least(model)
    every = np.array(list(itertools.product([0, 1], repeat=9)), dtype=np.int8)
    assert proved
    assert model.energies(mask) == pytest.approx(model.energies(every[model.is_within(every)]).min())


def rugged(seed: int) -> BudgetedQubo:
    """Sixteen variables, eight to keep, of the spread that pruning sixteen heads has."""
    rng = np.random.default_rng(seed)
    return BudgetedQubo.single(-rng.random(16) / 4, np.triu(rng.normal(size=(16, 16)), 1) / 8, 8)


@pytest.mark.parametrize("seed", range(3))
def test_a_penalty_that_is_found_serves_annealing_and_a_bad_one_does_not(seed):
    """Of all 12,870 masks; exchanges find the least too."""
    model, rng = rugged(seed), np.random.default_rng(seed)
    optimum = model.energies(every_mask(16, 8)).min()
    sampler = get_sampler("annealing", sweeps=1000)

    def hits(strength: float) -> float:
        masks, _ = penalised_reads(model, sampler, strength, 50, seed)
        return float((model.energies(masks) < optimum + 1e-9).mean())

    good = hits(penalty_strength(model, 0.0, rng))
    bad = hits(penalty_strength(model, 100.0, rng))
    assert good >= 0.2
    assert bad <= good / 4
    ends = [one_swap_search(model.bqm, start, model.part) for start in model.random(20, rng)]
    assert model.energies(np.array(ends)).min() == pytest.approx(optimum), "exchanges need no penalty"


def test_windows_cover_what_they_should():
    assert layout([8, 8], [4, 4], 16, several=True) == [((0, 4, 4), (1, 4, 4))]
    assert layout([8, 8], [4, 4], 16, several=False) == [((0, 4, 4),), ((1, 4, 4),)]
    assert layout([40], [10], 16, several=True) == [((0, 4, 12),)] * 3
    assert layout([40], [39], 16, several=True) == [((0, 15, 1),)] * 3
    part, ones = np.repeat([0, 1, 2], 6), np.array([3, 3, 3])
    assert len(windows_of(part, ones, 18, several=True)) == 1
    assert len(windows_of(part, ones, 12, several=True)) == 6


def test_windows_never_leave_the_budgets_and_only_go_down():
    model = rugged(5)
    halves = BudgetedQubo(model.linear, model.quadratic, np.repeat([0, 1], 8), np.array([4, 4]))
    windows, energies = windows_of(halves.part, halves.ones, 6, several=False), []

    def solve(part: BudgetedQubo) -> np.ndarray:
        every = np.array(list(itertools.product([0, 1], repeat=len(part))), dtype=np.int8)
        return every[part.is_within(every)]

    masks = solved_windows(halves, windows, solve, np.random.default_rng(0))
    assert halves.is_within(masks).all()
    energies = halves.energies(masks)
    assert energies.min() < energies[0]


def test_every_variable_of_a_part_too_large_for_a_window_has_its_turn(monkeypatch):
    """Nothing is ever exchanged here, so a pass holds each variable once."""
    model, seen = BudgetedQubo.single(np.zeros(48), np.zeros((48, 48)), 36), []
    own = BudgetedQubo.window

    def watched(self, bits, inside):
        seen.append(inside)
        return own(self, bits, inside)

    monkeypatch.setattr(BudgetedQubo, "window", watched)
    windows, rng = windows_of(model.part, model.ones, 16, several=False), np.random.default_rng(0)
    solved_windows(model, windows, lambda part: part.random(3, rng), rng)
    assert len(windows) == 9
    assert np.bincount(np.concatenate(seen), minlength=48).tolist() == [3] * 48


def test_the_lowest_masks_are_different_and_in_order():
    model = rugged(1)
    masks = model.random(300, np.random.default_rng(0))
    found = lowest(model, np.concatenate([masks, masks]), 20)
    assert len(np.unique(found, axis=0)) == 20
    assert (np.diff(model.energies(found)) >= 0).all()
    assert model.energies(found[0]) <= model.energies(masks).min()
    alone = lowest(model, found[:1], 20)
    assert len(alone) == 20
    assert model.is_within(alone).all()
    assert (np.abs(alone - found[0]).sum(axis=1) <= 2).all()


def test_the_best_of_the_candidates_on_the_true_loss_is_taken(problem):
    fixed = settings("random-masks", widths="free")
    found = setup(problem, fixed)
    units, mask, notes = get_method(TASK, "random-masks").choose(found, fixed, context(shots=500))
    model = found.loss_model("auto", "keep-ratio", 0).value.qubo(units)
    losses = found.calibration.losses(units, list(lowest(model, every_mask(8, 4), 20)))
    assert found.calibration.losses(units, [mask])[0] == pytest.approx(losses.min(), abs=1e-6)
    assert notes["chosen_rank"] == losses.argmin() + 1


def test_a_machine_gets_one_problem_a_window(problem, monkeypatch):
    """The client is replaced by simulated annealing; the bill is the plan's."""
    sent = []

    class FakeChip:
        def sample(self, bqm, num_reads):
            sent.append(bqm)
            return get_sampler("annealing", sweeps=200).sample(bqm, num_reads, 0)

    module = types.ModuleType("dwave.system")
    module.DWaveSampler, module.EmbeddingComposite = lambda solver: FakeChip(), lambda child: child
    monkeypatch.setitem(sys.modules, "dwave.system", module)
    fixed, own = settings("annealer"), context()
    solution = AnnealerSearch().run(problem, fixed, own)
    assert len(sent) == solution.notes["windows"] == 1
    assert sent[0].num_interactions == 28
    planned = AnnealerSearch().plan(problem, fixed, None).demand.to_record()
    recorded = own.backend.recorder.demand.to_record()
    assert {k: v for k, v in planned.items() if k != "lines"} == {
        k: v for k, v in recorded.items() if k != "lines"
    }


@pytest.mark.parametrize("units", ["ffn", "heads"])
def test_a_reconstruction_is_least_squares(problem, units):
    """Against numpy's least squares of what the matrix gave on what stays, without a ridge to speak of."""
    found = setup(problem, settings(units=units))
    kept = found.single.kept(found.single.random(np.random.default_rng(0)))
    weights = reconstructed(found.calibration, found.anatomy, kept, 1e-12)
    name = "mlp.down_proj" if units == "ffn" else "self_attn.o_proj"
    matrix = found.whole.model.model.layers[1].get_submodule(name)
    seen = []
    hook = matrix.register_forward_pre_hook(lambda _, x: seen.append(x[0].flatten(0, 1)))
    found.calibration.read()
    hook.remove()
    x, w = torch.cat(seen).double().numpy(), matrix.weight.double().numpy()
    stays = kept.channels[1] if units == "ffn" else (kept.heads[1][:, None] * 8 + np.arange(8)).ravel()
    fitted = np.linalg.lstsq(x[:, stays], x @ w.T, rcond=None)[0].T
    own = weights[f"model.layers.1.{name}.weight"][:, stays]
    before = np.linalg.norm(x[:, stays] @ w[:, stays].T - x @ w.T)
    least_squares = np.linalg.norm(x[:, stays] @ fitted.T - x @ w.T)
    assert np.linalg.norm(x[:, stays] @ own.T - x @ w.T) == pytest.approx(least_squares, rel=1e-3)
    assert least_squares < before


def test_a_reconstruction_lowers_the_loss_and_reaches_the_saved_model(problem):
    task, method = PruneTask(), get_method(TASK, "taylor")
    plain = method.run(problem, settings("taylor", units="ffn"), context())
    fitted = method.run(problem, settings("taylor", units="ffn", ridge=0.01), context())
    assert fitted.answer.kept.channels[0].tolist() == plain.answer.kept.channels[0].tolist()
    assert len(fitted.answer.weights) == 2
    assert task.validate(problem, fitted).value < task.validate(problem, plain).value


def test_a_shrunk_covariance_is_nearer_to_the_truth_and_the_same_for_many_rows():
    rng = np.random.default_rng(0)
    truth = np.cov(rng.normal(size=(12, 200)) @ rng.normal(size=(200, 40)) / 4 + rng.normal(size=(12, 40)))
    root = np.linalg.cholesky(truth)

    def gap(found: np.ndarray) -> float:
        return float(np.linalg.norm(found - truth))

    few = rng.normal(size=(20, 12)) @ root.T
    assert gap(shrunk_covariance(few)) < gap(np.cov(few, rowvar=False, bias=True))
    many = rng.normal(size=(20_000, 12)) @ root.T
    assert shrunk_covariance(many) == pytest.approx(np.cov(many, rowvar=False, bias=True), rel=0.02, abs=0.02)
    assert shrunk_covariance(few).diagonal() == pytest.approx(few.var(0))


@pytest.mark.parametrize(
    "change",
    ["cut.keep=3", "cut.keep=0", "cut.keep=1", "cut.groups=0", "cut.units=foo", "cut.widths=wide"]
    + [f"budget.{name}=0" for name in ("calibration", "validation", "test", "window")],
)
def test_a_size_that_cannot_be_cut_is_refused_before_a_trial(change):
    name, _, value = change.partition("=")
    with pytest.raises(QwattError, match=re.escape(name)) as refused:
        get_task("deployment/prune").sizes[f"xs,{change}"]
    assert value in refused.value.what and refused.value.where == "size"
