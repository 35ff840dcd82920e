"""How datasets are laid out."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.storage.hdf5_writing import CHUNK_BYTES, CHUNK_ROWS, MANY_ROWS, dataset_in_chunks, hdf5_file


@pytest.mark.parametrize(
    ("shape", "kind", "rows"),
    [
        ((10,), np.float32, 10),
        ((MANY_ROWS - 1,), np.float32, CHUNK_ROWS),
        ((MANY_ROWS,), np.float32, CHUNK_BYTES // 4),
        ((MANY_ROWS, 2), np.float32, CHUNK_BYTES // 8),
        ((MANY_ROWS, 32), np.float32, CHUNK_ROWS),
        ((MANY_ROWS, 128), np.float32, CHUNK_ROWS),
        ((MANY_ROWS,), np.int16, CHUNK_BYTES // 2),
    ],
)
def test_narrow_datasets_of_many_sentences_lie_in_large_chunks(
    tmp_path: Path, shape: tuple[int, ...], kind: type, rows: int
) -> None:
    with hdf5_file(tmp_path / "a.h5", "w") as (file, _):
        dataset_in_chunks(file, "a", shape, kind)
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["a"].chunks == (rows, *shape[1:])
        assert file["a"].fletcher32


def test_none_has_no_chunks(tmp_path: Path) -> None:
    with hdf5_file(tmp_path / "a.h5", "w") as (file, _):
        assert dataset_in_chunks(file, "a", (0, 2)).chunks is None
