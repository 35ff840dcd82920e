"""Flags over a map: where they stand when their dots are near one another or near the border."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.overlay import Mark, Spokes, draw_dot, draw_flags, flag_boxes

BOUNDS = QRectF(0, 0, 300, 200)


def test_a_flag_alone_stands_above_its_dot_or_below_it_at_the_upper_border() -> None:
    (above,) = flag_boxes([QPointF(150, 100)], [20.0], BOUNDS)
    (below,) = flag_boxes([QPointF(150, 5)], [20.0], BOUNDS)
    assert above.bottom() < 100
    assert above.center().x() == 150
    assert below.top() > 5


@pytest.mark.parametrize("places", [[(150, 100)] * 4, [(2, 2)] * 4, [(150, 100), (154, 100), (150, 104), (154, 106)]])
def test_flags_of_dots_in_one_place_do_not_cover_each_other(places: list[tuple[int, int]]) -> None:
    boxes = flag_boxes([QPointF(*each) for each in places], [22.0] * 4, BOUNDS)
    assert not [pair for pair in combinations(boxes, 2) if pair[0].intersects(pair[1])]


@given(st.lists(st.tuples(st.floats(-500, 800), st.floats(-500, 800)), min_size=1, max_size=8))
def test_flags_stay_inside_the_map_wherever_their_dots_lie(places: list[tuple[float, float]]) -> None:
    boxes = flag_boxes([QPointF(*each) for each in places], [22.0] * len(places), BOUNDS)
    assert all(BOUNDS.contains(box) for box in boxes)


def drawn(marks: list[Mark], places: list[QPointF]) -> QImage:
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(theme.current().map)
    painter = QPainter(image)
    draw_flags(painter, list(zip(marks, places, strict=True)), BOUNDS)
    painter.end()
    return image


def test_no_stem_of_a_later_mark_goes_across_a_flag(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    marks = [Mark(str(number), (0, 0), ("#ff4040", "#40c0ff", "#40ff60")[number % 3]) for number in range(8)]
    places = [QPointF(150, 100)] * len(marks)
    (flag,) = flag_boxes(places[:1], [16.0], BOUNDS)
    inside = flag.adjusted(3, 3, -3, -3).toRect()
    assert drawn(marks, places).copy(inside) == drawn(marks[:1], places[:1]).copy(inside)


def test_lines_to_others_begin_at_one_place_and_run_out_of_the_view(qapp: QApplication) -> None:
    camera = Camera.fitted((0, 10, 0, 10), 200, 200)
    picture = QImage(200, 200, QImage.Format.Format_RGB32)
    picture.fill(QColor("#808080"))
    painter = QPainter(picture)
    Spokes((5.0, 5.0), ((9.0, 5.0), (5.0, 400.0)))(painter, camera, 1.0, [])
    painter.end()

    def drawn_at(x: float, y: float) -> int:
        column, row = camera.to_pixel(x, y)
        near = [(round(column) + dx, round(row) + dy) for dx in (-1, 0) for dy in (-1, 0)]
        return sum(picture.pixelColor(*each) != QColor("#808080") for each in near)

    assert min(drawn_at(6, 5), drawn_at(8.8, 5), drawn_at(5, 9.5)) > 0
    assert drawn_at(3, 5) == drawn_at(9.5, 5) == drawn_at(5, 2) == 0
    accent = QColor(theme.current().accent)
    assert any(picture.pixelColor(x, y) == accent for x in range(110, 170) for y in (99, 100))


def test_a_numbered_dot_on_a_screen_is_the_one_in_a_file_but_for_parts_of_a_pixel(qapp) -> None:
    theme.apply(qapp, "dark")
    mark, at, bounds = Mark("128", (0.0, 0.0), "#56B4E9"), QPointF(30.0, 20.0), QRectF(0, 0, 60, 40)
    seen = {}
    for scale in (1.0, 2.0):  # a painter that scales paints a file
        image = QImage(round(60 * scale), round(40 * scale), QImage.Format.Format_ARGB32_Premultiplied)
        for number in range(2):  # the picture is made, then kept
            image.fill(QColor("#10141a"))
            with QPainter(image) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.scale(scale, scale)
                draw_dot(painter, mark, at, bounds)
            seen[scale, number] = image.scaled(60, 40, mode=Qt.TransformationMode.SmoothTransformation)
    assert seen[1.0, 0] == seen[1.0, 1]
    lit = {key: lightness(image) for key, image in seen.items()}
    assert lit[1.0, 0].mean() == pytest.approx(lit[2.0, 0].mean(), rel=0.03)
    assert np.abs(lit[1.0, 0].mean(axis=0) - lit[2.0, 0].mean(axis=0)).max() < 20
    draw_nothing = QImage(60, 40, QImage.Format.Format_ARGB32_Premultiplied)
    draw_nothing.fill(0)
    with QPainter(draw_nothing) as painter:
        draw_dot(painter, mark, QPointF(70.0, 20.0), bounds)
    assert lightness(draw_nothing).max() == 0


def lightness(image: QImage) -> np.ndarray:
    return np.array([[image.pixelColor(x, y).lightness() for x in range(image.width())] for y in range(image.height())])
