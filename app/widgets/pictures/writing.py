"""A figure as PNG, SVG or PDF. Text stays text and lines stay lines in the last two; dense maps are pixels within them.

Drawing needs the window's thread, as fonts and colours are shared; what comes of it is encoded and written in any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter

from app.core import theme
from app.core.theme import Theme
from app.widgets.pictures.figure import Figure
from app.widgets.pictures.pixels import SvgPage, as_png, filled
from engine.errors import LoomError
from engine.evaluation.cell_text import in_xml

FORMATS = {"png": "PNG", "svg": "SVG", "pdf": "PDF"}
"""Every format, by the ending of its files."""
_DPI = 96  # logical pixels to an inch
_WITHIN = 3  # pixels to a logical one of what has to be pixels within lines
_LONGEST_SIDE, _MOST_PIXELS = 32_000, 300_000_000  # of a PNG
_Result = TypeVar("_Result")
_LONGEST_PAGE = 14_400  # points: no PDF reader must show more


@dataclass(frozen=True, slots=True)
class Style:
    """How a figure is saved.

    Attributes:
        format: a key of `FORMATS`.
        ratio: pixels of a PNG to a logical one, along a side.
        for_print: on white, in the colours of the light theme; else as in the window.
    """

    format: str = "png"
    ratio: int = 2
    for_print: bool = False

    @property
    def colours(self) -> Theme:
        """The theme of the picture."""
        return theme.PRINT if self.for_print else theme.current()

    @property
    def pixels(self) -> int:
        """Pixels to a logical one where there are pixels."""
        return self.ratio if self.format == "png" else _WITHIN


Write = Callable[[Path], None]
Drawing = Generator[None, None, Write]
"""A step draws one piece; what it returns writes the file, in any thread."""


def drawn(figure: Figure, style: Style) -> Drawing:
    """Draw it piece by piece, so that the window has its turn in between.

    Raises:
        LoomError: it is too large for a PNG; at the first step.
    """
    kinds: dict[str, Callable[[Figure, Style], Drawing]] = {"png": _png, "svg": _svg, "pdf": _pdf}
    return _lent(style.colours, kinds[style.format](figure, style))


def draw(figure: Figure, style: Style) -> Write:
    """Draw it at once; returns what writes the file. Raises as `drawn` does."""
    return _whole(drawn(figure, style))


def preview(figure: Figure, style: Style, ratio: float) -> Generator[None, None, QImage]:
    """Draw piece by piece how it will look, with `ratio` pixels to a logical one; the picture is what it returns."""
    return _lent(style.colours, _image(figure, size_of(figure, style), ratio))


def size_of(figure: Figure, style: Style) -> QSizeF:
    """Logical pixels of a figure in a style."""
    with theme.lent(style.colours):
        return figure.size()


def _lent(to: Theme, pieces: Generator[None, None, _Result]) -> Generator[None, None, _Result]:
    """The same steps in the colours of a theme, which is the window's own again after each."""
    while True:
        with theme.lent(to):
            try:
                next(pieces)
            except StopIteration as end:
                return cast(_Result, end.value)
        yield


def _whole(pieces: Generator[None, None, _Result]) -> _Result:
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return cast(_Result, end.value)


def _png(figure: Figure, style: Style) -> Drawing:
    size, ratio = figure.size(), style.ratio
    width, height = round(size.width() * ratio), round(size.height() * ratio)
    if max(width, height) > _LONGEST_SIDE or width * height > _MOST_PIXELS:
        raise LoomError(
            f"The picture would have {width:,} × {height:,} pixels, which is too large for a PNG.",
            "Take fewer pixels, or SVG or PDF.",
        )
    image = yield from _image(figure, size, ratio)
    image.setDotsPerMeterX(round(_DPI * ratio / 0.0254))
    image.setDotsPerMeterY(round(_DPI * ratio / 0.0254))
    image.setText("Title", figure.said[0])
    image.setText("Description", "\n".join(figure.said))

    return lambda path: _fill(path, bytes(as_png(image).data()))


def _image(figure: Figure, size: QSizeF, ratio: float) -> Generator[None, None, QImage]:
    image = QImage(
        max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio)), QImage.Format.Format_RGB32
    )
    if image.isNull():
        raise LoomError("There is not enough memory for a picture of that size.", "Take fewer pixels, or SVG or PDF.")
    image.fill(theme.current().panel)
    with QPainter(image) as painter:
        _hint(painter)
        painter.scale(ratio, ratio)
        yield from figure.paint(painter, ratio)
    return image


def _svg(figure: Figure, _style: Style) -> Drawing:
    size = figure.size()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = SvgPage()
    generator.setOutputDevice(buffer)
    generator.setResolution(_DPI)
    generator.setSize(QSize(round(size.width()), round(size.height())))
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(figure.said[0])
    generator.setDescription("\n".join(figure.said[1:]))
    with QPainter(generator) as painter:
        _hint(painter)
        yield from figure.paint(painter, _WITHIN)
    text = in_xml(bytes(buffer.data().data()).decode("utf-8", "replace"))
    name = f'font-family="{theme.font().family()}'
    data = text.replace(f'{name}"', f'{name}, sans-serif"').encode()  # where the font is not installed
    images = generator.images
    return lambda path: _fill(path, filled(data, images))


def _pdf(figure: Figure, _style: Style) -> Drawing:
    size = figure.size()
    points = 72 / _DPI
    shrunk = min(1.0, _LONGEST_PAGE / (points * max(size.width(), size.height())))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    page = QSizeF(size.width() * points * shrunk, size.height() * points * shrunk)
    writer.setPageSize(QPageSize(page, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setTitle(figure.said[0])
    writer.setCreator("Latent Loom")
    with QPainter(writer) as painter:
        _hint(painter)
        painter.scale(shrunk, shrunk)
        yield from figure.paint(painter, _WITHIN)
    data = bytes(buffer.data().data())
    return lambda path: _fill(path, with_spaces(data))


def with_spaces(pdf: bytes) -> bytes:
    """A PDF of Qt whose spaces are copied and searched as spaces.

    The font has one glyph for the space and the tabulator, and Qt says of it that it is the latter. The signs of glyphs
    stand uncompressed, in lists of four hexadecimal figures each, so that no byte moves.
    """
    lists = re.compile(rb"\[[<>0-9A-Fa-f\s]*\]")
    return re.sub(
        rb"begincmap.*?endcmap",
        lambda table: lists.sub(lambda signs: signs[0].replace(b"<0009>", b"<0020>"), table[0]),
        pdf,
        flags=re.DOTALL,
    )


def _hint(painter: QPainter) -> None:
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing
        | QPainter.RenderHint.TextAntialiasing
        | QPainter.RenderHint.SmoothPixmapTransform
    )


def _fill(path: Path, data: bytes) -> None:
    path.write_bytes(data)
