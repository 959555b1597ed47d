"""What the READMEs say of rounding as QUBO: on the small decoder, text by text, and on a layer of SmolLM2."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method, get_task
from qwatt.core.threads import one_thread
from qwatt.stages.deployment.quantise.problem import Budget
from qwatt.stages.deployment.quantise.score import layer_errors
from qwatt.stages.deployment.quantise.workbench import workbench

pytestmark = pytest.mark.nightly

TASK = "deployment/quantise"


def least_error(name, problem, bits, pattern, **fixed):
    """Return the least error of the layers' outputs on held-back text over a method's settings."""
    method, found = get_method(TASK, name), []
    space = {setting: values for setting, values in method.space.items() if len(values) > 1} | fixed
    for choice in product(*space.values()):
        settings = {**method.defaults(), **dict(zip(space, choice, strict=True))}
        settings |= {"bits": bits, "layers": pattern}
        answer = method.run(problem, settings, Unmetered(get_backend("engine"), shots=1_000)).answer
        rounded = {layer: part.weights for layer, part in answer.layers.items()}
        with one_thread():
            found.append(layer_errors(workbench(answer.decoder, pattern, problem), answer, rounded)[0])
    return min(found)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("bits", [2, 3])
def test_annealing_leaves_less_error_than_any_other_rounding_of_a_layer_of_the_small_decoder(bits, seed):
    """A seed draws the texts; of the others the best of all settings counts, and GPTQ is polished too."""
    whole = get_task(TASK).load("held-back", "m", seed)
    problem = replace(whole, budget=Budget(calibration=8_192, validation=64, test=8_192))
    pattern = "*.0.self_attn.q_proj"
    annealed = least_error("rounding-annealing", problem, bits, pattern, clip=("mse",))
    others = ("gptq", "one-flip", "coordinate-descent", "windows-exact", "awq", "adaround", "sign-round")
    left = {other: least_error(other, problem, bits, pattern) for other in others}
    print(f"\n{bits} bits, seed {seed}: annealing {annealed:.5f}, {left}")
    assert annealed < min(left.values())


@pytest.mark.parametrize("bits", [2, 3])
def test_annealing_leaves_no_more_error_than_the_best_gptq_of_a_layer_of_smollm2(bits):
    whole = get_task(TASK).load("held-back", "full", 0)
    problem = replace(whole, budget=Budget(calibration=4_096, validation=64, test=4_096))
    pattern = "model.layers.0.self_attn.k_proj"
    annealed = least_error("rounding-annealing", problem, bits, pattern, clip=("mse",))
    assert annealed <= least_error("gptq", problem, bits, pattern)
