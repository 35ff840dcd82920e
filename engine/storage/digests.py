"""Digests of files: whether they still hold what was written.

A digest is XXH3 with 128 bits, which finds any damage and goes as fast as a disk; it keeps nobody from forging a file.
Reading a large file again at every start would take too long, so what was found right is remembered with the file's
size and time in `.verified.json` beside it, and read again only when one of them has changed; `verify` always reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.errors import LoomError, from_os_error
from engine.storage.files import read_json, write_json

SEAL = "digest"
"""The key of a JSON document that holds the digest of all the others."""
VERIFIED = ".verified.json"
_BLOCK = 1 << 20


def digest_of(path: Path) -> str:
    """The digest of a file, 32 hexadecimal digits.

    Raises:
        LoomError: it cannot be read.
    """
    from xxhash import xxh3_128

    digest = xxh3_128()
    try:
        with open(path, "rb") as handle:
            while block := handle.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error
    return digest.hexdigest()


def digest_of_document(document: Mapping[str, Any]) -> str:
    """The digest of a JSON document without its seal: of its keys in order, without white space, in ASCII."""
    from xxhash import xxh3_128

    bare = {key: value for key, value in document.items() if key != SEAL}
    return xxh3_128(json.dumps(bare, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its own digest in it."""
    return {**document, SEAL: digest_of_document(document)}


def seal_holds(document: Mapping[str, Any]) -> bool:
    """Whether a document is what was sealed, or never was sealed."""
    return document.get(SEAL) is None or document[SEAL] == digest_of_document(document)


def unsealed(document: Any, path: Path, way_out: str) -> Any:
    """The document without its seal. One without a seal, or with null for one, is taken as it is.

    Raises:
        LoomError: it is not what was sealed; the hint is `way_out`, and what to do if the change is wanted.
    """
    if not isinstance(document, dict):
        return document
    if not seal_holds(document):
        raise LoomError(
            f"{path} was changed since it was written, so nothing in it can be relied on.",
            f"{way_out} If the change is wanted, set {SEAL!r} to null in the file.",
        )
    return {key: value for key, value in document.items() if key != SEAL}


def digests_of(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The digests of files of a folder, by name. Raises as `digest_of`."""
    return {name: digest_of(folder / name) for name in names}


def changed_files(folder: Path, expected: Mapping[str, str], everything: bool = False) -> list[str]:
    """The names of the files that do not hold what they did when their digests were taken.

    Args:
        folder: of the files.
        expected: their digests, by name.
        everything: read all of them, also those that were found right before and have the same size and time.

    Raises:
        LoomError: a file cannot be read.
    """
    known, changed, fresh = _remembered(folder), [], False
    for name, digest in expected.items():
        path = folder / name
        if not everything and known.get(name) == _now(path, digest):
            continue
        fresh = True
        if digest_of(path) == digest:
            known[name] = _now(path, digest)
        else:
            known.pop(name, None)
            changed.append(name)
    if fresh:
        _remember(folder, known)
    return changed


def remember(folder: Path, digests: Mapping[str, str]) -> None:
    """Note of files that were just written, with these digests, that they need not be read again."""
    _remember(folder, {**_remembered(folder), **{name: _now(folder / name, each) for name, each in digests.items()}})


def _now(path: Path, digest: str) -> list[Any]:
    try:
        about = path.stat()
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error
    return [about.st_size, about.st_mtime_ns, digest]


def _remembered(folder: Path) -> dict[str, Any]:
    try:
        document = read_json(folder / VERIFIED, "which files were read and found right")
    except LoomError:
        return {}  # they are read again
    return document if isinstance(document, dict) else {}


def _remember(folder: Path, known: Mapping[str, Any]) -> None:
    with suppress(LoomError):  # a folder that may not be written is read again at every start
        write_json(folder / VERIFIED, known, make_folder=False)
