"""Another theme reaches a window: what is in view at once, the rest piece by piece, or when it is shown.

Qt looks up the rules of a stylesheet for a widget, and the colours that they name, when it polishes it. Setting the
stylesheet again would polish every widget there is, most of them in tabs and pages out of sight, before anything is
seen. So the stylesheet stays, and widgets are polished here, in view first.

Scenes are dear to paint, and a change of colours has one painted two or three times, as each of its items asks for it.
They wait until everything else is painted; then one a turn is painted, once.

What is to be shown anew beside that, such as texts with colours of their own, has a turn for each part of the window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QGraphicsView, QWidget
from shiboken6 import isValid

from app.core import theme

_AT_ONCE = 40
"""Widgets that are polished in one turn of the event loop: some milliseconds."""
_FRAME_MS = 8
"""Between what is painted one after another."""

Part = Callable[[], object]
"""Marks what a part of the window shows, so that it is shown anew at the next turn of the event loop."""


class Dressing(QObject):
    """Has a window, its dialogs and its menus follow the theme."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._waiting: dict[QWidget, Iterator[None]] = {}  # hidden, and what is in them not polished yet
        self._scenes: list[QGraphicsView] = []  # in view, and not painted yet
        self._held: list[QWidget] = []  # the parts of the window, until they are painted
        self._parts: list[Part] = []  # not marked yet
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._next)
        window.setProperty("theme", theme.current().mode)  # the stylesheet's pictures are of one theme
        window.setStyleSheet(theme.stylesheet())

    @property
    def in_view(self) -> bool:
        """Whether all that is in view has the theme and is being painted."""
        return not (self._scenes or self._held)

    @property
    def done(self) -> bool:
        """Whether everything has the theme, what is out of sight too."""
        return self.in_view and not self._waiting

    def follow(self, parts: Sequence[Part] = ()) -> None:
        """Give everything in view the theme that is on now; what is hidden has it before it is seen.

        The window is painted when what is shown anew, such as the colours within texts, is there too.

        Args:
            parts: what is shown anew, one a turn of the event loop.
        """
        for hidden in tuple(self._waiting):
            self._let_go(hidden)
        self._window.setProperty("theme", theme.current().mode)
        self._finish(self._polished(self._window))
        self._hold()
        self._parts = [*parts]
        self._timer.start(0 if parts else _FRAME_MS)

    def mark(self) -> None:
        """Mark every part that is not marked yet."""
        while self._parts:
            self._parts.pop(0)()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is shown may wait no longer."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched in self._waiting:
            self._finish(self._let_go(watched))
        return False

    def _polished(self, root: QWidget) -> Iterator[None]:
        """Polish a widget and all within it, one a step, but for what is hidden there, which waits."""
        left = [root]
        while left:
            widget = left.pop()
            if not isValid(widget):
                continue
            widget.style().polish(widget)
            widget.update()
            if isinstance(widget, QGraphicsView) and widget not in self._scenes and widget.isVisible():
                widget.setUpdatesEnabled(False)
                self._scenes.append(widget)
            for child in widget.children():
                if isinstance(child, QWidget):
                    if child.isHidden():
                        self._wait(child)
                    else:
                        left.append(child)
            yield

    def _wait(self, hidden: QWidget) -> None:
        hidden.installEventFilter(self)
        self._waiting[hidden] = self._polished(hidden)

    def _let_go(self, hidden: QWidget) -> Iterator[None]:
        if isValid(hidden):
            hidden.removeEventFilter(self)
        return self._waiting.pop(hidden)

    def _finish(self, steps: Iterator[None]) -> None:
        for _ in steps:
            pass

    def _hold(self) -> None:
        """Not the window itself: Qt would not paint it again by itself."""
        parts = [each for each in self._window.children() if isinstance(each, QWidget) and not each.isWindow()]
        self._held += [part for part in parts if part.updatesEnabled()]
        for part in self._held:
            part.setUpdatesEnabled(False)

    def flush(self) -> None:
        """Have all that is in view painted with the next frame, all at once."""
        painted, self._held, self._scenes = [*self._held, *self._scenes], [], []
        self._let_paint(painted)

    def _let_paint(self, parts: Sequence[QWidget]) -> None:
        for part in parts:
            if isValid(part):
                part.setUpdatesEnabled(True)

    def _next(self) -> None:
        if self._parts:
            self._parts.pop(0)()
        elif self._held:  # what the last part marked is shown in this turn, and painted in the next one
            self._timer.setInterval(_FRAME_MS)
            held, self._held = self._held, []
            self._let_paint(held)
        elif self._scenes:
            self._let_paint([self._scenes.pop()])  # the first in the window was polished last
        elif self._waiting:
            self._timer.setInterval(0)
            hidden = next(iter(self._waiting))
            if sum(1 for _ in islice(self._waiting[hidden], _AT_ONCE)) < _AT_ONCE:
                self._let_go(hidden)
        else:
            self._timer.stop()
