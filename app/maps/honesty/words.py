"""What is said of a place and of decoded points, in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence

FAR = 0.95
"""From this share of the sentences on a point counts as off."""


def density_words(count: int) -> str:
    """How many sentences lie under the pointer."""
    return "no sentence here" if not count else f"{count:,} sentence{'s' * (count != 1)} here"


def farness_words(label: str, share: float) -> str:
    """Where a decoded point lies.

    Args:
        label: what it is called, as in "moved".
        share: of the sentences, how many are nearer to their nearest other one than the point is to its nearest.
    """
    if math.isnan(share):
        return ""
    if share >= 1.0:
        return f"{label}: further from its nearest sentence than all sentences looked at are from theirs"
    if share < 0.5:
        return f"{label}: nearer to a sentence than most sentences are to their nearest"
    return f"{label}: further from its nearest sentence than {_percent(share)} of sentences are from theirs"


def short_words(label: str, share: float) -> str:
    """The same where there is little room."""
    if math.isnan(share):
        return ""
    return f"{label}: near a sentence" if share < 0.5 else f"{label}: further out than {_percent(share)} of sentences"


def several_words(label: str, shares: Sequence[float]) -> str:
    """Where many points lie that were drawn.

    Args:
        label: what they are called, as in "samples".
        shares: of the sentences, how many have a draw of their own z that is nearer to a sentence than each point is.
    """
    far = sum(share >= FAR for share in shares)
    if not shares or math.isnan(shares[0]):
        return ""
    count = f"{far or 'none'} of {len(shares)} {label}"
    return f"{count} further from any sentence than {_percent(FAR)} of the z drawn for sentences"


def short_several(label: str, shares: Sequence[float]) -> str:
    """The same where there is little room."""
    far = sum(share >= FAR for share in shares)
    return f"{far or 'none'} of {len(shares)} {label} far off" if shares and not math.isnan(shares[0]) else ""


def _percent(share: float) -> str:
    return f"{math.floor(100 * share)}%"
