"""Names on a map: none over another, and more of them closer by."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from app.core import theme
from app.maps.drawing.camera import Camera
from app.maps.drawing.layers import CLOSER
from app.maps.regions.labels import LabelPainter, RegionLabel, paint_no_names, placed


@pytest.fixture
def metrics(qapp) -> QFontMetricsF:
    return QFontMetricsF(theme.font(theme.SMALL_SIZE, strong=True))


def many(seed: int = 0) -> list[RegionLabel]:
    random = np.random.default_rng(seed)
    return [
        RegionLabel((f"word{at}", "and", "more"), x, y, 1000 - at, at % 3)
        for at, (x, y) in enumerate(random.random((90, 2)).tolist())
    ]


def test_names_never_lie_over_each_other_and_stay_on_the_map(metrics):
    home = Camera.fitted((0, 1, 0, 1), 400, 300)
    for zoom in (1.0, 2.0, 6.0):
        camera = home.zoomed(zoom, 130, 80)
        found = placed(many(), camera, zoom, metrics)
        assert len(found) > 3
        assert not any(one.intersects(other) for (_, one), (_, other) in combinations(found, 2))
        assert all(QRectF(0, 0, 400, 300).contains(box) for _, box in found)
    assert found == placed(many(), camera, zoom, metrics)


def test_there_are_more_of_them_closer_by_and_larger_regions_come_first(metrics):
    labels = [
        RegionLabel((f"{depth}{at}",), at / 4, 0.5 + depth / 9, 100 - at, depth) for depth in (0, 1) for at in range(4)
    ]
    home = Camera.fitted((0, 1, 0, 1), 600, 600)
    far, near = (placed(labels, home, zoom, metrics) for zoom in (1.0, CLOSER))
    assert {text for text, _ in far} == {"00", "01", "02", "03"}
    assert len(near) == 8
    rivals = [RegionLabel(("small",), 0.5, 0.5, 10), RegionLabel(("large",), 0.5, 0.5, 900)]
    assert [text for text, _ in placed(rivals, home, 1.0, metrics)] == ["large"]


def test_a_region_gives_way_to_its_parts_and_out_of_sight_there_is_no_name(metrics):
    labels = [RegionLabel(("whole",), 0.5, 0.5, 90, 0, parts=1), RegionLabel(("part",), 0.5, 0.5, 50, 1)]
    home = Camera.fitted((0, 1, 0, 1), 400, 400)
    assert [text for text, _ in placed(labels, home, 1.0, metrics)] == ["whole"]
    assert [text for text, _ in placed(labels, home, CLOSER, metrics)] == ["part"]
    assert placed(labels, home.panned(900, 0), CLOSER, metrics) == []


def test_a_narrow_map_has_fewer_words(metrics):
    label = RegionLabel(("considerable", "unfortunately", "everything"), 0.5, 0.5, 90)
    wide, narrow = (placed([label], Camera.fitted((0, 1, 0, 1), width, 200), 1.0, metrics) for width in (900, 180))
    assert wide[0][0] == "considerable, unfortunately, everything"
    assert narrow[0][0] == "considerable"


def test_the_name_is_painted_where_it_is_placed(metrics):
    theme_text = QColor(theme.current().text)
    picture = QImage(200, 200, QImage.Format.Format_RGB32)
    picture.fill(QColor(theme.current().map))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    LabelPainter([RegionLabel(("mmm",), 0.5, 0.5, 9)])(painter, Camera.fitted((0, 1, 0, 1), 200, 200), 1.0, [])
    painter.end()
    inked = {(x, y) for x in range(200) for y in range(200) if picture.pixelColor(x, y) == theme_text}
    assert inked
    assert all(80 < x < 120 and 88 < y < 112 for x, y in inked)


def test_a_name_that_is_kept_as_a_picture_is_the_name_of_its_theme_and_its_place(metrics, qapp):
    def pictured(mode: str, camera: Camera) -> QImage:
        theme.apply(qapp, mode)
        picture = QImage(200, 200, QImage.Format.Format_RGB32)
        picture.fill(QColor("#406080"))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        LabelPainter([RegionLabel(("mmm",), 0.5, 0.5, 9)])(painter, camera, 1.0, [])
        painter.end()
        return picture

    home = Camera.fitted((0, 1, 0, 1), 200, 200)
    dark, light = pictured("dark", home), pictured("light", home)
    assert dark != light
    assert pictured("dark", home) == dark
    moved = pictured("dark", home.panned(30, 10))
    assert moved.copy(60, 40, 110, 110) == dark.copy(30, 30, 110, 110)


def test_names_leave_other_words_free(metrics):
    labels = [RegionLabel(("left",), 0.2, 0.5, 90), RegionLabel(("right",), 0.8, 0.5, 50)]
    home = Camera.fitted((0, 1, 0, 1), 400, 400)
    assert [text for text, _ in placed(labels, home, 1.0, metrics, [QRectF(60, 190, 40, 20)])] == ["right"]


def test_a_map_without_names_says_so_at_its_top_unless_words_lie_there(metrics):
    def inked(width: int, taken: list[QRectF]) -> set[tuple[int, int]]:
        picture = QImage(width, 200, QImage.Format.Format_RGB32)
        picture.fill(QColor(theme.current().map))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_no_names(painter, Camera.fitted((0, 1, 0, 1), width, 200), 1.0, taken)
        painter.end()
        text = QColor(theme.current().text)
        return {(x, y) for x in range(width) for y in range(200) if picture.pixelColor(x, y) == text}

    taken: list[QRectF] = []
    written = inked(400, taken)
    assert written
    assert all(0 < y < 30 for _, y in written)
    assert len(taken) == 1
    assert inked(400, [QRectF(180, 0, 40, 50)]) == set()
    assert inked(60, []) == set()
