"""Numbers a sentence that colour a map, against plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.corpus.vocabulary import UNK
from engine.maps.telling import per_sentence
from engine.maps.telling.per_sentence import drift, in_frame, mean_sigma, unknown_words
from engine.storage.latent_cache import LatentCache


def test_mean_sigma_is_the_mean_of_the_standard_deviations(tiny_workspace, monkeypatch):
    monkeypatch.setattr(per_sentence, "blocks", lambda n: (slice(at, min(at + 7, n)) for at in range(0, n, 7)))
    with LatentCache.open(tiny_workspace.cache("tiny")) as cache:
        found = np.concatenate(list(mean_sigma(cache, "vae")))
        logvar = cache.logvar("vae")
    assert found.shape == (len(logvar),)
    for row in (0, 5, len(logvar) - 1):
        expected = math.fsum(math.exp(value / 2) for value in logvar[row].tolist()) / logvar.shape[1]
        assert found[row] == pytest.approx(expected, rel=1e-6)


def test_unknown_words_are_counted_sentence_by_sentence(monkeypatch):
    sentences = [[UNK, 7, UNK], [8], [9, 9, UNK], [UNK]]
    monkeypatch.setattr(per_sentence, "blocks", lambda n: iter([slice(0, 3), slice(3, 4)]))

    class Store:
        def __len__(self) -> int:
            return len(sentences)

        def block(self, start, stop):
            chosen = sentences[start:stop]
            return np.concatenate(chosen), np.cumsum([0, *map(len, chosen)])

    assert np.concatenate(list(unknown_words(Store()))).tolist() == [2, 0, 1, 1]


def test_drift_is_how_far_a_point_has_moved_in_sizes_of_a_map():
    random = np.random.default_rng(3)
    first = random.normal(size=(50, 2)).astype(np.float32)
    assert drift(first, first * 7 + 3) == pytest.approx(np.zeros(50), abs=1e-5)  # size and place of a map mean nothing
    second = first.copy()
    second[4] += (9.0, -2.0)
    found = drift(first, second)
    for row in (0, 4):
        places = []
        for points in (first, second):
            mean = points.astype(np.float64).mean(axis=0)
            size = math.sqrt(sum((x - mean[0]) ** 2 + (y - mean[1]) ** 2 for x, y in points.tolist()) / len(points))
            places.append((points[row] - mean) / size)
        assert found[row] == pytest.approx(math.dist(*places), rel=1e-5)
    assert found.argmax() == 4
    assert np.isnan(drift(first, np.ones((50, 2), np.float32))).all()


def test_a_map_is_brought_to_the_place_and_size_of_another():
    random = np.random.default_rng(8)
    first, second = (
        random.normal(size=(40, 2)).astype(np.float32),
        random.normal(size=(40, 2)).astype(np.float32) * 9 + 4,
    )
    brought = in_frame(first, second)
    assert brought.mean(axis=0) == pytest.approx(second.mean(axis=0), abs=1e-4)
    assert np.square(brought - brought.mean(axis=0)).sum() == pytest.approx(
        np.square(second - second.mean(axis=0)).sum(), rel=1e-4
    )
    moved = np.linalg.norm(brought - second, axis=1)
    assert np.corrcoef(moved, drift(first, second))[0, 1] == pytest.approx(1, abs=1e-5)  # the same, in other units
    assert in_frame(np.ones((40, 2), np.float32), second) == pytest.approx(
        np.tile(second.mean(axis=0), (40, 1)), abs=1e-4
    )
