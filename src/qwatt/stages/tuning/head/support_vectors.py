"""A fitted support vector machine as plain arrays, and its decisions from a kernel matrix alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.tuning.head.method import class_scores
from qwatt.stages.tuning.head.problem import Scores


def support_arrays(fitted: Any) -> dict[str, NDArray[Any]]:
    """Return a scikit-learn SVC's coefficients.

    Returns:
        `coefficients` (classes - 1, vectors), `intercepts` (pairs of classes,), and `support_sizes`
        (classes,), as the support vectors stand class by class.
    """
    return {
        "coefficients": fitted.dual_coef_,
        "intercepts": fitted.intercept_,
        "support_sizes": fitted.n_support_.astype(np.int64),
    }


def support_scores(arrays: Mapping[str, NDArray[Any]], kernel: NDArray[Any]) -> Scores:
    """Return scores, shape (sentences, classes), from a kernel of shape (sentences, support vectors).

    With several classes each pair has a machine of its own. A class scores its votes and, to break ties, the
    squashed sum of its machines' margins, as scikit-learn does.
    """
    coefficients, intercepts = arrays["coefficients"], arrays["intercepts"]
    if len(coefficients) == 1:
        return class_scores(kernel @ coefficients[0] + intercepts[0])
    ends = np.cumsum(arrays["support_sizes"])
    own = [slice(end - size, end) for end, size in zip(ends, arrays["support_sizes"], strict=True)]
    votes = np.zeros((len(kernel), len(own)))
    margins = np.zeros_like(votes)
    for (i, j), intercept in zip(combinations(range(len(own)), 2), intercepts, strict=True):
        margin = intercept + kernel[:, own[i]] @ coefficients[j - 1, own[i]]
        margin += kernel[:, own[j]] @ coefficients[i, own[j]]
        votes[:, i] += margin > 0
        votes[:, j] += margin <= 0
        margins[:, i] += margin
        margins[:, j] -= margin
    return np.asarray(votes + margins / (3.0 * (np.abs(margins) + 1.0)), dtype=np.float64)
