"""Chosen test sentences in files for other programs: tables, TensorBoard's projector, NumPy.

Written a block of sentences at a time, so that millions need no more memory than thousands, and published whole.

A table is long, as all that this program writes for programs: a line is one sentence of one variant. Sentences are
numbered from 1 where people read them, and in the columns of tables; `ids.npy` has their rows, from 0.

The projector reads `vectors.tsv` without a heading, and takes the first line of `metadata.tsv` for one if, and only if,
that has a tab in it; quotes mean nothing to it, so tabs and line ends within a text become spaces. It refuses vectors
of one dimension. (tensorboard/plugins/projector: data-provider.ts, projector_plugin.py)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Literal, TextIO, get_args

import numpy as np
from numpy.typing import NDArray

from engine.errors import LoomError
from engine.events import Done, Event, Progress
from engine.selections.chosen import Mask
from engine.storage.files import export, publish_folder, writing_failed
from engine.storage.latent_cache import LatentCache, blocks
from engine.storage.locks import held
from engine.workspace import checked_name

Format = Literal["csv", "parquet", "projector", "npy"]
FORMATS: tuple[Format, ...] = get_args(Format)
FOLDERS: tuple[Format, ...] = ("projector", "npy")
"""Formats that are a folder of files."""
BESIDE = "data."
"""What the names of columns begin with that are kept beside the sentences."""
_AT_ONCE = 2048  # sentences
_BREAKS = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class _Block:
    """Chosen sentences that lie in one block of the cache.

    Attributes:
        rows: the block.
        within: their places in it.
        ids: their places in the cache.
    """

    rows: slice
    within: NDArray[np.intp]
    ids: NDArray[np.int64]


def checked_export(cache: LatentCache, mask: Mask, path: Path, format: str, variants: Sequence[str] = ()) -> None:
    """Find out what keeps chosen sentences from being written, before anything is.

    Raises:
        LoomError: none is chosen, there is no such variant, z has too few dimensions for the projector, or something is
            at the place already that a folder cannot take.
    """
    if len(mask) != cache.n:
        raise LoomError(f"The selection is of {len(mask):,} sentences, and the cache holds {cache.n:,}.")
    if not mask.any():
        raise LoomError("No sentence is selected, so there is nothing to write.", "Select some first.")
    for name in variants:
        cache.info(name)
    if format == "projector" and cache.latent < 2:
        raise LoomError("The projector of TensorBoard shows no vectors of one dimension.", "Write them as npy.")
    if format in FOLDERS and path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise LoomError(f"{path} is there already.", "Name a folder that is not there yet.")
    if format not in FOLDERS and path.is_dir():
        raise LoomError(f"{path} is a folder.", f"Name the file in it, as in {path / f'selection.{format}'}.")


def export_chosen(
    cache: LatentCache,
    mask: Mask,
    path: Path,
    format: Format,
    variants: Sequence[str] = (),
    maps: Mapping[str, str] | None = None,
) -> Iterator[Event]:
    """Write chosen sentences.

    Args:
        cache: of the run.
        mask: (n,) which of its sentences.
        path: the file, or the new folder.
        format: which.
        variants: whose latents; () for all of the cache.
        maps: the map whose places stand in a table, by variant, "" for none; `usual_map` of those that are not given.

    Yields:
        Progress after every block, and Done with `path`, `sentences` and `files`.

    Raises:
        LoomError: as `checked_export`, or it cannot be written, or the cache is damaged.
    """
    names = tuple(variants) or cache.variants
    checked_export(cache, mask, path, format, names)
    write = {"csv": _csv, "parquet": _parquet, "projector": _projector, "npy": _npy}[format]
    chosen = maps or {}
    with ExitStack() as stack:
        try:
            if format in FOLDERS:
                # Between two exports to one place; the person's own folder is to hold nothing of it afterwards.
                stack.callback(path.with_name(f".{path.name}.lock").unlink, missing_ok=True)
                stack.enter_context(held(path, "exporting"))
                target = stack.enter_context(publish_folder(path))
            else:
                target = stack.enter_context(export(path))
            writer = write(cache, names, chosen, target, stack)
            total, done = int(np.count_nonzero(mask)), 0
            yield Progress("exporting", 0, total, "sentences")
            for rows in blocks(cache.n, _AT_ONCE):
                within = np.flatnonzero(mask[rows])
                if len(within):
                    writer(_Block(rows, within, within + rows.start))
                    done += len(within)
                    yield Progress("exporting", done, total, "sentences")
        except OSError as error:
            raise writing_failed(error, path) from error
    files = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
    yield Done({"path": str(path), "sentences": total, "files": files if format in FOLDERS else []})


Writer = Callable[[_Block], None]


def usual_map(cache: LatentCache, variants: Sequence[str]) -> str:
    """The map whose places stand in a table: the one that most variants have, "umap" of several; "" where none has one.

    One for all, as places on different maps have nothing to do with each other.
    """
    counts = Counter(name for variant in variants for name in cache.projections(variant))
    return min(counts, key=lambda name: (-counts[name], name != "umap", name), default="")


def _maps_of(cache: LatentCache, variants: Sequence[str], maps: Mapping[str, str]) -> dict[str, str]:
    """The map of each variant; "" where it does not have the one."""
    usual = usual_map(cache, variants)
    having = {variant: usual if usual in cache.projections(variant) else "" for variant in variants}
    return {variant: maps.get(variant, having[variant]) for variant in variants}


class _Beside:
    """What is kept beside the sentences, column by column."""

    def __init__(self, cache: LatentCache) -> None:
        self._columns = cache.columns
        self.kinds = {each.name: each.kind for each in cache.columns.all} if cache.columns is not None else {}
        categories = [name for name, kind in self.kinds.items() if kind == "category"]
        self._categories = {name: cache.columns.categories(name) for name in categories if cache.columns is not None}

    def of(self, block: _Block) -> dict[str, list[Any]]:
        """The values of the chosen sentences by column, None where one is missing."""
        found: dict[str, list[Any]] = {}
        for name, kind in self.kinds.items():
            if kind == "category":
                there = self._categories[name]
                codes = there.codes[block.ids].tolist()
                found[name] = [there.values[code] if code >= 0 else None for code in codes]
            elif self._columns is not None:
                numbers = self._columns.numbers(name, block.rows)[block.within].tolist()
                found[name] = [None if number != number else number for number in numbers]
        return found


class _Lines:
    """The lines of a table, block by block."""

    def __init__(self, cache: LatentCache, names: Sequence[str], maps: Mapping[str, str]) -> None:
        import pyarrow as pa

        self._cache, self._names = cache, names
        self._beside, self._words = _Beside(cache), cache.words()
        self._maps = _maps_of(cache, names, maps)
        self._places = {name: cache.projection(name, of) for name, of in self._maps.items() if of}
        beside = [
            (f"{BESIDE}{name}", pa.string() if kind == "category" else pa.float64())
            for name, kind in self._beside.kinds.items()
        ]
        self.schema = pa.schema(
            [
                ("test_sentence", pa.int64()),
                ("sentence", pa.string()),
                ("tokens", pa.int16()),
                ("variant", pa.string()),
                ("model", pa.string()),
                ("kl", pa.float32()),
                ("nll", pa.float32()),
                ("map", pa.string()),
                ("map_x", pa.float32()),
                ("map_y", pa.float32()),
                *beside,
            ],
            metadata={
                "run": cache.run,
                "corpus_fingerprint": cache.corpus_fingerprint,
                **{f"model_fingerprint.{name}": cache.info(name).model_fingerprint for name in names},
            },
        )

    def batch(self, block: _Block) -> Any:
        """The lines of a block, those of a sentence one below the other."""
        import pyarrow as pa

        cache, names, k, within = self._cache, self._names, len(block.ids), block.within
        sentences = cache.sentences(block.rows)
        texts = [sentences[at] for at in within.tolist()]
        across = partial(np.repeat, repeats=len(names))

        def by_variant(values: Callable[[str], NDArray[Any] | None]) -> Any:
            columns = [values(name) for name in names]
            nothing = np.array([column is None for column in columns])
            filled = [np.zeros(k, np.float32) if column is None else column for column in columns]
            return pa.array(np.stack(filled, axis=1).ravel(), pa.float32(), mask=np.tile(nothing, k))

        def place(name: str, axis: int) -> NDArray[np.float32] | None:
            return self._places[name][block.ids, axis] if name in self._places else None

        labels = [cache.info(name).label for name in names]
        kinds = [self._maps[name] or None for name in names]
        columns = [
            pa.array(across(block.ids + 1)),
            pa.array([text for text in texts for _ in names], pa.string()),
            pa.array(across(self._words[block.ids]), pa.int16()),
            pa.array(list(names) * k, pa.string()),
            pa.array(labels * k, pa.string()),
            by_variant(lambda name: cache.kl(name, block.rows)[within]),
            by_variant(lambda name: cache.nll(name, block.rows)[within]),
            pa.array(kinds * k, pa.string()),
            by_variant(lambda name: place(name, 0)),
            by_variant(lambda name: place(name, 1)),
        ]
        kept = self._beside.of(block)
        columns += [
            pa.array([value for value in kept[name] for _ in names], self.schema.field(f"{BESIDE}{name}").type)
            for name in kept
        ]
        return pa.record_batch(columns, schema=self.schema)


def _csv(cache: LatentCache, names: Sequence[str], maps: Mapping[str, str], path: Path, stack: ExitStack) -> Writer:
    from pyarrow.csv import CSVWriter

    lines = _Lines(cache, names, maps)
    writer = stack.enter_context(CSVWriter(path, lines.schema))
    return lambda block: writer.write_batch(lines.batch(block))


def _parquet(cache: LatentCache, names: Sequence[str], maps: Mapping[str, str], path: Path, stack: ExitStack) -> Writer:
    from pyarrow.parquet import ParquetWriter

    lines = _Lines(cache, names, maps)
    writer = stack.enter_context(ParquetWriter(path, lines.schema))
    return lambda block: writer.write_batch(lines.batch(block))


def _projector(
    cache: LatentCache, names: Sequence[str], maps: Mapping[str, str], path: Path, stack: ExitStack
) -> Writer:
    """A folder for each variant, with its vectors and what is known of them, and one file that names them all."""
    import pyarrow as pa
    from pyarrow.csv import CSVWriter, WriteOptions

    beside, words = _Beside(cache), cache.words()
    heading = ["sentence", "test_sentence", "tokens", "kl", "nll", *(f"{BESIDE}{name}" for name in beside.kinds)]
    numbers = pa.schema([(str(dimension), pa.float32()) for dimension in range(cache.latent)])
    bare = WriteOptions(include_header=False, delimiter="\t")
    files: dict[str, tuple[Any, TextIO]] = {}
    for name in names:
        folder = path / checked_name(name, "variant")
        folder.mkdir()
        vectors = stack.enter_context(CSVWriter(folder / "vectors.tsv", numbers, write_options=bare))
        known = stack.enter_context((folder / "metadata.tsv").open("w", encoding="utf-8", newline="\n"))
        known.write("\t".join(map(_cell, heading)) + "\n")
        files[name] = vectors, known
    named = "".join(_named(name, cache.info(name).label) for name in names)
    (path / "projector_config.pbtxt").write_text(named, encoding="utf-8")

    def write(block: _Block) -> None:
        sentences, kept = cache.sentences(block.rows), beside.of(block)
        for name, (vectors, known) in files.items():
            mu = cache.mu(name, block.rows)[block.within]
            vectors.write_batch(pa.record_batch([pa.array(column) for column in mu.T.copy()], schema=numbers))
            kl, nll = (read(name, block.rows)[block.within] for read in (cache.kl, cache.nll))
            for at, row in enumerate(block.within.tolist()):
                number = int(block.ids[at])
                own = [sentences[row], number + 1, int(words[number]), kl[at], nll[at]]
                cells = [*own, *(column[at] for column in kept.values())]
                known.write("\t".join("" if cell is None else _cell(str(cell)) for cell in cells) + "\n")

    return write


def _named(name: str, label: str) -> str:
    """What TensorBoard is told of a variant's files."""
    quoted = label.replace("\\", "\\\\").replace('"', '\\"')
    paths = f'  tensor_path: "{name}/vectors.tsv"\n  metadata_path: "{name}/metadata.tsv"\n'
    return f'embeddings {{\n  tensor_name: "{quoted}"\n{paths}}}\n'


def _cell(text: str) -> str:
    return _BREAKS.sub(" ", text)


def _npy(cache: LatentCache, names: Sequence[str], maps: Mapping[str, str], path: Path, stack: ExitStack) -> Writer:
    """`ids.npy` (k,) and, for each variant, its means, `VARIANT-mu.npy` (k, latent)."""

    def begun(name: str, kind: type[np.generic], columns: int = 0) -> _Growing:
        made = _Growing(stack.enter_context((path / f"{name}.npy").open("wb")), kind, columns)
        stack.callback(made.finish)
        return made

    ids = begun("ids", np.int64)
    files = {name: begun(f"{checked_name(name, 'variant')}-mu", np.float32, cache.latent) for name in names}

    def write(block: _Block) -> None:
        ids.append(block.ids)
        for name, file in files.items():
            file.append(cache.mu(name, block.rows)[block.within])

    return write


class _Growing:
    """An array in NumPy's format that is written row by row. Not mapped: a full disk would end the process there."""

    def __init__(self, file: BinaryIO, kind: type[np.generic], columns: int = 0) -> None:
        self._kind, self._columns, self._rows = np.dtype(kind).newbyteorder("<"), columns, 0
        self._file = file
        self._head()

    def _head(self) -> None:
        """The head of the format has room for any number of rows."""
        shape = (self._rows, self._columns) if self._columns else (self._rows,)
        descr = np.lib.format.dtype_to_descr(self._kind)
        np.lib.format.write_array_header_1_0(self._file, {"descr": descr, "fortran_order": False, "shape": shape})

    def append(self, rows: NDArray[Any]) -> None:
        """Add rows."""
        self._file.write(np.ascontiguousarray(rows, self._kind).tobytes())
        self._rows += len(rows)

    def finish(self) -> None:
        """Say how many rows there are."""
        self._file.seek(0)
        self._head()
