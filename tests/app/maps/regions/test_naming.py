"""The names of regions, asked for when they are wanted."""

from __future__ import annotations

from app.core.state import ExplorerState
from app.maps.regions import naming
from app.maps.regions.finding import RegionFinder
from app.maps.regions.labels import RegionLabel, paint_no_names
from app.maps.regions.naming import Naming, labels_of
from app.maps.row import MapRow
from app.maps.state import MapsState
from app.run.context import Context
from engine.maps.telling.names import Named
from engine.maps.telling.regions import Region
from tests.app.fakes import COLUMNS, answering, fake_atlas, opened


def test_depths_count_from_the_first_and_only_named_regions_are_drawn():
    names = (
        Named(Region(0, 0, 90, 1), ("a",)),
        Named(Region(5, 5, 80, 1), ()),
        Named(Region(0, 1, 40, 2, 0), ("b",)),
        Named(Region(5, 6, 30, 2, 1), ()),
    )
    assert labels_of(names) == (RegionLabel(("a",), 0, 0, 90, 0, 1), RegionLabel(("b",), 0, 1, 40, 1))
    assert labels_of(()) == ()


def test_names_are_asked_for_once_a_variant_and_again_of_other_maps(qtbot, monkeypatch):
    asked: list[tuple[str, ...]] = []

    def names(opened, finder, variants):
        asked.append(variants)
        for variant in variants:
            yield None
            yield variant, (RegionLabel((variant,), 0, 0, 5),) if variant == "vae" else ()

    monkeypatch.setattr(naming, "_names", names)
    state = ExplorerState(columns=COLUMNS, shown=("vae",), run="demo")
    context = Context(state, answering(None), fake_atlas(), answering(opened()))
    row = MapRow()
    qtbot.addWidget(row)
    kept = Naming(context, RegionFinder(), row, MapsState())
    kept.want(("vae",))
    kept.want(("vae",))
    kept.want(("vae", "autogen-m1"))
    assert asked == [("vae",), ("autogen-m1",)]
    assert [label.words for label in kept.painter_of("vae").labels] == [("vae",)]
    assert kept.painter_of("autogen-m1") is paint_no_names
    assert kept.painter_of("autogen-m2") is None  # not known
    context.atlas = fake_atlas()
    kept.want(("vae",))
    assert asked[-1] == ("vae",)
    assert len(asked) == 3
