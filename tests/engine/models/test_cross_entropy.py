"""The chunked cross-entropy against torch's, values and gradients."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cross_entropy as plain_cross_entropy
from torch.utils.flop_counter import FlopCounterMode

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


def test_under_bf16_autocast_values_and_gradients_stay_close() -> None:
    random = torch.Generator().manual_seed(1)
    tensors = [torch.randn(shape, generator=random) for shape in ((300, 32), (50, 32), (50,))]
    targets = torch.randint(0, 50, (300,), generator=random)
    results = []
    for dtype in (torch.float32, torch.bfloat16):
        features, weight, bias = (tensor.clone().requires_grad_() for tensor in tensors)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
            total, nll = cross_entropy.tied_cross_entropy(features.to(dtype), weight, bias, targets)
        total.backward()
        assert nll.dtype == torch.float32
        assert weight.grad is not None
        assert weight.grad.dtype == torch.float32
        results.append((nll, weight.grad))
    torch.testing.assert_close(results[0][0], results[1][0], atol=0.15, rtol=0.05)
    difference = (results[0][1] - results[1][1]).norm() / results[0][1].norm()
    assert float(difference) < 0.02


# Of the three products of learning torch's counter leaves out the one that is added in place.
@pytest.mark.parametrize(("learns", "products"), [(True, 2), (False, 1)])
def test_reading_values_takes_one_product_although_the_weights_could_learn(learns: bool, products: int) -> None:
    features, weight, bias = torch.randn(200, 8), torch.randn(30, 8, requires_grad=True), torch.zeros(30)
    targets = torch.arange(200) % 30
    with torch.set_grad_enabled(learns), FlopCounterMode(display=False) as counter:
        _, nll = cross_entropy.tied_cross_entropy(features, weight, bias, targets)
    assert counter.get_total_flops() == products * 2 * 200 * 30 * 8
    expected = plain_cross_entropy(features @ weight.t() + bias, targets, reduction="none")
    torch.testing.assert_close(nll, expected.detach())


def test_without_gradients_nothing_is_kept() -> None:
    with torch.no_grad():
        total, nll = cross_entropy.tied_cross_entropy(
            torch.randn(3, 4), torch.randn(6, 4), torch.zeros(6), torch.tensor([0, 1, 5])
        )
    assert total.grad_fn is None
    assert not nll.requires_grad


@pytest.mark.parametrize("words", [40, 43])
@pytest.mark.parametrize("most", [cross_entropy.MOST_LOGITS, 1000])
@pytest.mark.parametrize("fills", [False, True])
def test_in_place_as_on_a_gpu_values_and_gradients_equal_those_of_the_plain_way(
    words: int, most: int, fills: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cross_entropy, "IN_PLACE", {"cpu"})
    monkeypatch.setattr(cross_entropy, "MOST_LOGITS", most)
    random = torch.Generator().manual_seed(words)
    shapes = ((70, 9), (words, 9), (words,))
    tensors = [torch.randn(shape, generator=random, dtype=torch.float64) for shape in shapes]
    targets = torch.randint(0, words, (70,), generator=random)
    counted = (torch.arange(70) % 3 > 0).double() if fills else None

    plain = [tensor.clone().requires_grad_() for tensor in tensors]
    expected = plain_cross_entropy(plain[0] @ plain[1].t() + plain[2], targets, reduction="none")
    expected = expected if counted is None else expected * counted
    (2.5 * expected.sum()).backward()
    ours = [tensor.clone().requires_grad_() for tensor in tensors]
    total, nll = cross_entropy.tied_cross_entropy(*ours, targets, counted)
    (2.5 * total).backward()

    torch.testing.assert_close(nll, expected.detach())
    torch.testing.assert_close(total.detach(), expected.sum().detach())
    for mine, theirs in zip(ours, plain, strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)
    with torch.no_grad():
        torch.testing.assert_close(cross_entropy.tied_cross_entropy(*tensors, targets, counted)[1], expected)


def test_what_only_fills_up_counts_nothing_on_a_cpu_either() -> None:
    random = torch.Generator().manual_seed(2)
    tensors = [torch.randn(shape, generator=random) for shape in ((200, 9), (40, 9), (40,))]
    targets = torch.randint(0, 40, (200,), generator=random)
    counted = (torch.arange(200) < 150).float()
    whole = [tensor.clone().requires_grad_() for tensor in tensors]
    part = [tensor.clone().requires_grad_() for tensor in tensors]
    filled, nll = cross_entropy.tied_cross_entropy(*whole, targets, counted)
    short, _ = cross_entropy.tied_cross_entropy(part[0][:150], *part[1:], targets[:150])
    filled.backward()
    short.backward()
    assert not nll[150:].any()
    torch.testing.assert_close(filled, short)
    for mine, theirs in zip(whole, part, strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)
