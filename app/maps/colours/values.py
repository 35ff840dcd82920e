"""The numbers that colour the points, read or computed when they are looked at first, and let go when others are.

They come from the thread that owns the cache, a variant at a time, and only for the maps that are shown. KL and lengths
lie in the atlas already, and of fewer than a million sentences the reconstruction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.maps.colours.by_region import coloured
from app.maps.colours.read import Read
from app.maps.regions.finding import RegionFinder
from app.run.atlas import LEAST_SPAN, Atlas, ColourBy, Opened, search_sentences, some_of
from app.run.context import Context
from app.widgets.categories.colours import MOST, Entry
from engine.errors import LoomError
from engine.selections.conditions import alternatives
from engine.workspace import Workspace

_CHANNEL = "colours"
_LEAST_SPAN = {"nll": LEAST_SPAN, "sigma": 0.1, "drift": 0.1, "unknown": 1.0}
"""A scale spans as much at least: where nothing differs, nothing glows."""

_OF_A_MAP = ("region", "drift")
"""What is computed from the places of a map."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked at: which numbers, and of which variant where they are of one, or of which search."""

    by: ColourBy = "KL"
    of: str = ""


class Values(QObject):
    """Numbers a sentence, by variant.

    Signals:
        changed: there are more of them, or others.
        failed: why they cannot be had.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, context: Context, finder: RegionFinder) -> None:
        """Args: context: of the open run; finder: of regions, used in the thread that owns the cache alone."""
        super().__init__()
        self._context, self._finder = context, finder
        self._wanted = Wanted()
        self._atlas: Atlas | None = None
        self._by_variant: dict[str, Floats] = {}
        self._counts: dict[str, int] = {}
        self._asked: frozenset[str] = frozenset()
        self.refused: frozenset[str] = frozenset()
        """The variants of which they cannot be had."""

        self.range: tuple[float, float] = (0.0, 1.0)
        """The ends of the scale, one for all maps."""

        self.entries: tuple[Entry, ...] = ()
        """The legend, where they are no numbers."""

    def want(self, wanted: Wanted, variants: tuple[str, ...]) -> None:
        """Have these numbers of these variants; what was had of others is let go, unless the map alone is another."""
        atlas, before = self._context.atlas, self._atlas
        if wanted != self._wanted or atlas is not before:
            if wanted == self._wanted and wanted.by not in _OF_A_MAP and atlas is not None and atlas.beside(before):
                self._asked = frozenset()
            else:
                self.forget()
            self._wanted, self._atlas = wanted, atlas
        if atlas is None or wanted.by in atlas.ranges or not variants or (wanted.by == "search" and not wanted.of):
            return
        lacking = frozenset(variants) - self._by_variant.keys()
        if lacking and not lacking <= self._asked:
            self._ask(lacking)

    def read_again(self, by: ColourBy) -> None:
        """There is more of these numbers than before; those that are known stay until they are read."""
        if by == self._wanted.by and (variants := (self._asked | self._by_variant.keys()) - self.refused):
            self._ask(frozenset(variants))

    def _ask(self, variants: frozenset[str]) -> None:
        self._asked = variants
        work = partial(
            read_values,
            wanted=self._wanted,
            variants=tuple(sorted(variants)),
            finder=self._finder,
            workspace=self._context.workspace,
            run=self._context.state.run,
            step=self._context.state.shown_step,
        )
        self._context.archive.ask(_CHANNEL, work, self._take, self._finish)

    def forget(self) -> None:
        """Look at none of them any more."""
        self._context.archive.forget(_CHANNEL)
        self._wanted, self._atlas = Wanted(), None
        self._by_variant, self._asked, self.range, self.entries = {}, frozenset(), (0.0, 1.0), ()
        self._counts, self.refused = {}, frozenset()

    def of(self, variant: str) -> Floats | None:
        """What the sentences (n,) of a variant have; None while that is not known."""
        return self._by_variant.get(variant)

    @property
    def known(self) -> bool:
        """Whether there are any."""
        return bool(self._by_variant)

    @property
    def counts(self) -> tuple[int, ...]:
        """How many sentences have a number, of each variant."""
        return tuple(self._counts.values())

    def count(self, variants: tuple[str, ...]) -> int | None:
        """How many sentences have a number of every one of these variants; None while that is not known."""
        counts = [self._counts.get(name) for name in variants]
        return None if None in counts else min((each for each in counts if each is not None), default=None)

    @property
    def awaited(self) -> bool:
        """Whether some are being read."""
        return self._context.archive.awaits(_CHANNEL)

    def _take(self, read: Read | None) -> None:
        atlas = self._context.atlas
        if read is None or atlas is None or atlas is not self._atlas or len(read.values) != atlas.n:
            return
        self._by_variant[read.variant], self.entries = read.values, read.entries
        self.refused -= {read.variant}
        self._counts[read.variant] = int(np.isfinite(read.values).sum())
        self.range = (0.0, 1.0) if read.entries else ends(self._wanted.by, list(self._by_variant.values()))
        self.changed.emit()

    def _finish(self, problem: str) -> None:
        if problem:
            self.refused |= self._asked - self._by_variant.keys()
            self.failed.emit(problem)
        self.changed.emit()


def ends(by: ColourBy, values: list[Floats]) -> tuple[float, float]:
    """The ends of the scale of some numbers: their 2nd and 98th percentile over all variants; BLEU has its own."""
    if by == "score":
        return 0.0, 100.0
    found = [np.nanpercentile(some_of(each), (2, 98)) for each in values if np.isfinite(some_of(each)).any()]
    low = min((float(pair[0]) for pair in found), default=0.0)
    high = max((float(pair[1]) for pair in found), default=1.0)
    if by == "unknown":
        low, high = 0.0, max((float(np.nanmax(each)) for each in values if np.isfinite(each).any()), default=1.0)
    if by == "drift":
        low = 0.0
    return low, max(high, low + _LEAST_SPAN.get(by, 0.0))


def read_values(
    opened: Opened,
    wanted: Wanted,
    variants: tuple[str, ...],
    finder: RegionFinder,
    workspace: Workspace,
    run: str,
    step: int | None,
) -> Iterator[Read | None]:
    """What is wanted of each variant, once it is whole; None in between, where it can be given up.

    Raises:
        LoomError: what it is computed from is not there, of some variant; after those that have it.
    """
    atlas = opened.atlas
    if atlas is None:
        return
    if wanted.by == "drift":
        yield from _drifts(atlas, wanted.of, variants)
        return
    if wanted.by == "search":
        yield from _found(atlas, wanted.of, variants)
        return
    if wanted.by == "region":
        for read in finder.find(atlas, wanted.of):
            yield from coloured(*read, variants) if read is not None else (None,)
        return
    shared: Floats | None = None
    problem: LoomError | None = None
    for variant in variants:
        if shared is not None:  # the same for every variant
            yield Read(variant, shared)
            continue
        values, done = np.full(atlas.n, np.nan, np.float32), 0
        try:
            for block in _blocks(atlas, wanted.by, variant, workspace, run, step):
                values[done : done + len(block)] = block
                done += len(block)
                yield None
        except LoomError as error:  # the other variants have theirs
            problem = problem or error
            continue
        yield Read(variant, values)
        shared = values if wanted.by == "unknown" else None
    if problem is not None:
        raise problem


def _blocks(
    atlas: Atlas, by: ColourBy, variant: str, workspace: Workspace, name: str, step: int | None
) -> Iterator[Floats]:
    from engine.maps.telling.per_sentence import mean_sigma, unknown_words

    if by == "sigma":
        yield from mean_sigma(atlas.cache, variant)
        return
    if by == "nll":
        yield atlas.nll(variant)
        return
    from engine.runs.run import Run

    run = Run.open(workspace.run(name))
    if by == "score":
        from engine.evaluation.measures.sentence_scores import greedy_scores

        yield from greedy_scores(run, workspace, variant, step)
        return
    from engine.corpus.store import Corpus
    from engine.runs.corpus_of_run import corpus_path, how_to_prepare

    corpus = Corpus.open(corpus_path(run, workspace))
    if corpus.fingerprint != atlas.cache.corpus_fingerprint or len(corpus.test) != atlas.n:
        raise LoomError(
            f"The corpus {corpus.name!r} is not the one of these maps, so nobody knows which words were unknown.",
            f"Prepare it again as it was: {how_to_prepare(run)} --replace",
        )
    yield from unknown_words(corpus.test)


def _drifts(atlas: Atlas, of: str, variants: tuple[str, ...]) -> Iterator[Read]:
    from engine.maps.telling.per_sentence import drift

    reference = atlas.numbers[of].coords if of in atlas.numbers else None
    for variant in variants:
        coords = atlas.numbers[variant].coords if variant in atlas.numbers else None
        if coords is not None and reference is not None:
            yield Read(variant, drift(coords, reference))


def _found(atlas: Atlas, text: str, variants: tuple[str, ...]) -> Iterator[Read | None]:
    """Which alternative of a search each sentence has, the first of several; NaN where it has none."""
    parts = [part for part in alternatives(text) if part]
    values, entries = np.full(atlas.n, np.nan, np.float32), []
    for at, part in enumerate(parts):
        for mask in search_sentences(atlas, part):
            if mask is None:
                yield None
                continue
            own = mask & np.isnan(values)
            values[own] = min(at, MOST)
            entries.append((part, int(own.sum())))
    for variant in variants:
        yield Read(variant, values, _legend(entries, int(np.isnan(values).sum())))


def _legend(found: list[tuple[str, int]], missing: int) -> tuple[Entry, ...]:
    """The first alternatives, the rest as one, and how many sentences have none of them."""
    entries = [Entry(text, count, at) for at, (text, count) in enumerate(found[:MOST])]
    if rest := found[MOST:]:
        entries.append(Entry(f"{len(rest):,} others", sum(count for _, count in rest), MOST))
    return (*entries, Entry("not found", missing, -1))
