"""The pruned decoder on held-back text and in service, beside the whole one."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from qwatt.core.problem import Quality
from qwatt.core.threads import one_thread
from qwatt.language.decoder import Decoder, load_decoder, validation_loss
from qwatt.language.decoder.serving import ServingCost, serving_costs, usual_request
from qwatt.language.decoder.vocabulary import Tokens
from qwatt.stages.deployment.prune.calibration import enough_tokens
from qwatt.stages.deployment.prune.problem import PruneAnswer, PruneProblem
from qwatt.stages.deployment.prune.result import pruned
from qwatt.stages.deployment.prune.slim import needs_own_code


def validation_quality(problem: PruneProblem, answer: PruneAnswer) -> Quality:
    """Return the nats per token on the validation part."""
    decoder, model, _ = pruned(answer)
    tokens = enough_tokens(decoder, problem.validation, problem.budget.validation)
    with one_thread():
        return Quality(validation_loss(model, tokens, decoder.context))


def held_back_quality(
    problem: PruneProblem, answer: PruneAnswer, serving: tuple[int, int, int] | None
) -> Quality:
    """Return the nats per token on the held-back part, and what they are beside.

    Args:
        problem: the text.
        answer: what stays.
        serving: tokens to read, tokens to write and rounds of the measurement in service; None leaves it out.
    """
    decoder, model, kind = pruned(answer)
    tokens = enough_tokens(decoder, problem.test, problem.budget.test)
    with one_thread():
        loss = validation_loss(model, tokens, decoder.context)
    before = loss_before(problem, answer.decoder)
    parameters = sum(weights.numel() for weights in model.parameters())
    extras: dict[str, Any] = {
        "loss_before": before,
        "perplexity": math.exp(loss),
        "perplexity_before": math.exp(before),
        "calibration_loss": answer.calibration_loss,
        "parameters": parameters,
        "parameters_before": decoder.parameters,
        "disk_bytes": parameters * kind.itemsize,
        "disk_bytes_before": decoder.parameters * kind.itemsize,
        "test_tokens": len(tokens) - 1,
        "decoder": answer.decoder,
        "units": answer.cut.units,
        "keep": answer.cut.keep,
        "widths": answer.cut.widths,
        "loads_plainly": not needs_own_code(model),
    }
    if decoder.note:
        extras["decoder_note"] = decoder.note
    if serving is not None:
        extras |= _realised(decoder, model, tokens, *serving)
    return Quality(loss, extras)


@lru_cache(maxsize=4)
def loss_before(problem: PruneProblem, name: str) -> float:
    """Return the whole decoder's nats per token on the held-back part; charged to no method."""
    decoder = load_decoder(name)
    tokens = enough_tokens(decoder, problem.test, problem.budget.test)
    with one_thread():
        return validation_loss(decoder.model, tokens, decoder.context)


def _realised(
    decoder: Decoder, model: Any, tokens: Tokens, read: int, written: int, rounds: int
) -> dict[str, Any]:
    """Measure both in service, both in fp32."""
    costs = serving_costs([decoder.model, model], tokens, read, written, rounds)
    found: dict[str, Any] = {"serving_basis": costs[0].basis}
    for cost, when in zip(costs, ("_before", ""), strict=True):
        found |= {f"{name}{when}": value for name, value in _figures(cost).items()}
    return found


def _figures(cost: ServingCost) -> dict[str, Any]:
    return {
        "read_j_per_token": cost.read_j,
        "read_ms_per_token": 1e3 * cost.read_s,
        "written_j_per_token": cost.written_j,
        "written_ms_per_token": 1e3 * cost.written_s,
        "request_j": cost.request_j(usual_request()),
        "memory_bytes": cost.weights_bytes,
    }
