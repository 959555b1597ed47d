"""Training and judging a small decoder with a given optimiser: the same text, order and weights for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Ring
from qwatt.language.decoder.loss import validation_loss
from qwatt.language.decoder.network import new_decoder
from qwatt.language.decoder.optimiser import Named
from qwatt.language.decoder.train import train_decoder
from qwatt.stages.training.optimise.curve import SpentCurve, SpentPoint
from qwatt.stages.training.optimise.problem import Array, DecoderProblem, Held

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
else:
    torch = lazy("torch")


def train_on_text(
    problem: DecoderProblem, optimisers: Callable[[Named], Any], context: Context
) -> tuple[dict[str, Array], SpentCurve, Held]:
    """Train with the budget of tokens; return the weights, the curve, and what the validation part shows.

    The curve's losses are on the first tokens of the test part, which training and tuner do not see; finding
    them is charged to every method alike.
    """
    context.shared(Ring.LOADING, "tokenise", problem.text.encoded)
    text = problem.text.encoded().value
    with context.phase(Ring.KERNEL, "train"):
        trained = train_decoder(
            text.train,
            problem.decoder,
            problem.tokens,
            problem.seed,
            held=text.test[: problem.curve_tokens + 1],
            optimiser=optimisers,
        )
    with context.phase(Ring.OUTER, "validate"):
        loss = validation_loss(trained.model, text.validation, problem.decoder.context)
    arrays = {name: weights.numpy() for name, weights in trained.model.state_dict().items()}
    points = [
        SpentPoint(p.tokens // problem.decoder.step_tokens, 0, 0, p.tokens, p.joules, p.loss)
        for p in trained.curve.points
    ]
    return arrays, SpentCurve(tuple(points)), Held(loss, None, len(text.validation) - 1)


def judged(problem: DecoderProblem, arrays: Mapping[str, Array], context: Context) -> Held:
    """Return the loss of trained weights on the whole test part."""
    test = problem.text.encoded().value.test
    with context.phase(Ring.KERNEL, "predict"):
        loss = validation_loss(decoder_of(problem, arrays), test, problem.decoder.context)
    return Held(loss, None, len(test) - 1)


def decoder_of(problem: DecoderProblem, arrays: Mapping[str, Array]) -> Any:
    """Return the network with trained weights, in evaluation mode."""
    model = new_decoder(problem.decoder, problem.seed, problem.text.encoded().value.tokenizer.eos_token_id)
    model.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
    return model.eval()
