"""Maps drawn by compiled loops: the pictures that numpy draws, whichever points lie in view and in whatever order."""

from __future__ import annotations

import numpy as np
import pytest

from app.core import theme
from app.maps.drawing import sheet as module
from app.maps.drawing.camera import MARGIN, Camera, bounds_of
from app.maps.drawing.compiled import loading
from app.maps.drawing.lookup import PointGrid
from app.maps.drawing.raster import Layer, counts
from app.maps.drawing.scene import Points, drawn
from app.maps.drawing.sheet import Frame, Sheet

SHADES = 3  # of 255, by which compiled pictures may differ: opacities are told apart by 256ths
SIZE = 160


@pytest.fixture(scope="module")
def kernels():
    loading.load()
    return loading.kernels()


def cloud(n: int, seed: int = 0) -> np.ndarray:
    """(n, 2) points in some clumps and a few far away."""
    random = np.random.default_rng(seed)
    points = random.normal(size=(12, 2))[random.integers(0, 12, n)] * 4 + random.normal(size=(n, 2)) * 0.3
    points[: n // 500] *= 3
    return points.astype(np.float32)


def points_of(n: int, kind: str) -> Points:
    """Points that are shown in one of the ways there are."""
    random, places = np.random.default_rng(1), cloud(n)
    values = (random.random(n) * 20).astype(np.float32)
    ways: dict[str, dict[str, object]] = {
        "one colour": {},
        "values": {"values": values},
        "some without a value": {"values": np.where(values > 14, np.float32(np.nan), values)},
        "categories": {"values": np.floor(values / 4), "categories": True},
        "density": {"density": True},
        "few lit": {"values": values, "dimmed": values > 1},
        "many lit": {"values": values, "dimmed": values < 6},
        "categories, many lit": {"values": np.floor(values / 4), "categories": True, "dimmed": values < 6},
        "density, many lit": {"density": True, "dimmed": values < 6},
        "some without a place": {"values": values},
    }
    if kind == "some without a place":
        places[::7, 0], places[3::11, 1] = np.nan, np.inf
    return Points(places[:, 0], places[:, 1], low=2.0, high=17.0, accent="#1BB58A", **ways[kind])  # type: ignore[arg-type]


def home_of(points: Points, size: float = SIZE) -> Camera:
    bounds, _ = bounds_of(np.stack((points.x, points.y), axis=1))
    return Camera.fitted(bounds, size, size * 0.8, MARGIN)


def parts_of(image: np.ndarray) -> np.ndarray:
    """Packed pixels as numbers from 0 to 255."""
    return image.view(np.uint8).astype(int)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(
    "kind",
    [
        "one colour",
        "values",
        "some without a value",
        "categories",
        "density",
        "few lit",
        "many lit",
        "categories, many lit",
        "density, many lit",
        "some without a place",
    ],
)
def test_the_picture_is_the_one_of_numpy(kernels, kind, ordered):
    for n in (900, 40_000):
        points = points_of(n, kind)
        home, now = home_of(points), theme.DARK
        sheet = Sheet(kernels, PointGrid(points.x, points.y) if ordered else None)
        x, y = home.to_pixel(*np.stack((points.x, points.y), 1)[5])
        for zoom in (1.0, 2.5, 30.0, 3000.0):
            camera = home.zoomed(zoom, x, y)
            expected = drawn(points.layers(now), camera, zoom, 1.0)
            found = sheet.drawn(points, now, camera, zoom, 1.0)
            assert found.shape == expected.shape
            assert expected.any()
            assert np.abs(parts_of(found) - parts_of(expected)).max() <= SHADES, (n, zoom)


@pytest.mark.parametrize("ratio", [1.25, 2.0])
def test_the_picture_of_a_fine_screen_is_the_one_of_numpy(kernels, ratio):
    points = points_of(5000, "values")
    camera = home_of(points, 97.3).magnified(ratio)
    found = Sheet(kernels, PointGrid(points.x, points.y)).drawn(points, theme.LIGHT, camera, 1.0, ratio)
    expected = drawn(points.layers(theme.LIGHT), camera, 1.0, ratio)
    assert np.abs(parts_of(found) - parts_of(expected)).max() <= SHADES


def test_looking_where_no_points_are_shows_nothing(kernels):
    points = points_of(900, "values")
    camera = home_of(points).panned(5000, -7000)
    for kind in ("values", "density"):
        points = points_of(900, kind)
        assert not Sheet(kernels, PointGrid(points.x, points.y)).drawn(points, theme.DARK, camera, 1.0, 1.0).any()


def test_every_point_is_counted_in_the_pixel_in_which_numpy_counts_it(kernels):
    places, frame = cloud(50_000), Frame(Camera(0.3, -0.2, 31.0, 90, 70), 70, 90, 1)
    codes = np.random.default_rng(2).integers(0, 65536, 50_000).astype(np.uint16)
    sums = np.zeros(frame.shape[0] * frame.shape[1], np.int64)
    whole = np.zeros(1, np.int64), np.full(1, 50_000)
    x, y = (np.ascontiguousarray(part) for part in places.T)
    kernels.count(x, y, codes, *whole, frame.view, *frame.shape, sums)
    expected = counts(Layer(x, y, (0, 0, 0)), frame.camera, (70, 90))
    np.testing.assert_array_equal((sums >> 40).reshape(frame.shape)[1:-1, 1:-1], expected)
    assert 1000 < expected.sum() < 50_000
    valued = np.zeros(sums.shape, np.int64)
    column, row = np.floor(frame.camera.pixels(places) + 1).astype(int).T
    inside = (column >= 0) & (column < 92) & (row >= 0) & (row < 72)
    np.add.at(valued, row[inside] * 92 + column[inside], codes[inside].astype(int))
    off = (sums & (2**40 - 1)).reshape(frame.shape)[1:-1, 1:-1] != valued.reshape(frame.shape)[1:-1, 1:-1]
    assert off.sum() <= 4  # 64-bit arithmetic may put a point on a border into the next pixel


@pytest.mark.parametrize("kind", ["values", "categories", "density"])
def test_heaps_are_the_points_at_the_middles_of_fine_cells(kernels, kind, monkeypatch):
    """Against numpy on points moved there; none of them is moved by more than a quarter of a pixel on either axis."""
    monkeypatch.setattr(module, "WORTH", 0)
    points = points_of(60_000, kind)
    sheet, (low, high) = Sheet(kernels, PointGrid(points.x, points.y)), np.array([1.0, -1.0])
    places = np.stack((points.x, points.y), 1).astype(np.float64)
    left, top = places[:, 0].min(), places[:, 1].max()
    side = np.ptp(places, axis=0).max()
    home = home_of(points, 420)
    for zoom, cells in ((1.0, 1024), (2.0, 2048)):
        camera = home.zoomed(zoom, 100.3, 170.7)
        size = side / cells
        assert size * camera.scale <= module.HEAP
        assert size * camera.scale * 2 > module.HEAP, "coarser cells would do"
        at = np.floor(np.abs(places - (left, top)) / size).clip(0, cells - 1)
        moved = (np.array((left, top)) + (at + 0.5) * size * (low, high)).astype(np.float32)
        assert np.abs(moved - places).max() * camera.scale <= 0.26
        expected = drawn(
            Points(moved[:, 0], moved[:, 1], points.values, 2.0, 17.0, density=points.density, accent="#1BB58A",
                   categories=points.categories).layers(theme.DARK), camera, zoom, 1.0,
        )  # fmt: skip
        found = sheet.drawn(points, theme.DARK, camera, zoom, 1.0)
        off = np.abs(parts_of(found) - parts_of(expected)).reshape(*found.shape, 4).max(axis=2) > SHADES
        assert off.mean() < 0.002  # heaps whose middle lies on the border of two pixels
        assert list(sheet._parts[0][1].heaps) in ([2048, 1024], [2048])
        assert sum(int((each >> 40).sum()) for each in sheet._parts[0][1].heaps[cells][:1]) == 60_000
    again = Sheet(kernels, PointGrid(points.x, points.y)).drawn(points, theme.LIGHT, camera, zoom, 1.0)
    assert np.array_equal(sheet.drawn(points, theme.LIGHT, camera, zoom, 1.0), again), "in the colours of another theme"


def test_heaps_are_only_used_where_they_are_fewer_than_points_and_smaller_than_half_a_pixel(kernels):
    points = points_of(2000, "values")
    sheet = Sheet(kernels, PointGrid(points.x, points.y))
    frame = Frame(home_of(points, 400), 320, 400, 2)
    assert sheet._cells(frame, 2000) == 0
    assert sheet._cells(frame, 10_000_000) == 1024
    assert sheet._cells(Frame(frame.camera.zoomed(2.0, 0, 0), 320, 400, 2), 10_000_000) == 2048
    assert sheet._cells(Frame(frame.camera.zoomed(6.0, 0, 0), 320, 400, 2), 10_000_000) == 0


def test_what_was_sorted_is_kept_until_other_points_are_shown(kernels, monkeypatch):
    points = points_of(3000, "many lit")
    sheet, camera, made = Sheet(kernels, PointGrid(points.x, points.y)), home_of(points), []
    monkeypatch.setattr(Sheet, "_picked", lambda *given, _plain=Sheet._picked: made.append(1) or _plain(*given))
    for now in (theme.DARK, theme.DARK, theme.LIGHT):
        sheet.drawn(points, now, camera, 1.0, 1.0)
    assert len(made) == 2  # grey ones and lit ones, once each
    other = Points(points.x, points.y, points.values, 0.0, 5.0, points.dimmed, accent=points.accent)
    found = sheet.drawn(other, theme.DARK, camera, 1.0, 1.0)
    expected = drawn(other.layers(theme.DARK), camera, 1.0, 1.0)
    assert np.abs(parts_of(found) - parts_of(expected)).max() <= SHADES
