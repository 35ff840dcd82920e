"""Maps drawn in other threads: whole frames, the newest view next, and nothing that is waited for too long."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from app.core import theme
from app.core.values import Column
from app.maps.drawing import artist
from app.maps.drawing.artist import Artist, Drawing
from app.maps.drawing.camera import Camera
from app.maps.drawing.compiled import loading
from app.maps.drawing.scene import Points, drawn
from app.maps.drawing.studio import Studio
from app.maps.row import MapRow

COLUMNS = (Column("vae", "VAE", "#56B4E9"), Column("autogen-m1", "AutoGen m=1", "#1BB58A"))


class Sitter(QObject):
    """A map whose drawings wait until they are let go."""

    def __init__(self, name: str, log: list[str]) -> None:
        super().__init__()
        self.name, self.log, self.asked, self.updates = name, log, 0, 0
        self.go = threading.Event()
        self.fails = self.can_prepare = False
        self.moves = True
        self.artist = self

    def drawing(self) -> Sitter:
        self.asked += 1
        return self

    def __call__(self) -> np.ndarray:
        assert self.go.wait(20)
        assert threading.get_ident() != threading.main_thread().ident
        if self.fails:
            raise ValueError("cannot be drawn")
        return np.zeros((1, 1), np.uint32)

    def same_as(self, other: Sitter) -> bool:
        return not self.moves

    def prepare(self, drawing: Sitter) -> None:
        self.can_prepare = False

    def take(self, drawing: Sitter, pixels: np.ndarray) -> None:
        self.log.append(self.name)

    def take_grid(self, drawing: Sitter) -> None:
        self.log.append(f"{self.name} sorted")

    def update(self) -> None:
        self.updates += 1


@pytest.fixture
def log():
    return []


@pytest.fixture
def sitters(qapp, log):
    made = [Sitter(name, log) for name in "abc"]
    yield made
    for one in made:
        one.go.set()


@pytest.fixture
def studio(qapp, monkeypatch):
    made = Studio()
    made._patience.setInterval(100_000)
    yield made
    made.deleteLater()


def test_a_frame_is_shown_when_all_of_it_is_drawn(studio, sitters, log, qtbot):
    for one in sitters:
        studio.ask(one)
    assert not studio.idle
    sitters[0].go.set()
    sitters[1].go.set()
    qtbot.waitUntil(lambda: len(studio._done) == 2)
    qtbot.wait(20)
    assert log == []
    sitters[2].go.set()
    qtbot.waitUntil(lambda: studio.idle)
    assert sorted(log) == ["a", "b", "c"]


def test_what_is_asked_for_meanwhile_is_drawn_once_and_as_it_is_to_be_seen_then(studio, sitters, log, qtbot):
    one = sitters[0]
    for _ in range(5):
        studio.ask(one)
    one.go.set()
    qtbot.waitUntil(lambda: studio.idle)
    assert log == ["a", "a"]


def test_what_is_being_drawn_already_is_drawn_once(studio, sitters, log, qtbot):
    one = sitters[0]
    one.moves = False
    for _ in range(5):
        studio.ask(one)
    one.go.set()
    qtbot.waitUntil(lambda: studio.idle)
    assert log == ["a"]


def test_drawings_are_the_same_where_their_pictures_are(qapp):
    shown = [Points(np.zeros(3, np.float32), np.zeros(3, np.float32)) for _ in range(2)]
    first = Drawing(Artist(), shown[0], theme.DARK, Camera(), 1.0, 1.0)
    assert first.same_as(replace(first, camera=Camera()))
    for other in ({"points": shown[1]}, {"theme": theme.LIGHT}, {"camera": Camera(1.0)}, {"ratio": 2.0}):
        assert not first.same_as(replace(first, **other))
    assert not first.same_as(replace(first, artist=Artist()))


def test_a_frame_that_takes_long_is_shown_as_far_as_it_is(studio, sitters, log, qtbot):
    studio._patience.setInterval(5)
    for one in sitters[:2]:
        studio.ask(one)
    qtbot.waitUntil(lambda: all(one.updates for one in sitters[:2]))  # their last pictures, in their new places
    assert log == []
    sitters[0].go.set()
    qtbot.waitUntil(lambda: log == ["a"])
    assert not studio.idle
    sitters[1].go.set()
    qtbot.waitUntil(lambda: studio.idle)
    assert log == ["a", "b"]


def test_one_that_cannot_be_drawn_keeps_nobody_waiting_and_is_told(studio, sitters, log, qtbot, monkeypatch):
    told = []
    monkeypatch.setattr(threading, "excepthook", lambda args: told.append(str(args.exc_value)))
    sitters[0].fails = True
    for one in sitters:
        one.go.set()
        studio.ask(one)
    qtbot.waitUntil(lambda: studio.idle)
    assert (sorted(log), told) == (["b", "c"], ["cannot be drawn"])
    sitters[0].fails = False
    studio.ask(sitters[0])
    qtbot.waitUntil(lambda: studio.idle)
    assert log[-1] == "a"


def test_one_that_is_gone_is_forgotten(studio, sitters, log, qtbot):
    for one in sitters[:2]:
        studio.ask(one)
    studio.ask(sitters[0])
    sitters[0].deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for one in sitters:
        one.go.set()
    qtbot.waitUntil(lambda: studio.idle)
    assert log == ["b"]


def test_points_are_sorted_once_their_picture_is_shown(studio, sitters, log, qtbot):
    sitters[0].can_prepare = True
    sitters[0].go.set()
    studio.ask(sitters[0])
    qtbot.waitUntil(lambda: log == ["a", "a sorted"])


def test_linked_maps_move_together_and_show_the_picture_of_their_new_view(qtbot):
    row = MapRow()
    qtbot.addWidget(row)
    row.resize(700, 300)
    row.set_columns(COLUMNS)
    row.set_shown(("vae", "autogen-m1"))
    maps = [panel.map for panel in row.panels.values()]
    for one in maps:
        one.set_points(np.random.default_rng(0).normal(size=(100, 2)))
    row.set_ready()
    row.show()
    qtbot.waitExposed(row)
    qtbot.waitUntil(lambda: row.drawn and not any(one._outdated for one in maps))
    for one in maps:
        one.set_density(True)
        one.repaint()
    assert not row.drawn
    qtbot.waitUntil(lambda: row.drawn and not any(one._outdated for one in maps))
    maps[0]._pan(20, 10)
    assert not row.drawn
    assert all(one._image_camera != one._camera for one in maps)
    qtbot.waitUntil(lambda: row.drawn)
    assert all(one._image_camera == one._camera for one in maps)


def test_many_points_are_drawn_as_they_come_then_sorted_and_looked_as_before(qtbot, monkeypatch):
    loading.load()
    monkeypatch.setattr(artist, "FEW", 50)
    row = MapRow()
    qtbot.addWidget(row)
    row.resize(400, 300)
    row.set_columns(COLUMNS[:1])
    row.set_shown(("vae",))
    (one,) = (panel.map for panel in row.panels.values())
    one.set_points(np.random.default_rng(0).normal(size=(3000, 2)))
    row.set_ready()
    row.show()
    qtbot.waitExposed(row)
    qtbot.waitUntil(lambda: row.drawn and one._image is not None)
    before = one._image.copy()
    qtbot.waitUntil(lambda: one._artist.grid is not None and one.finder._grid is one._artist.grid)
    one.render_now()
    assert one._image == before


def test_numpy_draws_until_the_compiled_loops_are_there(qapp, monkeypatch):
    points = np.random.default_rng(0).normal(size=(500, 2)).astype(np.float32)
    shown, camera = Points(points[:, 0], points[:, 1], accent="#1BB58A"), Camera(0, 0, 30, 100, 80)
    monkeypatch.setattr(loading, "_loaded", [])
    made = Artist()
    expected = drawn(shown.layers(theme.DARK), camera, 1.0, 1.0)
    np.testing.assert_array_equal(made.drawn(shown, theme.DARK, camera, 1.0, 1.0), expected)
    assert made.grid is None
    monkeypatch.undo()
    loading.load()
    found = made.drawn(shown, theme.DARK, camera, 1.0, 1.0)
    assert made.grid is not None
    assert np.abs(found.view(np.uint8).astype(int) - expected.view(np.uint8)).max() <= 3
