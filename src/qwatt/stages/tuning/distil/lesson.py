"""The text in the teacher's tokens, and what the teacher makes of it: computed once for all."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.core.shared import Shared
from qwatt.core.threads import one_thread
from qwatt.language.decoder import DecoderSize, load_decoder
from qwatt.language.decoder.own_text import parts_of
from qwatt.language.decoder.text_windows import Windows, text_windows
from qwatt.stages.tuning.distil.problem import DistilProblem

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_CONTEXT = 128
"""Longest window."""
_BATCH_TOKENS = 4096


class Lesson:
    """A teacher and a problem's text in its tokens.

    What is kept of the teacher's forward pass is what enters its head: the logits of the whole vocabulary
    come from that again, batch by batch, at a fraction of the memory.

    Args:
        name: the teacher's name or folder.
        problem: the text and the budgets.

    Raises:
        QwattError: no such decoder, or a part has not one window of text.
    """

    def __init__(self, name: str, problem: DistilProblem) -> None:
        self.teacher = load_decoder(name)
        self.model: Any = self.teacher.model.requires_grad_(False)
        self.head: Any = self.model.get_output_embeddings()
        self.context = min(self.teacher.context, _CONTEXT)
        budget = problem.budget
        self.batch = max(1, budget.batch // self.context)
        parts = parts_of(problem.parts, name, problem.seed)
        tokens = (budget.text, budget.validation, budget.test)
        self.train, self.validation, self.test = (
            text_windows(self.teacher, texts, count, self.context, part)
            for texts, count, part in zip(parts, tokens, ("train", "validate", "test"), strict=True)
        )

    @property
    def vocabulary(self) -> int:
        """Entries of the tokenizer that the head knows."""
        return int(self.head.weight.shape[0])

    @property
    def width(self) -> int:
        """Width of what enters the teacher's head."""
        return int(self.head.weight.shape[1])

    def student_size(self, hidden: int, layers: int) -> DecoderSize:
        """Return the sizes of a student with the teacher's tokenizer; 0 is half of the teacher's.

        Raises:
            QwattError: a width that no number of heads divides.
        """
        config = self.model.config
        wide, blocks = int(config.hidden_size), int(config.num_hidden_layers)
        hidden = hidden or max(2, wide // 2)
        most = int(config.num_attention_heads)
        heads = next((n for n in range(most, 0, -1) if hidden % (2 * n) == 0), 1)
        inner = getattr(config, "intermediate_size", None) or 4 * wide
        return DecoderSize(
            vocabulary=self.vocabulary,
            hidden=hidden,
            intermediate=max(1, round(hidden * inner / wide)),
            layers=layers or max(1, blocks // 2),
            heads=heads,
            context=self.context,
            batch=self.batch,
        )

    def taught(self) -> Shared[torch.Tensor]:
        """Return what enters the teacher's head on the training part, (windows, context, width); its cost."""
        return self._taught

    @cached_property
    def _taught(self) -> Shared[torch.Tensor]:
        from qwatt.energy.meter import Meter

        with one_thread(), Meter().window("teacher") as window:
            states = self.states(self.train)
        return Shared(
            states, window.energy, window.seconds, "the teacher's forward pass, measured in this run"
        )

    def states(self, windows: Windows) -> torch.Tensor:
        """Return what enters the teacher's head, shape (windows, context, width)."""
        size = max(1, _BATCH_TOKENS // self.context)
        found = []
        with torch.no_grad():
            for start in range(0, len(windows), size):
                ids = torch.from_numpy(windows[start : start + size, :-1])
                found.append(self.model.base_model(input_ids=ids, use_cache=False).last_hidden_state)
        return torch.cat(found)


@lru_cache(maxsize=2)
def lesson(name: str, problem: DistilProblem) -> Lesson:
    """Return the lesson of a problem; its methods share it."""
    return Lesson(name, problem)
