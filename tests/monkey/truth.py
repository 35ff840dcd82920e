"""What is true of a run, computed beside the window: models loaded anew, arrays read anew, sums in plain numpy.

Kept by the files' times, one for each run and step, so that a run that is trained further is read again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.choice import Choice
from app.core.picks import Pick
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError
from engine.latents.directions import LatentStatistics, statistics
from engine.runs.run import Run
from engine.session import Decoded, Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace

Floats = NDArray[np.float32]
Stamp = tuple[tuple[str, int, int], ...]

_KEPT = 8  # runs and steps whose models are kept
_NUDGES = 12
_NUDGE = 2e-6
"""A share of z by which it is moved to see whether a sentence hangs on the rounding: products of other shapes add in
another order."""


@dataclass(frozen=True)
class Latents:
    """The cache of a run, read whole: sentences, mu and logvar (n, latent) of each variant, and what they are like."""

    sentences: tuple[str, ...]
    mu: Mapping[str, Floats]
    logvar: Mapping[str, Floats]
    statistics: Mapping[str, LatentStatistics]


class Truth:
    """Models and arrays of the runs of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._sessions: dict[tuple[str, int | None, Stamp], Session] = {}
        self._latents: dict[tuple[str, int | None, Stamp], Latents] = {}

    def forget(self) -> None:
        """Let go of all that is kept: models and their decoders, which would be weighed as the window's."""
        self._sessions.clear()
        self._latents.clear()

    def stamp(self, run: str) -> Stamp:
        """Changes when the run has another checkpoint."""
        try:
            folder = self._workspace.run(run)
        except LoomError:
            return ()
        return _stamps(sorted(folder.glob("variants/*/step-*.json")))

    def session(self, run: str, step: int | None) -> Session:
        """The models, on a device as the window's.

        Raises:
            LoomError: none can be loaded.
        """
        key = run, step, self.stamp(run)
        if key not in self._sessions:
            _make_room(self._sessions)
            self._sessions[key] = Session.load(Run.open(self._workspace.run(run)), step=step)
        return self._sessions[key]

    def latents(self, run: str, step: int | None) -> Latents:
        """What the cache holds.

        Raises:
            LoomError: there is none.
        """
        path = self._workspace.cache(run, step)
        key = run, step, _stamps([path])
        if key not in self._latents:
            _make_room(self._latents)
            with LatentCache.open(path) as cache:
                self._latents[key] = Latents(
                    tuple(cache.sentences()),
                    {name: np.array(cache.mu(name)) for name in cache.variants},
                    {name: np.array(cache.logvar(name)) for name in cache.variants},
                    {name: statistics(cache, name) for name in cache.variants},
                )
        return self._latents[key]


def options_of(choice: Choice, shortest: int | None = None) -> DecodeOptions:
    """How the engine is told of a choice; `shortest` are words at the least, if the corpus does not say them."""
    return DecodeOptions(
        method=choice.method,
        beam=choice.beam,
        length_normalisation=choice.length_normalisation,
        allow_unknown=choice.allow_unknown,
        seed=choice.seed,
        min_words=shortest,
    )


def z_of(session: Session, pick: Pick, variant: str, choice: Choice, later: int = 0) -> Floats:
    """The point (latent,) of a pick; a sample of a sentence has the choice's seed and `later`.

    Raises:
        LoomError: the sentence has no words, or the point is of other models.
    """
    if not pick.is_point:
        return session.encode(pick.text, [variant], choice.sample, choice.seed + later)[variant].z
    whose = pick.origin
    if whose.run and (whose.run, whose.step) not in [(session.run.name, step) for step in session.steps.values()]:
        raise LoomError("The pick is a point of other models.")
    z = np.array(pick.z.get(variant, ()), np.float32)
    if z.shape != (session.run.settings.model.latent,) or not np.isfinite(z).all() or np.abs(z).max() > 1000:
        raise LoomError("The pick is no point of this model.")
    return z


def decoded(session: Session, variant: str, z: Floats, options: DecodeOptions) -> Decoded:
    """The sentence of one point."""
    return session.decode(variant, z[None], options)[0]


def could_be(session: Session, variant: str, z: Floats, options: DecodeOptions, text: str) -> bool:
    """Whether a sentence is what the point says, or would be with another rounding."""
    if decoded(session, variant, z, options).text == text:
        return True
    noise = np.random.default_rng(0).standard_normal((_NUDGES, len(z))).astype(np.float32)
    rows = (z * (1 + _NUDGE * noise) + _NUDGE * noise).astype(np.float32)
    return any(one.text == text for one in session.decode(variant, rows, options))


def is_refused(phrase: str) -> bool:
    """Whether a search looks like one in a column: no run of the monkey has any beside its sentences."""
    return any(re.match(r"[^\W\d_][\w.-]*:\S", word) for word in phrase.replace("|", " ").split())


def holds(sentences: Sequence[str], phrase: str) -> NDArray[np.bool_]:
    """Which sentences hold a phrase anywhere, or one of several between bars, whatever the case of the letters."""
    parts = [part.strip().casefold() for part in phrase.split("|")]
    parts = [part for part in parts if part]
    return np.array([any(part in sentence.casefold() for part in parts) for sentence in sentences], dtype=bool)


def holds_words(sentences: Sequence[str], phrase: str) -> NDArray[np.bool_]:
    """As `holds`, for words that stand for themselves: no letter or digit joins on at their ends."""
    patterns = []
    for part in (part.split() for part in phrase.casefold().split("|")):
        if part:
            before, after = ("(?<!\\w)" if part[0][0].isalnum() else ""), ("(?!\\w)" if part[-1][-1].isalnum() else "")
            patterns.append(re.compile(before + r"\s+".join(re.escape(word) for word in part) + after))
    return np.array([any(each.search(text.casefold()) for each in patterns) for text in sentences], dtype=bool)


def distances(latents: Latents, variant: str, z: Floats, logvar: Floats | None, kind: str) -> NDArray[np.float64]:
    """How far each test sentence is from a point, one after the other in float64; kinds as in Neighbours."""
    mu, point = latents.mu[variant].astype(np.float64), z.astype(np.float64)
    if kind == "euclidean":
        return np.sqrt(((mu - point) ** 2).sum(axis=1))
    if kind == "cosine":
        lengths = np.linalg.norm(mu, axis=1) * np.linalg.norm(point)
        return 1.0 - np.divide(mu @ point, lengths, out=np.zeros(len(mu)), where=lengths > 0)
    spread = latents.logvar[variant].astype(np.float64)
    square = (mu - point) ** 2
    if logvar is None:
        return 0.5 * (np.log(2 * np.pi) + spread + square / np.exp(spread)).sum(axis=1)
    own = logvar.astype(np.float64)
    return 0.5 * (spread - own + (np.exp(own) + square) / np.exp(spread) - 1.0).sum(axis=1)


def _stamps(files: Sequence[Path]) -> Stamp:
    stamps = []
    for file in files:
        try:
            told = file.stat()
        except OSError:
            continue
        stamps.append((str(file), told.st_mtime_ns, told.st_size))
    return tuple(stamps)


def _make_room(
    kept: dict[tuple[str, int | None, Stamp], Session] | dict[tuple[str, int | None, Stamp], Latents],
) -> None:
    while len(kept) >= _KEPT:
        del kept[next(iter(kept))]  # type: ignore[arg-type]
