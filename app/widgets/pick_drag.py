"""Picks under the hand: what a drag carries, and what is taken out of a drop."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QDrag, QFontMetricsF, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.core import theme
from app.core.picks import MIME, Pick
from app.widgets.reading.direction import draw_text

LONGEST = 1000
"""Signs of the longest text that is taken from another program."""
_FROM, _HERE = f"{MIME}-from", str(os.getpid()).encode()
_WIDTH, _HEIGHT = 280, 26  # logical pixels of what hangs under the pointer, at most


def mime_of(pick: Pick) -> QMimeData:
    """A pick for a drag or the clipboard, with its text beside it for other programs."""
    data = QMimeData()
    data.setData(MIME, pick.to_json().encode())
    data.setData(_FROM, _HERE)
    data.setText(pick.text)
    return data


def pick_of(data: QMimeData) -> Pick | None:
    """The pick that was dropped, or the first line of a text from elsewhere; None if there is neither.

    Another window may have another run open: which test sentence a pick of it is, means nothing here.
    """
    if data.hasFormat(MIME):
        pick = Pick.from_json(bytes(data.data(MIME).data()).decode("utf-8", "replace"))
        here = bytes(data.data(_FROM).data()) == _HERE
        return pick if pick is None or here else replace(pick, index=-1)
    lines = text_of(data).strip().splitlines()
    text = lines[0].strip()[:LONGEST] if lines else ""
    return Pick(text) if text else None


def text_of(data: QMimeData) -> str:
    """The text of a drop, "" where it has none of its own: a file, or an address without words, is no sentence."""
    if any(url.isLocalFile() for url in data.urls()):
        return ""  # file managers name the file as text too
    return data.text() if any(name.startswith("text/plain") for name in data.formats()) else ""


def files_of(data: QMimeData) -> list[Path]:
    """The files and folders of this machine that are dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def is_drag(start: QPointF, now: QPointF) -> bool:
    """Whether the pointer, pressed at `start`, has gone far enough to carry something."""
    return (now - start).manhattanLength() >= QApplication.startDragDistance()


def drag(source: QWidget, pick: Pick) -> None:
    """Carry a pick until it is dropped."""
    carried = QDrag(source)
    carried.setMimeData(mime_of(pick))
    carried.setPixmap(_picture(pick.label, source.devicePixelRatioF()))
    carried.setHotSpot(QPoint(-12, 6))  # beside the pointer, which shows what it points at
    carried.exec(Qt.DropAction.CopyAction)


def _picture(text: str, ratio: float) -> QPixmap:
    now, font = theme.current(), theme.font()
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, _WIDTH - 16)
    width = round(metrics.horizontalAdvance(shown)) + 16
    picture = QPixmap(round(width * ratio), round(_HEIGHT * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        painter.setPen(QColor(now.border_strong))
        painter.setBrush(QColor(now.raised))
        painter.drawRoundedRect(0, 0, width - 1, _HEIGHT - 1, 4, 4)
        painter.setPen(QColor(now.text))
        draw_text(painter, QRectF(0, 0, width, _HEIGHT), Qt.AlignmentFlag.AlignCenter, shown, text)
    return picture
