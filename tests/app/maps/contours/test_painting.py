"""Contours as they are painted: where they are on the map, whatever one looks at of it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.maps.contours.painting import ContourPainter
from app.maps.drawing.camera import Camera
from app.maps.drawing.layers import CLOSER
from engine.maps.telling.contours import Contour

GROUND = "#808080"
HOME = Camera.fitted((-10, 10, -10, 10), 400, 300)


def circle(radius: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 181)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1)


def contours(*radii: float, x: float = 0.0) -> tuple[Contour, ...]:
    return tuple(Contour(share, (circle(radius, x),)) for share, radius in zip((0.5, 0.8, 0.95), radii, strict=False))


def painted(
    paint: ContourPainter,
    camera: Camera,
    zoom: float = 1.0,
    ratio: float = 1.0,
    words: bool = True,
    others: list[QRectF] | None = None,
) -> QImage:
    picture = QImage(round(camera.width * ratio), round(camera.height * ratio), QImage.Format.Format_RGB32)
    picture.fill(QColor(GROUND))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(ratio, ratio)
    taken: list[QRectF] = [] if others is None else others
    paint(painter, camera, zoom, taken)
    if words:
        paint.shares(painter, camera, zoom, taken)
    painter.end()
    return picture


def inked(picture: QImage) -> np.ndarray:
    """(k, 2) the pixels, x and y, in about the colour of text."""
    plain = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    grey = np.asarray(plain.constBits(), np.uint8).reshape(picture.height(), -1)[:, : picture.width()]
    text = QColor(theme.current().text).lightness()
    rows, columns = np.nonzero(np.abs(grey.astype(int) - text) < 40)
    return np.stack([columns, rows], axis=1)


def radii_of(pixels: np.ndarray, camera: Camera) -> np.ndarray:
    """How far pixels lie from the origin of the map, in its coordinates."""
    return np.hypot(*np.array([camera.to_data(x + 0.5, y + 0.5) for x, y in pixels]).T)


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_line_lies_where_it_is_on_the_map_and_follows_it(qapp: QApplication, mode, ratio):
    theme.apply(qapp, mode)
    paint = ContourPainter([(Contour(1.0, (circle(3.0),)),)])
    for camera in (HOME, HOME.panned(60, -25), HOME.zoomed(2.0, 200, 150)):
        found = radii_of(inked(painted(paint, camera, ratio=ratio, words=False)) / ratio - 0.5 + 0.5 / ratio, camera)
        assert len(found) > 2 * np.pi * 3.0 * camera.scale * ratio * 0.6
        assert np.abs(found - 3.0).max() * camera.scale < 2.0  # pixels


def test_it_is_seen_on_points_as_bright_as_itself(qapp: QApplication):
    """Around the line lies the colour of the ground of the map."""
    theme.apply(qapp, "dark")
    picture = painted(ContourPainter([contours(3.0)]), HOME)
    x, y = (round(each) for each in HOME.to_pixel(3.0, 0.0))
    across = [QColor(picture.pixel(x + at, y)).lightness() for at in range(-5, 6)]
    assert max(across) > 200  # the line
    assert min(across[:5]) < 60 > min(across[6:])  # darker than the ground on both sides
    assert across[0] == across[-1] == QColor(GROUND).lightness()


def test_finer_lines_are_painted_closer_by(qapp: QApplication):
    theme.apply(qapp, "dark")
    paint = ContourPainter([contours(3.0), contours(6.0)])
    far, near = (radii_of(inked(painted(paint, HOME, zoom)), HOME) for zoom in (CLOSER - 0.01, CLOSER))
    assert np.median(far) == pytest.approx(3.0, abs=0.3)
    assert np.median(near) == pytest.approx(6.0, abs=0.3)
    assert np.median(radii_of(inked(painted(paint, HOME, 4000.0)), HOME)) == pytest.approx(6.0, abs=0.3)


def test_out_of_sight_and_without_any_nothing_is_painted(qapp: QApplication):
    empty = painted(ContourPainter([]), HOME)
    assert painted(ContourPainter([contours(3.0)]), HOME.panned(5000, 0)) == empty
    assert painted(ContourPainter([(Contour(0.5, ()),)]), HOME) == empty


def test_each_line_says_its_share_where_none_is_in_the_way_of_another(qapp: QApplication, monkeypatch):
    said: list[tuple[str, QRectF]] = []
    monkeypatch.setattr(
        "app.maps.contours.painting.draw_words", lambda painter, text, box, font: said.append((text, box))
    )
    painted(ContourPainter([contours(2.0, 3.0, 4.0)]), HOME)
    assert [text for text, _ in said] == ["50%", "80%", "95%"]
    bottom, right, top = (box.center() for _, box in said)
    assert bottom.y() == pytest.approx(HOME.to_pixel(0, -2)[1], abs=1)
    assert right.x() == pytest.approx(HOME.to_pixel(3, 0)[0], abs=1)
    assert top.y() == pytest.approx(HOME.to_pixel(0, 4)[1], abs=1)
    said.clear()
    painted(ContourPainter([contours(0.2, 0.3, 0.4)]), HOME)  # too small to be read
    assert said == []
    painted(ContourPainter([contours(2.0, 3.0, 4.0)]), HOME.panned(190, 0))  # half of it is out of sight
    assert all(box.left() > 0 and box.right() < HOME.width for _, box in said)
    said.clear()
    above = QRectF(0, 0, HOME.width, 100)  # where a name lies
    others = [above]
    painted(ContourPainter([contours(2.0, 3.0, 4.0)]), HOME, others=others)
    assert [text for text, _ in said] == ["50%", "80%", "95%"]
    assert not any(box.intersects(above) for _, box in said)
    assert others == [above, *(box for _, box in said)]
