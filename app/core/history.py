"""What a person did, step by step, so that it can be undone and done again.

Whoever does something for a person does it within a `deed`. What the deed changed is seen by comparing the wishes of
all features before and after it, whichever features it reached, and a step holds the fields that differ. To undo puts
back these fields alone: whatever else changed meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from app.core.wish import TakesTime, Wish, Wishing, differences

MOST_STEPS = 200
"""Steps that can be undone."""
REST_MS = 1000
"""Milliseconds after which the hand, if it holds no button, has ended what it moves or types."""
_UNDONE, _AGAIN = "Undone", "Done again"


@dataclass(frozen=True, slots=True)
class Part:
    """What a step changed of one feature: the fields before it and after it."""

    before: Mapping[str, object]
    after: Mapping[str, object]

    def then(self, later: Part) -> Part:
        """This and what came after it, as one; without what is as it was before."""
        before, after = {**later.before, **self.before}, {**self.after, **later.after}
        names = [name for name in before if before[name] != after[name]]
        return Part({name: before[name] for name in names}, {name: after[name] for name in names})


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done, in words as in "clear the search", and what it changed, by feature.

    `key` says what the hand was at, if it may go on with it: a slider that is dragged is one step.
    """

    words: str
    parts: Mapping[str, Part]
    key: str = ""


class History(QObject):
    """The steps that were done, and those that were undone.

    Signals:
        changed: there are other steps.
        went: the words of a step that was undone or done again, how, and the features that it changed (tuple of names);
            where one of them takes its time, once it has what is wanted of it.
    """

    changed = Signal()
    went = Signal(str, str, object)

    def __init__(self) -> None:
        super().__init__()
        self._features: dict[str, Wishing] = {}
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._late: list[tuple[Step, str]] = []  # not told yet, and how
        self._before: dict[str, Wish] | None = None
        self._quiet = False
        self._resting = True
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._rested)

    def watch(self, name: str, feature: Wishing) -> None:
        """Compare this feature too. One that others follow is watched before those, as it is put back first."""
        self._features[name] = feature
        if self._before is not None:
            self._before[name] = feature.wish()

    @property
    def features(self) -> Mapping[str, Wishing]:
        """Those that are watched, by name."""
        return self._features

    @contextmanager
    def deed(self, words: str, key: str = "", later: bool = False) -> Iterator[None]:
        """Something is done for a person; of deeds within each other the outermost counts.

        Args:
            words: what, as it follows "Undo: ".
            key: what the hand is at. A deed of the key of the last step, before the hand has rested, belongs to it.
            later: whether it belongs to that step after any time, as an answer that was waited for.
        """
        if self._before is not None or self._quiet:
            yield
            return
        before = self._before = {name: feature.wish() for name, feature in self._features.items()}
        try:
            yield
        finally:
            self._before = None
            self._note(words, key, later, before)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """What is done within is no deed of a person."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    @property
    def depth(self) -> int:
        """How many steps can be undone."""
        return len(self._done)

    @property
    def undoes(self) -> str:
        """The words of what would be undone, or ""."""
        return self._done[-1].words if self._done else ""

    @property
    def redoes(self) -> str:
        """The words of what would be done again, or ""."""
        return self._undone[-1].words if self._undone else ""

    def undo(self) -> None:
        """Undo the last step."""
        if self._done:
            step = self._done.pop()
            self._undone.append(step)
            self._put({name: part.before for name, part in step.parts.items()})
            self._went(step, _UNDONE)

    def redo(self) -> None:
        """Do again what was undone last."""
        if self._undone:
            step = self._undone.pop()
            self._done.append(step)
            self._put({name: part.after for name, part in step.parts.items()})
            self._went(step, _AGAIN)

    def arrived(self, came: bool = True) -> None:
        """A feature that takes its time has what was wanted of it; or it cannot, and the step is where it was."""
        late, self._late = self._late, []
        for step, how in late:
            if came:
                self.went.emit(step.words, how, tuple(step.parts))
        for step, how in reversed(late):
            here, there = (self._undone, self._done) if how == _UNDONE else (self._done, self._undone)
            if not came and any(each is step for each in here):  # else something else was done meanwhile
                here[:] = [each for each in here if each is not step]
                there.append(step)
        if late:
            self.changed.emit()

    def keep(self, names: Collection[str]) -> None:
        """Another run is open: of all steps, only what they changed of these features can be put back."""
        self._done, self._undone, self._late = _kept(self._done, names), _kept(self._undone, names), []
        self._rested()
        self.changed.emit()

    def _went(self, step: Step, how: str) -> None:
        features = [self._features[name] for name in step.parts if name in self._features]
        taking_time = [each for each in features if isinstance(each, TakesTime)]
        if not taking_time:
            self.went.emit(step.words, how, tuple(step.parts))
        else:
            self._late.append((step, how))
            if not any(each.under_way for each in taking_time):
                self.arrived()
        self.changed.emit()

    def _put(self, fields: Mapping[str, Mapping[str, object]]) -> None:
        self._resting = True
        # Said before any of it is put back: what follows another feature moves with that one, and has to stay.
        wanted = {
            name: replace(feature.wish(), **fields[name]) for name, feature in self._features.items() if name in fields
        }
        with self.quiet():
            for name, wish in wanted.items():
                self._features[name].want(wish)

    def _note(self, words: str, key: str, later: bool, before: Mapping[str, Wish]) -> None:
        parts: dict[str, Part] = {}
        for name, feature in self._features.items():
            now = feature.wish()
            was = before.get(name) or type(now)()
            if changed := differences(was, now):
                parts[name] = Part(
                    {each: getattr(was, each) for each in changed}, {each: getattr(now, each) for each in changed}
                )
        if not parts:
            return
        last = self._done[-1] if self._done and not self._undone else None
        self._undone = []
        if last is not None and key and key == last.key and (later or not self._resting):
            self._done.pop()
            both = {
                **parts,
                **{name: part.then(parts[name]) if name in parts else part for name, part in last.parts.items()},
            }
            parts = {name: part for name, part in both.items() if part.before}
        if parts:
            self._done = [*self._done, Step(words, parts, key)][-MOST_STEPS:]
        self._resting = False
        self._rest.start()
        self.changed.emit()

    def _rested(self) -> None:
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self._resting = True
            self._rest.stop()
        else:
            self._rest.start()  # a slider that is held still is still held


def _kept(steps: list[Step], names: Collection[str]) -> list[Step]:
    made = [replace(step, parts={name: part for name, part in step.parts.items() if name in names}) for step in steps]
    return [step for step in made if step.parts]
