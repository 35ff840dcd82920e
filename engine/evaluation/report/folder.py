"""The folder of a report: whether one may be put there, and how it is published whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import UsageError
from engine.storage.digests import digest_of, sealed, unsealed
from engine.storage.files import publish_folder, read_json, settled, write_json
from engine.storage.locks import held
from engine.streams import ANOTHER_FOLDER, check_folder

KIND = "latent-loom-report"
VERSION = 1
MANIFEST = "report.json"
"""What makes a folder a report of ours; it lists the files."""
_WHAT = "what a report consists of"


def checked_folder(path: Path) -> Path:
    """The folder itself, behind links, if a report may be put there.

    Raises:
        UsageError: something is there that is no report of ours, or holds more than one.
        LoomError: it could not be written there.
    """
    place = settled(Path(os.path.realpath(path)))
    if place.exists():
        _check_replaceable(place)
    _check_writable(place)
    return place


@contextmanager
def published(place: Path, about: dict[str, Any]) -> Iterator[Path]:
    """Give an empty folder for the files of a report; on success it is moved to its place, else removed.

    Args:
        place: as `checked_folder` returned it.
        about: what the manifest says besides kind, version and files.

    Raises:
        LoomError: it cannot be written, or another process writes it.
        UsageError: as `checked_folder`, if somebody put something there meanwhile.
    """
    with held(place, "writing a report"), publish_folder(place) as scratch:
        yield scratch
        files = sorted(each.relative_to(scratch).as_posix() for each in scratch.rglob("*") if each.is_file())
        digests = {each: digest_of(scratch / each) for each in files}
        about = {"kind": KIND, "version": VERSION, **about, "files": files, "digests": digests}
        write_json(scratch / MANIFEST, sealed(about))
        checked_folder(place)


def _check_replaceable(place: Path) -> None:
    if place.is_dir() and place == Path(os.path.realpath(".")):
        raise UsageError(f"{place} is the folder that you are in.", "Name a folder in it: -o report")
    if not place.is_dir():
        raise UsageError(f"{place} is a file.", "Name a folder that is not there yet: -o FOLDER")
    if not any(place.iterdir()):
        return
    if not (place / MANIFEST).is_file():  # asked first: what holds something else may be large, and change meanwhile
        raise UsageError(
            f"{place} holds something else than a report; nothing in it was touched.", "Name another folder: -o FOLDER"
        )
    there = {each.relative_to(place).as_posix() for each in place.rglob("*") if not each.is_dir()}
    listed = _listed(place)
    more = sorted(there - listed.keys() - {MANIFEST})
    if more:
        named = ", ".join(more[:3]) + (f" and {len(more) - 3:,} more" if len(more) > 3 else "")
        raise UsageError(
            f"{place} holds files that are not of its report: {named}. Nothing in it was touched.",
            "Move them away, or name another folder: -o FOLDER",
        )
    changed = sorted(each for each in there & listed.keys() if listed[each] not in ("", digest_of(place / each)))
    if changed:
        named = ", ".join(changed[:3]) + (f" and {len(changed) - 3:,} more" if len(changed) > 3 else "")
        raise UsageError(
            f"{place} holds what was changed since the report was written: {named}. Nothing in it was touched.",
            "Move the changed files away, or name another folder: -o FOLDER",
        )


def _listed(place: Path) -> dict[str, str]:
    """The files of the report in a folder, with the digest of each; "" where an earlier version kept none."""
    file = place / MANIFEST
    document = unsealed(read_json(file, _WHAT, ANOTHER_FOLDER), file, ANOTHER_FOLDER)
    if not isinstance(document, dict) or document.get("kind") != KIND or not isinstance(document.get("files"), list):
        raise UsageError(
            f"{file} is not of a report of Latent Loom; nothing was touched.", "Name another folder: -o FOLDER"
        )
    digests = document.get("digests")
    kept = digests if isinstance(digests, dict) else {}
    return {str(each): str(kept.get(each, "")) for each in document["files"]}


def _check_writable(place: Path) -> None:
    """Tell before any work what would fail after it."""
    above = next(each for each in place.parents if each.exists())
    if not above.is_dir():
        raise UsageError(f"{place} cannot be made: {above} is a file.", "Name another folder: -o FOLDER")
    check_folder(place.parent, written=place)
