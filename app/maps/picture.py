"""The maps as figures: one, or all side by side, each with its name, its numbers and what its colours mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from app.core import theme
from app.core.theme import Theme
from app.maps.drawing.scene import Scene
from app.widgets.categories.colours import Entry
from app.widgets.pictures.figure import MARGIN, Beside, Figure, Part, file_name, wide
from app.widgets.pictures.scale import LegendPart, ScalePart
from app.widgets.pictures.text import Lines, dot

_HEAD, _FOOT = 26.0, 40.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the colours of the points mean: a name and the ends of its scale, or the entries of its legend.

    The name is "" where they mean nothing.
    """

    label: str = ""
    low: str = ""
    high: str = ""
    entries: tuple[Entry, ...] = ()

    @property
    def part(self) -> Part:
        """As it is drawn in a picture."""
        if self.entries:
            return LegendPart(self.label, self.entries)
        return ScalePart(self.label, self.low, self.high)


@dataclass(frozen=True, eq=False)
class MapShown:
    """A map as it is to be pictured.

    Attributes:
        label, colour: of the variant.
        kind: how it was made, as in "UMAP · 6,998".
        numbers: names and values beneath it.
        selected: what the ring is on, in words; "" for nothing.
        said: what flags, numbers and lines on it are of, in words; "" without any.
        verdict: that the model has collapsed or is weak, and why; "" where it is not.
    """

    label: str
    colour: str
    kind: str
    scene: Scene
    numbers: tuple[tuple[str, str], ...]
    selected: str = ""
    verdict: str = ""
    said: str = ""


class MapPart:
    """One map: name, picture, numbers."""

    def __init__(self, shown: MapShown) -> None:
        self._shown = shown

    def height(self, width: float) -> float:
        """Head, map and foot; the map keeps its shape."""
        foot = _FOOT if self._shown.numbers else 0.0
        return _HEAD + self._map_height(width) + foot + (self._verdict(width).height if self._shown.verdict else 0.0)

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it."""
        shown, now = self._shown, theme.current()
        dot(painter, area.left(), area.top() + _HEAD / 2 - 2, shown.colour)
        small, strong = theme.font(theme.SMALL_SIZE), theme.font(strong=True)
        kind = QFontMetricsF(small).horizontalAdvance(shown.kind) + 2
        line = QRectF(area.left(), area.top(), area.width(), _HEAD - 4)
        painter.setFont(small)
        painter.setPen(QColor(now.muted))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown.kind)
        painter.setFont(strong)
        painter.setPen(QColor(now.text))
        room = area.width() - 16 - kind - 8
        name = QFontMetricsF(strong).elidedText(shown.label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line.adjusted(16, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
        place = QRectF(area.left(), area.top() + _HEAD, area.width(), self._map_height(area.width()))
        shown.scene.paint(painter, place, ratio)
        self._paint_numbers(painter, QRectF(area.left(), place.bottom(), area.width(), _FOOT))
        if shown.verdict:
            verdict = self._verdict(area.width())
            verdict.draw(painter, area.left(), area.bottom() - verdict.height)

    def prepare(self, ratio: float, now: Theme) -> None:
        """Draw the points for a map as wide as on the screen."""
        self._shown.scene.prepare(ratio, now)

    def _paint_numbers(self, painter: QPainter, area: QRectF) -> None:
        now, numbers = theme.current(), self._shown.numbers
        width = area.width() / max(1, len(numbers))
        for i, (name, value) in enumerate(numbers):
            place = QRectF(area.left() + i * width, area.top() + 4, width, 16)
            painter.setFont(theme.font(theme.SMALL_SIZE))
            painter.setPen(QColor(now.muted))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)
            painter.setFont(theme.font(strong=True))
            painter.setPen(QColor(now.text))
            painter.drawText(place.translated(0, 17), Qt.AlignmentFlag.AlignVCenter, value)

    def _verdict(self, width: float) -> Lines:
        return Lines(self._shown.verdict, theme.font(theme.SMALL_SIZE), width, "warning")

    def _map_height(self, width: float) -> float:
        camera = self._shown.scene.camera
        return width * camera.height / camera.width


def map_figure(shown: MapShown, meaning: Meaning, width: float) -> Figure:
    """One map alone."""
    return Figure(
        f"map-{file_name(shown.label)}",
        f"Latent space of {shown.label}",
        (MapPart(shown), meaning.part),
        _facts([shown], meaning),
        width=width + 2 * MARGIN,
    )


def maps_figure(shown: Sequence[MapShown], meaning: Meaning, width: float) -> Figure:
    """All maps in view, side by side, as high as the highest: a verdict takes room in the window."""
    high = max(each.scene.camera.height for each in shown)
    shown = [replace(each, scene=each.scene.as_high_as(high)) for each in shown]
    return Figure(
        "maps",
        "Latent spaces side by side",
        (Beside([MapPart(each) for each in shown]), meaning.part),
        _facts(shown, meaning),
        width=wide(width + 2 * MARGIN),
    )


def _facts(shown: Sequence[MapShown], meaning: Meaning) -> tuple[str, ...]:
    """What stands on the maps, in words."""
    first = shown[0]
    parts = [f"Each point is one test sentence, {len(first.scene.points.x):,} in all"]
    if meaning.label:
        parts.append(f"colour: {meaning.label}" + (f", {meaning.low} to {meaning.high}" if meaning.low else ""))
    if any(each.scene.points.dimmed is not None for each in shown):
        parts.append("grey: not among the sentences searched for")
    if any(each.scene.beneath.contours is not None for each in shown):
        parts.append("lines: the densest places that hold the share of the sentences that stands at each")
    ring = f"Ring: {first.selected}" if first.selected else ""
    flags = f"{first.said[:1].upper()}{first.said[1:]}"
    return tuple(line for line in ("; ".join(parts) + ".", ring, flags) if line)
