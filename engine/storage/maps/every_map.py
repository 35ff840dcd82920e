"""All maps of an opened cache, whether they lie within it or beside it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import h5py
import numpy as np
from numpy.typing import NDArray

from engine.config import MapMethod
from engine.errors import LoomError
from engine.storage.cache_file import DAMAGE, all_finite, attributes_of, maps_of
from engine.storage.maps.map_file import open_map_file
from engine.storage.maps.map_list import MapList, folder_of, read_list
from engine.workspace import naming


class EveryMap:
    """The maps of a cache, as they were when it was opened: their files stay open, also if they are removed.

    Args:
        path: of the cache.
        file: the same, open; it is closed by who has opened it.
        n: its sentences.

    Raises:
        LoomError: the list of the maps is of a newer version.
    """

    def __init__(self, path: Path, file: h5py.File, n: int) -> None:
        self._path, self._n = path, n
        self._groups: Mapping[str, h5py.Group] = file["variants"]
        attributes = attributes_of(file)
        about = self._about = str(attributes.get("created", "")), str(attributes["corpus_fingerprint"])
        self._settings: dict[tuple[str, str], dict[str, Any]] = {}  # read once: a read of each attribute adds up
        kept = {variant: tuple(maps_of(group)) for variant, group in self._groups.items()}
        while True:
            self.listed: MapList = read_list(path, *about)
            self._files, self._problems = _opened(path, self.listed)
            if not self._problems or read_list(path, *about) == self.listed:
                break
            self.close()  # somebody has changed the maps between the two looks
        shown = self.listed.within
        self._within = {
            variant: {new: name for name in names if (new := shown.get((variant, name), name))}
            for variant, names in kept.items()
        }

    @property
    def are_those_of_now(self) -> bool:
        """Whether nobody has added, renamed or deleted a map since the cache was opened. Raises as `read_list`."""
        return read_list(self._path, *self._about) == self.listed

    def close(self) -> None:
        """Let go of the files beside the cache."""
        for file in self._files.values():
            file.close()

    def names(self, variant: str) -> tuple[str, ...]:
        """The names of the maps of a variant, in their order."""
        beside = {name for of, name in self.listed.beside if of == variant}
        return tuple(sorted(beside | self._within[variant].keys()))

    def file_of(self, variant: str, name: str) -> Path:
        """Where a map lies: the cache, or a file beside it."""
        file = self.listed.beside.get((variant, name))
        return self._path if file is None else folder_of(self._path) / file

    def named_within(self, variant: str, name: str) -> str:
        """What a map is named within the cache; "" where it lies beside it."""
        return "" if (variant, name) in self.listed.beside else self._within[variant].get(name, "")

    def made_from(self, variant: str, name: str) -> str:
        """The fingerprint of the weights whose latents were mapped; "" where that is not known."""
        try:
            return str(self.settings(variant, name).get("made_from", ""))
        except LoomError:
            return ""  # damaged, as is told when it is read

    def settings(self, variant: str, name: str) -> dict[str, Any]:
        """What a map was made with. Raises a LoomError where it is damaged."""
        known = self._settings.get((variant, name))
        if known is None:
            with self._told(variant, name):
                known = self._settings[variant, name] = attributes_of(self._dataset(variant, name))
        return dict(known)

    def coordinates(self, variant: str, name: str) -> NDArray[np.float32]:
        """(n, 2) places of the sentences.

        Raises:
            LoomError: the map is damaged, or has no place for some.
        """
        with self._told(variant, name):
            values: NDArray[np.float32] = self._dataset(variant, name)[:].astype(np.float32, copy=False)
        if not all_finite(values):
            count = int((~np.isfinite(values).all(axis=1)).sum())
            raise LoomError(
                f"{self.file_of(variant, name)}: the map {name!r} of {variant} has no place for {count:,} of "
                f"{self._n:,} sentences.",
                self._how_to_make_again(variant, name),
            )
        return values

    def _dataset(self, variant: str, name: str) -> h5py.Dataset:
        file = self.listed.beside.get((variant, name))
        if file is None:
            return self._groups[variant]["projections"][self._within[variant][name]]
        if file in self._problems:
            raise ValueError(self._problems[file])
        dataset = self._files[file]["variants"][variant]
        if dataset.shape != (self._n, 2) or dataset.dtype.kind != "f":
            raise ValueError(f"it has shape {dataset.shape} and type {dataset.dtype}")
        return dataset

    def _how_to_make_again(self, variant: str, name: str) -> str:
        if name in get_args(MapMethod):
            return f"Make it anew: python main.py project {naming(self._path)} --method {name} --variants {variant}"
        delete = f"python main.py project {naming(self._path)} --delete {shlex.quote(name)} --variants {variant}"
        return f"Delete it, then make it anew: {delete}"

    @contextmanager
    def _told(self, variant: str, name: str) -> Iterator[None]:
        try:
            yield
        except DAMAGE as error:
            reason = " ".join(str(error).split()).strip("'\"")[:160]
            raise LoomError(
                f"{self.file_of(variant, name)}: the map {name!r} of {variant} is damaged or cut off ({reason}).",
                self._how_to_make_again(variant, name),
            ) from error


def _opened(cache: Path, listed: MapList) -> tuple[dict[str, h5py.File], dict[str, str]]:
    """The files of maps that can be opened, and what is wrong with the others."""
    files: dict[str, h5py.File] = {}
    problems: dict[str, str] = {}
    for name in sorted(listed.files):
        try:
            files[name] = open_map_file(folder_of(cache) / name)
        except DAMAGE as error:
            problems[name] = "it is missing" if isinstance(error, FileNotFoundError) else str(error)
    return files, problems
