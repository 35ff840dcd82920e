"""What is drawn over the points of a map: rings, flags, numbered dots, lines to them, ways and the caption of
the hovered point.

Everything has a halo in the map's background colour, so that it reads on dense clouds as well as on empty ground.
Positions are in logical pixels of the widget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from app.core import theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.thin_lines import draw_thin, on_screen
from app.widgets.reading.direction import draw_text

_EDGE = 9.0  # pixels from the border at which something outside the view is pointed to
_CAPTION_WIDTH = 260.0
_FLAG, _FLAG_HEIGHT = 16.0, 17.0  # a flag's least width and its height
_MARK = 4.5  # radius of a flag's dot with its halo
_SPOKE = 1.5  # width of a line to a neighbour
_WORDS = 5.0  # width of the halo of words, of which half lies around them
_DOT, _DOT_SIZE = 7.0, 9  # half the height of a numbered dot, and its font, in pixels
_AROUND = 2.0  # room for its halo


Key = tuple[str, str, str, str, float]
_MOST_KEPT = 500
_worded: dict[Key, QImage] = {}
"""Pictures of words that were drawn, as their outlines take a while, by what they depend on."""
_numbered: dict[Key, QImage] = {}
"""The same of numbered dots, of which a path has hundreds on every map."""


@dataclass(frozen=True)
class Mark:
    """A labelled place: an end of an interpolation, or a point that a person placed."""

    label: str
    place: tuple[float, float]  # data coordinates
    colour: str


def draw_ring(painter: QPainter, at: QPointF, bounds: QRectF, *, selected: bool) -> None:
    """The hover ring, or the stronger one of the selection; an arrow at the edge where the point is out of sight."""
    colours = theme.current()
    colour = QColor(colours.accent if selected else colours.text)
    if not bounds.contains(at):
        _draw_arrow(painter, at, bounds, colour)
        return
    radius = 7.0 if selected else 5.5
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(halo(), 5.0 if selected else 4.0))
    painter.drawEllipse(at, radius, radius)
    painter.setPen(QPen(colour, 2.5 if selected else 1.5))
    painter.drawEllipse(at, radius, radius)


def draw_path(painter: QPainter, points: Sequence[QPointF], position: int, colour: str) -> None:
    """A line through `points` with a dot on each; the one at `position` is larger and filled with the text colour."""
    colours = theme.current()
    line = QColor(colours.readable(colour))
    polygon = QPolygonF(list(points))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(halo(), 5.0), QPen(line, 1.75)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(polygon)
    painter.setPen(QPen(QColor(colours.map), 1.25))
    painter.setBrush(line)
    for point in points:
        painter.drawEllipse(point, 3.25, 3.25)
    if 0 <= position < len(points):
        painter.setPen(QPen(halo(), 7.0))
        painter.drawEllipse(points[position], 6.0, 6.0)
        painter.setPen(QPen(line, 2.5))
        painter.setBrush(QColor(colours.text))
        painter.drawEllipse(points[position], 6.0, 6.0)


@dataclass(frozen=True, slots=True)
class Spokes:
    """Thin lines from one place of a map to others, in data coordinates; they run out of the view where these do."""

    hub: tuple[float, float]
    ends: tuple[tuple[float, float], ...]

    def __call__(self, painter: QPainter, camera: Camera, _zoom: float, _taken: list[QRectF]) -> None:
        """Paint them, as a `Beneath`."""
        now, path, hub = theme.current(), QPainterPath(), QPointF(*camera.to_pixel(*self.hub))
        for end in self.ends:
            path.moveTo(hub)
            path.lineTo(QPointF(*camera.to_pixel(*end)))
        draw_thin(painter, path, QColor(now.map), _SPOKE + 2.0, _SPOKE)
        draw_thin(painter, path, QColor(now.accent), _SPOKE)


def draw_flags(painter: QPainter, marks: Sequence[tuple[Mark, QPointF]], bounds: QRectF) -> None:
    """A dot at the place of every mark, with its label on a small flag beside it; flags stay inside the map.

    A flag stands above its dot, or where none of the flags before it stands.
    """
    painter.setFont(theme.font(theme.SMALL_SIZE, strong=True))
    metrics = QFontMetricsF(painter.font())
    widths = [max(_FLAG, metrics.horizontalAdvance(mark.label) + 9.0) for mark, _ in marks]
    boxes = flag_boxes([at for _, at in marks], widths, bounds)
    for (mark, at), box in zip(marks, boxes, strict=True):
        if bounds.contains(at):
            _draw_stem(painter, mark, at, box)
    for (mark, _), box in zip(marks, boxes, strict=True):  # after all stems, which go across nearer flags
        _draw_flag(painter, mark, box)


def flag_boxes(places: Sequence[QPointF], widths: Sequence[float], bounds: QRectF) -> list[QRectF]:
    """Where the flags of dots stand, in the order of the dots: above, below, beside, or farther off on a full map.

    Args:
        places: of the dots; those outside the bounds have their flag at the border.
        widths: of the flags, in the same unit.
        bounds: of the map.
    """
    edges = np.array([bounds.left(), bounds.top(), bounds.right(), bounds.bottom()])
    dots = np.array([(at.x(), at.y()) for at in places]).reshape(-1, 2)
    taken = np.concatenate([dots - _MARK, dots + _MARK], axis=1)  # left, top, right, bottom; the flags follow
    boxes: list[QRectF] = []
    for at, width in zip(places, widths, strict=True):
        size = np.array([width, _FLAG_HEIGHT])
        corner = np.minimum(np.maximum(_beside(at, width, bounds), edges[:2] + 2), edges[2:] - 2 - size)
        tries = np.concatenate([corner, corner + size], axis=1)
        shared = np.minimum(tries[:, None, 2:], taken[:, 2:]) - np.maximum(tries[:, None, :2], taken[:, :2])
        best = tries[int(np.clip(shared, 0, None).prod(axis=2).sum(axis=1).argmin())]
        taken = np.concatenate([taken, best[None]])
        boxes.append(QRectF(best[0], best[1], width, _FLAG_HEIGHT))
    return boxes


def _beside(at: QPointF, width: float, bounds: QRectF) -> list[tuple[float, float]]:
    """Places for the left upper corner of a flag, the best one first."""
    middle, above, below = at.x() - width / 2, at.y() - 10.0 - _FLAG_HEIGHT, at.y() + 10.0
    first, second = (below, above) if above < bounds.top() + 2 else (above, below)
    left, right, level = at.x() - 10.0 - width, at.x() + 10.0, at.y() - _FLAG_HEIGHT / 2
    nearest = [(middle, first), (middle, second), (right, level), (left, level)]
    farther = [
        (x, y + step * (_FLAG_HEIGHT + 2) * way)
        for step in (1, 2, 3)
        for y, way in ((above, -1), (below, 1))
        for x in (middle, left, right)
    ]
    return [*nearest, *farther]


def _draw_stem(painter: QPainter, mark: Mark, at: QPointF, flag: QRectF) -> None:
    """The dot of a mark, and a line from it to its flag."""
    fill = QColor(theme.current().readable(mark.colour))
    near = QPointF(min(max(at.x(), flag.left() + 4), flag.right() - 4), min(max(at.y(), flag.top()), flag.bottom()))
    painter.setPen(QPen(halo(), 3.0))
    painter.setBrush(halo())
    painter.drawEllipse(at, _MARK, _MARK)
    painter.setPen(QPen(fill, 1.5))
    painter.drawLine(at, near)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawEllipse(at, 4.0, 4.0)


def _draw_flag(painter: QPainter, mark: Mark, flag: QRectF) -> None:
    fill = QColor(theme.current().readable(mark.colour))
    painter.setPen(QPen(halo(), 3.0))
    painter.setBrush(halo())
    painter.drawRoundedRect(flag, 4, 4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(flag, 4, 4)
    painter.setPen(QColor(_writing_on(fill)))
    painter.drawText(flag, Qt.AlignmentFlag.AlignCenter, mark.label)


def draw_dot(painter: QPainter, mark: Mark, at: QPointF, bounds: QRectF) -> None:
    """A small disc with its number, if it is in sight; on a screen as a picture that is kept."""
    if not bounds.contains(at):
        return
    if not on_screen(painter):  # for a file
        _disc(painter, mark, at)
        return
    ratio, now = painter.deviceTransform().m11(), theme.current()
    key = mark.label, mark.colour, now.map, now.text, ratio
    image = _numbered.get(key)
    if image is None:
        half = QPointF(_disc_width(mark.label) / 2 + _AROUND, _DOT + _AROUND)
        image = _kept(_numbered, key, QSizeF(2 * half.x(), 2 * half.y()), ratio, lambda inner: _disc(inner, mark, half))
    half = QPointF(image.deviceIndependentSize().width(), image.deviceIndependentSize().height()) / 2
    painter.drawImage(_on_pixel(at - half, ratio), image)


def _disc_width(label: str) -> float:
    return max(2 * _DOT, QFontMetricsF(theme.font(_DOT_SIZE, strong=True)).horizontalAdvance(label) + 6.0)


def _disc(painter: QPainter, mark: Mark, at: QPointF) -> None:
    width = _disc_width(mark.label)
    disc = QRectF(at.x() - width / 2, at.y() - _DOT, width, 2 * _DOT)
    fill = QColor(theme.current().readable(mark.colour))
    painter.setFont(theme.font(_DOT_SIZE, strong=True))
    painter.setPen(QPen(halo(), 3.0))
    painter.setBrush(halo())
    painter.drawRoundedRect(disc, _DOT, _DOT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(disc, _DOT, _DOT)
    painter.setPen(QColor(_writing_on(fill)))
    painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, mark.label)


def draw_caption(painter: QPainter, text: str, at: QPointF, bounds: QRectF) -> None:
    """The hovered sentence on a small card beside its point, at most two lines, always inside the map.

    What follows a line end in `text` is a line of its own.
    """
    colours = theme.current()
    painter.setFont(theme.font(12))
    metrics = QFontMetricsF(painter.font())
    room = min(_CAPTION_WIDTH, bounds.width() - 16) - 16
    if room < 40:
        return
    text, _, more = text.partition("\n")
    lines = _two_lines(text, metrics, room)
    if more:
        lines.append(metrics.elidedText(more, Qt.TextElideMode.ElideRight, room))
    width = max(metrics.horizontalAdvance(line) for line in lines) + 16
    height = metrics.height() * len(lines) + 10
    card = QRectF(at.x() + 12, at.y() + 12, width, height)
    if card.right() > bounds.right() - 4:
        card.moveLeft(max(bounds.left() + 4, bounds.right() - 4 - width))
    if card.bottom() > bounds.bottom() - 4:
        card.moveBottom(at.y() - 12)
    painter.setPen(QPen(QColor(colours.border_strong), 1))
    painter.setBrush(QColor(colours.raised))
    painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(QColor(colours.text))
    for row, line in enumerate(lines):
        last = bool(more) and row == len(lines) - 1
        if last:
            painter.setPen(QColor(colours.muted))
        place = QRectF(card.left() + 8, card.top() + 5 + row * metrics.height(), width - 16, metrics.height())
        draw_text(
            painter, place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line, more if last else text
        )


def draw_words(painter: QPainter, text: str, box: QRectF, font: QFont) -> None:
    """Words that lie on the map itself, in a box of their size; on a screen as a picture that is kept."""
    if not on_screen(painter):  # for a file
        _write(painter, text, box.topLeft(), font)
        return
    ratio, now = painter.deviceTransform().m11(), theme.current()
    key = text, font.key(), now.map, now.text, ratio
    image = _worded.get(key)
    if image is None:
        size = QSizeF(box.width() + 2 * _WORDS, box.height() + 2 * _WORDS)
        image = _kept(_worded, key, size, ratio, lambda inner: _write(inner, text, QPointF(_WORDS, _WORDS), font))
    painter.drawImage(_on_pixel(box.topLeft() - QPointF(_WORDS, _WORDS), ratio), image)


def _kept(
    pictures: dict[Key, QImage], key: Key, size: QSizeF, ratio: float, draw: Callable[[QPainter], None]
) -> QImage:
    """A picture of so many logical pixels that is drawn once; those before go where there are too many."""
    image = QImage((size * ratio).toSize() + QSize(1, 1), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    with QPainter(image) as inner:
        inner.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw(inner)
    if len(pictures) >= _MOST_KEPT:
        pictures.clear()
    pictures[key] = image
    return image


def _on_pixel(at: QPointF, ratio: float) -> QPointF:
    return QPointF(round(at.x() * ratio), round(at.y() * ratio)) / ratio


def _write(painter: QPainter, text: str, at: QPointF, font: QFont) -> None:
    path = QPainterPath()
    path.addText(QPointF(at.x(), at.y() + QFontMetricsF(font).ascent()), font, text)
    painter.strokePath(path, QPen(halo(0.9), _WORDS, j=Qt.PenJoinStyle.RoundJoin))
    painter.fillPath(path, QColor(theme.current().text))


def _two_lines(text: str, metrics: QFontMetricsF, room: float) -> list[str]:
    first = ""
    words = text.split()
    while words and metrics.horizontalAdvance(f"{first} {words[0]}".strip()) <= room:
        first = f"{first} {words.pop(0)}".strip()
    if not first and words:
        first = metrics.elidedText(words.pop(0), Qt.TextElideMode.ElideRight, room)
    rest = metrics.elidedText(" ".join(words), Qt.TextElideMode.ElideRight, room)
    return [first, rest] if rest else [first]


def _draw_arrow(painter: QPainter, at: QPointF, bounds: QRectF, colour: QColor) -> None:
    edge = bounds.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
    tip = QPointF(min(max(at.x(), edge.left()), edge.right()), min(max(at.y(), edge.top()), edge.bottom()))
    away = at - tip
    length = max(1e-6, (away.x() ** 2 + away.y() ** 2) ** 0.5)
    along = QPointF(away.x() / length, away.y() / length)
    across = QPointF(-along.y(), along.x())
    triangle = QPolygonF([tip + along * 6, tip - along * 4 + across * 5, tip - along * 4 - across * 5])
    painter.setPen(QPen(halo(), 2))
    painter.setBrush(colour)
    painter.drawPolygon(triangle)


def _writing_on(fill: QColor) -> str:
    return max(("#0d1015", "#ffffff"), key=lambda colour: theme.contrast(colour, fill.name()))


def halo(opacity: float = 0.85) -> QColor:
    """What lies around all that is drawn over points, so that it is seen on them."""
    made = QColor(theme.current().map)
    made.setAlphaF(opacity)
    return made
