"""Pixels within lines and text: maps of many points, and heat maps.

Qt encodes a picture within an SVG while it is drawn, which takes the window's thread long; here that comes later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

_PLACE = re.compile(rb'(?<=xlink:href="data:image/png;base64,)[^"]*')


class SvgPage(QSvgGenerator):
    """Takes a place holder for each picture of pixels, and keeps these in `images` for `filled`."""

    def __init__(self) -> None:
        super().__init__(QSvgGenerator.SvgVersion.Svg11)  # the older one knows no clipping
        self.images: list[QImage] = []

    def take(self, image: QImage) -> QImage:
        """Keep a picture for later; what is to be drawn now."""
        self.images.append(image)
        return QImage(1, 1, QImage.Format.Format_RGB32)


def filled(svg: bytes, images: Sequence[QImage]) -> bytes:
    """An SVG with its pictures of pixels in the places that were held for them; may be called in any thread."""
    encoded = iter([as_png(image).toBase64().data() for image in images])
    return _PLACE.sub(lambda _: next(encoded), svg) if images else svg


def draw_pixels(painter: QPainter, area: QRectF, image: QImage) -> None:
    """Draw a picture over an area."""
    page = painter.device()
    painter.drawImage(area, page.take(image) if isinstance(page, SvgPage) else image)


def as_png(image: QImage) -> QByteArray:
    """A picture as the bytes of a file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return buffer.data()
