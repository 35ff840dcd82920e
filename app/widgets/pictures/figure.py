"""A figure: what it shows in words, and the parts that draw it below each other.

It is made of values, so that it can be drawn later, at any resolution and in other colours than the window's, while
the window goes on. What draws takes its colours from `theme.current()`, as everywhere; `writing` lends the right ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QColor, QPainter

from app.core import theme
from app.core.theme import Theme
from app.widgets.parts import SPACING
from app.widgets.pictures.text import Lines

MARGIN = 16.0  # logical pixels around a figure
_GAP = 10.0  # between its parts
_LONGEST = 600  # signs of a line of the heading
_FEWEST, _MOST = 420.0, 2400.0  # width that is taken from a view


class Part(Protocol):
    """A piece of a figure."""

    def height(self, width: float) -> float:
        """Logical pixels that it needs in a width."""

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it in an area of its height. What has to be pixels has `ratio` of them to a logical one."""


@runtime_checkable
class Columned(Protocol):
    """A part in the columns of the variants."""

    def only(self, index: int) -> Part:
        """The same of one column."""


@runtime_checkable
class Divided(Protocol):
    """A part of several, which can be drawn one by one."""

    def paint_each(self, painter: QPainter, area: QRectF, ratio: float) -> Iterator[None]:
        """Draw one after each step."""


@runtime_checkable
class Prepared(Protocol):
    """A part with pixels that take a while."""

    def prepare(self, ratio: float, now: Theme) -> None:
        """Have the pixels ready; called in another thread."""


@dataclass(frozen=True, eq=False)
class Figure:
    """What is drawn.

    Attributes:
        name: what a file is called, without its ending.
        title: what it shows.
        parts: from top to bottom.
        facts: how it was made, and what it is of; lines beneath the title.
        subject: the run and step; "" while whoever makes the figure does not know it.
        width: of the whole, in logical pixels.
    """

    name: str
    title: str
    parts: tuple[Part, ...]
    facts: tuple[str, ...] = ()
    subject: str = ""
    width: float = 900.0

    def only(self, index: int, label: str) -> Figure:
        """The same of one column, called `label`."""
        parts = tuple(part.only(index) if isinstance(part, Columned) else part for part in self.parts)
        columns = max((part.columns for part in self.parts if isinstance(part, _Counted)), default=1)
        width = wide((self.width - 2 * MARGIN + SPACING) / columns - SPACING + 2 * MARGIN)
        name = f"{self.name}-{file_name(label)}"
        return replace(self, name=name, title=f"{self.title} · {label}", parts=parts, width=width)

    @property
    def said(self) -> tuple[str, ...]:
        """All lines that stand above the parts, the title first; what is too long for a line or two is cut."""
        return tuple(_cut(line) for line in (self.title, self.subject, *self.facts) if line)

    def size(self) -> QSizeF:
        """Logical pixels."""
        inner = self.width - 2 * MARGIN
        heights = [height for part in self._whole() if (height := part.height(inner)) > 0]
        return QSizeF(self.width, 2 * MARGIN + sum(heights) + _GAP * max(0, len(heights) - 1))

    def paint(self, painter: QPainter, ratio: float) -> Iterator[None]:
        """Draw it from (0, 0) on, a piece after each step; those who draw all at once exhaust it."""
        painter.fillRect(QRectF(0, 0, self.width, self.size().height()), QColor(theme.current().panel))
        inner, y = self.width - 2 * MARGIN, MARGIN
        for part in self._whole():
            height = part.height(inner)
            if height > 0:
                area = QRectF(MARGIN, y, inner, height)
                if isinstance(part, Divided):
                    yield from part.paint_each(painter, area, ratio)
                else:
                    part.paint(painter, area, ratio)
                    yield
                y += height + _GAP

    def prepare(self, ratio: float, now: Theme) -> None:
        """Have the pixels ready that take a while; needs no window and may be called in any thread."""
        for part in self.parts:
            if isinstance(part, Prepared):
                part.prepare(ratio, now)

    def _whole(self) -> tuple[Part, ...]:
        return (_Heading(self.said), *self.parts)


@runtime_checkable
class _Counted(Protocol):
    columns: int


class Beside:
    """Parts side by side, of equal widths; with room for `places` of them, if these are more."""

    def __init__(self, parts: Sequence[Part], places: int = 0) -> None:
        self._parts, self._places = tuple(parts), max(len(parts), places, 1)

    @property
    def columns(self) -> int:
        """How many they are."""
        return len(self._parts)

    def only(self, index: int) -> Part:
        """One of them."""
        return self._parts[index]

    def height(self, width: float) -> float:
        """That of the highest."""
        return max((part.height(self._room(width)) for part in self._parts), default=0.0)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """All from the same line on."""
        for _ in self.paint_each(painter, area, ratio):
            pass

    def paint_each(self, painter: QPainter, area: QRectF, ratio: float) -> Iterator[None]:
        """From left to right."""
        room = self._room(area.width())
        for i, part in enumerate(self._parts):
            place = QRectF(area.left() + i * (room + SPACING), area.top(), room, part.height(room))
            part.paint(painter, place, ratio)
            yield

    def prepare(self, ratio: float, now: Theme) -> None:
        """The pixels of all of them."""
        for part in self._parts:
            if isinstance(part, Prepared):
                part.prepare(ratio, now)

    def _room(self, width: float) -> float:
        return (width + SPACING) / self._places - SPACING


class _Heading:
    """The title, and the facts in small lines."""

    def __init__(self, said: tuple[str, ...]) -> None:
        self._title, *self._facts = said

    def _lines(self, width: float) -> list[Lines]:
        small = theme.font(12)
        return [
            Lines(self._title, theme.font(15, strong=True), width),
            *(Lines(fact, small, width, "muted") for fact in self._facts),
        ]

    def height(self, width: float) -> float:
        return sum(lines.height + 3 for lines in self._lines(width))

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        y = area.top()
        for lines in self._lines(area.width()):
            lines.draw(painter, area.left(), y)
            y += lines.height + 3


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"


def wide(width: float) -> float:
    """A width for a figure of a view that is `width` logical pixels wide."""
    return min(max(width, _FEWEST), _MOST)


def file_name(text: str) -> str:
    """A text as a part of the name of a file: letters, figures and hyphens."""
    return "-".join("".join(sign if sign.isalnum() else " " for sign in text).split()).lower()
