"""Learn a vocabulary and write a corpus in it; no quantum method is known, and the task says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.effect import Effect, EffectKind, paired_ratios
from qwatt.core.headline import Headline
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.stages.encoding.tokenise import headline
from qwatt.stages.encoding.tokenise.export import write_tokenizer
from qwatt.stages.encoding.tokenise.problem import TASK, TokeniseAnswer, TokeniseProblem
from qwatt.stages.encoding.tokenise.score import held_back_quality, validation_quality
from qwatt.stages.encoding.tokenise.sources import load_problem


@task
class TokeniseTask(Task[TokeniseProblem, TokeniseAnswer]):
    """Tokenisation of a corpus in any script: how few bits held-back text takes at equal vocabulary.

    The judge is a bigram model of the tokens, not yet a language model: bits per character compare tokenizers
    on one corpus and are no forecast of a transformer's. Every tokenizer must read the text back exactly.

    No quantum method exists. Searched in November 2026 in papers, packages and public code: quantum natural
    language processing takes its words from classical tokenizers (lambeq), and repositories with "quantum
    tokenizer" in their names hold no algorithm with a stated cost. There is an optimum to search for: the
    best vocabulary is NP-complete to find (arXiv:2412.15210, arXiv:2511.15709). Yet its variables are as many
    as the candidate pieces, its cost is read from the whole corpus, and a classical linear program certifies
    vocabularies within 1 % of the optimum at common sizes (arXiv:2605.22821): next to nothing is left to win,
    and nothing small enough for a QPU to win it on.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Learn a vocabulary of at most the size's number of entries from four fifths of a corpus and write "
        "all of it in tokens that are read back exactly."
    )
    metric: ClassVar[str] = "bits_per_character"
    higher_is_better: ClassVar[bool] = False
    margin: ClassVar[float] = 0.02
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {"bytes": 20_000, "vocabulary": 700},
        "s": {"bytes": 2_000_000, "vocabulary": 4_096},
        "m": {"bytes": None, "vocabulary": 8_192},
        "full": {"bytes": None, "vocabulary": 8_192},
    }
    default_source: ClassVar[str] = "shakespeare"

    def load(self, source: str, size: str, seed: int) -> TokeniseProblem:
        """Return the passages of "shakespeare", "vader", "builtin:numbers", or a path."""
        return load_problem(source, size, self.rung(size), seed)

    def validate(self, problem: TokeniseProblem, solution: Solution[TokeniseAnswer]) -> Quality:
        """Return bits per character of the validation passages."""
        return validation_quality(problem, solution.answer)

    def score(self, problem: TokeniseProblem, solution: Solution[TokeniseAnswer]) -> Quality:
        """Return bits per character of the held-back passages."""
        return held_back_quality(problem, solution.answer)

    def export(
        self, problem: TokeniseProblem, solution: Solution[TokeniseAnswer], folder: Path
    ) -> list[Path]:
        """Write `tokenizer.json`."""
        return write_tokenizer(solution.answer, folder)

    def effect(self, trials: Sequence[Trial], others: Mapping[str, Sequence[Trial]]) -> Effect:
        """Return the tokens of the same text over those of byte pairs at as large a vocabulary."""
        pairs = {t.spec.seed: t for t in others.get("bpe", ())}
        equal = [t for t in trials if t.spec.seed in pairs and not self.worse(t, pairs[t.spec.seed])]
        if len(equal) * 2 <= len(trials):
            why = f"on {len(trials) - len(equal)} of {len(trials)} seeds it takes more bits per character"
            return Effect.unknown(why, EffectKind.TOKENS_OF_A_TEXT)
        found = paired_ratios(equal, list(pairs.values()), lambda t: 1 / t.extras["bytes_per_token"])
        return Effect.of_ratios(EffectKind.TOKENS_OF_A_TEXT, found, "byte-pair encoding of as many entries")

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return the vocabulary, how much of the text a token holds, and joules per megabyte."""
        return headline.summary(trial)

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say how short it writes and what that costs."""
        if trial.quality is None or "characters_per_token" not in trial.extras:
            return super().headline(trial, artifact)
        return headline.headline(trial, artifact)
