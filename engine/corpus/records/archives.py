"""Archives and compressed files that are not read: what is in them is told, and what to do."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from itertools import islice
from pathlib import Path

from engine.errors import UsageError

_TARS = (".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")
_OTHERS = (".7z", ".rar")
_COMPRESSED = {".bz2": "bzip2", ".xz": "xz", ".lzma": "xz", ".lz4": "lz4", ".br": "Brotli"}
_NAMED = 3
"""Files of an archive that are named."""
_LOOKED_AT = 1000


def refuse_archive(path: Path) -> None:
    """Refuse a file that is an archive by its name, or compressed in a way that is not read.

    Raises:
        UsageError: it is; the message names what is in it.
    """
    name = path.name.lower()
    if name.endswith((".zip", *_TARS, *_OTHERS)):
        files = _files(path)
        told = f" of {', '.join(files[:_NAMED])}{' and others' if len(files) > _NAMED else ''}" if files else ""
        raise UsageError(
            f"{path} is an archive{told}.", "Unpack it, and give the file or the folder of text that comes out."
        )
    how = _COMPRESSED.get(path.suffix.lower())
    if how is not None:
        raise UsageError(
            f"{path} is compressed with {how}.", "Decompress it first; compressed text is read as .gz and .zst."
        )


def _files(path: Path) -> list[str]:
    """The names of the first files in an archive; none where it cannot be looked into."""
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                return [each.filename for each in archive.infolist()[:_LOOKED_AT] if not each.is_dir()]
        with tarfile.open(path) as tar:
            return [each.name for each in islice(tar, _LOOKED_AT) if each.isfile()]
    except (OSError, tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError):
        return []
