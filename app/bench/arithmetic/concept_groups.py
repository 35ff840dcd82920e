"""The two groups of sentences that make a concept: filling them by typing, by searching, and from the maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.bench.arithmetic import requests
from app.bench.arithmetic.requests import Found
from app.bench.arithmetic.state import MOST, ArithmeticState, Group, GroupName, Member
from app.core.picks import Pick
from app.run.context import Context
from app.widgets.text_field import typed_on

GROUPS: tuple[GroupName, GroupName] = ("with", "without")
_SEARCH_MS = 200


class ConceptGroups(QObject):
    """Keeps the groups of the state.

    Signals:
        changed: another sentence is in a group, or one less.
        told: a word to the person.
    """

    changed = Signal()
    told = Signal(str)

    def __init__(self, context: Context, state: ArithmeticState, pause: int = _SEARCH_MS) -> None:
        super().__init__()
        self._context, self._state = context, state
        self._found: dict[GroupName, Found] = {}
        self._told: dict[GroupName, tuple[str, str]] = {}  # of what is searched for: the words of the deed, its key
        self._pauses = {name: self._timer(name, pause) for name in GROUPS}

    def type(self, name: GroupName, text: str) -> None:
        """The text of a group's field changed: count the test sentences that hold it, a moment after the last key."""
        before = self._state.groups[name].text
        with self._deed(f"type into “{name}”", f"text {name}" if typed_on(before, text) else ""):
            self._type(name, text)

    def _type(self, name: GroupName, text: str) -> None:
        self._want(name, False)
        self._context.archive.forget(_channel(name))  # what is counted is another text
        self._put(name, replace(self._state.groups[name], text=text, matches=None))
        if text.strip():
            self._pauses[name].start()
        else:
            self._pauses[name].stop()

    def want(self, groups: Mapping[GroupName, tuple[tuple[Member, ...], str]]) -> None:
        """Have these members and texts; what was to be added is not, and the owner asks what it asks of members."""
        for name, (members, text) in groups.items():
            self._want(name, False)
            if text != self._state.groups[name].text:
                self._type(name, text)
            self._put(name, replace(self._state.groups[name], members=members, dropped=0))

    def add_line(self, name: GroupName) -> None:
        """The text of the field is a sentence of the group."""
        text = self._state.groups[name].text.strip()
        if text:
            with self._deed(f"add a sentence to “{name}”"):
                self.type(name, "")
                self.add(name, [Member(Pick(text))])

    def add_all(self, name: GroupName) -> None:
        """All test sentences that hold the text of the field, once they are found."""
        found, text = self._found.get(name), self._state.groups[name].text.strip()
        if found is not None and found.phrase == text and found.members is not None:
            self._add_found(name, found)
        elif text:
            self._told[name] = f"add all to “{name}”", ""
            self._want(name)
            self._search(name)

    def add_rows(self, name: GroupName, indices: Sequence[int]) -> None:
        """Test sentences, as those that were chosen on a map."""
        atlas = self._context.atlas
        if atlas is not None:
            chosen = sorted(i for i in indices if 0 <= i < atlas.n)
            self.add(name, requests.members_at(atlas, chosen))
            if len(chosen) > MOST:
                self.told.emit(f"A group takes {MOST:,} sentences: {MOST:,} of these {len(chosen):,}, evenly spread.")

    def add(self, name: GroupName, members: Iterable[Member]) -> None:
        """Put sentences or points into a group."""
        with self._deed(f"add to “{name}”"):
            self._add(name, members)

    def _add(self, name: GroupName, members: Iterable[Member]) -> None:
        before = self._state.groups[name]
        after = before.joined(members)
        self._put(name, after)
        if after.dropped:
            self.told.emit(f"A group takes {MOST:,} sentences; {after.dropped:,} more had no room in “{name}”.")
        elif len(after.members) == len(before.members):
            self.told.emit(f"“{name}” has these already.")
        if len(after.members) > len(before.members):
            self.changed.emit()

    def remove(self, name: GroupName, number: int) -> None:
        """Take one out, by its place."""
        with self._deed(f"take a sentence out of “{name}”"):
            self._put(name, self._state.groups[name].without(number))
            self.changed.emit()

    def clear(self, name: GroupName) -> None:
        """Take all out."""
        with self._deed(f"empty “{name}”"):
            self._put(name, replace(self._state.groups[name], members=(), dropped=0))
            self.changed.emit()

    def fill(self, phrases: Sequence[str], words: str, key: str) -> None:
        """Both groups anew from searches, as an example does; of which it is told in `words`, with its `key`."""
        for name, phrase in zip(GROUPS, phrases, strict=True):
            self._put(name, Group(text=phrase))
            self._told[name] = words, key
            self._want(name)
        self.changed.emit()
        for name in GROUPS:
            self._search(name)

    def forget(self) -> None:
        """Another run is opened."""
        for name in GROUPS:
            self._pauses[name].stop()
            self._context.archive.forget(_channel(name))
        self._found.clear()
        self._state.searching = frozenset()
        self._state.groups = {name: Group() for name in GROUPS}

    def _timer(self, name: GroupName, pause: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(pause)
        timer.timeout.connect(lambda: self._search(name))
        return timer

    def _search(self, name: GroupName) -> None:
        """Where the maps are not there yet, it is searched once they are."""
        phrase = self._state.groups[name].text.strip()
        self._pauses[name].stop()
        if not phrase:
            return

        def take(found: Found) -> None:
            self._found[name] = found
            if found.members is not None:
                self._put(name, replace(self._state.groups[name], matches=found.count))

        def finish(problem: str) -> None:
            if problem:
                self._want(name, False)
                self.told.emit(problem)
            elif name in self._state.searching:
                words, key = self._told[name]
                with self._context.history.deed(words, key, later=True):
                    self._add_found(name, self._found[name])

        self._context.archive.ask(_channel(name), lambda opened: requests.search(opened, phrase), take, finish)

    def _add_found(self, name: GroupName, found: Found) -> None:
        self._want(name, False)
        if found.members:
            self.add(name, found.members)
        else:
            self.told.emit(f"No test sentence holds “{found.phrase}”.")

    def _want(self, name: GroupName, on: bool = True) -> None:
        """What the text of the field finds is for the group, once it is found; or not any more."""
        state = self._state
        state.searching = state.searching | {name} if on else state.searching - {name}

    def _deed(self, words: str, key: str = "") -> AbstractContextManager[None]:
        return self._context.history.deed(words, key and f"Arithmetic, {key}")

    def _put(self, name: GroupName, group: Group) -> None:
        self._state.groups = {**self._state.groups, name: group}


def _channel(name: GroupName) -> str:
    return f"arithmetic, {name}"
