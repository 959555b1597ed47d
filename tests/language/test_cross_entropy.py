"""Cross-entropy in blocks against torch's own on whole logits."""

import pytest
import torch

from qwatt.language.decoder.cross_entropy import LinearCrossEntropy


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.bfloat16, 2e-2)])
@pytest.mark.parametrize("tokens", [7, 256, 600])
def test_loss_and_gradients_are_those_of_whole_logits(tokens, dtype, tolerance):
    torch.manual_seed(tokens)
    target = torch.randint(0, 50, (tokens,))
    values = []
    for ours in (True, False):
        torch.manual_seed(1)
        hidden = torch.randn(tokens, 16, requires_grad=True)
        weight = torch.randn(50, 16, requires_grad=True)
        loss = (
            LinearCrossEntropy.apply(hidden, weight, target, dtype)
            if ours
            else torch.nn.functional.cross_entropy(hidden @ weight.T, target)
        )
        (3 * loss).backward()
        values.append((loss.detach(), tokens * hidden.grad, weight.grad))
    for mine, theirs in zip(*values, strict=True):
        torch.testing.assert_close(mine, theirs, atol=tolerance * float(theirs.abs().max()), rtol=0)
