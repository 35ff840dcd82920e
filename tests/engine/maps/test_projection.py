"""Maps: comparable, seeded, finite for any input, and new points placed on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.config import ProjectionConfig
from engine.errors import LoomError, UsageError
from engine.events import Note, Progress
from engine.maps import projection
from engine.maps.projection import project
from engine.storage.latent_cache import LatentCache
from tests.engine.maps.spaces import LATENT, N, cache_of, clusters, maps, run, separation


def test_umap_keeps_groups_apart(mapped: Path) -> None:
    assert separation(maps(mapped, "umap")["plain"]) > 4


def test_every_map_is_finite_and_centred(mapped: Path) -> None:
    for places in maps(mapped, "umap").values():
        assert places.shape == (N, 2)
        assert np.isfinite(places).all()
        np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-4)


def test_maps_of_two_spaces_that_differ_by_a_rotation_can_be_compared(mapped: Path) -> None:
    found = maps(mapped, "umap")
    distance = np.linalg.norm(found["plain"] - found["twin"], axis=1)
    mirrored = np.linalg.norm(found["plain"] - found["twin"] * [-1, 1], axis=1)
    assert np.median(distance) < 0.5 * np.median(mirrored)


def test_copies_of_a_sentence_lie_on_one_point_and_are_no_island(tmp_path: Path) -> None:
    mu = clusters()
    alone = cache_of(tmp_path / "alone.h5", vae=mu)
    copied = mu.copy()
    copied[:60] = mu[0] * (1 + np.random.default_rng(1).normal(size=(60, LATENT)).astype(np.float32) * 1e-7)
    copies = cache_of(tmp_path / "copies.h5", vae=copied)
    config = ProjectionConfig(method="umap")
    for path in (alone, copies):
        run(path, config)
    places = maps(copies, "umap")["vae"]
    assert np.ptp(places[:60], axis=0).max() == 0
    assert np.ptp(maps(alone, "umap")["vae"][:60], axis=0).max() > 1
    # It lies in the group that it is of, as near to the others as they are to each other.
    group = places[60:][np.arange(60, N) % 4 == 0]
    nearest = np.linalg.norm(group - places[0], axis=1).min()
    others = np.linalg.norm(group[:, None] - group, axis=2)
    assert nearest < 3 * np.median(np.where(others == 0, np.inf, others).min(axis=0))
    assert separation(places[60:]) > 3


def test_sentences_that_are_all_copies_of_a_few_have_a_map(tmp_path: Path) -> None:
    mu = np.repeat(np.eye(3, LATENT, dtype=np.float32), 20, axis=0)
    path = cache_of(tmp_path / "few.h5", vae=mu)
    run(path, ProjectionConfig(method="umap"))
    assert np.isfinite(maps(path, "umap")["vae"]).all()


def test_a_constant_variant_is_a_single_point_and_told_so(mapped: Path, tmp_path: Path) -> None:
    assert not maps(mapped, "umap")["constant"].any()
    path = cache_of(tmp_path / "c.h5", vae=np.full((20, 3), 0.3, np.float32))
    notes = [event for event in project(path, None, ProjectionConfig()) if isinstance(event, Note)]
    assert [(note.level, "single point" in note.text) for note in notes] == [("warning", True)]


def test_the_settings_of_a_map_are_kept_with_it(mapped: Path) -> None:
    with LatentCache.open(mapped) as cache:
        settings = cache.projection_settings("plain", "umap")
    assert {"method": "umap", "neighbours": 10, "min_dist": 0.1, "seed": 0}.items() <= settings.items()
    assert settings["library"] == "umap-learn"
    assert settings["library_version"]
    assert settings["made_from"] == "print of plain"


@pytest.mark.parametrize("method", ["umap", "tsne", "pca"])
def test_the_same_seed_gives_the_same_map(tmp_path: Path, method: str) -> None:
    found = []
    for name in ("one", "two"):
        path = cache_of(tmp_path / f"{name}.h5", vae=clusters(1), other=clusters(2))
        run(path, ProjectionConfig(method=method, seed=3, name=method))
        found.append(maps(path, method))
    np.testing.assert_array_equal(found[0]["vae"], found[1]["vae"])
    np.testing.assert_array_equal(found[0]["other"], found[1]["other"])


def test_a_map_does_not_depend_on_which_others_are_made_with_it(tmp_path: Path) -> None:
    together, apart = (
        cache_of(tmp_path / f"{name}.h5", vae=clusters(1), other=clusters(2)) for name in ("together", "apart")
    )
    run(together, ProjectionConfig())
    run(apart, ProjectionConfig(), ["other"])
    run(apart, ProjectionConfig(), ["vae"])
    np.testing.assert_array_equal(maps(together, "umap")["vae"], maps(apart, "umap")["vae"])
    np.testing.assert_array_equal(maps(together, "umap")["other"], maps(apart, "umap")["other"])


def test_pca_agrees_with_scikit_learn_up_to_a_turn(tmp_path: Path) -> None:
    from sklearn.decomposition import PCA

    mu = (np.random.default_rng(0).normal(size=(150, 5)) * [3, 2, 1, 0.5, 0.1] + 100).astype(np.float32)
    path = cache_of(tmp_path / "pca.h5", vae=mu, other=clusters()[:150, :5])
    result = run(path, ProjectionConfig(method="pca"))
    assert result["projection"] == "pca"
    assert result["variants"] == ["vae", "other"]
    ours, theirs = maps(path, "pca")["vae"], PCA(2).fit_transform(mu.astype(np.float64))
    # Distances between all pairs do not change with the turn.
    ours_far, theirs_far = (np.linalg.norm(each[:, None] - each, axis=2) for each in (ours, theirs))
    np.testing.assert_allclose(ours_far, theirs_far, atol=1e-3)


def test_more_sentences_than_landmarks_are_placed_among_them(tmp_path: Path) -> None:
    path = cache_of(tmp_path / "many.h5", vae=clusters(1), other=clusters(2))
    run(path, ProjectionConfig(landmarks=100))
    for places in maps(path, "umap").values():
        assert np.isfinite(places).all()
        assert separation(places) > 4


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 16])
@pytest.mark.parametrize("method", ["umap", "pca"])
def test_a_handful_of_sentences_has_a_map_too(tmp_path: Path, n: int, method: str) -> None:
    path = cache_of(tmp_path / "few.h5", vae=clusters()[:n])
    run(path, ProjectionConfig(method=method))
    assert np.isfinite(maps(path, method)["vae"]).all()
    with LatentCache.open(path) as cache:
        made_by = cache.projection_settings("vae", method)["method"]
    assert made_by == ("umap" if method == "umap" and n >= 5 else "pca")


def test_one_latent_dimension_has_a_map(tmp_path: Path) -> None:
    path = cache_of(tmp_path / "one.h5", vae=clusters()[:, :1])
    run(path, ProjectionConfig(method="pca"))
    places = maps(path, "pca")["vae"]
    assert np.isfinite(places).all()
    assert places.std(axis=0).max() > 1


def test_progress_names_every_variant_and_reaches_its_total(tmp_path: Path) -> None:
    path = cache_of(tmp_path / "p.h5", vae=clusters(1), other=clusters(2))
    events = [event for event in project(path, None, ProjectionConfig(landmarks=100)) if isinstance(event, Progress)]
    stages = dict.fromkeys(event.stage for event in events)
    assert {name.split(":")[0] for name in stages if ":" in name} == {"VAE", "OTHER"}
    for stage in stages:
        last = [event for event in events if event.stage == stage][-1]
        assert last.done == last.total


def test_maps_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    path = cache_of(tmp_path / "again.h5", vae=clusters(1))
    run(path, ProjectionConfig(method="pca"))
    before = path.read_bytes()
    run(path, ProjectionConfig(method="pca"))
    assert path.read_bytes() == before


def test_a_name_that_was_given_takes_no_other_map_away(tmp_path: Path) -> None:
    path = cache_of(tmp_path / "named.h5", vae=clusters(1))
    run(path, ProjectionConfig(method="pca", name="mine"))
    before = path.read_bytes()
    with pytest.raises(UsageError, match="There is a map 'mine' of vae already") as caught:
        run(path, ProjectionConfig(method="pca", name="mine", of="samples"))
    assert "--delete mine" in caught.value.hint
    assert path.read_bytes() == before
    run(path, ProjectionConfig(method="pca", name="mine"))  # the same is no other one
    assert path.read_bytes() == before


def test_stopping_keeps_the_maps_that_are_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "cores", lambda: 1)
    path = cache_of(tmp_path / "stop.h5", vae=clusters(1), other=clusters(2))
    events = project(path, None, ProjectionConfig(method="pca"))
    for event in events:
        if isinstance(event, Progress) and event.stage.startswith("OTHER"):
            break
    events.close()  # type: ignore[attr-defined]
    with LatentCache.open(path) as cache:
        assert cache.projections("vae") == ("pca",)
        assert cache.projections("other") == ()
    notes = [event for event in project(path, None, ProjectionConfig(method="pca")) if isinstance(event, Note)]
    assert ["VAE: the map is there already" in note.text for note in notes] == [True]
    assert set(maps(path, "pca")) == {"vae", "other"}


def test_wrong_names_and_empty_caches_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(LoomError, match="no latent cache"):
        list(project(tmp_path / "none.h5", None, ProjectionConfig()))
    path = cache_of(tmp_path / "one.h5", vae=clusters())
    with pytest.raises(LoomError, match="no variant 'vea'"):
        list(project(path, ["vea"], ProjectionConfig()))
    with pytest.raises(LoomError, match="no sentences"):
        list(project(cache_of(tmp_path / "empty.h5", vae=np.zeros((0, 3))), None, ProjectionConfig()))
