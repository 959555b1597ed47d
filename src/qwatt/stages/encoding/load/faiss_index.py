"""What the codes of faiss share: an index as bytes, and inner products with everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Ring
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.problem import Similarities, Vectors

if TYPE_CHECKING:
    import faiss
else:
    faiss = lazy("faiss")


class FaissMethod(LoadMethod):
    """Base of the codes that faiss makes (arXiv:2401.08281); its index is kept as bytes."""

    def compare(self, code: Code, queries: Vectors, context: Context) -> Similarities:
        """Search for all vectors and put what was found in their order."""
        with context.phase(Ring.LOADING, "open"):
            index = faiss.deserialize_index(code.arrays["index"])
        with context.phase(Ring.KERNEL, "compare"):
            found, order = index.search(np.ascontiguousarray(queries), code.vectors)
            similarities = np.empty(found.shape)
            np.put_along_axis(similarities, order, found, axis=1)
            return similarities


def index_bytes(index: Any) -> NDArray[np.uint8]:
    """Return an index with its code books as bytes."""
    return np.asarray(faiss.serialize_index(index), dtype=np.uint8)
