"""The raster against plain loops, the camera against algebra, the lookup against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.maps.drawing.camera import MARGIN, Camera, bounds_of
from app.maps.drawing.compiled import loading
from app.maps.drawing.lookup import PointGrid
from app.maps.drawing.raster import PHASES, Layer, counts, coverage, dot_radius, render

RAMP = np.stack([np.arange(256)] * 3, axis=1).astype(np.uint8)


def cloud(n: int, seed: int = 0) -> np.ndarray:
    """(n, 2) points in a few clumps, some of them outside a view of 0..1."""
    random = np.random.default_rng(seed)
    return (random.random((n, 2)) * 1.3 - 0.15).astype(np.float32)


def layer(points: np.ndarray, **settings: object) -> Layer:
    """A layer of these points, red without values."""
    return Layer(x=points[:, 0].copy(), y=points[:, 1].copy(), **{"colour": (255, 0, 0), **settings})  # type: ignore[arg-type]


def unpacked(image: np.ndarray) -> np.ndarray:
    """(h, w) packed pixels as (h, w, 4) of r, g, b, a."""
    return np.stack([(image >> shift) & 255 for shift in (16, 8, 0, 24)], axis=-1).astype(int)


VIEW = Camera.fitted((0.0, 1.0, 0.0, 1.0), 60, 40)


def test_counting_puts_every_point_into_the_pixel_a_loop_puts_it_into():
    points = cloud(2000)
    expected = np.zeros((40, 60))
    for x, y in points.astype(float):
        column, row = np.floor(VIEW.to_pixel(x, y)).astype(int)
        if 0 <= row < 40 and 0 <= column < 60:
            expected[row, column] += 1
    assert 0 < expected.sum() < len(points)
    np.testing.assert_array_equal(counts(layer(points), VIEW, (40, 60)), expected)


def test_counting_agrees_with_the_loop_when_a_large_cloud_is_only_partly_in_view():
    points = cloud(120_000)
    near = VIEW.zoomed(1.05, 30, 20)
    pixels = np.floor(near.pixels(points)).astype(int)
    inside = (pixels >= 0).all(axis=1) & (pixels[:, 0] < 60) & (pixels[:, 1] < 40)
    expected = np.zeros((40, 60))
    np.add.at(expected, (pixels[inside, 1], pixels[inside, 0]), 1)
    found = counts(layer(points), near, (40, 60))
    # 32-bit arithmetic may put a point on the border of two pixels into the other one
    assert np.abs(found - expected).sum() <= 2e-4 * inside.sum()
    assert abs(found.sum() - inside.sum()) <= 4


@pytest.mark.parametrize("radius", [0.8, 1.95, 3.4])
def test_stamped_discs_cover_what_a_loop_over_pixels_covers(radius):
    points = cloud(60)
    t = np.linspace(0, 1, 60, dtype=np.float32)
    covered, valued = coverage(layer(points, t=t), VIEW, radius, (40, 60))
    expected, expected_values = np.zeros((40, 60)), np.zeros((40, 60))
    for (x, y), value in zip(VIEW.pixels(points), t, strict=True):
        # discs are prepared at PHASES places a pixel: the middle of the cell of that grid
        x, y = ((np.floor(c * PHASES) + 0.5) / PHASES for c in (x, y))
        for row in range(40):
            for column in range(60):
                share = np.clip(radius + 0.5 - np.hypot(row + 0.5 - y, column + 0.5 - x), 0, 1)
                expected[row, column] += share
                expected_values[row, column] += share * value
    np.testing.assert_allclose(covered, expected, atol=0.05)
    np.testing.assert_allclose(valued, expected_values, atol=0.05)


def test_spread_counts_cover_what_a_loop_over_offsets_covers():
    points = cloud(5000)
    t = np.random.default_rng(1).random(5000).astype(np.float32)
    radius = 1.7
    covered, valued = coverage(layer(points, t=t), VIEW, radius, (40, 60))
    expected, expected_values = np.zeros((40, 60)), np.zeros((40, 60))
    for (x, y), value in zip(np.floor(VIEW.pixels(points)).astype(int), t, strict=True):
        for dy in range(-3, 4):
            for dx in range(-3, 4):
                share = np.clip(radius + 0.5 - np.hypot(dx, dy), 0, 1)
                if 0 <= y + dy < 40 and 0 <= x + dx < 60:
                    expected[y + dy, x + dx] += share
                    expected_values[y + dy, x + dx] += share * value
    np.testing.assert_allclose(covered, expected, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(valued, expected_values, rtol=1e-3, atol=1e-3)


def test_points_far_outside_leave_no_trace_at_the_edges():
    outside = np.full((100_000, 2), 50.0, np.float32)
    outside[::2] = -50.0
    for density in (False, True):
        image = render([layer(outside, density=density, ramp=RAMP)], VIEW, 3.0)
        assert not image.any()


def test_pixels_take_the_colour_of_the_mean_value():
    points = np.full((4, 2), 0.5, np.float32)
    values = np.array([0.0, 0.2, 0.4, 1.0], np.float32)
    image = unpacked(render([layer(points, t=values, ramp=RAMP)], VIEW, 2.0))
    r, _, _, a = image[20, 30]
    assert a > 200
    assert r / a * 255 == pytest.approx(0.4 * 255, abs=2)


def test_more_points_are_never_drawn_fainter():
    random = np.random.default_rng(0)
    heaps = [np.tile([[x, 0.5]], (n, 1)) for x, n in ((0.2, 1), (0.5, 5), (0.8, 50))]
    points = np.concatenate([*heaps, random.random((300, 2)) * (1, 0.2)]).astype(np.float32)
    image = unpacked(render([layer(points)], VIEW, 1.5))
    one, five, fifty = (image[20, round(VIEW.to_pixel(x, 0.5)[0]), 3] for x in (0.2, 0.5, 0.8))
    assert 100 < one < five < fifty <= 255


def test_colours_never_exceed_their_opacity_as_premultiplied_pixels_must():
    layers = [
        layer(cloud(3000), colour=(90, 90, 90), opacity=0.6),
        layer(cloud(3000, 1), t=cloud(3000)[:, 0].clip(0, 1), ramp=RAMP),
    ]
    image = unpacked(render(layers, VIEW, 2.0))
    assert (image[..., :3] <= image[..., 3:]).all()
    assert image[..., 3].max() > 200


def test_the_upper_layer_hides_the_lower_one_where_it_is_opaque():
    heap = np.full((500, 2), 0.5, np.float32)
    image = unpacked(render([layer(heap), layer(heap, colour=(0, 0, 255))], VIEW, 2.0))
    r, _, b, _ = image[20, 30]
    assert r <= 40
    assert b >= 215


def test_density_is_highest_where_the_points_are():
    random = np.random.default_rng(0)
    points = np.concatenate([random.normal((0.5, 0.5), 0.02, (5000, 2)), random.random((200, 2))]).astype(np.float32)
    image = unpacked(render([layer(points, density=True, ramp=RAMP)], VIEW, 1.5))
    peak = np.unravel_index(np.argmax(image[..., 0]), image.shape[:2])
    assert np.hypot(peak[0] - 20, peak[1] - 30) < 4


def test_dots_shrink_with_their_number_and_grow_with_zoom():
    assert dot_radius(100, 1) > dot_radius(8000, 1) > dot_radius(1_000_000, 1) >= 0.8
    assert dot_radius(8000, 10) > dot_radius(8000, 1)


@settings(deadline=None, max_examples=100)
@given(
    st.floats(-1e3, 1e3),
    st.floats(-1e3, 1e3),
    st.floats(0.01, 100),
    st.floats(0, 400),
    st.floats(0, 300),
    st.floats(0.1, 10),
)
def test_zooming_keeps_the_place_under_the_pointer_and_pixels_come_back(x, y, scale, px, py, factor):
    camera = Camera(x, y, scale, 400, 300)
    place = camera.to_data(px, py)
    assert camera.to_pixel(*place) == pytest.approx((px, py), abs=1e-6)
    assert camera.zoomed(factor, px, py).to_pixel(*place) == pytest.approx((px, py), abs=1e-5)
    assert camera.panned(7, -5).to_pixel(*place) == pytest.approx((px + 7, py - 5), abs=1e-6)


def test_a_fitted_view_holds_all_points_with_equal_scales_and_its_range_fits_itself():
    points = cloud(500)
    low, high = points.min(axis=0), points.max(axis=0)
    camera = Camera.fitted((low[0], high[0], low[1], high[1]), 300, 500, MARGIN)
    pixels = camera.pixels(points)
    assert pixels.min() >= 0
    assert pixels[:, 0].max() <= 300
    assert pixels[:, 1].max() <= 500
    again = Camera.fitted(camera.range, 300, 500)
    assert (again.x, again.y, again.scale) == pytest.approx((camera.x, camera.y, camera.scale))


def test_a_single_point_can_be_fitted():
    camera = Camera.fitted((2.0, 2.0, 3.0, 3.0), 300, 200, MARGIN)
    assert camera.to_pixel(2.0, 3.0) == pytest.approx((150, 100))


def nearest_by_force(points, x, y, radius, among=None):
    distance = np.hypot(points[:, 0].astype(float) - x, points[:, 1].astype(float) - y)
    distance[~np.isfinite(distance)] = np.inf
    if among is not None:
        distance[~among] = np.inf
    best = int(np.argmin(distance))
    return best if distance[best] <= radius else -1


@pytest.fixture(params=["numpy", "compiled"])
def by(request, monkeypatch):
    """Numpy's way or that of the compiled loops."""
    if request.param == "numpy":
        monkeypatch.setattr(loading, "_loaded", [])
    else:
        loading.load()


@pytest.mark.parametrize("kind", ["even", "clumped", "outlier", "line", "missing"])
def test_lookup_finds_what_brute_force_finds(kind, by):
    random = np.random.default_rng(3)
    points = random.random((3000, 2))
    if kind == "clumped":
        points = points**6
    elif kind == "outlier":
        points[0] = (1e6, -1e6)
    elif kind == "line":
        points[:, 1] = 0.25
    elif kind == "missing":
        points[::3] = np.nan
    points = points.astype(np.float32)
    grid = PointGrid(points[:, 0].copy(), points[:, 1].copy())
    among = random.random(3000) < 0.3
    for x, y in random.random((200, 2)) * 1.2 - 0.1:
        for radius in (0.003, 0.05, 2.0):
            assert grid.nearest(x, y, radius) == nearest_by_force(points, x, y, radius)
            assert grid.nearest(x, y, radius, among) == nearest_by_force(points, x, y, radius, among)


def test_points_lie_in_the_order_of_their_cells_however_they_are_sorted(monkeypatch):
    points = cloud(5000)
    points[::9] = np.nan
    loading.load()
    compiled = PointGrid(points[:, 0], points[:, 1])
    monkeypatch.setattr(loading, "_loaded", [])
    plain = PointGrid(points[:, 0], points[:, 1])
    assert compiled.axes == plain.axes
    for name in ("index", "x", "y", "starts"):
        np.testing.assert_array_equal(getattr(compiled, name), getattr(plain, name))


def test_bounds_leave_out_what_has_no_place():
    for n in (3, 1024, 5000):
        points = cloud(n)
        low, high = points.min(axis=0), points.max(axis=0)
        assert bounds_of(points) == ((low[0], high[0], low[1], high[1]), True)
        points[1], points[2, 0] = np.inf, np.nan
        rest = points[np.isfinite(points).all(axis=1)]
        low, high = rest.min(axis=0), rest.max(axis=0)
        assert bounds_of(points) == ((low[0], high[0], low[1], high[1]), False)
    for nothing in (np.zeros((0, 2), np.float32), np.full((2, 2), np.nan, np.float32)):
        assert bounds_of(nothing)[0] == (-1.0, 1.0, -1.0, 1.0)


def test_lookup_among_no_points_finds_none(by):
    empty = np.zeros(0, np.float32)
    assert PointGrid(empty, empty).nearest(0, 0, 10) == -1
    missing = np.full(4, np.nan, np.float32)
    assert PointGrid(missing, missing).nearest(0, 0, 10) == -1


def test_overlapping_dots_of_categories_mix_their_own_colours_and_those_alone_keep_them():
    """Not the colours of a category that lies between them on the list."""
    table = np.array([[200, 0, 0], [0, 255, 0], [0, 0, 100]], np.uint8)
    points = np.array([[0.2, 0.5], [0.2, 0.5], [0.8, 0.5]], np.float32)
    numbers = np.array([0, 2, 1], np.float32)
    image = unpacked(render([layer(points, t=numbers, ramp=table, apart=True)], VIEW, 2.0))
    for place, expected in ((0.2, (100, 0, 50)), (0.8, (0, 255, 0))):
        x, y = VIEW.to_pixel(place, 0.5)
        *colour, alpha = image[int(y), int(x)]
        assert alpha > 200
        assert [part / alpha * 255 for part in colour] == pytest.approx(expected, abs=2)
