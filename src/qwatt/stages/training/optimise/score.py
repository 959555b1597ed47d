"""Scores trained weights: held-back loss, and what it took to come down to a linear model's."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.problem import Quality
from qwatt.stages.training.optimise.classifier import model_of
from qwatt.stages.training.optimise.curve import SpentCurve
from qwatt.stages.training.optimise.features import angles_of, fit_features
from qwatt.stages.training.optimise.passages import bigram_loss
from qwatt.stages.training.optimise.problem import (
    CircuitProblem,
    DecoderProblem,
    Held,
    OptimiseAnswer,
    OptimiseProblem,
)

if TYPE_CHECKING:
    import torch
    from sklearn import linear_model
else:
    torch, linear_model = lazy("torch"), lazy("sklearn.linear_model")


def held_back_quality(problem: OptimiseProblem, answer: OptimiseAnswer) -> Quality:
    """Return the loss on the test part, with the curve and what reaching the target took.

    Raises:
        QwattError: the answer was not applied to the test part.
    """
    if answer.test is None:
        raise QwattError("the weights were not applied to the test part")
    extras: dict[str, Any] = {
        "model": answer.model,
        "validation_loss": answer.validation.loss,
        "test_items": answer.test.items,
        **answer.config,
    }
    if isinstance(problem, DecoderProblem):
        text = problem.text.encoded().value
        bits = answer.test.loss * answer.test.items / log(2) / sum(map(len, problem.text.test))
        target = bigram_loss(text.train, text.test[: problem.curve_tokens + 1], problem.decoder.vocabulary)
        return Quality(
            answer.test.loss, extras | {"bits_per_character": bits} | to_target(answer.curve, target)
        )
    exact, curve = exact_trajectory(problem, answer)
    extras |= {
        "accuracy": answer.test.accuracy,
        "loss_exact": exact.loss,
        "accuracy_exact": exact.accuracy,
        "classes": len(problem.classes),
    }
    return Quality(answer.test.loss, extras | to_target(curve, linear_loss(problem)))


def exact_trajectory(problem: CircuitProblem, answer: OptimiseAnswer) -> tuple[Held, SpentCurve]:
    """Return the last weights' exact score on the test part, and the curve with exact losses.

    Both are computed from the answer's weights and charged to nobody: training did not need them.
    """
    model = model_of(problem, answer.model)
    x, labels = angles_of(answer.arrays, problem.test), torch.as_tensor(problem.test.labels)
    with torch.no_grad():
        found = [
            model.held(model.exact(x, weights), labels)
            for weights in torch.as_tensor(answer.arrays["trajectory"])
        ]
    return found[-1], answer.curve.scored([one.loss for one in found])


def linear_loss(problem: CircuitProblem) -> float:
    """Return the test loss of logistic regression on the same angles: the target, the same for everyone."""
    features = fit_features(problem)
    fitted = linear_model.LogisticRegression().fit(
        angles_of(features, problem.train).numpy(), problem.train.labels
    )
    logged = fitted.predict_log_proba(angles_of(features, problem.test).numpy())
    return float(-logged[range(len(problem.test)), problem.test.labels].mean())


def to_target(curve: SpentCurve, target: float) -> dict[str, Any]:
    """Return the curve as a record, the target, and the first point that reaches it, None where none does."""
    reached = curve.reached(target)
    spent: dict[str, Any] | None = None
    if reached is not None:
        spent = {name: getattr(reached, name) for name in ("steps", "runs", "shots", "tokens")}
        spent["host_j"] = reached.energy.value
    return {"curve": curve.to_record(), "target_loss": target, "to_target": spent}
