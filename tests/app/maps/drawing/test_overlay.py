"""Flags over a map: where they stand when their dots are near one another or near the border."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.overlay import Mark, Spokes, draw_flags, flag_boxes

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
