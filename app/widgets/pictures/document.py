"""A page of text and tables, in a figure."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QAbstractTextDocumentLayout, QColor, QPainter, QPalette, QTextDocument

from app.core import theme
from app.core.theme import Theme


class Document:
    """What HTML says, in the colours of the theme of the figure."""

    def __init__(self, html: Callable[[Theme], str], style: str = "") -> None:
        """Args: html: the page in a theme; style: a stylesheet for it."""
        self._html, self._style = html, style

    def height(self, width: float) -> float:
        """All of it."""
        return self._laid_out(width).size().height()

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it."""
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, QColor(theme.current().text))
        page = self._laid_out(area.width())  # kept, or its layout goes while it draws
        painter.save()
        painter.translate(area.topLeft())
        page.documentLayout().draw(painter, context)
        painter.restore()

    def _laid_out(self, width: float) -> QTextDocument:
        made = QTextDocument()
        made.setDocumentMargin(0)
        made.setDefaultFont(theme.font())
        made.setDefaultStyleSheet(self._style)
        made.setHtml(self._html(theme.current()))
        made.setTextWidth(width)
        return made
