"""What was read of one variant to colour its points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.widgets.categories.colours import Entry


@dataclass(frozen=True, eq=False)
class Read:
    """What the sentences of a variant have: numbers (n,), or places in the palette, with the legend to them."""

    variant: str
    values: NDArray[np.float32]
    entries: tuple[Entry, ...] = ()
