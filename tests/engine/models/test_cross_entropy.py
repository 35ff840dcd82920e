"""The chunked cross-entropy against torch's, values and gradients."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cross_entropy as plain_cross_entropy

from engine.models import cross_entropy


@pytest.mark.parametrize("tokens", [1, 127, 128, 129, 300])
def test_values_and_gradients_equal_those_of_the_plain_way(tokens: int) -> None:
    random = torch.Generator().manual_seed(tokens)
    tensors = [torch.randn(shape, generator=random, dtype=torch.float64) for shape in ((tokens, 9), (40, 9), (40,))]
    targets = torch.randint(0, 40, (tokens,), generator=random)

    plain = [tensor.clone().requires_grad_() for tensor in tensors]
    expected = plain_cross_entropy(plain[0] @ plain[1].t() + plain[2], targets, reduction="none")
    (2.5 * expected.sum()).backward()

    ours = [tensor.clone().float().requires_grad_() for tensor in tensors]
    total, nll = cross_entropy.tied_cross_entropy(*ours, targets)
    (2.5 * total).backward()

    torch.testing.assert_close(nll.double(), expected.detach(), atol=1e-5, rtol=1e-5)
    assert float(total.detach()) == pytest.approx(float(expected.sum().detach()), rel=1e-5)
    for mine, theirs in zip(ours, plain, strict=True):
        assert mine.grad is not None
        assert theirs.grad is not None
        torch.testing.assert_close(mine.grad.double(), theirs.grad, atol=1e-4, rtol=1e-4)


def test_huge_logits_neither_overflow_nor_vanish() -> None:
    features = torch.tensor([[1000.0], [-1000.0]])
    total, nll = cross_entropy.tied_cross_entropy(
        features, torch.tensor([[1.0], [-1.0]]), torch.zeros(2), torch.tensor([0, 0])
    )
    assert nll.tolist() == [0.0, 2000.0]
    assert float(total) == 2000.0


def test_without_gradients_nothing_is_kept() -> None:
    with torch.no_grad():
        total, nll = cross_entropy.tied_cross_entropy(
            torch.randn(3, 4), torch.randn(6, 4), torch.zeros(6), torch.tensor([0, 1, 5])
        )
    assert total.grad_fn is None
    assert not nll.requires_grad
