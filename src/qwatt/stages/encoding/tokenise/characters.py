"""Control: the most frequent characters, and the bytes of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.encoding.tokenise.method import TokeniseMethod
from qwatt.stages.encoding.tokenise.problem import TokeniseProblem

if TYPE_CHECKING:
    import tokenizers
    from tokenizers import decoders, models
else:
    tokenizers = lazy("tokenizers")
    decoders, models = lazy("tokenizers.decoders"), lazy("tokenizers.models")


@method
class Characters(TokeniseMethod):
    """Shows what sub-words are worth: an entry a character, as many as fit beside the bytes."""

    name: ClassVar[str] = "characters"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1508.06615",)

    def train(self, texts: Sequence[str], vocabulary: int) -> str:
        """Count characters; of equally frequent ones the first in Unicode's order is taken."""
        counts = Counter[str]()
        for text in texts:
            counts.update(text)
        entries = [f"<0x{value:02X}>" for value in range(256)]
        room = vocabulary - len(entries)
        entries += sorted(counts, key=lambda character: (-counts[character], character))[:room]
        ids = {entry: i for i, entry in enumerate(entries)}
        tokenizer = tokenizers.Tokenizer(models.BPE(vocab=ids, merges=[], byte_fallback=True))
        tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
        return str(tokenizer.to_str())

    def work(self, problem: TokeniseProblem) -> Mapping[str, float]:
        """Counting, a small part of what writing takes."""
        return {}
