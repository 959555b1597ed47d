"""Nats per token of text that nothing was fitted to, and the error of the layers' outputs."""

from __future__ import annotations

import math

from qwatt.core.errors import QwattError
from qwatt.core.problem import Quality
from qwatt.stages.deployment.quantise.grid import Weights, fit_grid
from qwatt.stages.deployment.quantise.layer_error import relative_error
from qwatt.stages.deployment.quantise.problem import QuantiseAnswer, QuantiseProblem, Service
from qwatt.stages.deployment.quantise.realised import realised
from qwatt.stages.deployment.quantise.workbench import Workbench, workbench


def validation_quality(answer: QuantiseAnswer) -> Quality:
    """Return the loss on the validation part."""
    return Quality(answer.validation)


def held_back_quality(problem: QuantiseProblem, answer: QuantiseAnswer, service: Service) -> Quality:
    """Return the loss on the held-back part, and what it is beside.

    Args:
        problem: the text.
        answer: the rounded weights.
        service: what is measured of the decoder in service.

    Raises:
        QwattError: the rounded weights were not applied to the held-back part.
    """
    if answer.test is None:
        raise QwattError("the rounded decoder was not applied to the held-back part")
    bench = workbench(answer.decoder, answer.pattern, problem)
    rounded = {name: layer.weights for name, layer in answer.layers.items()}
    error, nearest = layer_errors(bench, answer, rounded)
    extras = {
        "perplexity": math.exp(answer.test),
        "float_nats_per_token": bench.float_loss,
        "layer_error": error,
        "layer_error_round_to_nearest": nearest,
        "bits_per_weight": answer.bits_per_weight,
        "rounded_layers": len(answer.layers),
        "rounded_weights": sum(layer.codes.size for layer in answer.layers.values()),
        "decoder_parameters": bench.decoder.parameters,
        "decoder": answer.decoder,
        "test_tokens": len(bench.test) - 1,
        "packed_bytes": packed_bytes(bench, answer),
        "forms": realised(bench, service),
    }
    if bench.decoder.note:
        extras["decoder_note"] = bench.decoder.note
    return Quality(answer.test, extras)


def packed_bytes(bench: Workbench, answer: QuantiseAnswer) -> int:
    """Return the bytes of the packed layers, and of all other weights as bfloat16."""
    rounded = sum(layer.codes.size for layer in answer.layers.values())
    stored = sum(layer.stored_bits for layer in answer.layers.values())
    return int(stored / 8 + 2 * (bench.decoder.parameters - rounded))


def layer_errors(
    bench: Workbench, answer: QuantiseAnswer, rounded: dict[str, Weights]
) -> tuple[float, float]:
    """Return the relative error of the outputs on held-back text, and that of rounding to nearest."""
    own = {name: bench.layers[name].weight.data.numpy() for name in rounded}
    nearest = {}
    for rows in bench.calibrated().value:
        for name in rows.names:
            used = answer.layers[name].grid
            grid = fit_grid(own[name], used.bits, used.group, "mse", rows.moment.diagonal())
            nearest[name] = grid.values(grid.nearest(own[name]))
    moments = bench.test_moments
    return relative_error(rounded, own, moments), relative_error(nearest, own, moments)
