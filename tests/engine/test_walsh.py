"""Kronecker products and the Walsh-Hadamard transform against their dense definitions."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.errors import QwattError
from qwatt.quantum.engine.arrays.kronecker import block_sizes, kron_apply
from qwatt.quantum.engine.arrays.walsh import popcount, walsh_hadamard


def dense_hadamard(n):
    matrix = torch.ones(1, 1, dtype=torch.float64)
    for _ in range(n):
        matrix = torch.kron(matrix, torch.tensor([[1.0, 1.0], [1.0, -1.0]], dtype=torch.float64))
    return matrix


@pytest.mark.parametrize("n", range(10))
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.complex64, torch.complex128])
def test_transform_is_the_dense_matrix(n, dtype):
    x = torch.randn(3, 2**n, dtype=dtype, generator=torch.Generator().manual_seed(n))
    single = dtype in (torch.float32, torch.complex64)
    expected = x @ dense_hadamard(n).to(dtype)
    tolerance = 1e-4 if single else 1e-11
    plain = walsh_hadamard(x, normalised=False)
    torch.testing.assert_close(plain, expected, atol=tolerance, rtol=0)
    torch.testing.assert_close(walsh_hadamard(x), expected / 2 ** (n / 2), atol=tolerance, rtol=0)
    with_scratch = walsh_hadamard(x.clone(), torch.empty_like(x), normalised=False)
    torch.testing.assert_close(with_scratch, expected, atol=tolerance, rtol=0)


def test_transform_is_its_own_inverse_and_differentiable():
    x = torch.randn(
        2, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True
    )
    torch.testing.assert_close(walsh_hadamard(walsh_hadamard(x)), x)
    assert torch.autograd.gradcheck(walsh_hadamard, x)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=4), st.booleans(), st.integers(0, 2**31))
def test_kron_apply_is_the_kronecker_product(sizes, scratch, seed):
    generator = torch.Generator().manual_seed(seed)
    matrices = [torch.randn(2**k, 2**k, dtype=torch.float64, generator=generator) for k in sizes]
    x = torch.randn(2, 2 ** sum(sizes), dtype=torch.float64, generator=generator)
    product = torch.ones(1, 1, dtype=torch.float64)
    for matrix in matrices:
        product = torch.kron(product, matrix)
    expected = x @ product.T
    got = kron_apply(x.clone(), matrices, torch.empty_like(x) if scratch else None)
    torch.testing.assert_close(got, expected)


def test_block_sizes_cover_the_wires_with_the_small_block_first():
    assert [block_sizes(n) for n in (0, 1, 4, 7, 12)] == [(), (1,), (4,), (3, 4), (4, 4, 4)]


def test_popcount():
    assert popcount(5, torch.device("cpu")).tolist() == [z.bit_count() for z in range(32)]


def test_lengths_that_do_not_fit_are_named():
    with pytest.raises(QwattError, match=r"2\*\*n, not 6"):
        walsh_hadamard(torch.ones(6))
    with pytest.raises(QwattError, match="leave a factor 2"):
        kron_apply(torch.ones(8), [torch.eye(4)])
