"""A path as it is painted on a map, and in its picture."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.core import theme
from app.maps.drawing.camera import Camera
from app.maps.tracing.layer import PathLayer
from tests.app.maps.hand import colour_at, differs

CAMERA = Camera(0.0, 0.0, 10.0, 200, 200)


@pytest.fixture
def painted(qapp):
    theme.apply(qapp, "dark")

    def paint(layer: PathLayer) -> QImage:
        image = QImage(200, 200, QImage.Format.Format_RGB32)
        image.fill(QColor(theme.current().map))
        painter = QPainter(image)
        layer(painter, CAMERA, 1.0, [])
        painter.end()
        return image

    return paint


def at(image: QImage, x: float, y: float) -> QColor:
    return image.pixelColor(QPointF(*CAMERA.to_pixel(x, y)).toPoint())


def test_the_line_goes_through_its_corners_with_numbers_on_the_steps(painted):
    image = painted(PathLayer(((-5.0, 0.0), (5.0, 0.0)), ((-5.0, 0.0), (0.0, 5.0), (5.0, 0.0)), role="warning"))
    ground = theme.current().map
    for x, y in ((-2.5, 2.5), (2.5, 2.5)):
        assert not differs(at(image, x, y), theme.current().warning)
    assert not differs(at(image, 0, 0), ground)  # not straight from step to step
    assert not differs(at(image, -5.55, 0), theme.current().warning)  # of the disc, beside its number


def test_the_step_in_view_has_another_colour_and_lies_on_top(painted):
    here = ((0.0, 0.0), (0.2, 0.0))
    first, second = (at(painted(PathLayer(here, at=step)), 0.1, 0.6) for step in (0, 1))
    assert not differs(first, theme.current().text)
    assert not differs(second, theme.current().text)
    assert not differs(at(painted(PathLayer(here)), 0.1, 0.6), theme.current().accent)


def test_nothing_is_painted_of_an_empty_path_and_what_was_meant_is_dashed(painted):
    ground = QColor(theme.current().map)
    empty = painted(PathLayer(()))
    assert all(empty.pixelColor(x, y) == ground for x in range(0, 200, 7) for y in range(0, 200, 7))
    dashed = painted(PathLayer((), meant=((-8.0, 3.0), (8.0, 3.0))))
    along = [differs(at(dashed, x, 3.0), theme.current().map) for x in np.linspace(-7.5, 7.5, 120)]
    assert 0.2 < np.mean(along) < 0.9


def test_a_map_and_its_picture_show_it_alike(view):
    middle = QPointF(200, 200)
    before = colour_at(view, middle + QPointF(40, 0))
    x0, x1, y0, y1 = view.view_range()
    level = (y0 + y1) / 2
    view.set_beneath(path=PathLayer((), ((x0, level), (x1, level))))
    assert differs(colour_at(view, middle + QPointF(40, 0)), before.name())
    image = QImage(800, 800, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    view.scene().paint(painter, QRectF(0, 0, 800, 800), 1.0)
    painter.end()
    assert not differs(image.pixelColor(480, 400), theme.current().accent)
