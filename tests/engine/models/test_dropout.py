"""Dropout: what it keeps, and that its mask can be drawn again."""

from __future__ import annotations

import pytest
import torch

from engine.models.dropout import dropped_out


def test_inverted_dropout_keeps_the_mean() -> None:
    values = dropped_out(torch.ones(200, 200), 0.3, torch.Generator().manual_seed(0))
    assert float(values.mean()) == pytest.approx(1.0, abs=0.02)
    assert float((values == 0).float().mean()) == pytest.approx(0.3, abs=0.02)


def test_a_seed_draws_the_same_mask_and_nothing_is_dropped_without_one() -> None:
    values = torch.randn(20, 20)
    first, second = (dropped_out(values, 0.5, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert dropped_out(values, 0.5, None) is values
    assert dropped_out(values, 0.0, torch.Generator()) is values


def test_a_mask_that_is_drawn_already_is_taken() -> None:
    kept = torch.tensor([True, False])
    assert dropped_out(torch.tensor([1.0, 2.0]), 0.5, None, kept).tolist() == [2.0, 0.0]
