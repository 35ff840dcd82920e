"""Points that go from one variant's map to another's, and from the map before to the one that is chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.maps import drifting
from app.maps.drifting import Drifting
from app.maps.view import MapView
from app.run.atlas import Opened, read_atlas
from app.run.context import Context
from engine.config import ProjectionConfig
from engine.maps.projection import project
from engine.storage.latent_cache import LatentCache
from tests.app.fakes import COLUMNS, answering, fake_atlas, opened
from tests.app.looking import shown
from tests.app.maps.hand import wheel
from tests.engine.storage.caches import arrays, make_cache


class Kept(MapView):
    """A map that remembers where its points were."""

    def lay(self, coords) -> None:
        self.laid = [*getattr(self, "laid", []), coords.copy()]
        super().lay(coords)


@pytest.fixture
def ready():
    """Two maps of four sentences: a square, and the same turned round and as large again, elsewhere."""
    atlas = fake_atlas()
    square = atlas.numbers["vae"].coords
    numbers = {**atlas.numbers, "autogen-m1": replace(atlas.numbers["autogen-m1"], coords=square[::-1] * 2 + 5)}
    return replace(opened(), atlas=replace(atlas, numbers=numbers))


@pytest.fixture
def moving(qtbot, ready):
    def go(name: str) -> tuple[Drifting, Kept]:
        atlas = ready.atlas
        view = Kept()
        qtbot.addWidget(view)
        view.resize(200, 200)
        view.set_points(atlas.numbers[name].coords)
        view.set_colours(np.arange(4.0))
        made = Drifting(Context(None, answering(None), atlas, answering(ready)))
        made.play("vae", {name: view})
        return made, view

    return go


def test_points_go_from_the_places_of_one_map_to_their_own_and_keep_their_colours(moving, ready, qtbot, monkeypatch):
    monkeypatch.setattr(drifting, "LASTS_MS", 80)
    made, view = moving("autogen-m1")
    assert made.running
    own, square = ready.atlas.numbers["autogen-m1"].coords, ready.atlas.numbers["vae"].coords
    assert view.laid[0] == pytest.approx(square * 2 + 5)  # in the frame of the map on which they are seen
    qtbot.waitUntil(lambda: not made.running)
    assert (view.laid[-1] == own).all()
    for places in view.laid:  # each on its straight way
        along = (places - view.laid[0])[0] @ (own - view.laid[0])[0]
        assert 0 <= along <= np.square(own - view.laid[0])[0].sum() + 1e-3
    assert view.scene().points.values.tolist() == [0, 1, 2, 3]
    assert view.at_home


def test_the_map_they_come_from_stays_and_other_maps_stop_all(moving, qtbot, monkeypatch):
    made, view = moving("vae")
    assert not made.running
    assert not hasattr(view, "laid")
    made, view = moving("autogen-m1")
    count = len(view.laid)
    made.forget()
    assert not made.running
    assert len(view.laid) == count


def test_of_many_points_only_the_first_and_the_last_places_are_shown(moving, qtbot, monkeypatch):
    monkeypatch.setattr(drifting, "LASTS_MS", 80)
    monkeypatch.setattr(drifting, "FEW", 3)
    made, view = moving("autogen-m1")
    qtbot.waitUntil(lambda: not made.running)
    places = {each.tobytes() for each in view.laid}  # the first may be laid again by a beat that comes early
    assert places == {view.laid[0].tobytes(), view.laid[-1].tobytes()}
    assert len(places) == 2


def test_the_button_is_there_where_the_colours_are_of_a_drift(explorer, opening, ready, qtbot):
    opening.append(ready)
    explorer.open("demo")
    shown(explorer)
    play = explorer.window.toolbar.colours.play
    assert not play.isVisible()
    explorer.maps.controller.colour_by("drift")
    shown(explorer)
    assert play.isVisible()
    play.click()
    assert explorer.maps.colours.drifting.running
    explorer.maps.colours.drifting.stop()
    points = explorer.maps.row.panels["autogen-m1"].map.scene().points
    assert points.x.tolist() == ready.atlas.numbers["autogen-m1"].coords[:, 0].tolist()


# from one map to another one


OTHER = np.array([[3, 3], [3, 9], [30, 3], [12, 12]], np.float32)


@pytest.fixture
def changing(qtbot, ready, monkeypatch):
    """A map that is shown, zoomed into, and what goes on to another one; long enough on the way to be met there."""
    monkeypatch.setattr(drifting, "CHANGES_MS", 60_000)
    atlas = ready.atlas
    view = Kept()
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.set_points(atlas.numbers["vae"].coords)
    view.show()
    qtbot.waitExposed(view)
    wheel(view, QPointF(80, 90), 3)
    made = Drifting(Context(None, answering(None), replace(atlas, map="other"), answering(ready)))
    yield made, view
    made.forget()


def pixels(view: MapView) -> np.ndarray:
    """Where the points are seen (n, 2)."""
    return np.array([view.position_of(index).toTuple() for index in range(4)])


def test_points_begin_where_they_are_seen_and_rest_at_the_places_of_the_other_map(changing, ready, qtbot, monkeypatch):
    made, view = changing
    monkeypatch.setattr(drifting, "CHANGES_MS", 80)
    before = pixels(view)
    assert not view.at_home
    made.change(view, OTHER, ready.atlas)
    assert made.running
    assert view.at_home  # the view is that of the whole other map, and the points go on in it
    np.testing.assert_allclose(pixels(view), before, atol=1e-3)
    view.set_colours(np.arange(4.0))
    qtbot.waitUntil(lambda: not made.running)
    x, y = view.places
    np.testing.assert_array_equal(np.column_stack((x, y)), OTHER)
    alone = MapView()
    qtbot.addWidget(alone)
    alone.resize(300, 200)
    alone.set_points(OTHER)
    assert view.view_range() == alone.view_range()
    assert view.scene().points.values.tolist() == [0, 1, 2, 3]
    assert view.index_at(view.position_of(2)) == 2  # what is pointed at is found where it has come to


def test_what_was_seen_stays_until_the_points_are_drawn_on_their_way(changing, ready):
    made, view = changing
    view.render_now()
    before = view.grab().toImage()
    made.change(view, OTHER, ready.atlas)
    view.render_now()
    after = view.grab().toImage()
    dots = [before.pixelColor(*map(round, place)).name() for place in pixels(view)]
    assert [after.pixelColor(*map(round, place)).name() for place in pixels(view)] == dots


def test_what_is_of_the_places_of_a_map_is_painted_once_they_are_reached(changing, ready):
    made, view = changing
    painted = []
    view.set_beneath(contours=lambda *_: painted.append(True))
    made.change(view, OTHER, ready.atlas)
    view.grab()
    assert not painted
    made.stop()
    view.grab()
    assert painted
    made.change(view, OTHER * 2, ready.atlas)
    made.forget()
    assert not view.beneath.moving


def test_another_choice_on_the_way_goes_on_from_where_the_points_are(changing, ready):
    made, view = changing
    made.change(view, OTHER, ready.atlas)
    made._lay(0.5)
    halfway = pixels(view)
    made.forget()
    assert not made.running
    made.change(view, OTHER[::-1] * 7, ready.atlas)
    np.testing.assert_allclose(pixels(view), halfway, atol=1e-3)
    made.stop()
    np.testing.assert_array_equal(np.column_stack(view.places), OTHER[::-1] * 7)


@pytest.mark.parametrize("deed", ["press", "wheel", "key"])
def test_what_a_hand_does_meanwhile_is_done_to_points_that_have_arrived(changing, ready, qtbot, deed):
    made, view = changing
    made.change(view, OTHER, ready.atlas)
    at, seen = QPointF(150, 100), view.view_range()
    if deed == "press":
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=at.toPoint())
    elif deed == "key":
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    else:
        QApplication.sendEvent(view, wheel_event(at))
    assert not made.running
    np.testing.assert_array_equal(np.column_stack(view.places), OTHER)
    assert (view.view_range() != seen) == (deed != "press")  # and zooms into them
    if deed == "press":
        with qtbot.waitSignal(view.clicked, raising=False, timeout=10) as said:
            qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at.toPoint())
        assert said.args in (None, [view.index_at(at)])


def wheel_event(at: QPointF) -> QWheelEvent:
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    return QWheelEvent(at, at, QPoint(), QPoint(0, 240), *none, False)


def test_nothing_is_pointed_at_on_the_way_but_what_is_dragged_is_followed(changing, ready, qtbot):
    made, view = changing
    made.change(view, OTHER, ready.atlas)
    said = []
    view.hovered.connect(said.append)
    for index in range(4):
        QApplication.sendEvent(view, moved(view.position_of(index)))
    assert said == []
    assert made.running
    QApplication.sendEvent(view, moved(view.position_of(0), Qt.MouseButton.LeftButton))
    assert not made.running
    QApplication.sendEvent(view, moved(view.position_of(0)))
    assert said == [0]


def moved(at: QPointF, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> QMouseEvent:
    return QMouseEvent(QEvent.Type.MouseMove, at, at, Qt.MouseButton.NoButton, held, Qt.KeyboardModifier.NoModifier)


def test_points_are_there_at_once_where_there_is_nothing_to_follow(changing, ready, monkeypatch):
    made, view = changing

    def there(coords: np.ndarray, before) -> bool:
        made.change(view, coords, before)
        return not made.running and np.array_equal(np.column_stack(view.places), coords)

    assert there(OTHER, fake_atlas())  # of another run, or of one that was opened anew
    assert there(OTHER * 2, None)
    assert there(OTHER[:3], ready.atlas)  # not as many
    view.set_points(OTHER)
    view.hide()
    assert there(OTHER * 3, ready.atlas)
    view.show()
    monkeypatch.setattr(drifting, "FEW", 3)
    assert there(OTHER * 4, ready.atlas)
    made.change(view, None, ready.atlas)
    assert len(view.places[0]) == 0


def test_a_run_that_is_opened_meanwhile_has_its_views_to_itself(changing, ready, qtbot, monkeypatch):
    made, view = changing
    made.change(view, OTHER, ready.atlas)
    made._context.atlas = None
    count = len(view.laid)
    view.set_points(None)
    qtbot.waitUntil(lambda: not made.running)
    assert len(view.laid) == count
    assert len(view.places[0]) == 0


def test_choosing_a_map_moves_the_points_there_in_the_window(explorer, opening, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(drifting, "CHANGES_MS", 60_000)
    path = make_cache(tmp_path / "run.h5", {column.name: arrays(20, 3) for column in COLUMNS})
    list(project(path, None, ProjectionConfig(method="pca")))
    list(project(path, None, ProjectionConfig(name="mine")))
    real = Opened(COLUMNS, "ready", atlas=read_atlas(LatentCache.open(path)))
    opening.append(real)
    explorer.open("demo")
    shown(explorer)
    drifts, panels = explorer.maps.colours.drifting, explorer.maps.row.panels
    assert not drifts.running  # a run that is opened is there at once

    def choose(name: str) -> None:
        next(each for each in explorer.window.toolbar.chooser._group.actions() if name in each.text()).trigger()
        shown(explorer)

    first, other = ("mine", "PCA") if real.atlas.map == "mine" else ("PCA", "mine")
    before = {name: panel.map.position_of(3) for name, panel in panels.items()}
    explorer.maps.controller.select(3)
    choose(other)
    assert drifts.running
    for name, panel in panels.items():
        assert (panel.map.position_of(3) - before[name]).manhattanLength() < 40  # it has hardly left
        assert panel.map.scene().selected is not None  # the ring goes along
    choose(first)
    choose(other)
    drifts.stop()
    with LatentCache.open(path) as cache:
        for name, panel in panels.items():
            kept = cache.projection(name, other.lower())
            np.testing.assert_array_equal(np.column_stack(panel.map.places), kept)
            assert panel.map.at_home
    choose(first)
    assert drifts.running
    opening.append(opened())
    explorer.open("another")
    shown(explorer)
    assert not drifts.running
    assert np.array_equal(np.column_stack(panels["vae"].map.places), opened().atlas.numbers["vae"].coords)
    real.hold.close()
    real.atlas.close()


def test_points_on_their_way_stop_with_the_window(explorer, qtbot):
    explorer.open("demo")
    shown(explorer)
    drifting = explorer.maps.colours.drifting
    panels = explorer.window.maps.panels
    ways = [(each.map, np.column_stack(each.map.places), np.column_stack(each.map.places)) for each in panels.values()]
    drifting._begin(ways, 60_000, 0.0)
    assert drifting.running
    explorer.window.close()
    assert not drifting.running
