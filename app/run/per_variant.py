"""What is found of the open run once for each variant, in the thread that owns its cache, and kept while it is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.core.jobs.live_worker import Work
from app.run.atlas import Atlas
from app.run.context import Context


class PerVariant(QObject):
    """Asks for each variant once, as soon as it is wanted first, and anew of other maps.

    Signals:
        changed: more is known.
        failed: why it cannot be.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, context: Context, channel: str, work_of: Callable[[tuple[str, ...]], Work]) -> None:
        """Keep nothing yet.

        Args:
            context: of the open run.
            channel: that nobody else asks on.
            work_of: what finds it for some variants; it yields (variant, what was found of it), and None in between,
                where it can be given up.
        """
        super().__init__()
        self._context, self._channel, self._work_of = context, channel, work_of
        self._atlas: Atlas | None = None
        self._found: dict[str, Any] = {}
        self._asked: frozenset[str] = frozenset()

    def renew(self) -> None:
        """Let go of what was found of other maps than are open now, wanted or not, and with it of those maps."""
        atlas = self._context.atlas
        if atlas is not self._atlas:
            self._context.archive.forget(self._channel)
            self._atlas, self._found, self._asked = atlas, {}, frozenset()

    def want(self, variants: tuple[str, ...]) -> None:
        """Have it of these variants; what is known already stays known."""
        self.renew()
        atlas = self._atlas
        lacking = frozenset(variants) - self._found.keys()
        if atlas is not None and lacking and not lacking <= self._asked:
            self._asked = lacking
            work = self._work_of(tuple(name for name in variants if name in lacking))
            self._context.archive.ask(self._channel, work, self._take, self._finish)

    def of(self, variant: str) -> Any:
        """What was found of a variant; None while that is not known."""
        return self._found.get(variant)

    @property
    def awaited(self) -> bool:
        """Whether some is being found."""
        return self._context.archive.awaits(self._channel)

    def _take(self, read: tuple[str, Any] | None) -> None:
        if read is not None and self._context.atlas is self._atlas:
            self._found[read[0]] = read[1]
            self.changed.emit()

    def _finish(self, problem: str) -> None:
        if problem:
            self.failed.emit(problem)
