"""What a workspace holds, in plain terms: a table of names and digests that two workspaces can be compared by.

Nothing of the engine reads here; the files are opened with h5py, json and hashlib alone. What differs between two
equal results (times, machines) is left out; so is every name that starts with a dot, which is no part of a result.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.stress.children import answer_of

Contents = dict[str, str]
"""Name of a file, or of an array in one (`file:dataset`), to the digest of what it holds."""

VOLATILE = {
    "created",
    "app_version",
    "library_version",
    "began",
    "ended",
    "pid",
    "host",
    "seconds",
    "tokens_per_second",
    "digest",  # of a document in which the others are
    "memory",
}
UNREADABLE = "unreadable"
_FIGURES = (".svg", ".pdf", ".png")  # they carry their time of making; the data beside them is compared
_known: dict[str, Contents] = {}


def contents(root: Path, scratch: Path) -> Contents:
    """Everything below `root`.

    Args:
        root: a workspace.
        scratch: a folder that is not there yet, for the child that opens HDF5 files.
    """
    found: Contents = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_dir() or any(part.startswith(".") for part in Path(name).parts):
            continue
        data = path.read_bytes()
        raw = f"{path.suffix} {_digest(data)}"
        if raw not in _known:
            _known[raw] = _contents_of(path, data, scratch / str(len(_known)), str(root))
        found |= {f"{name}{part}": digest for part, digest in _known[raw].items()}
    return found


def plain(value: Any, root: str = "") -> Any:
    """A JSON document without what differs between two equal results."""
    if isinstance(value, dict):
        return {key: plain(each, root) for key, each in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [plain(each, root) for each in value]
    return value.replace(root, "W") if root and isinstance(value, str) else value


def _contents_of(path: Path, data: bytes, scratch: Path, root: str) -> Contents:
    if path.suffix == ".h5":
        answer = answer_of(lambda: _arrays(path), scratch, limit=10.0)
        return answer if isinstance(answer, dict) else {"": f"{UNREADABLE} {_digest(data)}"}
    reader = _READERS.get(path.suffix)
    try:
        return {"": _digest(repr(reader(data, root)).encode())} if reader else {"": _digest(data)}
    except (ValueError, RecursionError, KeyError, zipfile.BadZipFile):
        return {"": f"{UNREADABLE} {_digest(data)}"}


def _arrays(path: Path) -> Contents:
    import h5py

    found: Contents = {}

    def add(name: str, place: Any) -> None:
        attributes = {key: _value(place.attrs[key]) for key in sorted(place.attrs) if key not in VOLATILE}
        found[f":{name}@"] = _digest(repr(attributes).encode())
        if isinstance(place, h5py.Dataset):
            found[f":{name}"] = _array(place)

    with h5py.File(path, "r") as file:
        add("", file)
        file.visititems(add)
    return found


def _array(place: Any) -> str:
    try:
        values = place[()]
    except OSError:  # its checksum does not fit; what lies there can still be told from what lay there
        chunks = [place.id.get_chunk_info(number) for number in range(place.id.get_num_chunks())]
        raw = b"".join(place.id.read_direct_chunk(each.chunk_offset)[1] for each in chunks)
        return f"{UNREADABLE} {_digest(raw)}"
    whole = repr(list(values)).encode() if values.dtype.hasobject else values.tobytes()
    return _digest(f"{values.dtype} {values.shape} ".encode() + whole)


def _value(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _json(data: bytes, root: str) -> Any:
    return plain(json.loads(data), root)


def _json_lines(data: bytes, root: str) -> Any:
    return [plain(json.loads(line), root) for line in data.splitlines()]


def _sheets(data: bytes, root: str) -> Any:
    import io

    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist() if not name.startswith("docProps/")}


def _figure(data: bytes, root: str) -> Any:
    return len(data) > 1000


def _markdown(data: bytes, root: str) -> Any:
    return re.sub(rb"\d\d\d\d-\d\d-\d\d[T ][\d:.+]+", b"", data)


_READERS: dict[str, Callable[[bytes, str], Any]] = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".xlsx": _sheets,
    ".md": _markdown,
    **dict.fromkeys(_FIGURES, _figure),
}


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()
