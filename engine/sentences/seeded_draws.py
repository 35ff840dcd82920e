"""Draws of z that can each be had alone: where the decoder draws words too, it does so with the seed of that draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.decoding.options import DecodeOptions

if TYPE_CHECKING:
    from engine.session import Decoded, Session


def options_of_draw(options: DecodeOptions, seed: int) -> DecodeOptions:
    """The options that decode the draw of a seed in the same way alone and among others."""
    return replace(options, seed=seed) if options.method == "sample" else options


def decoded_draws(
    session: Session, variant: str, z: NDArray[np.float32], options: DecodeOptions, seeds: Sequence[int]
) -> list[Decoded]:
    """The best sentence of every row of z (draws, latent), whose words are drawn with the row's seed if drawn at all.

    Raises:
        LoomError, UsageError: as `Session.decode`.
    """
    if options.method != "sample":
        return session.decode(variant, z, options)
    return [
        session.decode(variant, row[None], options_of_draw(options, seed))[0]
        for row, seed in zip(z, seeds, strict=True)
    ]
