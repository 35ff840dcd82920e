"""What the Neighbours tab asks of the cache; runs in the thread of the worker that owns it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.bench.neighbours.state import Distance, Nearest, Neighbour
from app.bench.subject import Placed
from app.core.picks import Pick
from app.core.readings import on_screen
from app.core.requests import Failure
from app.run.atlas import Opened
from engine.errors import LoomError

if TYPE_CHECKING:
    from engine.storage.latent_cache import LatentCache


@dataclass(frozen=True, slots=True)
class Found:
    """The neighbours of one variant."""

    variant: str
    nearest: Nearest


def cached(opened: Opened, pick: Pick, variants: Sequence[str]) -> Iterator[Placed | Failure]:
    """Where a test sentence is at its mean, as the cache has it: no model is needed."""
    for variant in variants:
        try:
            rows, cache = slice(pick.index, pick.index + 1), _cache(opened)
            yield Placed(variant, cache.mu(variant, rows)[0], "z = μ", cache.logvar(variant, rows)[0])
        except LoomError as error:
            yield Failure(variant, error.message)


def search(
    opened: Opened, placed: Mapping[str, Placed], index: int, distance: Distance, count: int
) -> Iterator[Found | Failure | None]:
    """The nearest test sentences in the space of each variant; None now and then, so that it can be given up there.

    Args:
        opened: the cache.
        placed: the subject's points.
        index: the test sentence that the subject is, which is left out; -1 for none.
        distance: which.
        count: how many.
    """
    from engine.latents.neighbours import nearest_by_blocks

    for variant, place in placed.items():
        try:
            cache = _cache(opened)
            wanted = min(count + (index >= 0), cache.n)
            for so_far in nearest_by_blocks(cache, variant, place.z, wanted, distance, place.logvar):
                found = so_far
                yield None
            pairs = zip(found.indices.tolist(), found.distances.tolist(), strict=True)
            kept = [(number, far) for number, far in pairs if number != index][:count]
            neighbours = tuple(Neighbour(number, far, cache.sentence(number)) for number, far in kept)
            how = f"{place.how}, {len(neighbours)} nearest by {on_screen(found.definition)}"
            near = kept_near(_coords(opened, variant), index, [number for number, _ in kept])
            yield Found(variant, Nearest(neighbours, how, float(_mean_kl(opened, variant)), near))
        except LoomError as error:
            yield Failure(variant, f"{error.message} {error.hint}".strip())


def kept_near(coords: NDArray[np.float32] | None, index: int, found: Sequence[int]) -> int | None:
    """How many of the points `found` are among as many of the nearest to the point `index` on a map (n, 2).

    None where there is no map, or the point is none of its own (-1), or has no place on it.
    """
    if coords is None or index < 0 or not len(found) or not np.isfinite(coords[index]).all():
        return None
    x, y = (coords[:, axis] - coords[index, axis] for axis in (0, 1))
    far = np.nan_to_num(x * x + y * y, nan=np.inf)
    far[index] = np.inf  # a point is no neighbour of its own
    limit = np.partition(far, len(found) - 1)[len(found) - 1]
    return int(np.count_nonzero(far[list(found)] <= limit))


def _coords(opened: Opened, variant: str) -> NDArray[np.float32] | None:
    numbers = opened.atlas.numbers.get(variant) if opened.atlas is not None else None
    return numbers.coords if numbers is not None else None


def _mean_kl(opened: Opened, variant: str) -> float:
    return opened.atlas.numbers[variant].mean_kl if opened.atlas is not None else 0.0


def _cache(opened: Opened) -> LatentCache:
    if opened.atlas is None:
        raise LoomError("The latents of the test sentences are not there.")
    return opened.atlas.cache
