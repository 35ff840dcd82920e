"""KL per dimension of z over the steps, a heat map a variant, on one scale of colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from app.core import theme
from app.core.values import Column
from app.train.plots.curves import Curves, Heat
from app.train.plots.panels import value
from app.train.plots.picture import HeatPart, heat_image
from app.widgets.colour_scale import ColourScale, number_text
from app.widgets.labels import ColourChip
from app.widgets.parts import columns_layout, label
from app.widgets.pictures.figure import MARGIN, Beside, Figure, wide
from app.widgets.pictures.scale import ScalePart

_LEAST = 0.5  # nats in the last colour, at least
_NEVER_CUT = 4.0  # nats up to which the scale always reaches, if there are any
_TIMES = 4.0  # what is usual at the top of a variant: the end of the scale, at most
_MOST_STEPS = 0.95  # share of the steps that counts as usual
_FOOT = 16  # logical pixels: the numbers of the steps


def sorted_by_last(heat: Heat) -> tuple[np.ndarray, np.ndarray]:
    """The dimensions (latent,), those of most KL at the last step first, and their KL (latent, n) in that order."""
    if not len(heat.steps):
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    order = np.argsort(-heat.kl[-1], kind="stable")
    return order, heat.kl[:, order].T


def scale_end(heats: Iterable[Heat]) -> tuple[float, float]:
    """Where the colours of all heat maps end, and the largest KL there is, nats.

    Usually both are the same. One variant that is far above the others, or a few steps that are far above the rest, do
    not take the colours of everything else away: the end is at most four times what is usual at the top of a variant,
    and of the variants the one in the middle (the smaller of two) counts. It is never below half a nat, so that
    a model whose z carries nothing looks like it.
    """
    tops = [np.nanmax(np.nan_to_num(heat.kl), axis=1) for heat in heats if heat.kl.size]
    if not tops:
        return _LEAST, 0.0
    largest = max(float(top.max()) for top in tops)
    usual = sorted(float(np.quantile(top, _MOST_STEPS)) for top in tops)[(len(tops) - 1) // 2]
    return max(_LEAST, min(largest, max(_NEVER_CUT, _TIMES * usual))), largest


class HeatMap(QWidget):
    """One variant's picture: steps from left to right, dimensions from top to bottom."""

    figure_name = "this heat map"

    def __init__(self, column: Column) -> None:
        super().__init__()
        self._column = column
        self.setMouseTracking(True)
        self.setMinimumHeight(60)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self._steps = np.empty(0, np.int64)
        self._order, self._kl = np.empty(0, np.int64), np.empty((0, 0), np.float32)
        self._high, self._largest = 1.0, 0.0
        self._image: QImage | None = None

    def show_heat(self, heat: Heat, high: float, largest: float) -> None:
        """Show the KL; `high` nats have the last colour, `largest` is the largest KL of all heat maps."""
        self._steps, self._high, self._largest = heat.steps, high, largest
        self._order, self._kl = sorted_by_last(heat)
        self._image = None
        self.setAccessibleName(self._summary())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        with QPainter(self) as painter:
            if not self._kl.size:
                painter.setPen(QColor(now.muted))
                middle = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
                painter.drawText(self.rect(), middle, "Measured with each evaluation on the test text")
                return
            if self._image is None:
                self._image = heat_image(self._kl, self._high, now.mode)
            painter.drawImage(self._place(), self._image, QRectF(self._image.rect()))
            painter.setPen(QColor(now.muted))
            painter.setFont(theme.font(theme.SMALL_SIZE))
            foot, below = QRectF(0, self.height() - _FOOT, self.width(), _FOOT), Qt.AlignmentFlag.AlignBottom
            painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | below, f"step {self._steps[0]:,}")
            if len(self._steps) > 1:
                painter.drawText(foot, Qt.AlignmentFlag.AlignRight | below, f"{self._steps[-1]:,}")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the value under the pointer."""
        text = self.text_at(event.position())
        QToolTip.showText(event.globalPosition().toPoint() + QPoint(8, 8), text, self) if text else QToolTip.hideText()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme has other colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._image = None
        super().changeEvent(event)

    def text_at(self, at: QPointF) -> str:
        """The value at a place in words, "" beside the picture."""
        place = self._place()
        if not self._kl.size or not place.contains(at):
            return ""
        row = min(len(self._order) - 1, int((at.y() - place.top()) / place.height() * len(self._order)))
        column = min(len(self._steps) - 1, int((at.x() - place.left()) / place.width() * len(self._steps)))
        kl = value(float(self._kl[row, column]))
        return f"dimension {self._order[row]} of z, step {self._steps[column]:,}: KL {kl} nats"

    @property
    def part(self) -> HeatPart:
        """What is shown, for a figure."""
        column = self._column
        return HeatPart(column.label, column.colour, self._steps, self._order, self._kl, self._high, self.height())

    def figure(self) -> Figure | None:
        """The heat map as a figure; None before anything was measured."""
        return _figure([self], self._high, self._largest, self.width()) if self._kl.size else None

    def _place(self) -> QRectF:
        return QRectF(0, 0, self.width(), max(1, self.height() - _FOOT))

    def _summary(self) -> str:
        if not self._kl.size:
            return "No KL per dimension yet"
        return f"KL per dimension, {len(self._steps)} steps; most in dimension {self._order[0]}"


class HeatRow(QWidget):
    """The heat maps of all variants side by side."""

    figure_name = "all heat maps"

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self.maps: dict[str, HeatMap] = {}
        self._high, self._largest = _LEAST, 0.0
        self._scale = ColourScale()
        about = label("Dimensions of z from top to bottom, those with most KL at the end first.", role="label")
        about.setToolTip("A dimension whose KL is 0 is not used: its q(z|x) is the prior, whatever the sentence.")
        top = QHBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        top.addWidget(about, 1)
        top.addWidget(self._scale)
        self._body = QWidget()
        self._row = columns_layout(self._body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 8)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self._body, 1)

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Show these variants."""
        if columns == self._columns:
            return
        self._columns = columns
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.maps = {}
        for column in columns:
            cell = QWidget()
            cell.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            head = QHBoxLayout()
            head.setSpacing(6)
            chip = ColourChip()
            chip.set_colour(column.colour)
            head.addWidget(chip)
            head.addWidget(label(column.label, role="label"), 1)
            self.maps[column.name] = HeatMap(column)
            box = QVBoxLayout(cell)
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(2)
            box.addLayout(head)
            box.addWidget(self.maps[column.name], 1)
            self._row.addWidget(cell, 1)

    def figure(self) -> Figure | None:
        """All of them as a figure; None before anything was measured."""
        maps = list(self.maps.values())
        return (
            _figure(maps, self._high, self._largest, self.width()) if any(one.part.measured for one in maps) else None
        )

    def show_curves(self, curves: Mapping[str, Curves]) -> None:
        """Show the KL per dimension of each variant, all on one scale."""
        heats = {name: curves[name].heat for name in self.maps if name in curves}
        self._high, self._largest = scale_end(heats.values())
        for name, heat in heats.items():
            self.maps[name].show_heat(heat, self._high, self._largest)
        if self._largest > 0:
            self._scale.set_scale("KL, nats", 0.0, self._high, _above_tip(self._high, self._largest))
            self._scale.set_above(_above(self._high, self._largest))
        else:
            self._scale.clear()


def _above(high: float, largest: float) -> str:
    """What the colour beyond the scale means; "" where nothing is beyond it."""
    return f"above, up to {number_text(largest, largest)}" if largest > high else ""


def _above_tip(high: float, largest: float) -> str:
    if not _above(high, largest):
        return ""
    return "The scale ends where most of the values do, so that a few huge ones do not take the colours of the others."


def _figure(maps: Sequence[HeatMap], high: float, largest: float, width: float) -> Figure:
    scale = ScalePart("KL, nats", number_text(0.0, high), number_text(high, high), _above(high, largest))
    return Figure(
        "kl-per-dimension",
        "KL per dimension of z",
        (Beside([one.part for one in maps]), scale),
        ("Over the steps of the training, on the test text; dimensions with most KL at the last step on top.",),
        width=wide(width + 2 * MARGIN),
    )
