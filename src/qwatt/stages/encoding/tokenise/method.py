"""What all tokenizers share: learn a vocabulary, then write the corpus in it.

Nothing is tuned: the pattern that cuts words, the alphabet and the size of the vocabulary are the same for
all, so that what differs is how entries are learnt. Each library takes the threads that it takes by default.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort, Plan
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.language.byte_level import LEAST
from qwatt.stages.encoding.tokenise.problem import TASK, TokeniseAnswer, TokeniseProblem, Tokens, byte_count

if TYPE_CHECKING:
    import tokenizers
else:
    tokenizers = lazy("tokenizers")

Encode = Callable[[Sequence[str]], Tokens]

TRAIN, ENCODE = "train", "encode"
"""Phases whose joules per megabyte the task reports."""


class TokeniseMethod(Method[TokeniseProblem, TokeniseAnswer]):
    """Base of the tokenizers; one gives `train`, and `encoder` where another library encodes.

    The setting `vocabulary` is the most entries there may be; 0 takes what the size says.

    Class attributes:
        least: entries that the method's vocabulary has at least.
        encoding_work: kind of the host's work that a written byte is.
    """

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"vocabulary": (0,)}
    least: ClassVar[int] = LEAST
    encoding_work: ClassVar[str] = "tokenised_byte"

    @abstractmethod
    def train(self, texts: Sequence[str], vocabulary: int) -> str:
        """Learn at most so many entries from texts and return the text of a `tokenizer.json`."""

    def encoder(self, tokenizer: str) -> Encode:
        """Return what writes texts in a tokenizer's tokens."""
        loaded = tokenizers.Tokenizer.from_str(tokenizer)
        return lambda texts: Tokens.of(
            found.ids for found in loaded.encode_batch_fast(texts, add_special_tokens=False)
        )

    def work(self, problem: TokeniseProblem) -> Mapping[str, float] | None:
        """Return the host's work of learning, by kind; None where the method cannot say."""
        return None

    def run(self, problem: TokeniseProblem, settings: Settings, context: Context) -> Solution[TokeniseAnswer]:
        """Learn the vocabulary from the training passages, and write these and the validation passages."""
        vocabulary = settings["vocabulary"] or problem.vocabulary
        if vocabulary < self.least:
            what = f"{self.name} needs a vocabulary of {self.least} entries or more, not {vocabulary}"
            raise QwattError(what, where="vocabulary", mend=f"set vocabulary={self.least} or more")
        with context.phase(Ring.KERNEL, TRAIN):
            tokenizer = self.train(problem.training, vocabulary)
        with context.phase(Ring.KERNEL, ENCODE):
            encode = self.encoder(tokenizer)
            training, validation = encode(problem.training), encode(problem.validation)
        return Solution(TokeniseAnswer(tokenizer, training, validation))

    def apply(
        self,
        problem: TokeniseProblem,
        solution: Solution[TokeniseAnswer],
        settings: Settings,
        context: Context,
    ) -> Solution[TokeniseAnswer]:
        """Write the held-back passages."""
        with context.phase(Ring.KERNEL, ENCODE):
            test = self.encoder(solution.answer.tokenizer)(problem.test)
        return replace(solution, answer=replace(solution.answer, test=test))

    def plan(self, problem: TokeniseProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the host's work of learning and encoding; there are no circuits."""
        work = self.work(problem)
        if work is None:
            return Plan(Effort(work=None), Effort(work=None))
        held, test = byte_count((*problem.training, *problem.validation)), byte_count(problem.test)
        return Plan(
            Effort(work={self.encoding_work: float(held)}) + Effort(work=work),
            Effort(work={self.encoding_work: float(test)}),
        )
