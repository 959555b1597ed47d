"""A tiny corpus made of our own phrases, for tests and for trying things out without a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import numpy as np
else:
    np = lazy("numpy")

PHRASES = "builtin:phrases"
"""What the corpus is called as a source."""
_ALL = 200

_WHO = (
    "the night nurse", "a retired tram driver", "our neighbour's daughter", "the youngest clerk",
    "an old bookbinder", "the harbour pilot", "a travelling cook", "the choir master", "some tired students",
    "the museum guard", "a stubborn plumber", "the village doctor", "two apprentice bakers",
    "the piano tuner",
)  # fmt: skip
_DID = (
    "repaired", "forgot", "photographed", "carried home", "sold", "painted green", "described at length",
    "measured twice", "hid", "borrowed", "wrapped in paper", "dropped", "praised", "counted",
)  # fmt: skip
_WHAT = (
    "a copper kettle", "the last umbrella", "seven wooden chairs", "a map of the canal", "the broken clock",
    "a box of tickets", "the heavy curtain", "an unsigned letter", "three glass bottles", "the garden gate",
    "a basket of plums", "the spare bicycle", "a violin case", "the kitchen scales", "an enamel sign",
)  # fmt: skip
_WHERE = (
    "behind the station", "near the frozen pond", "on the fourth floor", "under the railway bridge",
    "in the empty theatre", "beside the lighthouse", "at the weekly market", "between two sheds",
    "outside the bakery", "in a narrow courtyard", "along the towpath", "above the pharmacy",
)  # fmt: skip
_WHEN = (
    "before sunrise", "after the long meeting", "while it rained", "on a Tuesday in March", "without a word",
    "for the second time", "as the bells rang", "during the power cut", "in a great hurry", "years later",
    "when nobody looked", "just before the ferry left",
)  # fmt: skip


def phrase_documents(count: int, seed: int) -> list[tuple[str, str]]:
    """Return (name, text) of `count` documents of seven sentences, one a line."""
    rng = np.random.default_rng(seed)
    return [(f"phrase-{i}", "\n".join(_sentence(rng) for _ in range(7))) for i in range(count)]


def phrase_rows() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the whole corpus as places and rows, as a file of documents would have them."""
    for name, text in phrase_documents(_ALL, seed=0):
        yield f"{PHRASES}:{name}", {"id": name, "text": text}


def _sentence(rng: np.random.Generator) -> str:
    parts = [str(rng.choice(slot)) for slot in (_WHO, _DID, _WHAT, _WHERE, _WHEN)]
    text = " ".join(parts)
    return f"{text[0].upper()}{text[1:]}."
