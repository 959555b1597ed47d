"""The pruned model on held-back text and in service, beside the whole one."""

from __future__ import annotations

from typing import Any

from qwatt.core.problem import Quality
from qwatt.language.serving import Request, ServingCost
from qwatt.stages.deployment.prune.problem import PruneAnswer, PruneProblem
from qwatt.stages.deployment.prune.result import pruned
from qwatt.stages.deployment.prune.slim import needs_own_code


def validation_quality(problem: PruneProblem, answer: PruneAnswer) -> Quality:
    """Return the loss on the validation part."""
    whole, model, _ = pruned(answer)
    texts = problem.texts(answer.model)[1]
    return Quality(whole.judged(model, texts, problem.budget.validation).loss)


def held_back_quality(
    problem: PruneProblem, answer: PruneAnswer, serving: tuple[int, int, int] | None
) -> Quality:
    """Return the loss on the held-back part, and what it is beside.

    Args:
        problem: the text.
        answer: what stays.
        serving: tokens to read, tokens to write and rounds of the measurement in service; None leaves it out.
    """
    whole, model, kind = pruned(answer)
    texts = problem.texts(answer.model)[2]
    found = whole.judged(model, texts, problem.budget.test)
    parameters = sum(weights.numel() for weights in model.parameters())
    extras: dict[str, Any] = {
        "loss_is": whole.loss_name,
        "loss_before": found.before,
        **found.extras,
        "calibration_loss": answer.calibration_loss,
        "parameters": parameters,
        "parameters_before": whole.parameters,
        "disk_bytes": parameters * kind.itemsize,
        "disk_bytes_before": whole.parameters * kind.itemsize,
        "test_tokens": found.tokens,
        "model": answer.model,
        "units": answer.cut.units,
        "keep": answer.cut.keep,
        "widths": answer.cut.widths,
        "loads_plainly": not needs_own_code(model),
    }
    if whole.note:
        extras["decoder_note"] = whole.note
    if serving is not None:
        costs, request = whole.served(model, texts, serving), whole.request()
        extras |= {
            "serving_basis": costs[0].basis,
            "request_j_ratio": costs[1].request_ratio(request),
            "request_read_tokens": request.read_tokens,
            "request_written_tokens": request.written_tokens,
        }
        for cost, when in zip(costs, ("_before", ""), strict=True):
            extras |= {f"{name}{when}": value for name, value in _figures(cost, request).items()}
    return Quality(found.loss, extras)


def _figures(cost: ServingCost, request: Request) -> dict[str, Any]:
    figures = {
        "read_j_per_token": cost.read_j,
        "read_ms_per_token": cost.read_ms,
        "read_cpu_ms_per_token": 1e3 * cost.read_cpu_s,
        "request_j": cost.request_j(request),
        "memory_bytes": cost.weights_bytes,
    }
    if cost.written_cpu_s is None:
        return figures
    return figures | {
        "written_j_per_token": cost.written_j,
        "written_ms_per_token": cost.written_ms,
        "written_cpu_ms_per_token": 1e3 * cost.written_cpu_s,
    }
