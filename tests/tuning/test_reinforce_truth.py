"""Policies, advantages, rules and both environments against independent truth."""

from __future__ import annotations

import math

import gymnasium
import numpy as np
import pennylane as qml
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method
from qwatt.quantum.backends.choose import get_circuit_backend
from qwatt.stages.tuning.reinforce.cartpole import CartPole
from qwatt.stages.tuning.reinforce.policy import Policy
from qwatt.stages.tuning.reinforce.problem import TASK, PolicyAnswer
from qwatt.stages.tuning.reinforce.reinforce import DISCOUNT, TRACE, advantages
from qwatt.stages.tuning.reinforce.rule import passes
from qwatt.stages.tuning.reinforce.settings import environment
from qwatt.stages.tuning.reinforce.task import ReinforceTask
from qwatt.torch.policies import CircuitPolicy, circuit_policy_parameters, mlp_policy

SIZES = np.array([2.4, 2.5, 0.21, 2.5])
"""What the features of a pole are divided by."""


def decided(name: str, source: str, size: str, seed: int) -> PolicyAnswer:
    method = get_method(TASK, name)
    problem = ReinforceTask().load(source, size, seed)
    context = Unmetered(get_backend("engine"), shots=200, seed=seed)
    solution = method.run(problem, method.defaults(), context)
    return method.apply(problem, solution, method.defaults(), context).answer


def test_random_search_of_linear_policies_solves_the_pole() -> None:
    test = decided("best-of-n", "cartpole", "s", 0).test
    assert test is not None and test.reward >= test.target
    assert 0.03 < test.by_chance < 0.06  # chance holds the pole for about 22 of 500 steps


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["mlp", "linear", "reupload"])
def test_policies_learn_to_balance_the_pole(name) -> None:
    outcomes = [decided(name, "cartpole", "s", seed).test for seed in range(3)]
    assert all(test is not None and test.reward > 3 * test.by_chance for test in outcomes)


@pytest.mark.nightly
def test_a_policy_learns_which_continuations_pass_and_none_beats_verifying_them() -> None:
    chosen, verified = (decided(name, "held-back", "s", 0).test for name in ("mlp", "best-of-n"))
    assert chosen is not None and verified is not None
    assert chosen.by_chance < chosen.reward < verified.reward


def test_the_pole_moves_as_gymnasium_moves_one_pole() -> None:
    world, one = CartPole(500, 0), gymnasium.make("CartPole-v1").unwrapped
    seen = world.start(7)
    one.reset(seed=0)
    one.state = (seen[3, 0] * SIZES).tolist()
    for action in (1, 0, 1, 1, 0):
        after, rewards, ended, counted = world.step(np.full(world.copies, action))
        np.testing.assert_allclose(after[3, 0] * SIZES, one.step(action)[0], rtol=1e-4, atol=1e-5)
        assert rewards[3] == 1 and not ended[3] and counted[3]


def test_a_pole_that_is_pushed_one_way_falls_and_the_next_decision_does_not_count() -> None:
    world = CartPole(500, 0)
    world.start(0)
    outcomes = [world.step(np.zeros(world.copies, dtype=np.int64)) for _ in range(30)]
    fell, counted = np.array([o[2] for o in outcomes]), np.array([o[3] for o in outcomes])
    assert fell.any(0).all()
    np.testing.assert_array_equal(~fell[:-1], counted[1:])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_advantages_are_the_discounted_sums_of_surprises_up_to_an_end(seed) -> None:
    rng = np.random.default_rng(seed)
    steps = 6
    values, rewards = rng.normal(size=(steps + 1, 1)), rng.normal(size=(steps, 1))
    ended = rng.random((steps, 1)) < 0.3
    found = advantages(values, rewards, ended)
    for first in range(steps):
        by_hand, weight = 0.0, 1.0
        for step in range(first, steps):
            after = 0.0 if ended[step, 0] else DISCOUNT * values[step + 1, 0]
            by_hand += weight * (rewards[step, 0] + after - values[step, 0])
            weight *= DISCOUNT * TRACE
            if ended[step, 0]:
                break
        assert found[first, 0] == pytest.approx(by_hand)


@pytest.mark.parametrize("entangle", [True, False])
def test_the_circuit_policy_is_that_of_pennylane(entangle) -> None:
    backend = get_circuit_backend("engine:cpu?dtype=complex128")
    torch.manual_seed(1)
    made = CircuitPolicy(3, 2, 2, entangle, True, None, lambda c, z, w, _: backend.expval(c, z, w))
    policy, x = made.double(), torch.randn(5, 3, dtype=torch.float64)
    policy.scaling.data.uniform_(0.5, 2.0)

    @qml.qnode(qml.device("default.qubit", wires=3), interface="torch", diff_method="backprop")
    def circuit(row):
        for block in range(2):
            for wire in range(3):
                qml.RY(policy.scaling[block, wire] * torch.atan(row[wire]), wires=wire)
            if entangle:
                qml.StronglyEntanglingLayers(policy.angles[block], wires=range(3))
            else:
                for wire in range(3):
                    qml.Rot(*policy.angles[block, 0, wire], wires=wire)
        return [qml.expval(qml.Z(wire)) for wire in range(3)]

    other = torch.stack([torch.stack(circuit(row)) for row in x]) @ policy.up.weight.T + policy.up.bias
    torch.testing.assert_close(policy(x), other)
    leaves = list(policy.parameters())
    own, wanted = (torch.autograd.grad(found.square().sum(), leaves) for found in (policy(x), other))
    torch.testing.assert_close(own, wanted)


@pytest.mark.parametrize(("outputs", "reuploads"), [(2, 3), (1, 5), (2, 1)])
def test_the_mlp_has_as_many_parameters_as_the_circuits_policy(outputs, reuploads) -> None:
    wanted = circuit_policy_parameters(4, outputs, reuploads)
    made = CircuitPolicy(4, outputs, reuploads, True, True, None, lambda c, z, w, _: z)
    assert sum(weights.numel() for weights in made.parameters()) == wanted
    found = sum(weights.numel() for weights in mlp_policy(4, outputs, wanted).parameters())
    assert abs(found - wanted) <= (4 + 1 + outputs) / 2


def test_actions_are_drawn_as_often_as_the_softmax_says() -> None:
    torch.manual_seed(0)
    policy = Policy(torch.nn.Linear(2, 3))
    seen = np.tile(np.array([[0.4, -1.0]], dtype=np.float32), (40_000, 1))[:, None]
    with torch.no_grad():
        chances = torch.softmax(policy.logits(torch.from_numpy(seen[:1])), 1)[0].numpy()
    drawn = np.bincount(policy.draw(seen, np.random.default_rng(0)), minlength=3) / len(seen)
    np.testing.assert_allclose(drawn, chances, atol=5 * math.sqrt(0.25 / len(seen)))


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (" went home on time. Then", True),
        (" went home on time", False),
        (" Went home, went away!", False),
        (" ok then.", False),
        (" йшов додому вчасно.", True),
        ("", False),
    ],
)
def test_the_rule_is_what_it_says(text, right) -> None:
    assert passes(text) is right


def test_verifying_all_continuations_gets_what_the_best_of_them_gets() -> None:
    rewards = environment("tiny", ReinforceTask().load("held-back", "xs", 0)).rewards("test")
    assert rewards.shape == (8, 4) and set(np.unique(rewards)) <= {0.0, 1.0}
    test = decided("best-of-n", "held-back", "xs", 0).test
    assert test is not None
    assert test.reward == pytest.approx(rewards.max(1).mean())
    assert test.by_chance == pytest.approx(rewards.mean())


def test_a_policy_on_disk_is_the_one_that_was_judged(tmp_path) -> None:
    method, problem = get_method(TASK, "linear"), ReinforceTask().load("cartpole", "xs", 0)
    context = Unmetered(get_backend("engine"), shots=200, seed=0)
    solution = method.run(problem, method.defaults(), context)
    solution = method.apply(problem, solution, method.defaults(), context)
    files = ReinforceTask().export(problem, solution, tmp_path / "new" / "folder")
    assert files[0].name == "policy.safetensors" and all(file.is_file() for file in files)
    weights = load_file(files[0])
    policy = Policy(torch.nn.Linear(4, 2))
    policy.load(weights)
    judged = CartPole(problem.budget.horizon, problem.seed).judge(policy.best, "test")
    assert judged.reward == pytest.approx(solution.answer.test.reward)
