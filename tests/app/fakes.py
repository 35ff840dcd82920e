"""Stand-ins for the models, the cache and the jobs, for tests of what the app does with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.bench.rows import GatheredRow
from app.core.requester import Requester
from app.core.values import Column
from app.run.atlas import Atlas, Opened, VariantNumbers, colour_ranges
from app.run.map_shown import Places
from engine.errors import LoomError
from engine.session import Decoded, Latent, Reconstruction, Typed

COLUMNS = (
    Column("vae", "VAE", "#56B4E9"),
    Column("autogen-m1", "AutoGen m=1", "#1BB58A", 1.0),
)
SENTENCES = ("I love you.", "Where is the cat?", "We love the long road.", "It is late.")


class FakeSession:
    """Answers as a session does: with the words it was given, the search and the variant appended."""

    def __init__(self, failed: dict[str, str] | None = None, silent: tuple[str, ...] = ()) -> None:
        self.failed = failed or {}
        self.variants = tuple(column.name for column in COLUMNS if column.name not in self.failed)
        self.silent = silent
        self.step: int | None = None
        self.steps: dict[str, int] = {}
        self.note = ""
        self.name = "demo"
        self.asked: list[tuple[Any, ...]] = []

    def typed(self, text: str) -> Typed:
        words = tuple(text.lower().split())
        if not words:
            raise LoomError("There is no word in this sentence.", "Type at least one word.")
        return Typed(text, words, tuple(word == "xylophone" for word in words), tuple(range(len(words))))

    def _decoded(self, variant: str, words: tuple[str, ...], options: Any) -> Decoded:
        if variant in self.silent:
            raise LoomError(f"{variant} is broken")
        said = (*words, options.method, variant)
        return Decoded(said, " ".join(said), -3.5, True, np.zeros(2, np.float32))

    def reconstruct(self, text: str, variants: Any, options: Any, sample: bool, seed: int) -> list[Reconstruction]:
        self.asked.append(("reconstruct", text, tuple(variants), options.method, sample, seed))
        zero = np.zeros(2, np.float32)
        return [
            Reconstruction(
                v, self.typed(text), Latent(v, zero, zero, zero, 2.0), self._decoded(v, self.typed(text).words, options)
            )
            for v in variants
        ]

    def score(self, variant: str, typed: Typed, z: Any) -> float:
        """Ten nats a word."""
        return -10.0 * len(typed.words)

    @property
    def run(self) -> Any:
        """A run whose z has two dimensions."""
        return SimpleNamespace(name=self.name, settings=SimpleNamespace(model=SimpleNamespace(latent=2)))

    def encode(self, text: str, variants: Any, sample: bool = False, seed: int = 0) -> dict[str, Latent]:
        """As far to the right as the text is long, and as far up as the seed."""
        self.asked.append(("encode", text, tuple(variants), sample, seed))
        z = np.array([len(text), seed], np.float32)
        return {v: Latent(v, z, z, z, 2.0) for v in variants}

    def decode(self, variant: str, z: Any, options: Any) -> list[Decoded]:
        return self.decode_all({variant: z}, options)[variant]

    def decode_all(self, z: Any, options: Any) -> dict[str, list[Decoded]]:
        """Says where each row lies."""
        self.asked.append(("decode", tuple(z), options.method))
        made = {}
        for variant, rows in z.items():
            if not np.isfinite(rows).all():
                raise LoomError("This latent is not a finite vector, so there is nothing to decode.")
            made[variant] = [
                replace(self._decoded(variant, tuple(f"{x:.0f}" for x in row), options), z=row) for row in rows
            ]
        return made


class FakeCache:
    """The sentences of a cache."""

    n = len(SENTENCES)
    variants = ()
    corpus_fingerprint = "four sentences"
    maps = SimpleNamespace(are_those_of_now=True)

    def __init__(self) -> None:
        self.closed = False

    def sentence(self, i: int) -> str:
        return SENTENCES[i]

    def sentences(self, rows: slice) -> list[str]:
        return list(SENTENCES[rows])

    def mu(self, variant: str, rows: slice | None = None) -> Any:
        """The corners of a square."""
        return np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)[rows or slice(None)]

    logvar = mu
    latent = 2

    def close(self) -> None:
        self.closed = True


class FakeAtlas(Atlas):
    """An atlas whose places are the latents themselves."""

    def place(self, variant: str, points: Any) -> Any:
        return points[:, :2]


def fake_atlas() -> FakeAtlas:
    """Four sentences on a square, with numbers that tell them apart."""
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    kl = np.array([1, 2, 3, 4], np.float32)
    places = Places(corners, "umap", {"method": "pca"})
    numbers = {c.name: VariantNumbers(corners, kl, kl * 10, 2.5, 25.0, 2, 1, places) for c in COLUMNS}
    words = np.array([4, 5, 6, 4], np.int16)
    return FakeAtlas(4, 2, words, numbers, colour_ranges(words, list(numbers.values())), FakeCache())  # type: ignore[arg-type]


def opened(fit: str = "ready", reason: str = "", broken: dict[str, str] | None = None) -> Opened:
    """What opening a run brings."""
    atlas = fake_atlas() if fit == "ready" else None
    return Opened(COLUMNS, fit, reason, atlas, broken or {})  # type: ignore[arg-type]


class DirectWorker(QObject):
    """A LiveWorker that does everything at once, in the thread of the test."""

    told, loaded, completed = Signal(str), Signal(object), Signal(str)
    load_failed, refused = Signal(str, str), Signal(str, str, str)
    answered = Signal(str, object)

    def __init__(self, load: Callable[..., Any], name: str = "", close: Any = None) -> None:
        super().__init__()
        self._load, self._close, self._resource = load, close, None
        self.stopped = False

    def start(self) -> None:
        try:
            self._resource = self._load(self.told.emit)
        except LoomError as error:
            self.load_failed.emit(error.message, error.hint)
            return
        self.loaded.emit(self._resource)

    def request(self, channel: str, work: Callable[[Any], Any]) -> None:
        try:
            for result in work(self._resource):
                self.answered.emit(channel, result)
        except LoomError as error:
            self.refused.emit(channel, error.message, error.hint)
            return
        self.completed.emit(channel)

    def forget(self, channel: str) -> None:
        """Nothing is under way."""

    def stop(self, finish: bool = False) -> None:
        if self._close is not None and self._resource is not None and not self.stopped:
            self._close(self._resource)
        self.stopped = True


class HaltingWorker(DirectWorker):
    """One that makes so many rows of each request and then no more; the request stays under way."""

    def __init__(self, load: Callable[..., Any], rows: int, name: str = "", close: Any = None) -> None:
        super().__init__(load, name, close)
        self._rows = rows

    def request(self, channel: str, work: Callable[[Any], Any]) -> None:
        made = 0
        for result in work(self._resource):
            if made == self._rows:
                return
            self.answered.emit(channel, result)
            made += isinstance(result, GatheredRow)
        self.completed.emit(channel)


def answering(resource: Any) -> Requester:
    """A way to ask a worker that answers at once."""
    requester, worker = Requester(), DirectWorker(lambda tell: resource)
    worker.start()
    requester.attach(worker)  # type: ignore[arg-type]
    requester.kept = worker  # type: ignore[attr-defined]
    return requester


class FakeJob(QObject):
    """A ProcessJob that a test ends as it likes."""

    reported, finished, failed = Signal(object), Signal(object), Signal(str, str)
    made: ClassVar[list[FakeJob]] = []

    def __init__(self, arguments: list[str]) -> None:
        super().__init__()
        self.arguments, self.started, self.stopped = arguments, False, False
        FakeJob.made.append(self)

    def start(self) -> None:
        self.started = True

    def stop(self) -> None:
        self.stopped = True


def at_once(_owner: object, action: Callable[[], None]) -> None:
    """Does not wait for a paint."""
    action()
