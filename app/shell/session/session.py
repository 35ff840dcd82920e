"""Brings back what the window was about, and remembers what it is about.

At first each feature gets what means the same with any run: texts, rows, settings. Once the maps are there, it is known
whether sentences and models are the same as at the last time, and the rest follows, where nobody has done something
else meanwhile. So it is with a run that was left for another one and is opened again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.core.jobs.live_worker import LiveWorker
from app.core.wish import Wish, Wishing, held, patched
from app.run.context import Context
from app.shell.session.document import Head
from app.shell.session.session_file import SessionFile
from app.shell.session.start import Start

LOOK_MS = 1500
"""Milliseconds between two looks at whether something else is wanted than was written last."""

MakeWorker = Callable[..., LiveWorker]
Begin = Callable[[], tuple[SessionFile, Start]]


class Session(QObject):
    """What is remembered of one window.

    Signals:
        began: with what the window starts (`Start`).
        told: a word to the person.
        failed: what went wrong, and what to do next.
    """

    began = Signal(object)
    told = Signal(str)
    failed = Signal(str, str)

    def __init__(
        self, context: Context, asked_step: Callable[[], int | None], make_worker: MakeWorker = LiveWorker
    ) -> None:
        """Args: context: of the window; asked_step: gives the step that was asked for; make_worker: how to have one."""
        super().__init__()
        self._asked_step, self._make_worker = asked_step, make_worker
        self._context, self._explorer = context, context.state
        self._features: dict[str, Wishing] = {}
        self._first: dict[str, Wish] = {}  # what a feature is given at first ...
        self._whole: dict[str, Wish] = {}  # ... and what it wanted, as long as it may still get that
        self._head: Head | None = None  # of what is still to come back
        self._left: dict[tuple[str, int | None], tuple[Head, dict[str, Wish]]] = {}  # by run and step
        self._written: tuple[Head, dict[str, Wish]] | None = None
        self._complained = ""
        self._worker: LiveWorker | None = None
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self.save)

    def begin(self, start: Begin, otherwise: Start) -> None:
        """Find out with what the window starts, in a thread; `began` tells, of `otherwise` where that went wrong."""
        self._worker = self._make_worker(lambda _tell: start(), name="session")
        self._worker.loaded.connect(self._loaded)
        self._worker.load_failed.connect(partial(self._not_begun, otherwise))
        self._worker.answered.connect(lambda _, words: self.told.emit(words))
        self._worker.refused.connect(self._refused)
        self._worker.start()

    def meet(self, name: str, feature: Wishing) -> None:
        """A feature is there, from the beginning or made later; it gets what it wanted."""
        self._features[name] = feature
        if name in self._first:
            with self._context.history.quiet():
                feature.want(self._first[name])

    def give_back(self, start: Start) -> None:
        """Have every feature want what it did, once the run is being opened; and from now on, remember."""
        if start.remembered is not None:
            wishes = start.remembered.wishes
            self._first = {name: wish.elsewhere() for name, wish in wishes.items()}
            if start.same:
                self._head = start.remembered.head
                self._whole = {name: wish for name, wish in wishes.items() if wish != self._first[name]}
        for name, feature in self._features.items():
            self.meet(name, feature)
        self._explorer.events.maps.connect(self._maps_changed, check_nargs=False, max_args=0)
        self._maps_changed()
        self._look.start()

    def leave_run(self) -> None:
        """Another run is about to be opened: what is wanted of this one is kept for when it is opened again."""
        if self._look.isActive():
            self._left[self._explorer.run, self._asked_step()] = self._now(), self._wishes()
        self._whole, self._head = {}, None
        self._first = {name: wish.elsewhere() for name, wish in self._first.items()}

    def come_back(self, run: str, step: int | None) -> None:
        """A run is being opened: what was wanted of it comes back with its maps, if it was open before."""
        left = self._left.pop((run, step), None)
        if left is None:
            return
        self._head, wishes = left
        self._first |= {name: wish.elsewhere() for name, wish in wishes.items()}
        self._whole = {name: wish for name, wish in wishes.items() if wish != self._first[name]}
        self._maps_changed()

    def save(self) -> None:
        """Write what is wanted now, unless that was written last."""
        if not self._look.isActive() or self._worker is None:
            return
        head, wishes = self._now(), self._wishes()
        if self._written != (head, wishes):
            self._written = head, wishes
            self._worker.request("write", partial(_write, head=head, wishes=wishes))

    def close(self) -> None:
        """Write what is wanted now, and end behind the window."""
        self.save()
        self._look.stop()
        if self._worker is not None:
            self._worker.stop(finish=True)
            self._worker = None

    @Slot(object)
    def _loaded(self, loaded: tuple[SessionFile, Start]) -> None:
        self.began.emit(loaded[1])

    @Slot(str, str, str)
    def _refused(self, _channel: str, message: str, hint: str) -> None:
        if message != self._complained:  # a full disk is told once
            self._complained = message
            self.failed.emit(f"What the window is about cannot be remembered: {message}", hint)

    def _not_begun(self, otherwise: Start, message: str, hint: str) -> None:
        self.began.emit(otherwise)
        self.failed.emit(message, hint)

    # what is wanted

    def _wishes(self) -> dict[str, Wish]:
        """What is wanted, with what may still come back."""
        wishes = {**self._first, **{name: feature.wish() for name, feature in self._features.items()}}
        for name, whole in self._whole.items():
            wishes[name] = patched(wishes[name], self._first[name], whole)
        return wishes

    def _now(self) -> Head:
        state, atlas = self._explorer, self._context.atlas
        if self._head is not None:
            shown, corpus, models = self._head.shown_step, self._head.corpus, self._head.models
        else:
            shown, (corpus, models) = state.shown_step, atlas.fingerprints if atlas is not None else ("", "")
        workspace = str(self._context.workspace.root)
        return Head(workspace, state.run, self._asked_step(), shown, corpus, models, state.page, state.tab)

    def _maps_changed(self) -> None:
        """The maps are there: whatever still holds of them comes back, unless something else was done meanwhile."""
        head, atlas = self._head, self._context.atlas
        if head is None or atlas is None or self._explorer.maps.kind != "ready":
            return
        corpus, models = atlas.fingerprints
        whole, self._whole, self._head = self._whole, {}, None
        lost = False
        first_maps = sorted(whole.items(), key=lambda item: item[0] != "Maps")  # some tabs follow what is clicked there
        for name, wish in first_maps:
            still = held(wish, head.corpus == corpus, head.models == models)
            lost = lost or still != wish
            feature = self._features.get(name)
            if feature is None:
                self._first[name] = still
                continue
            before = feature.wish()
            after = patched(before, self._first[name], still)
            if after != before:
                with self._context.history.quiet():
                    feature.want(after)
        if lost:
            self.told.emit(
                "The run is not as it was at the last time: what was clicked, moved or sent as a point was let go, "
                "texts and table are as they were."
            )


def _write(loaded: Any, head: Head, wishes: dict[str, Wish]) -> Iterator[str]:
    file: SessionFile = loaded[0]
    return file.write(head, wishes)
