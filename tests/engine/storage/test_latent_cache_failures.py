"""Caches that are damaged, foreign or cannot be written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.errors import LoomError
from engine.storage.cache_maps import add_projections
from engine.storage.cache_writer import CacheWriter
from engine.storage.latent_cache import LatentCache
from tests.engine.storage.small_caches import read_all, with_writer


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(LoomError, match="no latent cache") as caught:
        LatentCache.open(tmp_path / "mine.h5")
    assert "python main.py encode mine" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"x", b"Just some text.\n" * 100, b"\x00" * 5000])
def test_a_file_that_is_not_hdf5_is_named_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "text.h5").write_bytes(content)
    with pytest.raises(LoomError, match="not an HDF5 file") as caught:
        LatentCache.open(tmp_path / "text.h5")
    assert caught.value.hint


def test_a_folder_in_place_of_the_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LoomError):
        LatentCache.open(tmp_path)


def test_a_file_cut_off_anywhere_is_one_clear_error(small: Path, tmp_path: Path) -> None:
    whole = small.read_bytes()
    cut = tmp_path / "cut.h5"
    for length in [*range(0, len(whole), 61), len(whole) - 1]:
        cut.write_bytes(whole[:length])
        with pytest.raises(LoomError) as caught:
            read_all(cut)
        assert caught.value.hint, length
        assert "\n" not in caught.value.message


def test_a_wrong_bit_in_the_numbers_is_noticed(small: Path) -> None:
    with h5py.File(small, "r") as file:
        place = file["variants/vae/mu"].id.get_chunk_info(0).byte_offset
    content = bytearray(small.read_bytes())
    content[place + 3] ^= 1
    small.write_bytes(content)
    with LatentCache.open(small) as cache, pytest.raises(LoomError, match="damaged"):
        cache.mu("vae")


def test_a_wrong_bit_in_a_sentence_is_noticed(small: Path) -> None:
    content = small.read_bytes()
    place = content.index(b"Sentence 7")
    small.write_bytes(content[:place] + b"T" + content[place + 1 :])
    with LatentCache.open(small) as cache, pytest.raises(LoomError, match="damaged"):
        cache.sentences()


@pytest.mark.parametrize("bounds", [[0, 9, 3], [-4, 1, 3], [0, 1, 1 << 40]])
def test_bounds_that_do_not_fit_the_text_are_noticed_and_ask_for_no_memory(small: Path, bounds: list[int]) -> None:
    with h5py.File(small, "r+") as file:
        file["text_offsets"][5:8] = bounds
    with LatentCache.open(small) as cache, pytest.raises(LoomError, match="damaged"):
        cache.sentences(slice(5, 7))


def _damage(path: Path, dataset: str) -> None:
    """Flip a bit of the first chunk."""
    with h5py.File(path, "r") as file:
        place = file[dataset].id.get_chunk_info(0).byte_offset
    content = bytearray(path.read_bytes())
    content[place + 3] ^= 1
    path.write_bytes(content)


def test_a_damaged_map_can_be_made_again_and_is_left_out_of_a_copy(small: Path, tmp_path: Path) -> None:
    _damage(small, "variants/vae/projections/pca")
    with LatentCache.open(small) as earlier:

        def keep(writer: CacheWriter) -> None:
            assert writer.copy_from(earlier) == ["pca of vae"]

        with_writer(tmp_path / "copy.h5", keep)
    read_all(tmp_path / "copy.h5")
    add_projections(small, {"vae": (np.ones((20, 2)), {"method": "pca"})}, "pca")
    read_all(small)


def test_damaged_latents_are_never_copied_as_if_they_were_whole(small: Path, tmp_path: Path) -> None:
    _damage(small, "variants/vae/logvar")
    with LatentCache.open(small) as earlier, pytest.raises(LoomError, match=r"small\.h5 is damaged"):
        with_writer(tmp_path / "copy.h5", lambda writer: writer.copy_from(earlier))  # type: ignore[arg-type, return-value]
    assert not (tmp_path / "copy.h5").exists()


def _set(name: str, value: object) -> Callable[[h5py.File], None]:
    return lambda file: file.attrs.__setitem__(name, value)


def _replace(name: str, data: object) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = data

    return change


def _remove(name: str) -> Callable[[h5py.File], None]:
    return lambda file: file.__delitem__(name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("kind", "something-else"), "no latent cache of this program"),
        (lambda file: file.attrs.__delitem__("kind"), "no latent cache of this program"),
        (_set("kind", 7), "no latent cache of this program"),
        (_set("version", 4), "version 4"),
        (_set("version", "one"), "damaged"),
        (_set("latent", 5), "mu has shape"),
        (lambda file: file.attrs.__delitem__("latent"), "damaged"),
        (lambda file: file.attrs.__delitem__("corpus_fingerprint"), "damaged"),
        (_remove("text"), "damaged"),
        (_remove("text_offsets"), "damaged"),
        (_remove("variants"), "damaged"),
        (_remove("variants/vae/logvar"), "damaged"),
        (_replace("variants/vae/mu", np.zeros((19, 4))), "mu has shape"),
        (_replace("variants/vae/kl", np.zeros((20, 1))), "kl has shape"),
        (_replace("variants/vae/nll", np.zeros(20, dtype=int)), "nll has shape"),
        (_replace("variants/vae/projections/pca", np.zeros((20, 3))), "pca has shape"),
        (_replace("words", np.zeros(19, dtype=np.int16)), "words has shape"),
        (_replace("words", np.zeros(20)), "words has shape"),
        (_replace("text", np.zeros(20)), "text has shape"),
        (_replace("text_offsets", np.zeros(21)), "text_offsets has shape"),
        (_replace("text_offsets", np.zeros(20, dtype=np.int64)), "words has shape"),
        (_replace("variants", np.zeros(3)), "damaged"),
        (_replace("variants/vae", np.zeros(3)), "damaged"),
        (lambda file: file["variants/vae"].attrs.__setitem__("kl_schedule", "{not json"), "damaged"),
        (lambda file: file["variants/vae"].attrs.__setitem__("kl_schedule", "[1]"), "KL schedule of vae is no JSON"),
        (lambda file: file["variants/vae"].attrs.__delitem__("m"), "damaged"),
    ],
)
def test_what_does_not_fit_the_format_is_one_clear_error(
    small: Path, change: Callable[[h5py.File], None], message: str
) -> None:
    with h5py.File(small, "r+") as file:
        change(file)
    with pytest.raises(LoomError, match=message) as caught:
        LatentCache.open(small)
    assert caught.value.hint
    os.replace(small, small.with_name("moved.h5"))  # nothing keeps the file open


def test_another_hdf5_file_is_told_from_a_cache(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.zeros(3)
    with pytest.raises(LoomError, match="no latent cache of this program"):
        LatentCache.open(tmp_path / "other.h5")


def test_latents_that_are_not_finite_are_refused_by_the_reader(small: Path) -> None:
    with h5py.File(small, "r+") as file:
        file["variants/vae/mu"][7, 1] = np.nan
    with LatentCache.open(small) as cache:
        assert np.isfinite(cache.mu("vae", slice(0, 7))).all()
        with pytest.raises(LoomError, match="not finite"):
            cache.mu("vae")


def test_a_map_with_sentences_that_have_no_place_is_to_be_made_anew_and_not_the_model(small: Path) -> None:
    with h5py.File(small, "r+") as file:
        file["variants/vae/projections/pca"][3:5, 0] = np.nan
    with LatentCache.open(small) as cache, pytest.raises(LoomError) as caught:
        cache.projection("vae", "pca")
    assert "the map 'pca' of vae has no place for 2 of 20 sentences" in caught.value.message
    assert caught.value.hint == "Make it anew: python main.py project small --method pca --variants vae"


def test_an_unknown_variant_or_map_is_named_with_those_there_are(small: Path) -> None:
    with LatentCache.open(small) as cache:
        with pytest.raises(LoomError, match="no variant 'autogen-m9'; it has vae"):
            cache.mu("autogen-m9")
        with pytest.raises(LoomError, match="no map 'umap' of vae; it has 'pca'"):
            cache.projection("vae", "umap")
    with pytest.raises(LoomError, match="no variant"):
        add_projections(small, {"autogen-m9": (np.zeros((20, 2)), {})}, "umap")


@pytest.mark.parametrize("bad", [[np.inf], [np.nan], [-np.inf], [np.inf, -np.inf]])
def test_numbers_whose_sum_is_too_large_are_numbers_and_what_is_none_is_told(small: Path, bad: list[float]) -> None:
    with h5py.File(small, "r+") as file:
        file["variants/vae/mu"][:] = 3e38
    with LatentCache.open(small) as cache:
        assert (cache.mu("vae") == np.float32(3e38)).all()
    with h5py.File(small, "r+") as file:
        file["variants/vae/mu"][: len(bad), 0] = bad
    with LatentCache.open(small) as cache, pytest.raises(LoomError, match="not finite"):
        cache.mu("vae")


@pytest.mark.parametrize("bad", [np.zeros((20, 3)), np.zeros((19, 2)), np.full((20, 2), np.nan)])
def test_coordinates_that_are_no_map_are_refused(small: Path, bad: np.ndarray) -> None:
    before = small.read_bytes()
    with pytest.raises(LoomError, match="20 x 2 finite numbers"):
        add_projections(small, {"vae": (bad, {})}, "umap")
    assert small.read_bytes() == before


def _content(path: Path) -> list[object]:
    with LatentCache.open(path) as cache:
        content: list[object] = [cache.run, cache.corpus_fingerprint, cache.variants, cache.sentences()]
        content.append(cache.words().tolist())
        for variant in cache.variants:
            content.append(cache.info(variant))
            content += [read(variant).tolist() for read in (cache.mu, cache.logvar, cache.nll, cache.kl)]
            for name in cache.projections(variant):
                content += [cache.projection(variant, name).tolist(), cache.projection_settings(variant, name)]
    return content


def test_one_flipped_bit_anywhere_is_told_or_changes_nothing(small: Path) -> None:
    """Also in the structure of the file: where a chunk lies, say, without which it would read as zeros."""
    whole, expected = small.read_bytes(), _content(small)
    chance = np.random.default_rng(0)
    told = 0
    for place in range(0, len(whole), 61):
        content = bytearray(whole)
        content[place] ^= 1 << int(chance.integers(8))
        small.write_bytes(content)
        try:
            assert _content(small) == expected, place
        except LoomError:
            told += 1
    assert told > 20
