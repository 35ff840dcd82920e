"""What is kept beside the test sentences of an opened cache: read, and told in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.widgets.categories.colours import title
from engine.storage.kept_values import KeptValues, kept_values

if TYPE_CHECKING:
    from engine.storage.latent_cache import LatentCache


def read_kept(cache: LatentCache) -> dict[str, KeptValues]:
    """The columns of a cache, by name. Raises a LoomError where they are damaged."""
    columns = cache.columns
    return {} if columns is None else {column.name: kept_values(columns, column) for column in columns.all}


def told_beside(kept: Sequence[KeptValues], index: int) -> str:
    """What stands beside a sentence, in words; missing values are left out."""
    return " · ".join(f"{title(each.name)}: {said}" for each in kept if (said := each.told(index)))
