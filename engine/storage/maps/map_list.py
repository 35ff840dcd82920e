"""The list of the maps of a cache that lie beside it, and of what has become of those within it.

A cache of millions of sentences has several GB. So a map that is added to it lies in a file of its own in the folder
`RUN.maps` beside `RUN.h5`, and `maps.json` there says which file holds which map, and which of the maps within the
cache have another name by now or none. Only what that list says counts, and it is published whole: so all of a change
is there or none, whenever its writer is killed. Changes are made in `cache_maps`, under the lock of the cache.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.errors import LoomError, from_os_error, in_the_way
from engine.storage.digests import sealed, unsealed
from engine.storage.files import read_json, sync_folder, write_json
from engine.workspace import naming

KIND = "latent-loom-maps"
VERSION = 1
ASIDE = ".damaged"
"""What the name of a folder ends with that is set aside, before a number if there are several."""
_FILE = re.compile(r"[0-9a-f]{32}\.h5")
_UNFINISHED = re.compile(r"\.[0-9a-f]{32}\.h5\..+\.tmp")

OfVariant = tuple[str, str]
"""A variant, and the name of one of its maps."""


@dataclass(frozen=True, slots=True)
class MapList:
    """What a list says; empty where there is none.

    Attributes:
        created, corpus_fingerprint: of the cache that it belongs to.
        beside: the file of each map that lies beside the cache.
        within: maps within the cache, by their names there, that have another name now; "" for those that are gone.
        problem: why nothing is known of a list that is there, in words for people.
    """

    created: str
    corpus_fingerprint: str
    beside: Mapping[OfVariant, str] = field(default_factory=dict)
    within: Mapping[OfVariant, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def files(self) -> frozenset[str]:
        """The files that hold a map."""
        return frozenset(self.beside.values())

    def checked(self, cache: Path) -> MapList:
        """This, before it is changed.

        Raises:
            LoomError: it is damaged, and what it names would be lost; or a file has the name of its folder.
        """
        folder = folder_of(cache)
        if folder.is_file():
            raise in_the_way(folder, f"the maps of {cache.name}")
        if self.problem:
            otherwise = f"name the folder {folder_of(cache).name} otherwise, then make its maps anew"
            raise LoomError(
                f"{self.problem.rstrip('.')}. So it is not known which maps lie beside {cache.name}; none was changed.",
                f"Put a copy of it back, or {otherwise}: python main.py project {naming(cache)}",
            )
        return self

    def added(self, variant: str, name: str, file: str, instead_of: str = "") -> MapList:
        """With a map in a file, in place of one of that name: `instead_of`, where that one lies within the cache."""
        within = {**self.within, (variant, instead_of): ""} if instead_of else self.within
        return replace(self, beside={**self.beside, (variant, name): file}, within=within)

    def renamed(self, variant: str, name: str, new: str, named_within: str = "") -> MapList:
        """With a map under another name, or under "" with none of it; `named_within` where it lies within the cache."""
        beside, within = dict(self.beside), dict(self.within)
        file = beside.pop((variant, name), "")
        if file and new:
            beside[variant, new] = file
        if not file and new == named_within:
            within.pop((variant, new), None)
        elif not file:
            within[variant, named_within] = new
        return replace(self, beside=beside, within=within)


def folder_of(cache: Path) -> Path:
    """The folder of the maps beside a cache: `demo.maps` of `demo.h5`."""
    return cache.with_suffix(".maps")


def list_of(cache: Path) -> Path:
    """The list of the maps beside a cache."""
    return folder_of(cache) / "maps.json"


def read_list(cache: Path, created: str, corpus_fingerprint: str) -> MapList:
    """The list of a cache; an empty one where there is none, where it is damaged, or where it is of an earlier cache.

    Args:
        cache: its file.
        created, corpus_fingerprint: its attributes.

    Raises:
        LoomError: it is of a newer version.
    """
    path, empty = list_of(cache), MapList(created, corpus_fingerprint)
    try:
        document = unsealed(read_json(path, "the list of maps"), path, "")
        if document["kind"] != KIND:
            raise ValueError(f"its kind is {document['kind']!r}")
        newer = document["version"] > VERSION
        found = None if newer else _found(document)
    except LoomError as error:
        return replace(empty, problem=error.message) if path.exists() else empty
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return replace(empty, problem=f"{path} is damaged: {error}.")
    if found is None:
        raise LoomError(
            f"{path} has version {document['version']} of the list of maps; this program reads up to {VERSION}.",
            f"Update the program, or move {path.parent} away and make the maps anew.",
        )
    return found if (found.created, found.corpus_fingerprint) == (created, corpus_fingerprint) else empty


def _found(document: Mapping[str, Any]) -> MapList:
    of = document["cache"]
    beside = {_variant_and_name(each): str(each["file"]) for each in document["maps"]}
    for file in beside.values():
        if not _FILE.fullmatch(file):
            raise ValueError(f"{file!r} is no file of maps")
    within = {_variant_and_name(each): str(each["shown_as"] or "") for each in document["within"]}
    return MapList(str(of["created"]), str(of["corpus_fingerprint"]), beside, within)


def _variant_and_name(entry: Mapping[str, Any]) -> OfVariant:
    return str(entry["variant"]), str(entry["name"])


def put_list(cache: Path, listed: MapList) -> None:
    """Publish a list; an empty one is none at all.

    Raises:
        LoomError: it cannot be written or removed; then the earlier one stays.
    """
    path = list_of(cache)
    if not listed.beside and not listed.within:
        remove_list(cache)
        return
    document = {
        "kind": KIND,
        "version": VERSION,
        "cache": {"created": listed.created, "corpus_fingerprint": listed.corpus_fingerprint},
        "maps": [
            {"variant": variant, "name": name, "file": file} for (variant, name), file in sorted(listed.beside.items())
        ],
        "within": [
            {"variant": variant, "name": name, "shown_as": shown or None}
            for (variant, name), shown in sorted(listed.within.items())
        ],
    }
    write_json(path, sealed(document))
    sync_folder(cache.parent)  # where the folder may be new


def remove_list(cache: Path) -> None:
    """Remove the list of a cache, if it has one: then nothing lies beside it any more. Raises as `put_list`."""
    path = list_of(cache)
    try:
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)
    except NotADirectoryError:
        pass
    except OSError as error:
        raise from_os_error(error, f"removing {path}") from error


def clear_files(cache: Path, files: Collection[str] = ()) -> None:
    """Remove the files of maps that no list names any more, and the folder with the last; under the cache's lock.

    What cannot be removed (Windows keeps what somebody reads) is left to the next time.

    Args:
        cache: beside which they lie.
        files: those that are to stay.
    """
    folder = folder_of(cache)
    try:
        found = list(folder.iterdir())
    except OSError:
        return
    for path in found:
        if (_FILE.fullmatch(path.name) and path.name not in files) or _UNFINISHED.fullmatch(path.name):
            with suppress(OSError):
                path.unlink()
    if not files:
        with suppress(OSError):
            folder.rmdir()


def list_is_damaged(cache: Path) -> bool:
    """Whether a cache has a list of maps that cannot be read. Raises as `read_list`."""
    return bool(read_list(cache, "", "").problem)


def set_aside(cache: Path) -> None:
    """Have the maps beside a cache belong to none, but be kept: `demo.maps` is called `demo.maps.damaged` then.

    Raises:
        LoomError: the folder cannot be renamed.
    """
    folder = folder_of(cache)
    names = (folder.with_name(f"{folder.name}{ASIDE}{number}") for number in ("", *map(str, range(2, 1000))))
    try:
        folder.rename(next(name for name in names if not name.exists()))
        sync_folder(cache.parent)
    except OSError as error:
        raise from_os_error(error, f"renaming {folder}") from error


def size_beside(cache: Path) -> int:
    """Bytes of what lies beside a cache."""
    total = 0
    for path in folder_of(cache).glob("*"):
        with suppress(OSError):
            total += path.stat().st_size
    return total
