"""Inverted dropout whose mask can be drawn again, or is drawn already."""

from __future__ import annotations

import torch
from torch import Tensor


def dropped_out(values: Tensor, share: float, generator: torch.Generator | None, kept: Tensor | None = None) -> Tensor:
    """Values of which a share is zeroed and the rest made larger, so that their mean stays.

    Args:
        values: of any shape.
        share: that is zeroed, below 1.
        generator: draws the mask, so that it depends on a seed alone.
        kept: True for the entries that stay, of the same shape, where that is drawn already. Without it and
            `generator` nothing is zeroed.
    """
    if (generator is None and kept is None) or share == 0.0:
        return values
    if kept is None:
        kept = torch.rand(values.shape, generator=generator, device=values.device) >= share
    return values * kept / (1.0 - share)
