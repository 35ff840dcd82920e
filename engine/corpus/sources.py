"""Where text comes from: the name a person gives becomes a stream of sentences.

A name is `demo`, `hf:DATASET`, a file or a folder. The type of a file is told by its name: .txt, .jsonl (.ndjson),
.json, .csv, .tsv, each also with .gz or .zst behind it, .parquet, .xlsx and .docx. A .txt whose lines are rows of
cells with tabs between them is a table too. A folder stands for all such files but .json in it and below, in the order
of their names; files of other types and hidden ones are left out.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from engine.corpus.demo.shipped import demo_sentences
from engine.corpus.lines import line_blocks
from engine.corpus.reading import Blocks, Reading, Source
from engine.corpus.records.archives import refuse_archive
from engine.corpus.records.document import document_texts
from engine.corpus.records.huggingface import hub_sentences
from engine.corpus.records.json_document import json_document_texts
from engine.corpus.records.json_lines import json_texts
from engine.corpus.records.parquet import parquet_texts
from engine.corpus.records.tables import looks_like_table, table_texts
from engine.corpus.records.word_lines import looks_like_word_lines, word_line_sentences
from engine.corpus.records.workbook import workbook_texts
from engine.corpus.sentences import divided
from engine.errors import LoomError, UsageError, from_os_error

SUFFIXES = (
    ".txt",
    ".tokens",  # as WikiText is published, words cut or not
    ".raw",
    ".conll",
    ".conllu",
    ".json",
    ".jsonl",
    ".ndjson",
    ".csv",
    ".tsv",
    ".parquet",
    ".xlsx",
    ".docx",
    ".gz",
    ".zst",
)
_ABOUT = ".json"
"""What in a folder is more often about the texts than one of them."""
_TYPES = (
    "Text can be read from .txt .tokens .raw .conll .jsonl .json .csv .tsv (also with .gz or .zst), .parquet, .xlsx "
    "and .docx."
)

_Texts = Callable[[Path, Reading], Blocks]
_RECORDS: dict[str, _Texts] = {
    ".json": json_document_texts,
    ".jsonl": json_texts,
    ".ndjson": json_texts,
    ".csv": partial(table_texts, tabs=False),
    ".tsv": partial(table_texts, tabs=True),
    ".parquet": parquet_texts,
    ".xlsx": workbook_texts,
    ".docx": document_texts,
}
_WITH_COLUMNS = frozenset(_RECORDS) - {".docx"}
_COMPACT = {".parquet": "Parquet file", ".xlsx": "Excel workbook", ".docx": "Word document"}
"""Files that are compressed by themselves."""
_TABLES = (".csv", ".tsv")


class NotATable(UsageError):
    """A column or a separator is asked for, and the source has none."""


def open_part(
    name: str,
    others: Iterable[str],
    columns: Sequence[str] = (),
    separator: str | None = None,
    option: str = "--column",
) -> Source:
    """As `open_source`, for one of several parts: one that is no table is read as it is if one of the others is one."""
    try:
        return open_source(name, columns, separator, option)
    except NotATable:
        if not any(_has_cells(other, columns, separator) for other in others if other != name):
            raise
        return open_source(name)


def _has_cells(name: str, columns: Sequence[str], separator: str | None) -> bool:
    try:
        open_source(name, columns, separator)
    except LoomError:
        return False
    return True


def is_text(name: str) -> bool:
    """Whether what `name` stands for, see above, is text in some encoding, or a folder, which may hold such text."""
    return name != "demo" and not name.startswith("hf:") and _inner_suffix(Path(name)) not in _COMPACT


def open_source(
    name: str, columns: Sequence[str] = (), separator: str | None = None, option: str = "--column"
) -> Source:
    """The stream of sentences that `name` stands for.

    Args:
        name: see above.
        columns: those that will be asked for, if any.
        separator: of the cells, if it will be asked for.
        option: by which columns are asked for.

    Raises:
        UsageError: it stands for none, for a file of another type, or for one without columns or cells where one is
            asked for.
        LoomError: the file is empty, or the folder holds no text.
    """
    no_columns = NotATable(
        f"{name} has no columns.",
        f"Leave out {option}; it is for .jsonl .json .csv .tsv .parquet .xlsx and hf:DATASET.",
    )
    no_cells = NotATable(f"{name} is no table.", "Leave out --separator; it is for .csv .tsv and .txt.")
    if separator is not None and (name == "demo" or name.startswith("hf:")):
        raise no_cells
    if name == "demo":
        if columns:
            raise no_columns
        return demo_sentences
    if name.startswith("hf:"):
        return partial(hub_sentences, name.removeprefix("hf:"))
    path = Path(name).expanduser()
    try:
        if path.is_dir():
            return partial(_folder_sentences, path)
        if not path.exists():
            raise UsageError(
                f"There is no file or folder {name}.", "Give a file, a folder, `demo`, or hf:DATASET for a dataset."
            )
        refuse_archive(path)
        if path.suffix.lower() not in SUFFIXES:
            types = _TYPES if path.suffix else f"If it is text, give it a name that ends in .txt. {_TYPES}"
            raise UsageError(f"{name} is of a type that cannot be read ({path.suffix or 'no suffix'}).", types)
        if not path.is_file():
            raise UsageError(f"{path} is neither a file nor a folder.", "Write its text to a file first.")
        if path.is_file() and _size(path) == 0:
            raise LoomError(f"{name} is empty.", "Choose a file that holds text.")
    except OSError as error:
        raise from_os_error(error, f"looking at {name}") from error
    suffix = _inner_suffix(path)
    if separator is not None and suffix in _RECORDS and suffix not in _TABLES:
        raise no_cells
    if columns and separator is None and suffix not in _WITH_COLUMNS and not _is_table(path, Reading()):
        raise no_columns
    return partial(_files_sentences, [path])


def _folder_sentences(folder: Path, reading: Reading) -> Blocks:
    files: list[Path] = []
    others: Counter[str] = Counter()
    for place, folders, names in os.walk(folder, onerror=_cannot_look):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(place, name)
            if name.startswith((".", "~$")):  # what Office writes beside an open file is no text
                continue
            if file.suffix.lower() not in SUFFIXES or _inner_suffix(file) in (_ABOUT, ".tar"):
                others[file.suffix or "no suffix"] += 1
            elif _size(file) == 0:
                reading.note(f"{file} is empty.")
            else:
                files.append(file)
    if others:
        kinds = ", ".join(f"{number} {suffix}" for suffix, number in sorted(others.items()))
        reading.note(f"Files of other types were left out: {kinds}.")
    if not files:
        raise LoomError(f"The folder {folder} holds no file of text.", _TYPES)
    yield from _files_sentences(sorted(files), reading)


def _files_sentences(files: list[Path], reading: Reading) -> Blocks:
    reading.unit = "bytes"
    reading.total = sum(map(_size, files))
    for file in files:
        suffix = _inner_suffix(file)
        if suffix in _COMPACT and suffix != file.suffix.lower():
            raise UsageError(
                f"{file} is a compressed {_COMPACT[suffix]}.", "Decompress it first: it is compact itself."
            )
        texts = _RECORDS.get(suffix)
        if texts is None and reading.separator is None and not reading.asked and looks_like_word_lines(file, reading):
            yield from word_line_sentences(file, reading)
            continue
        if texts is None and (reading.separator is not None or _is_table(file, reading)):
            texts = partial(table_texts, tabs=True)
        if texts is None:
            yield from divided(line_blocks(file, reading), reading, lines=True)
        else:
            yield from divided(texts(file, reading), reading, lines=False)


def _is_table(file: Path, reading: Reading) -> bool:
    """Whether a text file is a table all the same: its first lines are rows of cells with tabs between them."""
    blocks = line_blocks(file, Reading(encoding=reading.encoding))
    try:
        return looks_like_table(next(iter(blocks), []))
    except LoomError:  # told when it is read
        return False
    finally:
        blocks.close()


def _inner_suffix(file: Path) -> str:
    """The suffix that tells the type of a file, without that of its compression."""
    suffix = file.suffix.lower()
    return file.with_suffix("").suffix.lower() if suffix in (".gz", ".zst") else suffix


def _size(file: Path) -> int:
    """Bytes of a file; a link that leads nowhere counts as empty."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise from_os_error(error, f"looking at {file}") from error


def _cannot_look(error: OSError) -> None:
    raise from_os_error(error, f"looking into {error.filename}")
