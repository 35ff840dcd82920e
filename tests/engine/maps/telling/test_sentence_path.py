"""A way along sentences, against neighbours and shortest ways that plain loops find."""

from __future__ import annotations

import heapq
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.errors import LoomError
from engine.maps.telling import sentence_path
from engine.maps.telling.sentence_path import ASIDE, PIECES, path_along
from engine.storage.latent_cache import LatentCache
from tests.engine.storage.caches import arrays, make_cache


def found(path: Path, mu, coords, corners, **how):
    """The way in a cache of these latents (n, latent)."""
    values = arrays(len(mu), mu.shape[1]) | {"mu": mu.astype(np.float32)}
    with LatentCache.open(make_cache(path / "some.h5", {"vae": values})) as cache:
        *waited, way = path_along(cache, "vae", np.asarray(coords), np.asarray(corners), **how)
    assert waited
    assert set(waited) == {None}
    return way


def beside(place, corners):
    """How far a place is from a line, found by walking along it in small steps."""
    shares = np.linspace(0, 1, 4001)[:, None]
    walks = [np.add(a, np.subtract(b, a) * shares) for a, b in pairwise(corners)]
    return min(float(np.hypot(*(walk - place).T).min()) for walk in walks)


def plain(mu, coords, corners, k):
    """The cheapest way by the sentences nearest to the corners, by Dijkstra's algorithm over edges that loops find."""
    n, length = len(mu), sum(math.dist(a, b) for a, b in pairwise(corners))
    far = [[math.dist(a, b) for b in mu] for a in mu]
    aside = [beside(place, corners) for place in coords]

    def off(a, b):
        """How far a step is from the line on average, from its ends and its middle."""
        middle = [(x + y) / 2 for x, y in zip(coords[a], coords[b], strict=True)]
        return (aside[a] + 4 * beside(middle, corners) + aside[b]) / 6

    edges = {at: {} for at in range(n)}
    for at in range(n):
        for other in sorted((other for other in range(n) if other != at), key=far[at].__getitem__)[:k]:
            cost = far[at][other] * (1 + off(at, other) / (ASIDE * length))
            edges[at][other] = edges[other][at] = cost
    stops = [min(range(n), key=lambda at: math.dist(coords[at], corner)) for corner in corners]
    whole = stops[:1]
    for start, end in pairwise(stops):
        queue, done = [(0.0, start, (start,))], set()
        while queue and end not in done:
            cost, at, way = heapq.heappop(queue)
            if at == end:
                whole += way[1:]
            if at not in done:
                done.add(at)
                for other, more in edges[at].items():
                    heapq.heappush(queue, (cost + more, other, (*way, other)))
    return whole


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("corners", [[(-1.5, -1.5), (1.5, 1.5)], [(-1.5, 1.0), (0.5, 1.0), (0.5, -1.0)]])
def test_the_way_is_the_cheapest_over_the_nearest_neighbours(tmp_path, monkeypatch, seed, corners):
    monkeypatch.setattr(sentence_path, "_AT_ONCE", 200)  # parts of five sentences
    random = np.random.default_rng(seed)
    mu = random.normal(size=(40, 3)).astype(np.float32)
    coords = mu[:, :2] + random.normal(size=(40, 2)) * 0.2
    way = found(tmp_path, mu, coords, corners, k=4)
    assert way.indices.tolist() == plain(mu.astype(float).tolist(), coords.tolist(), corners, 4)
    steps = pairwise(way.indices.tolist())
    assert way.distances.tolist() == pytest.approx([math.dist(mu[a], mu[b]) for a, b in steps], rel=1e-5)
    assert way.among == 40


def test_the_way_keeps_to_a_line_that_goes_round(tmp_path):
    """On a ring that is open to both sides, the way takes the side that was drawn."""
    turns = np.arange(60) * 2 * np.pi / 60
    ring = np.column_stack([np.cos(turns), np.sin(turns)])
    above = ring[:31]  # from the right over the top to the left
    for half, within in ((above, set(range(31))), (above * [1, -1], {0, *range(30, 60)})):
        way = found(tmp_path, ring, ring, half, k=2)
        assert (way.indices[0], way.indices[-1]) == (0, 30)
        assert set(way.indices.tolist()) <= within


def test_a_line_that_comes_back_is_followed_to_where_it_turns(tmp_path):
    row = np.column_stack([np.arange(30.0), np.zeros(30)])
    way = found(tmp_path, row, row, [(2, 0), (25, 0.1), (3, 0)], k=2)
    assert way.indices.tolist() == [*range(2, 26), *range(24, 2, -1)]
    round_and_back = [(5, 0), (25, 3), (25, -3), (5, 0)]
    assert found(tmp_path, row, row, round_and_back, k=2).indices.tolist() == [*range(5, 26), *range(24, 4, -1)]


def test_copies_of_a_sentence_cut_nothing_off_and_the_nearest_to_the_line_stands_for_them(tmp_path):
    chain = np.column_stack([np.arange(12.0), np.zeros(12)])
    mu = np.concatenate([chain, np.repeat(chain[5:6], 20, axis=0)])
    coords = np.concatenate([chain, np.column_stack([np.full(20, 5.0), np.arange(20) / 10])])
    coords[5] = 5, 0.4  # copies 12 and 13 lie nearer to the line
    way = found(tmp_path, mu, coords, [(0, 0), (11, 0)], k=2)
    assert (way.indices[0], way.indices[-1]) == (0, 11)
    assert 12 in way.indices
    assert 5 not in way.indices


def test_what_has_no_place_on_the_map_is_left_out(tmp_path):
    chain = np.column_stack([np.arange(9.0), np.zeros(9)])
    coords = chain.copy()
    coords[4] = np.nan
    way = found(tmp_path, chain, coords, [(0, 0), (8, 0)], k=3)
    assert 4 not in way.indices
    assert way.among == 8


def test_of_many_a_corridor_is_looked_at_as_much_of_each_piece_and_with_both_ends(tmp_path):
    random = np.random.default_rng(3)
    crowded = np.column_stack([random.uniform(0, 1, 2000), random.uniform(-1, 1, 2000)])
    sparse = np.column_stack([np.linspace(1.2, 10, 200), random.uniform(-1, 1, 200)])
    coords = np.concatenate([crowded, sparse])
    corridor = sentence_path._evenly_about
    seen = []

    def watched(*asked):
        seen.append(corridor(*asked))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentence_path, "_evenly_about", watched)
        way = found(tmp_path, coords, coords, [(0, 0), (10, 0)], k=10, most=10 * PIECES)
    assert way.among <= 10 * PIECES + 2
    assert (way.indices[-1], len(seen[0])) == (2199, 10 * PIECES)
    assert np.isin(np.arange(2000, 2200), seen[0]).sum() == 200  # beside the crowd, all there are
    of_crowd = seen[0][seen[0] < 2000]
    others = np.setdiff1d(np.arange(2000), of_crowd)
    assert np.abs(crowded[of_crowd, 1]).max() < np.abs(crowded[others, 1]).mean()


@pytest.mark.parametrize(
    ("mu", "corners", "said"),
    [
        (np.arange(10.0)[:, None] * [1, 0], [(0, 0), (0.2, 0)], "nearest to the same sentence"),
        (np.zeros((10, 2)), [(0, 0), (9, 0)], "the same z"),
        (np.arange(10.0)[:, None] * [1, 0] + 100 * (np.arange(10) > 4)[:, None], [(0, 0), (9, 0)], "No chain"),
        (np.arange(10.0)[:, None] * [1, 0], [(1, 1), (1, 1)], "no length"),
    ],
)
def test_where_there_is_no_way_that_is_said(tmp_path, mu, corners, said):
    coords = np.column_stack([np.arange(10.0), np.zeros(10)])
    with pytest.raises(LoomError, match=said):
        found(tmp_path, mu, coords, corners, k=3)


def test_a_map_without_places_is_refused(tmp_path):
    with pytest.raises(LoomError, match="fewer than two"):
        found(tmp_path, np.eye(3), np.full((3, 2), np.nan), [(0, 0), (1, 0)])
