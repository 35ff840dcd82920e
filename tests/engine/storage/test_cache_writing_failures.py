"""A cache that cannot be written: wrong numbers, a full disk; the earlier one stays."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.errors import LoomError
from engine.storage import guarded_file
from engine.storage.cache_maps import add_projections
from engine.storage.cache_writer import CacheWriter, write_cache
from tests.engine.storage.caches import arrays, info, make_cache, texts
from tests.engine.storage.small_caches import read_all, with_writer, without_locks


def _incomplete(writer: CacheWriter) -> None:
    writer.add_variant(info("vae"), **{name: values[:19] for name, values in arrays(20, 4).items()})


def _too_many(writer: CacheWriter) -> None:
    writer.add_variant(info("vae"), **arrays(21, 4))


def _twice(writer: CacheWriter) -> None:
    writer.add_variant(info("vae"), **arrays(20, 4))
    writer.start_variant(info("vae"))


def _nan(writer: CacheWriter) -> None:
    values = arrays(20, 4)
    values["logvar"][13, 2] = np.inf
    writer.add_variant(info("vae"), **values)


def _wrong_size(writer: CacheWriter) -> None:
    writer.add_variant(info("vae"), **arrays(20, 5))


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (_incomplete, "has 19 of 20 sentences"),
        (_too_many, "more than the 20 sentences"),
        (_twice, "already"),
        (_nan, "logvar of vae is not finite for sentence 13"),
        (_wrong_size, "mu of vae has shape"),
    ],
)
def test_what_cannot_be_a_cache_is_not_written_and_the_earlier_one_stays(
    small: Path, action: Callable[[CacheWriter], None], message: str
) -> None:
    before = small.read_bytes()
    with pytest.raises(LoomError, match=message):
        with_writer(small, action)
    assert small.read_bytes() == before
    assert without_locks(small.parent) == ["small.h5"]


@pytest.mark.parametrize(("sentences", "words"), [(19, 20), (21, 20), (0, 20), (20, 0)])
def test_sentences_and_lengths_must_agree(tmp_path: Path, sentences: int, words: int) -> None:
    with (
        pytest.raises(LoomError, match="sentences and"),
        write_cache(
            tmp_path / "x.h5",
            run="r",
            corpus_fingerprint="c",
            latent=2,
            sentences=texts(sentences),
            words=np.ones(words),
        ),
    ):
        pass
    assert os.listdir(tmp_path) == []


class _FullDisk(io.FileIO):
    """A file on a disk with room for `room` bytes; the last write may be done in part, as on a real one."""

    room = 0

    def write(self, data: object) -> int:
        view = memoryview(data).cast("B")  # type: ignore[call-overload]
        if self.tell() >= self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(view[: self.room - self.tell()])


@pytest.fixture
def fill_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Leave room for so many bytes in every file the cache writer opens."""

    def fill(room: int) -> None:
        monkeypatch.setattr(_FullDisk, "room", room)
        monkeypatch.setattr(guarded_file, "open", lambda path, mode, buffering: _FullDisk(path, mode), raising=False)

    return fill


def test_a_disk_that_fills_up_at_any_point_leaves_the_earlier_cache(
    small: Path, fill_disk: Callable[[int], None]
) -> None:
    needed = make_cache(small.with_name("same.h5"), {"vae": arrays(20, 4)}).stat().st_size
    before = small.read_bytes()
    for room in range(0, needed, 997):
        fill_disk(room)
        with pytest.raises(LoomError, match="disk is full while writing") as caught:
            make_cache(small, {"vae": arrays(20, 4)})
        assert caught.value.hint
        assert small.read_bytes() == before
        assert without_locks(small.parent) == ["same.h5", "small.h5"]
    fill_disk(needed)
    read_all(make_cache(small, {"vae": arrays(20, 4)}))


def test_a_disk_that_fills_up_when_a_map_is_added_leaves_the_cache_and_nothing_beside_it(
    small: Path, fill_disk: Callable[[int], None]
) -> None:
    before, room, told = small.read_bytes(), 0, "disk is full"
    while told and room < 50_000:
        fill_disk(room)
        told = ""
        try:
            add_projections(small, {"vae": (np.ones((20, 2)), {})}, "another")
        except LoomError as error:
            told = error.message
        if told:
            assert small.read_bytes() == before
            assert "disk is full" in told
            assert without_locks(small.parent) == ["small.h5"]
            room += 503
    assert 1000 < room < 20_000
    read_all(small)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits on the size of files are a matter of Unix")
def test_a_refused_write_does_not_bring_the_process_down(tmp_path: Path) -> None:
    """The HDF5 library alone ends in a segmentation fault here."""
    code = f"""
import resource, signal
from pathlib import Path
import numpy as np
from engine.errors import LoomError
from tests.engine.storage.caches import arrays, make_cache
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
try:
    make_cache(Path({str(tmp_path / "large.h5")!r}), {{name: arrays(9000, 16) for name in ("a", "b")}})
except LoomError as error:
    print(error.message)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "failed: File too large" in ended.stdout
    assert os.listdir(tmp_path) == []
