"""HDBSCAN* in compiled code: fast-hdbscan, whose functions numba compiles before anything is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.errors import MissingExtraError
from qwatt.core.lazy import lazy
from qwatt.core.method import Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import Labels, Points
from qwatt.stages.curation.cluster.blobs import BLOBS, blobs
from qwatt.stages.curation.cluster.hdbscan import Hdbscan

if TYPE_CHECKING:
    import fast_hdbscan
    import numba
else:
    fast_hdbscan, numba = lazy("fast_hdbscan"), lazy("numba")


@method
class FastHdbscan(Hdbscan):
    """The same clusters from a dual-tree search for neighbours.

    Compiling takes tens of seconds in a process; it is not charged.
    """

    name: ClassVar[str] = "fast-hdbscan"
    sources: ClassVar[tuple[str, ...]] = ("doi:10.1007/978-3-642-37456-2_14", "arXiv:1705.07321")
    extra: ClassVar[str] = "cluster"

    def warm_up(self) -> None:
        """Compile by clustering a few points."""
        self.raw(blobs(BLOBS, 100, 0)[0], self.defaults())

    def raw(self, points: Points, settings: Settings) -> Labels:
        """Return clusters, and -1 for noise."""
        try:
            numba.set_num_threads(1)
            fitted = fast_hdbscan.HDBSCAN(
                min_cluster_size=min(settings["smallest"], len(points)),
                min_samples=min(settings["neighbours"], len(points) - 1),
                cluster_selection_method=settings["choose"],
            ).fit(points)
        except ModuleNotFoundError:
            raise MissingExtraError("clustering by fast-hdbscan", "cluster") from None
        return np.asarray(fitted.labels_, dtype=np.int64)
