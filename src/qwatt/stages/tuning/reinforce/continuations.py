"""A decoder's continuations to choose among: one decision an episode, rewarded by a rule that is verified."""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.shared import Shared
from qwatt.core.threads import one_thread
from qwatt.language.decoder import decoder_tokens, load_decoder
from qwatt.language.decoder.own_text import parts_of
from qwatt.stages.tuning.reinforce.environment import Actions, Decide, Features, Step
from qwatt.stages.tuning.reinforce.problem import Outcome, ReinforceProblem
from qwatt.stages.tuning.reinforce.rule import passes

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

PARTS = ("train", "validation", "test")
_COPIES = 16
_ROWS = 256
_HALF_WAY = 0.5


class Continuations:
    """Prompts with candidates that a decoder drew; a policy reads the mean of each one's hidden states.

    Its features are their leading whitened components.

    Args:
        name: the decoder's name or folder.
        problem: the text and the budgets.

    Raises:
        QwattError: no such decoder, or a part with too little text for a prompt.
    """

    outputs, copies = 1, _COPIES

    def __init__(self, name: str, problem: ReinforceProblem) -> None:
        self.decoder = load_decoder(name)
        self.problem, self.features = problem, problem.qubits
        parts = parts_of(problem.parts, name, problem.seed)
        counts = problem.budget.prompts
        self.prompts = [
            self._prompts(texts, n, part) for texts, n, part in zip(parts, counts, PARTS, strict=True)
        ]
        self._rng = np.random.default_rng(0)
        self._rows = np.zeros(_COPIES, dtype=np.int64)

    def made(self) -> Shared[tuple[Features, NDArray[np.float32]]]:
        """Return features (prompts, candidates, features), rewards (prompts, candidates), and their cost."""
        return self._made

    def start(self, seed: int) -> Features:
        """Begin with prompts drawn from those to train on."""
        self._rng = np.random.default_rng(seed)
        return self._drawn()

    def step(self, actions: Actions) -> Step:
        """Reward the chosen candidates; every decision counts, and ends its episode."""
        rewards = self._made.value[1][self._rows, actions]
        ones = np.ones(_COPIES, dtype=np.bool_)
        return self._drawn(), rewards, ones, ones.copy()

    def judge(self, decide: Decide, part: str) -> Outcome:
        """Return the share of prompts whose chosen candidate passes."""
        features, rewards = (of[self._span(part)] for of in self._made.value)
        reward = float(rewards[np.arange(len(rewards)), decide(features)].mean())
        chance, best = float(rewards.mean()), float(rewards.max(1).mean())
        return Outcome(reward, chance, self.target(chance, best), len(rewards))

    @staticmethod
    def target(chance: float, best: float) -> float:
        """Return what counts as solved: so far from a random choice to the best of the candidates."""
        return chance + _HALF_WAY * (best - chance)

    def judged_decisions(self, part: str) -> int:
        """Return the prompts of a part."""
        return len(self.prompts[PARTS.index(part)])

    def rewards(self, part: str) -> NDArray[np.float32]:
        """Return the rewards of all candidates, shape (prompts, candidates)."""
        return self._made.value[1][self._span(part)]

    @cached_property
    def _made(self) -> Shared[tuple[Features, NDArray[np.float32]]]:
        from qwatt.energy.meter import Meter

        with one_thread(), Meter().window("continuations") as window:
            pooled, rewards = self._continued()
            value = self._projected(pooled), rewards
        return Shared(value, window.energy, window.seconds, "continuations, measured in this run")

    def _continued(self) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Return mean hidden states (prompts, candidates, width) and rewards (prompts, candidates)."""
        count, new = self.problem.budget.candidates, self.problem.budget.length[1]
        prompts = torch.from_numpy(np.concatenate(self.prompts)).repeat_interleave(count, 0)
        texts: list[str] = []
        states = []
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.problem.seed)
            for start in range(0, len(prompts), _ROWS):
                ids = drawn_tokens(self.decoder.model, prompts[start : start + _ROWS], new)
                hidden = self.decoder.model.base_model(input_ids=ids, use_cache=False).last_hidden_state
                states.append(hidden[:, prompts.shape[1] :].mean(1).double().numpy())
                texts += self.texts(ids)
        rewards = np.array([passes(text) for text in texts], dtype=np.float32).reshape(-1, count)
        return np.concatenate(states).reshape(len(rewards), count, -1), rewards

    def texts(self, ids: torch.Tensor) -> list[str]:
        """Return what the tokens behind the prompts spell."""
        new = ids[:, self.problem.budget.length[0] :].tolist()
        found: list[str] = self.decoder.tokenizer.batch_decode(new, skip_special_tokens=True)
        return found

    def _projected(self, pooled: NDArray[np.float64]) -> Features:
        """Return the leading whitened components, fitted on the training part."""
        known = pooled[self._span("train")].reshape(-1, pooled.shape[2])
        centre = known.mean(0)
        _, sizes, axes = np.linalg.svd(known - centre, full_matrices=False)
        scale = np.maximum(sizes[: self.features] / np.sqrt(len(known)), 1e-12)
        found: Features = ((pooled - centre) @ axes[: self.features].T / scale).astype(np.float32)
        return found

    def _drawn(self) -> Features:
        self._rows = self._rng.integers(len(self.prompts[0]), size=_COPIES)
        return self._made.value[0][self._rows]

    def _span(self, part: str) -> slice:
        ends = list(accumulate(map(len, self.prompts), initial=0))
        return slice(ends[PARTS.index(part)], ends[PARTS.index(part) + 1])

    def _prompts(self, texts: tuple[str, ...], count: int, part: str) -> NDArray[np.int64]:
        length = self.problem.budget.length[0]
        found = []
        for text in texts:
            ids = decoder_tokens(self.decoder, [text])
            if len(ids) > length:
                found.append(ids[:length])
            if len(found) == count:
                break
        if not found:
            raise QwattError(f"no text to {part} has more than {length} tokens", mend="give longer texts")
        return np.stack(found)


def drawn_tokens(model: Any, ids: torch.Tensor, count: int) -> torch.Tensor:
    """Return prompts with so many tokens behind them, drawn from a decoder's own distribution."""
    for _ in range(count):
        logits = model(input_ids=ids, use_cache=False, logits_to_keep=1).logits[:, -1]
        ids = torch.cat([ids, torch.multinomial(torch.softmax(logits.float(), -1), 1)], 1)
    return ids
