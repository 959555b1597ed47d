"""Shares in the first sentences of a result."""

import numpy as np

from qwatt.core.headline import share


def test_the_rounding_of_a_sum_is_not_shown() -> None:
    assert share(np.nextafter(1.0, 0.0) - 1e-15) == "1.00" and share(1e-15) == "0.00"
    assert share(1 - 1e-6) == "0.999999"
