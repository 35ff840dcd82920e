"""The verdict beneath a map: whether z has collapsed, one sentence why, and what to try."""

from __future__ import annotations

from textwrap import fill

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.core import theme
from app.core.values import Finding

_COLOURS = {"collapsed": "danger", "weak": "warning", "healthy": "good"}
_MARGIN, _PAD, _EDGE = theme.SPACE, 4, 3
MOST_LINES = 2
_TOOLTIP = 72
"""Letters of a line of the tooltip."""


class Badge(QAbstractButton):
    """A strip that says how much z carries; pressed, it asks for more. It takes as many lines as it is let have."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finding: Finding | None = None
        self._allowed = self._lines = MOST_LINES
        self._hovered = False
        self.setFont(theme.font(theme.SMALL_SIZE))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setVisible(False)

    def set_finding(self, finding: Finding | None) -> None:
        """Show it where something is amiss; nothing where all is well or not known."""
        amiss = finding is not None and finding.verdict != "healthy"
        self._finding = finding if amiss else None
        if finding is not None and amiss:
            self.setText(f"{finding.title}: {finding.text}")
            self.setToolTip("\n".join(fill(line, _TOOLTIP) for line in finding.details.splitlines()))
            self.setAccessibleName(self.text())
            self.setAccessibleDescription(finding.details)
        self.setVisible(amiss)
        self._fit()

    def set_lines(self, lines: int) -> None:
        """How many lines there is room for."""
        self._allowed = lines
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(120, self.height_of(self._lines))

    def height_of(self, lines: int) -> int:
        """How high so many lines are, in logical pixels."""
        return lines * self.fontMetrics().lineSpacing() + 2 * _PAD

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def shown_lines(self) -> list[str]:
        """The lines as they are painted, the last one shortened where there is no room for all."""
        if self._finding is None:
            return []
        room, metrics = self._room().width(), QFontMetricsF(self._strong())
        layout = self._laid_out(room)
        starts = [layout.lineAt(i).textStart() for i in range(layout.lineCount())][: self._lines]
        ends = [*starts[1:], len(self.text())]
        lines = [self.text()[start:end].strip() for start, end in zip(starts, ends, strict=True)]
        lines[-1] = metrics.elidedText(lines[-1], Qt.TextElideMode.ElideRight, room)
        return lines

    def paintEvent(self, event: QPaintEvent) -> None:
        finding = self._finding
        if finding is None:
            return
        now = theme.current()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(now.hover if self._hovered else now.raised))
            colour = QColor(getattr(now, _COLOURS[finding.verdict]))
            painter.fillRect(QRectF(0, 0, _EDGE, self.height()), colour)
            room, left, spacing = self._room(), len(finding.title) + 1, self.fontMetrics().lineSpacing()
            for number, line in enumerate(self.shown_lines()):
                self._paint_line(painter, line, left, room.left(), room.top() + number * spacing)
                left = max(0, left - len(line) - 1)
            if self.hasFocus():
                painter.setPen(QPen(QColor(now.accent), 2))
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def enterEvent(self, event: QEvent) -> None:
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def _fit(self) -> None:
        """Take as many lines as the words need, of those there is room for."""
        needed = self._laid_out(self._room().width()).lineCount() if self._finding is not None else 1
        if (lines := min(needed, self._allowed)) != self._lines:
            self._lines = lines
            self.updateGeometry()
        self.update()

    def _room(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_EDGE + _MARGIN, _PAD, -_MARGIN, -_PAD)

    def _laid_out(self, width: float) -> QTextLayout:
        layout = QTextLayout(self.text(), self.font())
        layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
        layout.setFormats([self._format(len(self._finding.title) + 1 if self._finding is not None else 0)])
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
        layout.endLayout()
        return layout

    def _paint_line(self, painter: QPainter, text: str, strong: int, x: float, y: float) -> None:
        """One line, whose first `strong` letters are the verdict."""
        layout = QTextLayout(text, self.font())
        layout.setFormats([self._format(min(strong, len(text)))])
        layout.beginLayout()
        layout.createLine().setLineWidth(1e4)
        layout.endLayout()
        painter.setPen(QColor(theme.current().text))
        layout.draw(painter, QPointF(x, y))

    def _format(self, length: int) -> QTextLayout.FormatRange:
        made = QTextLayout.FormatRange()
        made.start, made.length = 0, length
        style = QTextCharFormat()
        style.setFont(self._strong())
        if self._finding is not None:
            style.setForeground(QColor(getattr(theme.current(), _COLOURS[self._finding.verdict])))
        made.format = style
        return made

    def _strong(self) -> QFont:
        return theme.font(theme.SMALL_SIZE, strong=True)
