"""How far a map can be trusted, against scikit-learn and against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from engine.maps import neighbours, quality
from engine.maps.quality import Quality, measured, quality_of


def space(n: int, noise: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 7) and a map of them that is not quite right, (n, 2)."""
    random = np.random.default_rng(n)
    points = random.normal(size=(n, 7)) * [3, 2, 1, 1, 0.5, 0.5, 0.1]
    return points, points[:, :2] + random.normal(size=(n, 2)) * noise


def by_loop(points: np.ndarray, coordinates: np.ndarray, k: int) -> tuple[float, float, float]:
    """Neighbours kept, trustworthiness and continuity from full orders of all pairs."""
    n = len(points)
    kept = intruders = torn = 0.0
    for i in range(n):
        in_z = np.argsort([np.inf if j == i else np.linalg.norm(points[i] - points[j]) for j in range(n)])
        on_map = np.argsort([np.inf if j == i else np.linalg.norm(coordinates[i] - coordinates[j]) for j in range(n)])
        kept += len(set(in_z[:k]) & set(on_map[:k])) / k
        intruders += sum(max(0, list(in_z).index(j) + 1 - k) for j in on_map[:k])
        torn += sum(max(0, list(on_map).index(j) + 1 - k) for j in in_z[:k])
    scale = 2 / (n * k * (2 * n - 3 * k - 1))
    return kept / n, 1 - scale * intruders, 1 - scale * torn


@pytest.mark.parametrize("n", [15, 40, 90])
def test_the_three_numbers_are_those_of_a_loop(n: int) -> None:
    points, coordinates = space(n)
    found = measured(points, coordinates)
    assert found is not None
    expected = by_loop(points, coordinates, found.k)
    numbers = found.neighbours_kept, found.trustworthiness, found.continuity
    np.testing.assert_allclose(numbers, expected, atol=1e-12)
    assert 0.1 < numbers[0] < 0.9
    assert found.asked == n
    assert found.neighbours_kept_error == found.trustworthiness_error == found.continuity_error == 0


def test_trustworthiness_and_continuity_are_those_of_scikit_learn() -> None:
    from sklearn.manifold import trustworthiness

    points, coordinates = space(700)
    found = measured(points, coordinates)
    assert found is not None
    assert found.k == quality.K
    assert found.trustworthiness == pytest.approx(trustworthiness(points, coordinates, n_neighbors=found.k), abs=1e-12)
    assert found.continuity == pytest.approx(trustworthiness(coordinates, points, n_neighbors=found.k), abs=1e-12)


def test_a_sample_comes_near_and_its_interval_covers(monkeypatch: pytest.MonkeyPatch) -> None:
    points, coordinates = space(1200)
    whole = measured(points, coordinates)
    monkeypatch.setattr(quality, "MOST_ASKED", 300)
    assert whole is not None
    covered = 0
    for seed in range(40):
        part = measured(points, coordinates, seed)
        assert part is not None
        assert part.asked == 300
        covered += abs(part.neighbours_kept - whole.neighbours_kept) <= part.neighbours_kept_error
        assert 0 < part.neighbours_kept_error < 0.05
    assert 32 <= covered <= 40  # of 95% intervals


def test_single_precision_for_many_points_changes_next_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    points, coordinates = space(800)
    exact = measured(points, coordinates)
    monkeypatch.setattr(neighbours, "_MOST_IN_DOUBLE", 10)
    found = measured(points, coordinates)
    assert found is not None
    assert exact is not None
    assert found.trustworthiness == pytest.approx(exact.trustworthiness, abs=1e-4)
    assert found.neighbours_kept == pytest.approx(exact.neighbours_kept, abs=1e-3)


def test_a_perfect_map_and_one_by_chance() -> None:
    points = np.random.default_rng(0).normal(size=(600, 2))
    perfect, chance = measured(points, points * 3 + 1), measured(points, np.random.default_rng(1).normal(size=(600, 2)))
    assert perfect is not None
    assert chance is not None
    assert (perfect.neighbours_kept, perfect.trustworthiness, perfect.continuity) == (1, 1, 1)
    assert chance.neighbours_kept == pytest.approx(chance.chance, abs=0.01)
    assert chance.trustworthiness == pytest.approx(0.5, abs=0.03)


def test_copies_of_a_sentence_are_neighbours_of_each_other_whatever_their_order() -> None:
    points, _ = space(300, 0)
    points[:60] = points[0] + 1e-9 * np.random.default_rng(1).normal(size=(60, 7))
    coordinates = points[:, :2].copy()
    coordinates[:60] = coordinates[0]  # all on one point of the map, as copies are
    asked = np.arange(60)
    found = measured(points[asked], coordinates[asked], same=1e-4)
    assert found is not None
    assert (found.neighbours_kept, found.trustworthiness) == (1, 1)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_of_a_handful_of_points_it_makes_no_sense(n: int) -> None:
    assert measured(np.zeros((n, 3)), np.zeros((n, 2))) is None


def test_what_is_kept_with_a_map_is_read_again_and_nonsense_is_not() -> None:
    found = measured(*space(50))
    assert found is not None
    kept = found.attributes()
    assert quality_of({**kept, "method": "umap"}) == found
    assert quality_of({}) is None
    assert quality_of({**kept, "quality_k": "many"}) is None
    assert quality_of({**kept, "quality_trustworthiness": float("nan")}) is None
    assert set(kept) == {f"quality_{name}" for name in Quality.__dataclass_fields__}
