"""Writing and reading the latent cache."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.errors import LoomError
from engine.storage import cache_writer
from engine.storage.cache_maps import add_projections
from engine.storage.cache_writer import write_cache
from engine.storage.latent_cache import LatentCache, blocks
from engine.storage.maps.map_list import size_beside
from tests.archives import cache_version_1 as archive
from tests.engine.storage.caches import arrays, info, make_cache, texts


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A cache of 50 sentences, 4 dimensions, variants "b" (first column) and "a"."""
    return make_cache(tmp_path / "two.h5", {"b": arrays(50, 4, 1), "a": arrays(50, 4, 2)})


def test_what_is_written_is_read(two: Path) -> None:
    with LatentCache.open(two) as cache:
        assert (cache.run, cache.corpus_fingerprint, cache.n, cache.latent) == ("test", "corpus", 50, 4)
        assert cache.variants == ("b", "a")
        assert cache.info("a") == info("a", 1)
        assert cache.sentences() == texts(50)
        assert cache.sentence(49) == texts(50)[49]
        assert cache.sentences(slice(3, 5)) == texts(50)[3:5]
        np.testing.assert_array_equal(cache.words(), np.arange(50) % 30)
        for seed, name in ((1, "b"), (2, "a")):
            for array, values in arrays(50, 4, seed).items():
                np.testing.assert_array_equal(getattr(cache, array)(name), values)
                np.testing.assert_array_equal(getattr(cache, array)(name, slice(7, 9)), values[7:9])


def test_variants_may_be_appended_in_pieces_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_writer, "CHUNK_ROWS", 8)
    values = arrays(53, 4)
    path = tmp_path / "pieces.h5"
    with write_cache(
        path, run="r", corpus_fingerprint="c", latent=4, sentences=iter(texts(53)), words=np.ones(53)
    ) as writer:
        writer.start_variant(info("vae"))
        for rows in (slice(0, 1), slice(1, 20), slice(20, 53)):
            writer.append(**{name: array[rows] for name, array in values.items()})
    with LatentCache.open(path) as cache:
        np.testing.assert_array_equal(cache.mu("vae"), values["mu"])
        np.testing.assert_array_equal(cache.kl("vae"), values["kl"])
        assert cache.sentences() == texts(53)


def test_a_cache_of_no_sentences_is_a_cache(tmp_path: Path) -> None:
    with LatentCache.open(make_cache(tmp_path / "none.h5", {"vae": arrays(0, 4)})) as cache:
        assert cache.n == 0
        assert cache.sentences() == []
        assert cache.mu("vae").shape == (0, 4)
        assert cache.active_units("vae") == 0
        assert cache.mean_kl("vae") == 0


def test_any_character_is_kept_and_half_pairs_do_not_stop_the_writing(tmp_path: Path) -> None:
    path = tmp_path / "odd.h5"
    with write_cache(
        path, run="r", corpus_fingerprint="c", latent=2, sentences=["a\0b", "half \ud83d pair"], words=[1, 3]
    ):
        pass
    with LatentCache.open(path) as cache:
        assert cache.sentences() == ["a\0b", "half ? pair"]


def test_active_units_and_variance_agree_with_a_direct_computation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = arrays(101, 6)
    # Far from zero, where sums of squares in single precision would lose the variance.
    values["mu"] = (values["mu"] * np.array([1, 0.5, 0.11, 0.09, 0.01, 0]) + 300).astype(np.float32)
    path = make_cache(tmp_path / "units.h5", {"vae": values})
    monkeypatch.setattr("engine.storage.latent_cache.blocks", lambda n: blocks(n, 13))
    with LatentCache.open(path) as cache:
        direct = values["mu"].astype(np.float64).var(axis=0)
        np.testing.assert_allclose(cache.variance("vae"), direct, rtol=1e-9, atol=1e-12)
        assert cache.active_units("vae") == int((direct > 0.01).sum())
        assert cache.active_units("vae", threshold=1e-6) == int((direct > 1e-6).sum())
        assert cache.mean_kl("vae") == pytest.approx(values["kl"].mean(dtype=np.float64), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_units_that_carry_something_agree_with_a_direct_computation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    values, random = arrays(101, 6, seed), np.random.default_rng(seed)
    scale = np.array([2, 1, 0.4, 0.1, 0.01, 0])
    values["mu"] = (random.standard_normal((101, 6)) * scale).astype(np.float32)
    values["logvar"] = (-scale * random.random((101, 6))).astype(np.float32)
    path = make_cache(tmp_path / "units.h5", {"vae": values})
    monkeypatch.setattr("engine.storage.latent_cache.blocks", lambda n: blocks(n, 13))
    direct = []
    for d in range(6):
        mu, sigma = values["mu"][:, d].astype(np.float64), np.exp(values["logvar"][:, d].astype(np.float64) / 2)
        direct.append(float(np.mean(np.log(1 / sigma) + (sigma**2 + mu**2) / 2 - 0.5)))
    with LatentCache.open(path) as cache:
        np.testing.assert_allclose(cache.kl_per_dimension("vae"), direct, rtol=1e-9, atol=1e-12)
        assert cache.carrying_units("vae") == sum(kl > 0.1 for kl in direct)
        assert cache.carrying_units("vae") < cache.active_units("vae")  # the trap that the number tells of


def test_a_cache_is_stale_for_another_corpus_or_other_models(two: Path) -> None:
    prints = {"a": "print of a", "b": "print of b"}
    with LatentCache.open(two) as cache:
        assert cache.is_stale(prints, "corpus") is None
        assert cache.is_stale({**prints, "c": "not encoded yet"}, "corpus") is None
        assert "another corpus" in (cache.is_stale(prints, "other") or "")
        assert "a has been trained since" in (cache.is_stale({**prints, "a": "later"}, "corpus") or "")
        assert "no variant a" in (cache.is_stale({"b": "print of b"}, "corpus") or "")


def test_maps_are_added_and_replaced_without_touching_the_rest(two: Path) -> None:
    first, second = np.random.default_rng(0).normal(size=(2, 50, 2)).astype(np.float32)
    add_projections(two, {"a": (first, {"method": "umap", "seed": 3, "min_dist": 0.25})}, "umap")
    size = size_beside(two)
    add_projections(two, {"a": (second, {"method": "pca"}), "b": (first, {})}, "umap")
    with LatentCache.open(two) as cache:
        np.testing.assert_array_equal(cache.projection("a", "umap"), second)
        np.testing.assert_array_equal(cache.projection("b", "umap"), first)
        assert cache.projection_settings("a", "umap") == {"method": "pca", "made_from": "print of a"}
        np.testing.assert_array_equal(cache.mu("b"), arrays(50, 4, 1)["mu"])
        assert cache.sentences() == texts(50)
    for _ in range(5):
        add_projections(two, {"a": (first, {"method": "umap"})}, "umap")
    assert size_beside(two) < 3 * size + 8192  # both maps, then that of a again, not five more of it


def test_a_map_of_other_weights_than_the_latents_is_not_offered(two: Path) -> None:
    add_projections(two, {"a": (np.zeros((50, 2)), {})}, "umap")
    with LatentCache.open(two) as cache:
        beside = cache.maps.file_of("a", "umap")
    with h5py.File(beside, "r+") as file:
        file["variants/a"].attrs["made_from"] = "earlier weights"
    with h5py.File(two, "r+") as file:
        file.create_dataset("variants/a/projections/mine", data=np.zeros((50, 2)))
        file.create_dataset("variants/a/projections/other", data=np.zeros((50, 2)))
        file["variants/a/projections/other"].attrs["made_from"] = "earlier weights"
    with LatentCache.open(two) as cache:
        assert cache.projections("a") == ("mine",)
        assert cache.kept_projections("a") == ("mine", "other", "umap")
        assert cache.projection("a", "mine").dtype == np.float32


def test_variants_of_an_earlier_cache_can_be_kept_with_their_maps(two: Path, tmp_path: Path) -> None:
    add_projections(two, {"a": (np.ones((50, 2)), {"method": "pca"})}, "pca")
    with (
        LatentCache.open(two) as earlier,
        write_cache(
            tmp_path / "new.h5", run="test", corpus_fingerprint="corpus", latent=4, sentences=texts(50), words=[5] * 50
        ) as writer,
    ):
        writer.add_variant(info("b"), **arrays(50, 4, 9))
        writer.copy_from(earlier)
    with LatentCache.open(tmp_path / "new.h5") as cache:
        assert cache.variants == ("b", "a")
        np.testing.assert_array_equal(cache.mu("b"), arrays(50, 4, 9)["mu"])
        np.testing.assert_array_equal(cache.mu("a"), arrays(50, 4, 2)["mu"])
        np.testing.assert_array_equal(cache.projection("a", "pca"), np.ones((50, 2)))
        assert cache.info("a") == info("a", 1)


def test_variants_of_another_corpus_are_not_kept(two: Path, tmp_path: Path) -> None:
    with (
        LatentCache.open(two) as earlier,
        pytest.raises(LoomError, match="other sentences"),
        write_cache(
            tmp_path / "new.h5", run="test", corpus_fingerprint="other", latent=4, sentences=texts(50), words=[5] * 50
        ) as writer,
    ):
        writer.copy_from(earlier)
    assert not (tmp_path / "new.h5").exists()


def test_texts_and_numbers_are_plain_hdf5_for_any_other_tool(two: Path) -> None:
    add_projections(two, {"a": (np.ones((50, 2)), {"method": "pca"})}, "pca")
    with LatentCache.open(two) as cache:
        beside = cache.maps.file_of("a", "pca")
    with h5py.File(beside, "r") as file:
        assert file.attrs["kind"].decode() == "latent-loom-map"
        assert int(file.attrs["version"]) == 1
        assert file["variants/a"].shape == (50, 2)
        assert file["variants/a"].fletcher32
    with h5py.File(two, "r") as file:
        assert file.attrs["kind"].decode() == "latent-loom-cache"
        assert int(file.attrs["version"]) == 2
        begin, end = file["text_offsets"][3:5]
        assert file["text"][begin:end].tobytes().decode() == texts(50)[3]
        assert all(file[name].fletcher32 for name in ("text", "text_offsets", "words", "variants/a/mu"))
        assert file["variants/a/mu"].shape == (50, 4)
        assert file["variants/a/nll"].dtype == np.float32


def test_reading_a_cache_imports_neither_torch_nor_pandas_nor_qt() -> None:
    code = (
        "import sys, engine.storage.latent_cache, engine.storage.cache_writer, engine.maps.projection\n"
        "print([name for name in ('torch', 'pandas', 'PySide6', 'umap', 'sklearn', 'scipy') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize("path", archive.ARCHIVES, ids=["1", "2"])
def test_the_archived_caches_of_earlier_versions_are_still_read(path: Path) -> None:
    with LatentCache.open(path) as cache:
        assert cache.columns is None
        assert cache.variants == ("vae", "autogen-m1")
        assert (cache.run, cache.corpus_fingerprint, cache.latent) == ("archive", "c" * 64, archive.LATENT)
        assert tuple(cache.sentences()) == archive.SENTENCES
        assert tuple(cache.words()) == archive.WORDS
        for position, name in enumerate(cache.variants):
            expected = archive.expected(position)
            for array in ("mu", "logvar", "nll", "kl"):
                np.testing.assert_array_equal(getattr(cache, array)(name), expected[array])
            np.testing.assert_array_equal(cache.projection(name, "umap"), expected["map"])
            assert cache.projection_settings(name, "umap")["neighbours"] == 15
            described = cache.info(name)
            assert (described.m, described.position, described.colour) == (position, position, "#56B4E9")
            assert described.kl_schedule == {"kind": "none", "warmup": 0}
            assert described.beta == 1.0  # nothing says


def test_sentences_of_any_slice_are_those_of_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_writer, "CHUNK_ROWS", 7)
    monkeypatch.setattr(cache_writer, "CHUNK_BYTES", 100)
    expected = ["", *texts(48), ""]
    with write_cache(
        tmp_path / "x.h5", run="r", corpus_fingerprint="c", latent=2, sentences=expected, words=[1] * len(expected)
    ):
        pass
    with LatentCache.open(tmp_path / "x.h5") as cache:
        assert cache.sentences() == expected
        for rows in (slice(0, 0), slice(3, 20), slice(0, 50, 7), slice(49, 60), slice(60, 70), slice(30, 10)):
            assert cache.sentences(rows) == expected[rows]
        assert [cache.sentence(i) for i in range(50)] == expected


def test_maps_of_latents_that_were_encoded_anew_meanwhile_are_not_kept(two: Path) -> None:
    made_from = {"a": "print of earlier weights", "b": "print of b"}
    maps = {"a": (np.zeros((50, 2)), {}), "b": (np.ones((50, 2)), {})}
    with pytest.raises(LoomError, match="a was encoded anew with other weights") as refused:
        add_projections(two, maps, "umap", made_from)
    assert "project two --variants a" in refused.value.hint
    with LatentCache.open(two) as cache:
        assert cache.projections("a") == ()
        np.testing.assert_array_equal(cache.projection("b", "umap"), np.ones((50, 2)))


def _add_many(path: Path, variant: str) -> None:
    for number in range(8):
        add_projections(path, {variant: (np.full((50, 2), number), {})}, f"map-{number}")


def test_two_processes_that_add_maps_at_once_lose_none(two: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    others = [spawn.Process(target=_add_many, args=(two, variant)) for variant in ("a", "b")]
    for other in others:
        other.start()
    for other in others:
        other.join()
        assert other.exitcode == 0
    with LatentCache.open(two) as cache:
        for variant in ("a", "b"):
            assert sorted(cache.projections(variant)) == [f"map-{number}" for number in range(8)]
            assert all((cache.projection(variant, f"map-{number}") == number).all() for number in range(8))


def test_what_stands_in_the_file_of_a_variant_is_what_a_walk_through_it_finds(two: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.h5"
    bare.write_bytes(two.read_bytes())
    with h5py.File(bare, "r+") as file:  # as earlier versions wrote it
        for group in file["variants"].values():
            del group["per_dimension"], group.attrs["mean_kl"], group.attrs["mean_nll"]
    with LatentCache.open(two) as ours, LatentCache.open(bare) as earlier:
        for name in ("a", "b"):
            np.testing.assert_allclose(ours.variance(name), ours.mu(name).astype(float).var(axis=0), rtol=1e-9)
            np.testing.assert_allclose(ours.variance(name), earlier.variance(name), rtol=1e-12)
            np.testing.assert_allclose(ours.kl_per_dimension(name), earlier.kl_per_dimension(name), rtol=1e-12)
            expected = ours.kl(name).mean(dtype=float), ours.nll(name).mean(dtype=float)
            assert ours.kept_means(name) == pytest.approx(expected, rel=1e-12)
            assert earlier.kept_means(name) is None


def test_reading_what_stands_in_the_file_reads_no_latents(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LatentCache, "_numbers", None)
    with LatentCache.open(two) as cache:
        assert cache.active_units("a") == 4
        assert cache.kept_means("a") is not None


def test_what_does_not_fit_the_latents_is_found_by_walking(two: Path) -> None:
    with LatentCache.open(two) as cache:
        expected = cache.variance("a").copy()
    for wrong in (np.zeros((2, 3)), np.full((2, 4), np.nan)):
        with h5py.File(two, "r+") as file:
            del file["variants/a/per_dimension"]
            file["variants/a/per_dimension"] = wrong
        with LatentCache.open(two) as cache:
            np.testing.assert_allclose(cache.variance("a"), expected, rtol=1e-9)
