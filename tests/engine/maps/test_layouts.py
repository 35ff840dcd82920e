"""UMAP's layout against umap-learn, t-SNE's against openTSNE's own whole way."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from engine.maps.neighbours import neighbours_within
from engine.maps.tsne_layout import tsne_layout
from engine.maps.umap_layout import compiled_functions, graph_of, laid_out, umap_layout
from engine.workspace import CHECKOUT

POINTS = np.random.default_rng(0).normal(size=(400, 6)).astype(np.float32)


def square_start(n: int) -> np.ndarray:
    """(n, 2) from 0 to 10 in both directions, which umap-learn leaves as it is."""
    start = np.random.default_rng(1).uniform(size=(n, 2))
    start = (start - start.min(axis=0)) / np.ptp(start, axis=0)
    return (10 * start).astype(np.float32)


def test_the_graph_is_that_of_umap_learn() -> None:
    from umap.umap_ import fuzzy_simplicial_set

    indices, distances = neighbours_within(POINTS, 12)
    theirs, _, _ = fuzzy_simplicial_set(POINTS, 12, np.random.RandomState(0), "euclidean", {}, indices, distances)
    ours = graph_of(compiled_functions(), indices, distances)
    np.testing.assert_allclose(ours.toarray(), theirs.toarray(), atol=1e-5)
    assert ours.nnz == theirs.nnz


def test_a_graph_is_laid_out_as_by_umap_learn_bit_for_bit() -> None:
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    indices, distances = neighbours_within(POINTS, 12)
    graph = graph_of(compiled_functions(), indices, distances)
    start = square_start(len(POINTS))
    theirs, _ = simplicial_set_embedding(
        POINTS, graph.copy(), 2, 1.0, *find_ab_params(1.0, 0.2), 1.0, 5, 80, start, np.random.RandomState(4),
        "euclidean", {}, False, {}, False,
    )  # fmt: skip
    ours = laid_out(compiled_functions(), graph, start, 0.2, 80, 4)
    np.testing.assert_array_equal(ours, theirs)


def test_a_layout_tells_its_steps() -> None:
    indices, distances = neighbours_within(POINTS, 8)
    told: list[tuple[int, int]] = []
    umap_layout(indices, distances, square_start(400), 0.1, 10, 0, lambda done, total: told.append((done, total)))
    assert told == [(step, 10) for step in range(11)]


class GivenUpError(Exception):
    pass


def give_up(done: int, total: int) -> None:
    if done > total // 2:
        raise GivenUpError


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_a_layout_can_be_given_up(method: str) -> None:
    indices, distances = neighbours_within(POINTS, 16)
    start = square_start(400)
    layouts = {
        "umap": lambda: umap_layout(indices, distances, start, 0.1, 20, 0, give_up),
        "tsne": lambda: tsne_layout(indices, distances, start, 5, 40, give_up),
    }
    with pytest.raises(GivenUpError):
        layouts[method]()


def test_the_search_of_pynndescent_is_not_compiled_and_what_is_needed_is_kept(tmp_path: Path) -> None:
    """In a fresh process with an empty folder for what is compiled: it then holds four functions of umap-learn."""
    code = (
        "import numpy as np\n"
        "from engine.maps.umap_layout import umap_layout\n"
        "i = (np.arange(20)[:, None] + np.arange(4)) % 20\n"
        "d = np.tile(np.arange(4, dtype=np.float32), (20, 1))\n"
        "y = umap_layout(i, d, np.random.default_rng(0).normal(size=(20, 2)).astype('f4'), 0.1, 10, 0)\n"
        "assert np.isfinite(y).all()\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(CHECKOUT)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=tmp_path)
    kept = {path.name.split("-")[0] for path in tmp_path.rglob("*.nbi")}
    assert kept == {
        "layouts._optimize_layout_euclidean_single_epoch",
        "layouts.rdist",
        "umap_.compute_membership_strengths",
        "umap_.smooth_knn_dist",
    }


def test_t_sne_keeps_as_many_neighbours_as_the_librarys_own_way() -> None:
    from openTSNE import TSNE

    from engine.maps.quality import measured

    random = np.random.default_rng(3)
    points = np.concatenate([random.normal(size=(150, 8)) + 6 * axis for axis in np.eye(4, 8)]).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = TSNE(perplexity=10, random_state=0, neighbors="exact", initialization="pca").fit(points)
    indices, distances = neighbours_within(points, 31)
    ours = tsne_layout(indices, distances, points[:, :2] + points[:, 2:4] * [1, -1], 10, 250)
    qualities = [measured(points, np.asarray(each)) for each in (ours, theirs)]
    assert qualities[0] is not None
    assert qualities[1] is not None
    assert qualities[0].neighbours_kept > qualities[1].neighbours_kept - 0.05 > 0.2
    assert qualities[0].trustworthiness > qualities[1].trustworthiness - 0.02
    np.testing.assert_allclose(ours.mean(axis=0), 0, atol=1e-4)
    assert np.sqrt(np.square(ours).sum(axis=1).mean()) == pytest.approx(10, rel=1e-4)


def test_t_sne_of_a_handful_of_points_is_finite() -> None:
    for n in (5, 6, 9):
        indices, distances = neighbours_within(POINTS[:n], n - 1)
        assert np.isfinite(tsne_layout(indices, distances, POINTS[:n, :2], 15, 50)).all()
