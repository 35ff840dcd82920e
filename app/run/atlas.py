"""What the window keeps of an opened cache: the arrays behind the maps.

`open_atlas` runs in a worker's thread, as a large cache takes a while to read; afterwards the arrays are in memory
and only single sentences are read from the file. It also decides whether the cache fits the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.core.values import Column
from app.run.kept import read_kept
from app.run.map_shown import Places, first_map
from engine.errors import LoomError, UsageError
from engine.storage.kept_values import KeptValues
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.maps.kept_maps import KeptMap
    from engine.runs.compared import Compared
    from engine.runs.run import Run
    from engine.storage.latent_cache import LatentCache

ColourBy = Literal["KL", "nll", "length", "sigma", "unknown", "score", "search", "region", "drift"]
Fit = Literal["ready", "missing", "stale", "unmapped"]

MOST_TEXT = 32 << 20
"""Bytes of sentences that are held in memory, about three times which that takes: half a million sentences."""

MANY = 1_000_000
"""Sentences from which on nothing is read before it is looked at, where the file tells what stands beneath the maps."""

LOOKED_AT = 200_000
"""Sentences by which the ends of a colour scale are found, evenly among all: more tell no more."""

LEAST_SPAN = 5.0
"""Nats that a colour scale spans at least: with less, z can tell no more than about 150 sentences apart."""


@dataclass(frozen=True, slots=True)
class VariantNumbers:
    """One variant's numbers over the test set.

    Attributes:
        coords: (n, 2) places on the map that is shown, or None where it was not made.
        places: the same, with what is known of the map.
        kl, nll: (n,) nats per sentence; `nll` with one z ~ q(z|x), None where it is only read when it is looked at.
        mean_kl, mean_nll: nats per sentence.
        active_units: dimensions whose mean varies by more than 0.01 over the test set.
        carrying_units: dimensions whose mean KL over the test set is above `CARRYING_KL`.
    """

    coords: NDArray[np.float32] | None
    kl: NDArray[np.float32]
    nll: NDArray[np.float32] | None
    mean_kl: float
    mean_nll: float
    active_units: int
    carrying_units: int = 0
    places: Places = field(default_factory=Places)


@dataclass(frozen=True, eq=False)
class Atlas:
    """An opened cache. What is computed of it is kept by it, weakly: it is let go of with it.

    Attributes:
        words: (n,) lengths of the sentences in tokens.
        ranges: the ends of the colour scale of each thing that colours the points and is kept here.
        texts: the sentences, where they are few; else each is read when it is wanted, which has to wait while another
            thread reads in the file.
        kept: what is kept beside the sentences, by the names of its columns.
        map, maps: the name of the map that is shown, and all maps that there are.
        unlisted: why some of the maps beside the cache may not be known, in words.
    """

    n: int
    latent: int
    words: NDArray[np.int16]
    numbers: Mapping[str, VariantNumbers]
    ranges: Mapping[ColourBy, tuple[float, float]]
    cache: LatentCache
    texts: Sequence[str] | None = field(default=None, repr=False)
    kept: Mapping[str, KeptValues] = field(default_factory=dict, repr=False)
    map: str = ""
    maps: tuple[KeptMap, ...] = ()
    unlisted: str = ""
    _placers: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def fingerprints(self) -> tuple[str, str]:
        """Of its sentences, and of the models whose latents it holds."""
        models = {name: self.cache.info(name).model_fingerprint for name in self.cache.variants}
        return self.cache.corpus_fingerprint, " ".join(f"{name}:{models[name]}" for name in sorted(models))

    def beside(self, other: Atlas | None) -> bool:
        """Whether the other shows a map of the very same sentences and models, read when these were."""
        return other is not None and other.words is self.words

    def sentence(self, index: int) -> str:
        """The test sentence at `index`."""
        return self.texts[index] if self.texts is not None else str(self.cache.sentence(index))

    def nll(self, variant: str) -> NDArray[np.float32]:
        """(n,) nats per sentence; read from the file, in the thread that owns it, where they are not kept here."""
        kept = self.numbers[variant].nll
        return np.asarray(self.cache.nll(variant)) if kept is None else kept

    def place(self, variant: str, points: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Places (m, 2) of latent points (m, latent) on a variant's map; None where it has no map."""
        from engine.maps.placing import Placer

        name = self.numbers[variant].places.name if variant in self.numbers else ""
        if not name:
            return None
        if variant not in self._placers:
            self._placers[variant] = Placer(self.cache, variant, name)
        return np.asarray(self._placers[variant].place(points), dtype=np.float32)

    def close(self) -> None:
        """Let go of the file, so that it can be written anew."""
        self.cache.close()


@dataclass
class Opened:
    """What opening a run brought: its columns, the arrays if there are any, and whether the cache fits the run.

    All is as it was opened, but for `atlas`, which the reader's thread replaces to show another map (`other_map`).

    `broken` says of single variants why their models cannot be read, `no_models` why none can. `packaged` says that
    latents are shipped with the models, so that making the cache is a matter of seconds. `note` is what to tell of the
    steps that are compared, `step` the one that all variants are taken at; None where they are not of one. `training`
    says that the run is being trained; until `hold` is closed its checkpoints of these steps stay. `limits` are the
    tokens of the shortest and the longest sentence of the run's corpus; None where typed ones cannot be counted.
    """

    columns: tuple[Column, ...]
    fit: Fit
    reason: str = ""
    atlas: Atlas | None = None
    broken: Mapping[str, str] = field(default_factory=dict)
    no_models: LoomError | None = None
    packaged: bool = False
    note: str = ""
    step: int | None = None
    training: bool = False
    hold: ExitStack = field(default_factory=ExitStack)
    limits: tuple[int, int] | None = None


def open_atlas(
    workspace: Workspace, name: str, tell: Callable[[str], None], step: int | None = None, chosen: str = ""
) -> Opened:
    """Open a run and its cache: that of the newest checkpoint that all variants have, or of the one of a step.

    What is shown is the map that was chosen, or the usual one where that is "" or not there any more. A cache whose run
    is missing (copied from another machine) or cannot be read can still be explored, only nothing can be decoded then.

    Raises:
        LoomError: there is neither a run nor a cache of that name, or the run cannot be read.
    """
    from engine.encoding.packaged import packaged_files
    from engine.runs.compared import Compared
    from engine.runs.run import Run, none_readable
    from engine.storage.latent_cache import LatentCache
    from engine.storage.locks import is_held

    path, no_models = workspace.cache(name, step), None
    try:
        run = Run.open(workspace.run(name))
    except LoomError as error:
        if not path.is_file():
            raise
        run, no_models = None, _why_no_models(workspace.new_run(name), error)
    columns = columns_of(run) if run is not None else ()
    at, hold = _held(run, step) if run is not None else (Compared({}), ExitStack())
    errors, fingerprints = _fingerprints(run, at) if run is not None else ({}, {})
    broken = {variant: str(error) for variant, error in errors.items()}
    training = run is not None and is_held(run.path)
    text = run.settings.corpus if run is not None else None
    # How many tokens text without spaces has takes a dictionary to say, which is not at hand with every key.
    limits = (text.min_words, text.max_words) if text is not None and not text.language else None
    opened = partial(Opened, broken=broken, note=at.note, step=at.shared, training=training, hold=hold, limits=limits)
    if run is not None and not fingerprints:
        no_models = none_readable(run.name, list(errors.values()))
    if not path.is_file() and no_models is not None:
        raise no_models
    if not path.is_file():
        shipped = run is not None and step is None and bool(packaged_files(run.path))
        return opened(columns, "missing", packaged=shipped)
    tell("Reading the maps")
    try:
        cache = LatentCache.open(path)
    except LoomError as error:
        if run is None:
            raise
        if no_models is not None:
            raise no_models from error
        return opened(columns, "stale", error.message)
    reason = _why_stale(cache, run, broken, fingerprints) if run is not None else None
    if reason:
        cache.close()
        return opened(columns, "stale", reason)
    if run is None:
        columns = tuple(_cached_column(cache, variant) for variant in cache.variants)
    if not all(cache.projections(variant) for variant in cache.variants):
        cache.close()
        return opened(columns, "unmapped")
    return opened(columns, "ready", atlas=read_atlas(cache, chosen), no_models=no_models)


def newest_step(workspace: Workspace, name: str) -> int | None:
    """The newest step that every variant of a run has now; None if there is none, or the run cannot be read."""
    from engine.runs.compared import compared
    from engine.runs.run import Run

    try:
        return compared(Run.open(workspace.run(name))).shared
    except LoomError:
        return None


def read_atlas(cache: LatentCache, chosen: str = "") -> Atlas:
    """Read the arrays of an opened cache, with the places of a chosen map; the file stays open for its sentences."""
    from engine.maps.kept_maps import kept_maps

    words, (name, places) = np.asarray(cache.words()), first_map(cache, chosen)
    numbers = {variant: _numbers(cache, variant, places[variant]) for variant in cache.variants}
    size = cache.text_bytes
    texts = cache.sentences() if size is not None and size <= MOST_TEXT else None
    ranges = colour_ranges(words, list(numbers.values()))
    return Atlas(
        cache.n, cache.latent, words, numbers, ranges, cache, texts, read_kept(cache), name, tuple(kept_maps(cache)),
        cache.maps.listed.problem,
    )  # fmt: skip


def colour_ranges(words: NDArray[np.int16], numbers: Sequence[VariantNumbers]) -> dict[ColourBy, tuple[float, float]]:
    """The ends of the colour scales, one for all maps so that they can be compared.

    The 2nd and 98th percentile over all variants, as a few extreme sentences would wash out the rest. KL starts at 0,
    and no scale is narrower than `LEAST_SPAN`: where all variants have collapsed, nothing glows.
    """
    kl_high = max((_ends(one.kl)[1] for one in numbers if len(one.kl)), default=1.0)
    found: dict[ColourBy, tuple[float, float]] = {"KL": (0.0, max(kl_high, LEAST_SPAN))}
    if all(one.nll is not None for one in numbers):
        ends = [_ends(one.nll) for one in numbers if one.nll is not None and len(one.nll)]
        low, high = min((low for low, _ in ends), default=0.0), max((high for _, high in ends), default=1.0)
        found["nll"] = low, max(high, low + LEAST_SPAN)
    found["length"] = (
        float(words.min(initial=32767)) if len(words) else 0.0,
        float(words.max(initial=1)),
    )
    return found


def _ends(values: NDArray[np.float32]) -> tuple[float, float]:
    """The 2nd and the 98th percentile of numbers, or of some of very many."""
    low, high = np.percentile(some_of(values), (2, 98))
    return float(low), float(high)


def some_of(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Enough of very many numbers to find the ends of their scale by, and all of few."""
    return values[:: max(1, len(values) // LOOKED_AT)]


def search_sentences(atlas: Atlas, text: str) -> Iterator[NDArray[np.bool_] | None]:
    """Which sentences a line finds, an (n,) mask, once it is whole; see `engine.selections.conditions`.

    As it is looked for while somebody types, a part of a word is enough, and a condition without a value yet finds
    nothing. None before the mask, after every block, so that it can be given up there.

    Raises:
        LoomError: there is no such column or value, or what stands between slashes is no regular expression.
    """
    from engine.selections.conditions import is_unfinished, read_line
    from engine.selections.meeting import meeting

    try:
        yield from meeting(
            read_line(text, atlas.kept, typing=True), atlas.cache, atlas.words, atlas.kept, whole_words=False
        )
    except UsageError:
        if not is_unfinished(text, atlas.kept):
            raise
        yield np.zeros(atlas.n, np.bool_)


def columns_of(run: Run) -> tuple[Column, ...]:
    """The columns of a run, in its order."""
    return tuple(Column(v.name, v.label or v.name, v.colour, v.m) for v in run.variants)


def _held(run: Run, step: int | None) -> tuple[Compared, ExitStack]:
    """The checkpoints that are compared, kept from being deleted where the run is being trained."""
    from engine.runs.compared import compared
    from engine.storage.locks import is_held

    while True:
        at, hold = compared(run, step), ExitStack()
        if not is_held(run.path):
            return at, hold
        for name, taken in at.steps.items():
            hold.enter_context(run.checkpoints(name).in_use(taken))
        if step is not None or all(taken in run.checkpoints(name).steps() for name, taken in at.steps.items()):
            return at, hold
        hold.close()  # the training was quicker, and has newer ones


def _why_stale(cache: LatentCache, run: Run, broken: Mapping[str, str], fingerprints: Mapping[str, str]) -> str | None:
    """Why the cache has to be made anew. What it holds of a variant that cannot be read any more is still shown."""
    kept = {name: cache.info(name).model_fingerprint for name in broken if name in cache.variants}
    lacking = [name for name in fingerprints if name not in cache.variants]
    if lacking:
        return f"it does not hold {', '.join(lacking)} yet"
    return cache.is_stale({**kept, **fingerprints}, run.settings.corpus.fingerprint)


def _cached_column(cache: LatentCache, variant: str) -> Column:
    info: Any = cache.info(variant)
    return Column(variant, info.label or variant, info.colour, info.m)


def _fingerprints(run: Run, at: Compared) -> tuple[dict[str, LoomError], dict[str, str]]:
    """What is wrong with the variants whose checkpoints cannot be read, and the fingerprints of the others."""
    broken: dict[str, LoomError] = {}
    fingerprints: dict[str, str] = {}
    for variant in run.variants:
        try:
            fingerprints[variant.name] = run.model_fingerprint(variant.name, at.steps.get(variant.name))
        except LoomError as error:
            broken[variant.name] = error
    return broken, fingerprints


def _why_no_models(folder: Path, error: LoomError) -> LoomError:
    """Why a cache is without its models: the run was never here, or it is and cannot be read."""
    if (folder / "run.json").exists():
        return error
    if folder.exists():
        return LoomError(f"{folder} has no run.json, so its models cannot be read.", "Copy the whole folder again.")
    return LoomError("The models are not here, only their maps.", f"Copy the run's folder to {folder}.")


def _numbers(cache: LatentCache, variant: str, places: Places) -> VariantNumbers:
    kept = cache.kept_means(variant)
    nll = np.asarray(cache.nll(variant)) if kept is None or cache.n <= MANY else None
    if kept is None:
        kept = cache.mean_kl(variant), float(np.mean(nll, dtype=np.float64)) if nll is not None and len(nll) else 0.0
    return VariantNumbers(
        coords=places.coords,
        places=places,
        kl=np.asarray(cache.kl(variant)),
        nll=nll,
        mean_kl=kept[0],
        mean_nll=kept[1],
        active_units=int(cache.active_units(variant)),
        carrying_units=int(cache.carrying_units(variant)),
    )
