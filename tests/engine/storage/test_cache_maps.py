"""Maps of a cache added, deleted and renamed: within the cache and beside it, which nobody should notice."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.config import ProjectionConfig
from engine.errors import LoomError
from engine.maps.projection import project
from engine.storage.cache_maps import add_projections, delete_projections, rename_projections, replacing
from engine.storage.latent_cache import LatentCache
from engine.storage.maps.map_list import folder_of, size_beside
from tests.archives.cache_version_1 import ARCHIVES
from tests.engine.storage.caches import arrays, make_cache
from tests.engine.storage.mapped_caches import (
    VARIANTS,
    N,
    cache_at,
    content,
    file_of,
    filled,
    lying_beside,
    names,
    no_more_than_listed,
)


@pytest.fixture(params=["within", "beside"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return cache_at(tmp_path / "run.h5", request.param)


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    return cache_at(tmp_path / "run.h5", "beside")


def test_maps_are_deleted_and_all_else_stays(path: Path) -> None:
    with LatentCache.open(path) as cache:
        mu = cache.mu("a")
    assert delete_projections(path, "umap") == ["a", "b"]
    assert names(path) == {"a": ("pca",), "b": ()}
    with LatentCache.open(path) as cache:
        np.testing.assert_array_equal(cache.mu("a"), mu)
    assert content(path) == {("a", "pca"): (2, "pca")}
    with pytest.raises(LoomError, match="has no map 'umap'; it has 'pca'"):
        delete_projections(path, "umap")


def test_a_file_that_has_the_name_of_the_folder_is_told_and_stays(tmp_path: Path) -> None:
    path = cache_at(tmp_path / "run.h5", "within")
    folder, before = folder_of(path), content(path)
    folder.write_text("mine")
    maps = {"a": (np.zeros((N, 2), np.float32), {})}
    for change in (
        lambda: add_projections(path, maps, "new"),
        lambda: delete_projections(path, "umap"),
        lambda: rename_projections(path, "umap", "new"),
        lambda: list(project(path, None, ProjectionConfig(method="pca", name="new"))),
    ):
        with pytest.raises(LoomError) as told:
            change()
        assert told.value.message == f"{folder} is a file, and a folder of that name is needed for the maps of run.h5."
        assert "Move that file away" in told.value.hint
    assert folder.read_text() == "mine"
    assert content(path) == before


def test_maps_of_single_variants_are_deleted(path: Path) -> None:
    assert delete_projections(path, "umap", ["b"]) == ["b"]
    assert names(path) == {"a": ("pca", "umap"), "b": ()}
    with pytest.raises(LoomError, match="no variant 'c'"):
        delete_projections(path, "umap", ["c"])


def test_maps_are_renamed_with_their_settings(path: Path) -> None:
    before = content(path)
    assert rename_projections(path, "umap", "my map") == ["a", "b"]
    assert names(path) == {"a": ("my map", "pca"), "b": ("my map",)}
    assert content(path)["b", "my map"] == before["b", "umap"]
    rename_projections(path, "my map", "other")
    rename_projections(path, "other", "umap")
    assert content(path) == before


def test_names_that_maps_had_are_free_again(path: Path) -> None:
    rename_projections(path, "pca", "axes")
    add_projections(path, filled(5), "pca")
    rename_projections(path, "pca", "more")
    assert content(path) == {
        ("a", "axes"): (2, "pca"),
        ("a", "more"): (5, "tsne"),
        ("a", "umap"): (1, "umap"),
        ("b", "more"): (5, "tsne"),
        ("b", "umap"): (1, "umap"),
    }
    for name in ("axes", "more", "umap"):
        delete_projections(path, name)
    assert content(path) == {}


def test_a_map_takes_the_place_of_one_of_its_name(path: Path) -> None:
    add_projections(path, filled(7), "umap")
    add_projections(path, {"a": filled(8)["a"]}, "umap")
    assert content(path) == {("a", "pca"): (2, "pca"), ("a", "umap"): (8, "tsne"), ("b", "umap"): (7, "tsne")}
    delete_projections(path, "umap")
    assert content(path) == {("a", "pca"): (2, "pca")}


def test_a_name_that_is_taken_is_refused_and_nothing_changed(path: Path) -> None:
    before = content(path)
    with pytest.raises(LoomError, match="a map 'umap' of a already"):
        rename_projections(path, "pca", "umap")
    with pytest.raises(LoomError, match="no map 'none'"):
        rename_projections(path, "none", "x")
    assert content(path) == before


def test_maps_of_other_weights_can_be_deleted_too(path: Path) -> None:
    place = file_of(path, "a", "pca")
    with h5py.File(place, "r+") as file:
        file["variants/a/projections/pca" if place == path else "variants/a"].attrs["made_from"] = "others"
    with LatentCache.open(path) as cache:
        assert cache.projections("a") == ("umap",)
        assert cache.kept_projections("a") == ("pca", "umap")
    assert delete_projections(path, "pca") == ["a"]


def test_no_change_of_the_maps_touches_the_cache_or_leaves_anything_behind(path: Path) -> None:
    before, about = path.read_bytes(), path.stat()
    add_projections(path, filled(3), "new")
    assert size_beside(path) < 3 * (2 * N * 2 * 4 + 8192)
    rename_projections(path, "umap", "old")
    delete_projections(path, "pca")
    assert no_more_than_listed(path)
    for name in ("new", "old"):
        delete_projections(path, name)
        assert no_more_than_listed(path)
    assert path.read_bytes() == before
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (about.st_ino, about.st_mtime_ns)


def test_who_has_a_cache_open_goes_on_with_the_maps_it_had(path: Path) -> None:
    with LatentCache.open(path) as earlier:
        add_projections(path, filled(7), "umap")
        rename_projections(path, "pca", "axes")
        with LatentCache.open(path) as now:
            assert now.kept_projections("a") == ("axes", "umap")
            delete_projections(path, "umap")
            assert (now.projection("b", "umap") == 7).all()
        assert earlier.kept_projections("a") == ("pca", "umap")
        assert (earlier.projection("a", "umap") == 1).all()
        assert (earlier.projection("a", "pca") == 2).all()
        assert earlier.projection_settings("a", "pca")["method"] == "pca"
    assert content(path) == {("a", "axes"): (2, "pca")}


def test_what_a_map_was_made_with_cannot_be_changed_by_who_reads_it(path: Path) -> None:
    with LatentCache.open(path) as cache:
        variant = cache.variants[0]
        name = cache.projections(variant)[0]
        first = cache.projection_settings(variant, name)
        kept = dict(first)
        first["method"] = "something else"
        assert cache.projection_settings(variant, name) == kept


def test_a_copy_of_the_file_and_its_folder_has_all_maps(beside: Path) -> None:
    copy = beside.with_name("copy.h5")
    shutil.copy(beside, copy)
    assert content(copy) == {}
    shutil.copytree(folder_of(beside), folder_of(copy))
    assert content(copy) == content(beside)


def test_what_lies_beside_an_earlier_cache_is_no_part_of_the_next(beside: Path) -> None:
    make_cache(beside, {each: arrays(N, 3) for each in VARIANTS})  # as one killed before it could remove them
    assert names(beside) == {"a": (), "b": ()}
    earlier = lying_beside(beside)
    add_projections(beside, {"a": filled(4)["a"]}, "umap")
    assert content(beside) == {("a", "umap"): (4, "tsne")}
    assert not lying_beside(beside) & (earlier - {"maps.json"})
    with replacing(beside):
        make_cache(beside, {each: arrays(N, 3) for each in VARIANTS})
    assert not folder_of(beside).exists()
    assert names(beside) == {"a": (), "b": ()}


def test_what_fails_to_replace_a_cache_leaves_its_maps(beside: Path) -> None:
    before = content(beside)
    with pytest.raises(LoomError, match="no"), replacing(beside):
        raise LoomError("no")
    assert content(beside) == before


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.stem)
def test_maps_of_caches_of_earlier_versions_are_changed_as_any(archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.h5"
    shutil.copy(archive, path)
    with LatentCache.open(path) as cache:
        variants, n = cache.variants, cache.n
        maps = {each: cache.projection(each, "umap") for each in variants}
        settings = cache.projection_settings(variants[0], "umap")
    add_projections(path, {variants[0]: (np.zeros((n, 2)), {"method": "pca"})}, "pca")
    rename_projections(path, "umap", "first")
    with LatentCache.open(path) as cache:
        assert [cache.projections(each) for each in variants] == [("first", "pca"), *[("first",)] * (len(variants) - 1)]
        assert cache.projection_settings(variants[0], "first") == settings
        for variant in variants:
            np.testing.assert_array_equal(cache.projection(variant, "first"), maps[variant])
    delete_projections(path, "first")
    assert names(path) == {each: ("pca",) if each == variants[0] else () for each in variants}
    assert path.read_bytes() == archive.read_bytes()
