"""How far a map can be trusted: whether points that are near in z are near on the map, and the other way round.

Three numbers between 0 and 1, each the mean of a number per sentence, of the k nearest of that sentence:

- neighbours kept: the share of the k nearest on the map that are among the k nearest in z.
- trustworthiness: 1 where nobody is a neighbour on the map who is none in z; intruders count by their rank in z.
- continuity: the same with z and map exchanged: 1 where no neighbour in z was torn away on the map.

Trustworthiness and continuity: Venna and Kaski, Neighborhood preservation in nonlinear projection methods (ICANN 2001),
equations 1 and 2. The share of neighbours kept is called precision or Q_NX(k)/k elsewhere (Lee and Verleysen, 2009).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.maps.neighbours import Distances, SquaredDistances, smallest

K = 15
"""Neighbours of a sentence that are looked at, whatever a map was made with, so that maps can be compared."""
MOST_ASKED = 2_000
"""Sentences whose neighbours are looked at, at most: the numbers then stand within about 0.01."""
LEAST_ASKED = 400
LEAST = 4
"""Points of which it makes sense."""
MOST_DISTANCES = 400_000_000
"""Pairs that are looked at, at most, unless that leaves fewer sentences than `LEAST_ASKED`."""
Z95 = 1.959963984540054
_BLOCK_NUMBERS = 1 << 24

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quality:
    """How far a map can be trusted; each number with half the width of its 95% interval, 0 where all were looked at.

    Attributes:
        neighbours_kept, trustworthiness, continuity: 0 to 1.
        k: neighbours that were looked at.
        asked: sentences whose neighbours were looked at.
        chance: the share of neighbours that a map without any order keeps.
    """

    neighbours_kept: float
    neighbours_kept_error: float
    trustworthiness: float
    trustworthiness_error: float
    continuity: float
    continuity_error: float
    k: int
    asked: int
    chance: float

    def attributes(self) -> dict[str, float | int]:
        """As they are kept with a map: `quality_<name>`."""
        return {f"quality_{name}": value for name, value in asdict(self).items()}


def quality_of(settings: Mapping[str, Any]) -> Quality | None:
    """What was kept with a map of how far it can be trusted; None where nothing was, or it makes no sense."""
    found: dict[str, Any] = {}
    for field in fields(Quality):
        value = settings.get(f"quality_{field.name}")
        if not isinstance(value, int | float) or not 0 <= value < np.inf:
            return None
        found[field.name] = value
    return Quality(**found)


def measured(points: NDArray[Any], coordinates: NDArray[Any], seed: int = 0, same: float = 0.0) -> Quality | None:
    """Compare the neighbours of the points in z with those on the map.

    Args:
        points: (n, d).
        coordinates: (n, 2) of the same points.
        seed: of the sample of points whose neighbours are looked at, where there are many.
        same: distance in z up to which points count as one, as copies of a sentence do: it counts as 0.

    Returns:
        None where there are fewer than four points.
    """
    n = len(points)
    k = min(K, (n - 1) // 2)
    if k < 1 or n < LEAST:
        return None
    count = min(n, MOST_ASKED, max(LEAST_ASKED, MOST_DISTANCES // n))
    asked = np.arange(n) if count == n else np.sort(np.random.default_rng(seed).choice(n, count, replace=False))
    of_points, of_map = SquaredDistances(points, same), SquaredDistances(coordinates)
    kept, intruders, torn = (np.empty(count) for _ in range(3))
    at_once = max(1, _BLOCK_NUMBERS // n)
    for start in range(0, count, at_once):
        rows = asked[start : start + at_once]
        part = slice(start, start + len(rows))
        in_z, on_map = of_points.rows(rows), of_map.rows(rows)
        near_z, near_map = smallest(in_z, k), smallest(on_map, k)
        z_ranks, map_ranks = _ranks(in_z, near_map), _ranks(on_map, near_z)
        kept[part] = (z_ranks <= k).mean(axis=1)
        intruders[part] = np.maximum(z_ranks - k, 0).sum(axis=1)
        torn[part] = np.maximum(map_ranks - k, 0).sum(axis=1)
    worst = k * (2 * n - 3 * k - 1) / 2
    values = (kept, 1 - intruders / worst, 1 - torn / worst)
    means, errors = [float(each.mean()) for each in values], [_error(each, n) for each in values]
    return Quality(means[0], errors[0], means[1], errors[1], means[2], errors[2], k, count, k / (n - 1))


def _ranks(distances: Distances, columns: NDArray[np.int64]) -> Doubles:
    """(b, k) how many are nearer, and one: ranks from 1; those at the same distance share the best of their ranks."""
    ranks = np.empty(columns.shape)
    for row, (all_of_row, chosen) in enumerate(zip(distances, columns, strict=True)):
        # A count for each of the few is quicker than an order of all.
        ranks[row] = [np.count_nonzero(all_of_row < all_of_row[column]) + 1 for column in chosen]
    return ranks


def _error(values: Doubles, n: int) -> float:
    """Half the width of the 95% interval of the mean of a sample drawn from n without putting back."""
    count = len(values)
    if count == n or count < 2:
        return 0.0
    return float(Z95 * values.std(ddof=1) * np.sqrt((1 - count / n) / count))
