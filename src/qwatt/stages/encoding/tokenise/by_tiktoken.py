"""What the trainers without an encoder of their own share: tiktoken encodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.language.byte_level import PATTERN, entries_of
from qwatt.stages.encoding.tokenise.method import Encode, TokeniseMethod
from qwatt.stages.encoding.tokenise.problem import Tokens

if TYPE_CHECKING:
    import tiktoken
else:
    tiktoken = lazy("tiktoken")


class ByTiktoken(TokeniseMethod):
    """Base: a tokenizer whose ids are the ranks of its entries."""

    encoding_work: ClassVar[str] = "tiktoken_byte"

    def encoder(self, tokenizer: str) -> Encode:
        """Return tiktoken's encoder of the same entries and pattern."""
        ranks = {entry: rank for rank, entry in enumerate(entries_of(tokenizer))}
        encoding = tiktoken.Encoding("learnt", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})

        def encode(texts: Sequence[str]) -> Tokens:
            return Tokens.of(encoding.encode_ordinary(text) for text in texts)

        return encode
