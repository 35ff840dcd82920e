"""What the tests of the Evaluate page share: what lies on the disk, and a worker that answers late."""

from __future__ import annotations

import itertools
from dataclasses import replace

from PySide6.QtWidgets import QApplication

from app.evaluate.distribution import histogram
from app.evaluate.requests import Found
from app.evaluate.state import Known
from engine.errors import LoomError
from tests.app.evaluate.results import differences, distribution, evaluation, items
from tests.app.fakes import DirectWorker
from tests.app.looking import texts

KNOWN = Known("demo", 40, ("vae", "autogen-m1"), sentences=4000)
STAGES = ("VAE: encoding", "AutoGen m=1: encoding", "VAE: giving back, beam, z = μ")
PARTIAL = {"event": "progress", "stage": STAGES[-1], "done": 1, "total": 1000, "unit": "sentence"}
"""Told when another kind of numbers begins: those before are on the disk then."""


class Kept:
    """What lies on the disk, as a test has it; and what was asked of it."""

    def __init__(self) -> None:
        self.known, self.evaluation = KNOWN, None
        self.problem: LoomError | None = None
        self.longest = 1000
        self.looked: list[tuple[str, int | None]] = []
        self.compared: list[str] = []
        self.opened: list[tuple[str, str, bool]] = []
        self.held: list[object] = []
        self.taken: list[tuple[object, str]] = []

    def look(self, reader, name, step, broken):
        self.looked.append((name, step))
        if self.problem is not None:
            raise self.problem
        yield Found(self.known, self.evaluation)

    def compare(self, reader, evaluation, baseline):
        self.compared.append(baseline)
        yield differences(evaluation, baseline)

    def hold(self, reader, evaluation):
        self.held.append(evaluation)
        yield "vae"

    def take_over(self, reader, evaluation, text, picked):
        self.taken.append((evaluation, text))
        if self.problem is not None:
            raise self.problem
        yield replace(evaluation, selection={"containing": text.split()}, selected=212)

    def open_number(self, reader, evaluation, variant, key, worst):
        self.opened.append((variant, key, worst))
        yield histogram({each.name: distribution(key, i) for i, each in enumerate(evaluation.variants)})
        found = [item for item in items(key) if len(item.source) < self.longest]
        yield tuple(found if worst else found[::-1])


def seen(page) -> str:
    for _ in range(3):
        QApplication.processEvents()
        page.flush()
    return texts(page.page)


def options(job) -> dict[str, int]:
    """How much of everything a command was asked for."""
    given = dict(itertools.pairwise(job.arguments))
    return {name: int(given[f"--{name}"]) for name in ("limit", "samples", "draws", "pairs", "beam", "seed")}


OTHERS = {"samples": 5, "draws": 40, "pairs": 10, "beam": 2, "seed": 3}
"""Settings that are not the defaults."""


def shown(page, kept, of=None):
    """With an evaluation."""
    kept.evaluation = of or evaluation()
    page._read_again()
    return seen(page)


class LateWorker(DirectWorker):
    """One that answers when the test says so, and tells what was refused."""

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.late: list[tuple[str, object]] = []
        self.wait: tuple[str, ...] = ()

    def request(self, channel, work) -> None:
        if channel in self.wait:
            self.late.append((channel, work))
        else:
            super().request(channel, work)

    def answer(self) -> None:
        late, self.late = self.late, []
        for channel, work in late:
            super().request(channel, work)


def made_late(page, *channels: str) -> LateWorker:
    """The page with another thread, which waits on these channels."""
    page._requests.detach()
    late = page._worker = LateWorker(page._worker._load)
    late.start()
    page._requests.attach(late)
    late.wait = channels
    return late
