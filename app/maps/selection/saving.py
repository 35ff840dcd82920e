"""Selections that are saved under a name: which there are, and that they come back, undone or at the next start."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.jobs.live_worker import LiveWorker
from app.core.wish import Wish
from app.maps.selection import words
from app.maps.selection.state import SelectionState
from app.run.context import Context
from engine.errors import LoomError
from engine.selections.chosen import Chosen
from engine.selections.kept import Saved, change, checked_name, of_corpus, read

MakeWorker = Callable[..., LiveWorker]
Changes = Mapping[str, Saved | None]


@dataclass(frozen=True, slots=True)
class SavedWish(Wish):
    """The selections that are saved of the open sentences; None for those that the workspace has."""

    saved: tuple[Saved, ...] | None = None

    def elsewhere(self) -> SavedWish:
        """Each run has its own."""
        return SavedWish()


class Saving(QObject):
    """Reads and writes the saved selections of the open run, in a thread of its own.

    Signals:
        told: a word to the person.
        failed: what went wrong.
    """

    told = Signal(str)
    failed = Signal(str)

    def __init__(self, context: Context, state: SelectionState, make_worker: MakeWorker = LiveWorker) -> None:
        """Args: context: of the open run; state: to keep what is saved in; make_worker: how to have a thread."""
        super().__init__()
        self._context, self._state, self._make_worker = context, state, make_worker
        self._worker: LiveWorker | None = None
        self._open: tuple[Path, str, str] | None = None  # document, run and corpus of what is in the state
        self._unwritten: dict[Path, dict[str, Saved | None]] = {}
        self._changed_in: Path | None = None
        self._changed: dict[str, Saved | None] = {}  # in that document, as it was wanted here last

    # what is wanted

    def wish(self) -> SavedWish:
        """What is saved."""
        return SavedWish(self._state.saved)

    def want(self, wish: SavedWish) -> None:
        """Have what this window has changed as it was then; what others have saved meanwhile stays."""
        if wish.saved is not None and self._open is not None:
            own, there = self._own(), {each.name: each for each in self._state.saved}
            wanted = {each.name: each for each in wish.saved}
            found = [(wanted if name in own else there).get(name) for name in dict.fromkeys((*wanted, *there))]
            self._put(tuple(each for each in found if each is not None))

    def maps_changed(self) -> None:
        """Other maps are there, or none: those saved of their sentences are read."""
        context, atlas = self._context, self._context.atlas
        self._open, self._state.saved, self._state.saved_elsewhere = None, (), 0
        if atlas is None or context.state.maps.kind != "ready" or not context.state.run:
            return
        try:
            path = context.workspace.selections(context.state.run)
        except LoomError:  # no file can have this name, so nothing was saved
            return
        corpus = atlas.fingerprints[0]
        self._open = path, context.state.run, corpus
        self._ask("read", partial(_read, path=path, corpus=corpus, n=atlas.n))

    def close(self) -> None:
        """Write what is not written yet, and end behind the window."""
        if self._worker is not None:
            self._worker.stop(finish=True)
            self._worker = None

    # what a person does

    def save(self, text: str) -> bool:
        """Save what is chosen under a name, in place of what had it; whether that was possible."""
        state, name = self._state, self._checked(text)
        if name is None or self._open is None or not state.chosen.count:
            return False
        made = Saved.now(name, state.chosen)
        there = any(each.name == name for each in state.saved)
        with self._context.history.deed(words.save(name, there)):
            kept = tuple(made if each.name == name else each for each in state.saved)
            self._put(kept if there else (*kept, made))
        return True

    def rename(self, before: str, text: str) -> bool:
        """Give a saved selection another name, which no other has; whether that was possible."""
        name = self._checked(text)
        if name is None or name == before:
            return False
        if any(each.name == name for each in self._state.saved):
            self._state.problem = f"“{name}” is saved already; choose another name."
            return False
        with self._context.history.deed(f"rename the selection “{before}”"):
            self._put(tuple(replace(each, name=name) if each.name == before else each for each in self._state.saved))
        return True

    def delete(self, name: str) -> None:
        """Delete a saved selection."""
        if self.chosen(name) is not None:
            with self._context.history.deed(f"delete the selection “{name}”"):
                self._put(tuple(each for each in self._state.saved if each.name != name))
            self.told.emit(f"Deleted the selection “{name}”; Undo (Ctrl+Z) brings it back.")

    def chosen(self, name: str) -> Chosen | None:
        """What is saved under a name; None for nothing."""
        return next((each.chosen for each in self._state.saved if each.name == name), None)

    def _checked(self, text: str) -> str | None:
        self._state.problem = ""
        try:
            return checked_name(text)
        except LoomError as error:
            self._state.problem = f"{error.message} {error.hint}"
            return None

    # the document

    def _put(self, saved: tuple[Saved, ...]) -> None:
        if self._open is None:
            return
        before = {each.name: each for each in self._state.saved}
        after = {each.name: each for each in saved}
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        self._state.saved = saved
        if names:
            self._own().update({name: after.get(name) for name in names})
            path, run, corpus = self._open
            unwritten = self._unwritten.setdefault(path, {})
            unwritten.update({name: after.get(name) for name in names})
            work = partial(_change, path=path, run=run, corpus=corpus, changes=dict(unwritten))
            self._ask(f"write {path}", work)

    def _own(self) -> dict[str, Saved | None]:
        """What was saved, renamed or deleted here, by name, of the document that is open."""
        path = self._open[0] if self._open is not None else None
        if path != self._changed_in:
            self._changed_in, self._changed = path, {}
        return self._changed

    def _ask(self, channel: str, work: Callable[[object], Iterator[object]]) -> None:
        if self._worker is None:
            worker = self._worker = self._make_worker(lambda _tell: None, name="saved selections")
            worker.answered.connect(self._answered)
            worker.completed.connect(self._completed)
            worker.refused.connect(self._refused)
            worker.start()
        self._worker.request(channel, work)

    def _answered(self, channel: str, result: tuple[Path, tuple[Saved, ...], int]) -> None:
        if channel == "read" and self._open is not None and result[0] == self._open[0]:
            read, unwritten = {each.name: each for each in result[1]}, self._unwritten.get(result[0], {})
            changed = self._own()
            for name, wanted in list(changed.items()):
                if name not in unwritten and read.get(name) != wanted:
                    del changed[name]  # another window has changed it since
            # What was saved before this was read is in the state alone.
            own = {each.name: each for each in self._state.saved}
            there = tuple(each for each in result[1] if each.name not in own)
            self._state.saved, self._state.saved_elsewhere = (*there, *own.values()), result[2]

    def _completed(self, channel: str) -> None:
        if channel.startswith("write "):
            self._unwritten.pop(Path(channel.removeprefix("write ")), None)

    def _refused(self, channel: str, message: str, hint: str) -> None:
        doing = "read" if channel == "read" else "written"
        self.failed.emit(f"The saved selections could not be {doing}: {message} {hint}".strip())


def _read(_nothing: object, path: Path, corpus: str, n: int) -> Iterator[tuple[Path, tuple[Saved, ...], int]]:
    every = read(path)
    own = of_corpus(every, corpus, n)
    yield path, own, len(every) - len(own)


def _change(_nothing: object, path: Path, run: str, corpus: str, changes: Changes) -> Iterator[None]:
    change(path, run, corpus, changes)
    yield None
