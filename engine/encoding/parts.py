"""What is encoded of a run before its cache is whole, kept so that a command that was killed goes on.

A cache is published whole, so a killed `encode` leaves none. Beside it, `cached_latents/RUN.encoding/` has a file for
each variant with what is encoded so far, block by block, each with a digest; the next command takes over the blocks
that are whole and were made from the same sentences and weights in the same way. The folder is removed once the cache
is there. Nothing depends on it: where the disk has no room for it beside the cache, or another command encodes the same
run, nothing is kept.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError
from engine.storage.locks import held

Block = dict[str, NDArray[np.float32]]
"""mu and logvar (b, latent), nll and kl (b,) of consecutive sentences."""
_ENDING = ".part"
_DIGEST = 16  # bytes of XXH3


class EncodedPart:
    """What is encoded of one variant so far, in a file.

    Args:
        path: the file, there or not yet.
        about: all that the numbers follow from.
        shapes: of a sentence's arrays, in their order.
        sizes: how many sentences the blocks have, one after the other.
    """

    def __init__(self, path: Path, about: str, shapes: Mapping[str, tuple[int, ...]], sizes: Sequence[int]) -> None:
        self._path, self._about, self._shapes, self._sizes = path, about, shapes, sizes
        self._file: BinaryIO | None = None
        self._count, self._given_up = 0, False

    def blocks(self) -> Iterator[Block]:
        """The blocks that are there, as far as they are whole; what follows is cut off, to be encoded."""
        if not self._path.exists():
            return
        try:
            self._file = open(self._path, "r+b")  # noqa: SIM115 - closed by close()
            while self._count < len(self._sizes):
                begin = self._file.tell()
                block = self._read(self._file, self._sizes[self._count])
                if block is None:
                    self._file.truncate(begin)
                    self._file.seek(begin)
                    return
                self._count += 1
                yield block
        except OSError:
            self.give_up()

    def add(self, block: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep the next block; where that fails, as on a full disk, nothing is kept of this variant any more."""
        if self._given_up:
            return
        data = b"".join(np.ascontiguousarray(block[name], np.float32).tobytes() for name in self._shapes)
        try:
            if self._file is None:
                self._path.parent.mkdir(exist_ok=True)
                self._file = open(self._path, "w+b")  # noqa: SIM115 - closed by close()
            self._file.write(data + self._digest(data))
            self._file.flush()
        except OSError:
            self.give_up()
        self._count += 1

    def close(self) -> None:
        """Let go of the file."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()

    def give_up(self) -> None:
        """Keep nothing: the cache may need the room."""
        self._given_up = True
        self.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _read(self, file: BinaryIO, count: int) -> Block | None:
        size = 4 * count * sum(int(np.prod(shape)) for shape in self._shapes.values())
        data, digest = file.read(size), file.read(_DIGEST)
        if len(data) < size or self._digest(data) != digest:
            return None
        numbers, block, at = np.frombuffer(data, np.float32), {}, 0
        for name, shape in self._shapes.items():
            end = at + count * int(np.prod(shape))
            block[name] = numbers[at:end].reshape(count, *shape)
            at = end
        return block

    def _digest(self, data: bytes) -> bytes:
        from xxhash import xxh3_128

        return xxh3_128(f"{self._about} {self._count} ".encode() + data).digest()


class EncodedParts:
    """What is encoded of the variants of a run so far, in a folder.

    Args:
        folder: there or not yet.
        about: by variant, all that its numbers follow from; what is there of others is removed.
    """

    def __init__(self, folder: Path, about: Mapping[str, Mapping[str, Any]]) -> None:
        self._folder = folder
        self._about = {name: json.dumps(each, sort_keys=True) for name, each in about.items()}
        self._open: list[EncodedPart] = []
        wanted = {self._path(name) for name in about}
        for path in folder.glob(f"*{_ENDING}"):
            if path not in wanted:
                with suppress(OSError):
                    path.unlink()

    def of(self, variant: str, shapes: Mapping[str, tuple[int, ...]], sizes: Sequence[int]) -> EncodedPart:
        """What there is of a variant. Arguments as of `EncodedPart`."""
        part = EncodedPart(self._path(variant), self._about[variant], shapes, sizes)
        self._open.append(part)
        return part

    def close(self) -> None:
        """Let go of all files."""
        for part in self._open:
            part.close()

    def remove(self) -> None:
        """Remove all of it."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, variant: str) -> Path:
        from xxhash import xxh3_128

        return self._folder / f"{xxh3_128(self._about[variant].encode()).hexdigest()}{_ENDING}"


@contextmanager
def kept_parts(cache: Path, about: Mapping[str, Mapping[str, Any]], size: int) -> Iterator[EncodedParts | None]:
    """What is encoded of a run so far, removed when the block ends without an error; None where nothing can be kept.

    Args:
        cache: the file that is to be published in the block.
        about: as for `EncodedParts`.
        size: bytes that all parts have in the end, and about what the cache has.
    """
    folder, parts = cache.with_suffix(".encoding"), None
    with ExitStack() as lock:
        with suppress(LoomError):  # another command encodes the same, or this disk has no locks
            lock.enter_context(held(folder, "encoding"))
            parts = EncodedParts(folder, about)
            lock.callback(parts.close)
            if not _has_room(folder, 2 * size):
                parts.remove()
                parts = None
        yield parts
        if parts is not None:
            parts.remove()


def _has_room(folder: Path, size: int) -> bool:
    """Whether the disk has so many bytes, those counted that are in the folder already."""
    try:
        there = sum(path.stat().st_size for path in folder.glob(f"*{_ENDING}"))
        return shutil.disk_usage(folder.parent).free + there >= size
    except OSError:
        return False
