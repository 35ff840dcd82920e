"""Prepared corpora on disk, opened without reading them into memory.

A corpus is a folder:

    corpus.json             kind, version, source, filters, counts, seed, fingerprint
    vocabulary.txt          one word a line
    capitals.txt            those that the text writes with capitals, so written; missing in earlier corpora
    train.ids, test.ids     the word ids of all sentences one after the other, little-endian uint16 (or uint32)
    train.offsets, ...      where each sentence begins in it: n + 1 little-endian int64 values
    valid.ids, ...          a validation part, where one was given
    test.text               the test sentences as they were written, UTF-8, one after the other
    test.text.offsets       where each begins: n + 1 little-endian int64 values, in bytes
    columns.h5              what is kept beside every sentence, if anything is

Sentences carry neither BOS nor EOS; batches are padded with PAD on the right.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from engine.corpus.earlier import how_to_prepare_anew
from engine.corpus.vocabulary import PAD, Vocabulary
from engine.errors import LoomError, from_os_error
from engine.storage.columns import COLUMNS_FILE, Columns, KeptColumn, open_columns
from engine.storage.digests import changed_files, unsealed
from engine.storage.files import read_json, settled
from engine.storage.mapped_array import MappedArray, let_go
from engine.storage.text_store import TextStore

KIND = "latent-loom-corpus"
VERSION = 2
VERSION_WITHOUT_COLUMNS = 1
"""Of corpora with nothing kept beside their sentences, which earlier programs can read."""
FILES = (
    "vocabulary.txt",
    "capitals.txt",
    "train.ids",
    "train.offsets",
    "test.ids",
    "test.offsets",
    "test.text",
    "test.text.offsets",
    "valid.ids",
    "valid.offsets",
    COLUMNS_FILE,
)
"""Every file of a corpus beside its description; those of the validation part, and the columns, where there are any."""
OFFSETS = np.dtype("<i8")
_BLOCK = 1 << 20  # offsets looked at together


def ids_dtype(vocabulary: int) -> np.dtype[Any]:
    """The type of the ids of a vocabulary of that many words."""
    return np.dtype("<u2") if vocabulary <= 65_536 else np.dtype("<u4")


class SentenceStore:
    """Sentences as word ids, read from the disk as they are asked for.

    What is read is looked at as far as that costs nothing: a sentence has one word or more and no more than there can
    be, and every word is one of the vocabulary.

    Args:
        ids: every sentence one after the other, (tokens,).
        offsets: (n + 1,) int64, the first 0 and the last the number of tokens.
        vocabulary: words that there are.
        longest: words of the longest sentence that there can be; None where that is not known.
        damaged: makes the error of what is wrong.
    """

    def __init__(
        self,
        ids: MappedArray,
        offsets: MappedArray,
        vocabulary: int = 1 << 32,
        longest: int | None = None,
        damaged: Callable[[str], LoomError] = LoomError,
    ) -> None:
        self._ids = ids
        self._vocabulary, self._longest, self._damaged = vocabulary, longest, damaged
        self._runs_of_offsets = offsets
        self._offsets: npt.NDArray[np.int64] = offsets.array
        self._lengths: npt.NDArray[np.signedinteger[Any]] | None = None

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @property
    def tokens(self) -> int:
        """Words of all sentences together, EOS not counted."""
        return int(self._offsets[-1])

    @property
    def bytes_of_id(self) -> int:
        """Bytes in which a word's id is stored."""
        return self._ids.array.itemsize

    @property
    def lengths(self) -> npt.NDArray[np.signedinteger[Any]]:
        """Words of each sentence, (n,) int16 (int32 where a sentence has more than 32,767), EOS not counted."""
        if self._lengths is None:
            # In blocks: the offsets of the paper's corpus are half a gigabyte.
            starts = range(0, len(self), _BLOCK)
            lengths: npt.NDArray[Any] = np.empty(len(self), dtype=np.int16)
            for at in starts:
                found = np.diff(self._offsets[at : at + _BLOCK + 1])
                self._check_lengths(found)
                if lengths.dtype == np.int16 and found.max() >= 1 << 15:
                    lengths = lengths.astype(np.int32)
                lengths[at : at + _BLOCK] = found
                let_go(self._offsets)
            self._lengths = lengths
        return self._lengths

    def ids(self, index: int) -> npt.NDArray[np.int64]:
        """The word ids of one sentence, (words,) int64.

        Raises:
            IndexError: there is no such sentence.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"sentence {index} of {len(self)}")
        begin, end = int(self._offsets[index]), int(self._offsets[index + 1])
        self._check_lengths(np.array([end - begin]))
        return self._checked_ids(np.asarray(self._ids.array[begin:end], dtype=np.int64), end - begin)

    def block(self, start: int, stop: int) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
        """The sentences from `start` to before `stop`, one after the other.

        Returns:
            ids (tokens,) as stored, and offsets (stop - start + 1,) int64, the first 0.

        Raises:
            IndexError: there are no such sentences.
            LoomError: the files have become shorter, or cannot be read any more.
        """
        if not 0 <= start < stop <= len(self):
            raise IndexError(f"sentences {start} to {stop} of {len(self)}")
        try:
            offsets = self._runs_of_offsets.read(np.array([start]), np.array([stop - start + 1]))
            if len(offsets) == stop - start + 1:
                self._check_lengths(np.diff(offsets))
                count = int(offsets[-1] - offsets[0])
            else:
                count = 0
            ids = self._ids.read(offsets[:1], np.array([count]))
        except OSError as error:
            raise from_os_error(error, "reading the sentences of a corpus") from error
        except ValueError:  # a file that ends within a value
            count, ids = 0, np.empty(0)
        if not count or len(ids) != count:
            raise LoomError("The files of the corpus were changed while they were read.", "Prepare the corpus again.")
        return self._checked_ids(ids, count), offsets - offsets[0]

    def batch(self, indices: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Several sentences at once.

        Returns:
            ids (batch, time) int64, padded with PAD at the right, and lengths (batch,) int64.

        Raises:
            IndexError: there is no such sentence.
        """
        rows = np.asarray(indices, dtype=np.int64)
        if rows.size == 0:
            return np.zeros((0, 0), dtype=np.int64), np.zeros(0, dtype=np.int64)
        if rows.min() < 0 or rows.max() >= len(self):
            raise IndexError(f"sentences {rows.min()} to {rows.max()} of {len(self)}")
        starts, ends = self._runs_of_offsets.read(rows, np.full(len(rows), 2)).reshape(-1, 2).T
        lengths: npt.NDArray[np.int64] = (ends - starts).astype(np.int64)
        self._check_lengths(lengths)
        steps = np.arange(int(lengths.max()), dtype=np.int64)
        inside = steps < lengths[:, None]
        padded = np.full(inside.shape, PAD, dtype=np.int64)
        padded[inside] = self._checked_ids(self._ids.read(starts, lengths), int(lengths.sum()))
        return padded, lengths

    def _check_lengths(self, lengths: npt.NDArray[Any]) -> None:
        """Raise a LoomError where a sentence has no words, or more than there can be."""
        least, most = int(lengths.min(initial=1)), int(lengths.max(initial=1))
        if least < 1 or most > (self._longest or self.tokens):
            wrong = least if least < 1 else most
            raise self._damaged(f"a sentence would have {wrong:,} words")

    def _checked_ids(self, ids: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
        """The ids, if there are `count` and each is a word of the vocabulary."""
        if len(ids) != count:
            raise self._damaged("it ends within a sentence")
        largest = int(ids.max(initial=0))
        if largest >= self._vocabulary:
            raise self._damaged(f"it has word {largest:,} of a vocabulary of {self._vocabulary:,}")
        return ids


class Corpus:
    """A prepared corpus: a vocabulary, sentences for training, sentences for testing. Made by `open`.

    Attributes:
        valid: the validation part that was given, or None.
    """

    def __init__(
        self,
        path: Path,
        settings: dict[str, Any],
        vocabulary: Vocabulary,
        train: SentenceStore,
        test: SentenceStore,
        texts: TextStore,
        valid: SentenceStore | None = None,
    ) -> None:
        self.path = path
        self.settings = settings
        self.vocabulary = vocabulary
        self.train = train
        self.test = test
        self.valid = valid
        self._texts = texts

    @property
    def name(self) -> str:
        """The name it was prepared under."""
        return str(self.settings["name"])

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the vocabulary, the ids and the split: equal for equal training material."""
        return str(self.settings["fingerprint"])

    @property
    def min_words(self) -> int:
        """The shortest sentence that was let in, in words."""
        return int(self.settings["filters"]["min_words"])

    @property
    def max_words(self) -> int:
        """The longest sentence that was let in, in words."""
        return int(self.settings["filters"]["max_words"])

    def test_texts(self) -> TextStore:
        """The test sentences as they were written, in the order of `test`."""
        return self._texts

    @property
    def kept(self) -> tuple[KeptColumn, ...]:
        """The columns that are kept beside its sentences."""
        return tuple(KeptColumn(each["name"], each["kind"]) for each in self.settings.get("columns") or ())

    def columns(self, part: str) -> AbstractContextManager[Columns]:
        """What is kept beside the sentences of "train", "test" or "valid", where `kept` says that something is.

        Raises:
            LoomError: the file is damaged.
        """
        sentences = {"train": self.train, "test": self.test, "valid": self.valid}[part]
        return open_columns(self.path, part, len(sentences or ()), partial(_damaged, self.path))

    @classmethod
    def open(cls, path: Path) -> Corpus:
        """Open the corpus in the folder `path`.

        Raises:
            LoomError: there is none, it was made by a newer version, or its files are damaged or cut off.
        """
        if not (settled(path) / "corpus.json").is_file():
            raise LoomError(f"There is no corpus in {path}.", how_to_prepare_anew(path))
        settings = read_description(path)
        given, language = settings.get("given") is True, str(settings.get("language") or "")
        vocabulary = Vocabulary.load(path / "vocabulary.txt", given, language)
        if len(vocabulary) != settings["vocabulary"]:
            raise _damaged(
                path, f"vocabulary.txt has {len(vocabulary)} words, corpus.json says {settings['vocabulary']}"
            )
        if settings.get("vocabulary_fingerprint") not in (None, vocabulary.fingerprint):
            raise _damaged(path, "the words of vocabulary.txt were changed or have changed places")
        dtype, damaged = ids_dtype(len(vocabulary)), partial(_damaged, path)
        stores = []
        for split in ("train", "test", "valid") if settings.get("valid") is not None else ("train", "test"):
            offsets = _offsets(path, f"{split}.offsets", settings[split])
            ids = _map(path, f"{split}.ids", dtype, int(offsets.array[-1]))
            stores.append(SentenceStore(ids, offsets, len(vocabulary), settings["filters"]["max_words"], damaged))
        text_offsets = _offsets(path, "test.text.offsets", settings["test"]).array
        texts = TextStore(_map(path, "test.text", np.dtype("u1"), int(text_offsets[-1])).array, text_offsets, damaged)
        if settings.get("columns") and not (path / COLUMNS_FILE).is_file():
            raise _damaged(path, f"{COLUMNS_FILE} is missing")
        changed = changed_files(path, settings.get("digests") or {})
        if changed:
            raise _damaged(path, f"{' and '.join(changed)} changed since it was prepared")
        return cls(path, settings, vocabulary, stores[0], stores[1], texts, *stores[2:])


class _Filters(BaseModel):
    model_config = ConfigDict(extra="allow")

    min_words: int
    max_words: int
    limit: int | None = None


class _Column(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str
    kind: str


class _Description(BaseModel):
    """What corpus.json holds, as far as something depends on it; FORMAT.md says what else may be there."""

    model_config = ConfigDict(extra="allow")

    name: str
    fingerprint: str
    train: NonNegativeInt
    test: NonNegativeInt
    vocabulary: NonNegativeInt
    valid: NonNegativeInt | None = None
    filters: _Filters
    source: str | None = None
    column: str | list[str] | None = None
    test_fraction: float | None = None
    seed: int | None = None
    vocabulary_fingerprint: str | None = None
    columns: list[_Column] | None = None
    digests: dict[str, str] | None = None


def read_description(path: Path) -> dict[str, Any]:
    """What corpus.json says of the corpus in a folder.

    Raises:
        LoomError: it cannot be read, is of another kind or version, or was changed since it was written.
    """
    file = path / "corpus.json"
    settings = read_json(file, f"the description of the corpus {path.name}", how_to_prepare_anew(path))
    if not isinstance(settings, dict) or settings.get("kind") != KIND:
        raise LoomError(f"{file} does not describe a corpus.", how_to_prepare_anew(path))
    version = settings.get("version")
    if version not in (VERSION_WITHOUT_COLUMNS, VERSION):
        raise LoomError(
            f"The corpus in {path} has format version {version}; this program reads up to version {VERSION}.",
            "Update Latent Loom, or prepare the corpus again.",
        )
    settings = unsealed(settings, file, f"{how_to_prepare_anew(path)}.")
    try:
        described = _Description.model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _damaged(path, f"corpus.json: {where}: {first['msg']}") from error
    unknown = sorted(set(described.digests or {}) - set(FILES))
    if unknown:
        raise _damaged(path, f"corpus.json: digests: there is no file {unknown[0]!r}")
    return settings


def _map(path: Path, name: str, dtype: np.dtype[Any], count: int) -> MappedArray:
    """Map a file of exactly `count` values."""
    return MappedArray.of_size(path / name, dtype, count, partial(_damaged, path))


def _offsets(path: Path, name: str, count: int) -> MappedArray:
    offsets = _map(path, name, OFFSETS, count + 1)
    if int(offsets.array[0]) != 0 or int(offsets.array[-1]) < 0:
        raise _damaged(path, f"{name} holds impossible positions")
    return offsets


def _damaged(path: Path, what: str) -> LoomError:
    return LoomError(f"The corpus in {path} is damaged: {what}.", how_to_prepare_anew(path))
