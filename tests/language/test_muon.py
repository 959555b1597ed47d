"""Muon in batches against torch's own, one matrix at a time, and against the singular value decomposition."""

import pytest
import torch

from qwatt.language.decoder.muon import BatchedMuon, orthogonalised

SHAPES = ((24, 24), (24, 60), (60, 24), (24, 24))


def steps(kind, **options):
    torch.manual_seed(0)
    weights = [torch.nn.Parameter(torch.randn(shape)) for shape in SHAPES]
    optimiser = kind(weights, lr=0.02, weight_decay=0.1, momentum=0.9, **options)
    for _ in range(5):
        for matrix in weights:
            matrix.grad = torch.sin(matrix.detach() * 3) + 0.3
        optimiser.step()
    return weights


@pytest.mark.parametrize("nesterov", [True, False])
def test_it_takes_the_steps_of_torch(nesterov):
    ours = steps(BatchedMuon, dtype=torch.bfloat16, nesterov=nesterov)
    theirs = steps(torch.optim.Muon, nesterov=nesterov)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, atol=2e-3, rtol=0)  # 5 steps of 0.02, rounded to 8 bits


def test_singular_values_are_near_one_and_vectors_stay():
    torch.manual_seed(1)
    matrices = torch.randn(3, 24, 60, dtype=torch.float64)
    found = orthogonalised(matrices, (3.4445, -4.775, 2.0315), 5, 1e-7)
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.6
    assert values.max() < 1.3
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    inner = left.mT @ found @ right.mT
    torch.testing.assert_close(inner, torch.diag_embed(inner.diagonal(dim1=1, dim2=2)), atol=1e-9, rtol=0)
