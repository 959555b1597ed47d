"""The documents of a user's corpus that a study takes: all or a sample, within what memory holds."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.data.documents import Document, iter_documents
from qwatt.data.names import shown

MOST_DOCUMENTS = 300_000
MOST_CHARACTERS = 64 << 20
"""What a study holds in memory, several times over: normalised, in shingles, in signatures."""


def drawn_documents(source: str, count: int | None, rng: np.random.Generator) -> list[Document]:
    """Return documents of a file or folder, in its order.

    Args:
        source: the path.
        count: draw so many; None takes all.
        rng: draws them.

    Raises:
        QwattError: it cannot be read, or what is taken is more than a study holds.
    """
    held: list[Document] = []
    size = 0
    documents = iter_documents(source)
    for document in documents:
        held.append(document)
        size += len(document.text)
        if len(held) > MOST_DOCUMENTS or size > MOST_CHARACTERS:
            break
    else:
        return [held[i] for i in sorted(rng.permutation(len(held))[: count or len(held)])]
    if count is None:
        raise _too_large(
            source, f"the first {len(held):,} documents hold {size / 1e6:,.0f} million characters"
        )
    drawn = _reservoir(held, documents, count, rng)
    if (size := sum(len(document.text) for document in drawn)) > MOST_CHARACTERS:
        raise _too_large(source, f"{len(drawn):,} documents drawn have {size / 1e6:,.0f} million characters")
    return drawn


def _reservoir(
    held: list[Document], further: Iterator[Document], count: int, rng: np.random.Generator
) -> list[Document]:
    """Return a sample of documents of which the number is not known before the last is read."""
    heap = [(-float(rng.random()), place) for place in range(len(held))]
    heap = heapq.nsmallest(count, heap, key=lambda item: -item[0])
    kept = {place: held[place] for _, place in heap}
    heapq.heapify(heap)
    first = len(held)
    held.clear()
    for place, document in enumerate(further, first):
        key = -float(rng.random())
        if len(heap) < count:
            heapq.heappush(heap, (key, place))
        elif key > heap[0][0]:
            _, gone = heapq.heapreplace(heap, (key, place))
            del kept[gone]
        else:
            continue
        kept[place] = document
    return [kept[i] for i in sorted(kept)]


def _too_large(source: str, what: str) -> QwattError:
    return QwattError(
        f"{what}: more than a study holds in memory ({MOST_DOCUMENTS:,} documents, "
        f"{MOST_CHARACTERS / 1e6:,.0f} million characters)",
        where=f"source {shown(source)}",
        mend="`qwatt dedup FILE --out KEPT.jsonl` takes a corpus of any size; or add --size m, which draws "
        "6,000 documents",
    )
