"""Packed files give back what was put into them, to the bit, or say that they cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file

from engine.errors import LoomError
from engine.runs.packed import open_log, packed, read_tensors, stored, write_log, write_tensors

RANDOM = np.random.default_rng(0)
TENSORS: dict[str, NDArray[Any]] = {
    "words": RANDOM.normal(0, 0.1, (3000, 40)).astype(np.float16),
    "places.of.points": RANDOM.normal(size=(50, 2)).astype(np.float32),
    "odd": np.array([np.nan, -0.0, np.inf, 6e-8], np.float16),
    "one": np.array(3, np.int64),
    "none": np.zeros((0, 4), np.float32),
    "wide": RANDOM.normal(size=(2, 40_000)).astype(np.float32),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_tensors(tmp_path / "a.h5", TENSORS)
    return tmp_path / "a.h5"


def test_tensors_come_back_bit_for_bit_and_take_less_room(path: Path, tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "b.safetensors")
    for file in (path, tmp_path / "b.safetensors"):
        found = read_tensors(file)
        assert found.keys() == TENSORS.keys()
        for name, array in TENSORS.items():
            assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
            assert found[name].tobytes() == array.tobytes()
    assert path.stat().st_size < 0.95 * (tmp_path / "b.safetensors").stat().st_size


def test_it_is_read_as_the_format_says_by_whoever_has_hdf5(path: Path) -> None:
    with h5py.File(path) as file:
        assert (file.attrs["kind"], file.attrs["version"]) == (b"latent-loom-tensors", 1)
        words = file["words"]
        assert (words.shuffle, words.compression) == (True, "gzip")
        assert np.array_equal(words[:], TENSORS["words"])


def test_the_same_tensors_make_the_same_file(path: Path, tmp_path: Path) -> None:
    write_tensors(tmp_path / "again.h5", TENSORS)
    assert (tmp_path / "again.h5").read_bytes() == path.read_bytes()


def test_what_is_cut_off_foreign_or_newer_is_refused(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    for damaged in (b"", b"nothing", whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(damaged)
        with pytest.raises((OSError, ValueError)):
            read_tensors(path)
    with h5py.File(path, "w") as file:
        file["words"] = [1.0]
    with pytest.raises(ValueError, match="kind"):
        read_tensors(path)
    with h5py.File(path, "a") as file:
        file.attrs.update({"kind": "latent-loom-tensors", "version": 2})
    with pytest.raises(ValueError, match="of version 2"):
        read_tensors(path)
    with pytest.raises(FileNotFoundError):
        read_tensors(tmp_path / "missing.h5")


def test_a_log_comes_back_whole_or_not_at_all(tmp_path: Path) -> None:
    text = "".join(f'{{"step":{step},"said":"café"}}\n' for step in range(500))
    path = tmp_path / "metrics.jsonl.zst"
    write_log(path, text)
    assert path.stat().st_size < len(text) / 4
    with open_log(path) as handle:
        assert handle.read().decode() == text
    whole = path.read_bytes()
    for damaged in (whole[:-10], whole[:100] + bytes([whole[100] ^ 1]) + whole[101:], b""):
        path.write_bytes(damaged)
        with pytest.raises(LoomError, match=r"metrics\.jsonl\.zst is cut off or damaged"):
            open_log(path)


@pytest.mark.parametrize(
    ("name", "expected"), [("step-1.safetensors", "step-1.h5"), ("metrics.jsonl", "metrics.jsonl.zst")]
)
def test_the_file_itself_comes_first(tmp_path: Path, name: str, expected: str) -> None:
    path = tmp_path / name
    assert packed(path) == tmp_path / expected
    assert stored(path) == path
    packed(path).touch()
    assert stored(path) == packed(path)
    path.touch()
    assert stored(path) == path
