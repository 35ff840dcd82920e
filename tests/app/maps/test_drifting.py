"""Points that go from one variant's map to another's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.maps import drifting
from app.maps.drifting import Drifting
from app.maps.view import MapView
from app.run.context import Context
from tests.app.fakes import answering, fake_atlas, opened
from tests.app.looking import shown


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
