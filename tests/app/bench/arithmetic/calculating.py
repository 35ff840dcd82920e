"""The Arithmetic tab with the tiny run's real models, and what a test does in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.bench.arithmetic.arithmetic import Arithmetic
from app.bench.arithmetic.state import Outcome
from app.core.picks import Pick
from app.core.state import ExplorerState
from app.run.atlas import Atlas
from engine.decoding.options import DecodeOptions
from engine.session import Session

A, B, C = "The cat sees the house today.", "The cat loves the house today.", "A teacher loves some bread again."


@dataclass
class Bench:
    """The tab, and what the models were asked."""

    tab: Arithmetic
    session: Session
    asked: list[tuple[tuple[str, ...], str]]
    gathered: list[object]
    told: list[str]

    @property
    def state(self):
        return self.tab.state

    @property
    def explorer(self) -> ExplorerState:
        return self.tab._explorer


def calculate(bench: Bench, share: float = 1.0) -> Outcome:
    bench.state.share = share
    for name, text in (("a", A), ("b", B), ("c", C)):
        bench.tab.take(Pick(text), name)
    return bench.state.analogy


def point(bench: Bench, variant: str, text: str, **how: object) -> np.ndarray:
    return bench.session.encode(text, [variant], **how)[variant].z.astype(np.float64)


def words(bench: Bench, variant: str, z: np.ndarray, options: DecodeOptions) -> tuple[str, ...]:
    return bench.session.decode(variant, z.astype(np.float32)[None], options)[0].words


def fill(bench: Bench, subject: str = A) -> None:
    bench.tab.take(Pick(subject), "subject")
    for name, phrase in (("with", "cat"), ("without", "teacher | captain")):
        bench.tab.groups.type(name, phrase)
        bench.tab.groups.add_all(name)


def holding(atlas: Atlas, *phrases: str) -> list[int]:
    texts = [atlas.sentence(i).lower().replace(".", "").split() for i in range(atlas.n)]
    return [i for i, text in enumerate(texts) if any(phrase in text for phrase in phrases)]
