"""Which seeds a person may give. Imports no generator, so that options can be checked without torch."""

from __future__ import annotations

from engine.errors import UsageError

MOST_SEED = 2**62
"""Of a request that draws several times and counts on from its seed."""
MOST_COUNTED = 2**63 - 1
"""Of a single draw: the generators take signed 64 bits."""


def checked_seed(seed: int, most: int = MOST_SEED) -> int:
    """Return the seed if the generators take it.

    Args:
        seed: as given.
        most: `MOST_SEED` where the request counts on from it, `MOST_COUNTED` where it may be counted already.

    Raises:
        UsageError: it is negative or too large.
    """
    if not 0 <= seed <= most:
        raise UsageError(f"Seed {seed} is out of range.", f"Choose 0 to {most}.")
    return seed
