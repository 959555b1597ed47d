"""What serving is said to cost, from windows of energy that the test makes."""

from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from qwatt.core.quantity import Basis, Quantity
from qwatt.language import serving

STRONG, WEAK = Basis.MEASURED_RAPL, Basis.ESTIMATED_CPU_TIME


class Model(torch.nn.Module):
    def forward(self, input_ids, **_):
        return SimpleNamespace(logits=torch.zeros(1, 1, 3), past_key_values=None)


@pytest.mark.parametrize(("weak", "basis"), [((), STRONG), ((2,), WEAK), ((7,), WEAK)])
def test_the_basis_is_the_weakest_of_all_measured_windows(monkeypatch, weak, basis):
    """Two windows a round, of which the first round is not measured: windows 2 to 7 are."""
    windows = [
        SimpleNamespace(
            energy=Quantity(3.0, basis=WEAK if n in weak else STRONG, unit="J"), seconds=1.0, cpu_seconds=0.5
        )
        for n in range(8)
    ]
    coming = iter(windows)

    class Meter:
        @contextmanager
        def window(self, _):
            yield next(coming)

    monkeypatch.setattr(serving.meter, "Meter", Meter)
    (cost,) = serving.serving_costs([Model()], np.arange(4), read=4, written=2, rounds=3)
    assert cost.basis == basis.value
    assert (cost.read_j, cost.written_j) == (0.75, 1.5)
