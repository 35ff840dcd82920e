"""The row of maps: whose panel is whose when another run brings other variants."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLabel

from app.core import theme
from app.core.values import Column, Finding
from app.maps.panel import MapPanel
from app.maps.row import MapRow

SPREAD = np.random.default_rng(0).normal(size=(50, 2))


def columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, name.upper(), "#1BB58A") for name in names)


@pytest.fixture
def row(qtbot):
    """A shown row of two maps with points, numbers and a verdict."""
    theme.apply(QApplication.instance(), "dark")
    widget = MapRow()
    qtbot.addWidget(widget)
    widget.set_columns(columns("vae", "m1"))
    widget.set_shown(("vae", "m1", "m2", "late"))
    widget.set_ready()
    widget.resize(900, 400)
    widget.show()
    qtbot.waitExposed(widget)
    for panel in widget.panels.values():
        panel.map.set_points(SPREAD)
        panel.map.set_selection(3)
        panel.set_numbers([("KL", "11.2 nats", ""), ("Active units", "21/32", "")])
        panel.set_caption("UMAP")
        panel.badge.set_finding(Finding("collapsed", "Collapsed", "z is not used.", "More."))
        panel.set_state("failed", "Cannot be read")
    return widget


def test_a_variant_that_stays_keeps_its_panel_and_what_it_shows(row):
    before = dict(row.panels)
    row.set_columns(columns("m1", "vae"))
    assert list(row.panels) == ["m1", "vae"]
    assert row.panels == before
    assert row.panels["vae"].map.finder.nearest(0.0, 0.0, 1.0, 100.0) >= 0
    row.layout().activate()
    assert row.panels["m1"].x() < row.panels["vae"].x()


def test_a_new_variant_takes_over_a_panel_that_shows_nothing_of_the_one_that_has_gone(row):
    before = list(row.panels.values())
    row.set_columns(columns("m2", "late"))
    assert set(row.panels.values()) == set(before)
    for name, panel in row.panels.items():
        assert (panel.variant, panel.accessibleName(), panel.state) == (name, name.upper(), "ready")
        assert panel.map.index_in_middle() == panel.map._selection == -1
        assert panel.badge.isHidden()
        said = {label.text() for label in panel.findChildren(QLabel) if label.isVisible() and label.text()}
        assert said == {name.upper()}


def test_fewer_and_more_variants_leave_each_its_own_map(row):
    row.set_columns(columns("m1"))
    assert [panel.variant for panel in row.findChildren(MapPanel) if panel.isVisible()] == ["m1"]
    row.set_columns(columns("vae", "m1", "m2"))
    assert [panel.variant for panel in row.panels.values()] == list(row.panels) == ["vae", "m1", "m2"]
    assert len(set(row.panels.values())) == 3
    assert row.panels["m1"].map.index_in_middle() >= 0
    assert row.panels["vae"].map.index_in_middle() == row.panels["m2"].map.index_in_middle() == -1
    assert len(row.findChildren(MapPanel)) == 3


def test_maps_move_together_after_their_panels_have_changed_hands(row):
    row.set_columns(columns("m1", "m2", "late"))
    maps = [panel.map for panel in row.panels.values()]
    for each in maps:
        each.set_points(SPREAD)
    maps[1].zoomed.emit(2.0, -1, 0.5, 0.5)
    assert [each.at_home for each in maps] == [False, True, False]
    row.set_linked(False)
    row.reset_views()
    maps[1].zoomed.emit(2.0, -1, 0.5, 0.5)
    assert [each.at_home for each in maps] == [True, True, True]


def test_numbers_are_laid_out_alike_in_all_maps_at_every_width(row):
    row.set_columns(columns("vae", "m1", "m2"))
    for panel in row.panels.values():
        panel.badge.set_finding(None)
        panel.set_numbers([("KL", "11.2", ""), ("AU", "21/32", ""), ("Rec.", "7.1", "")])
    seen, widths = set(), set()
    for width in range(780, 860):
        row.resize(width, 200)
        QApplication.processEvents()
        panels = row.panels.values()
        ways = {number._parts.direction() for panel in panels for number in panel._shown_numbers}
        assert len(ways) == 1, width
        seen |= ways
        widths.add(len({panel.width() for panel in panels}))
    assert len(seen) == 2  # names above their values where there is little room, and beside them
    assert max(widths) == 2  # and columns did differ by a pixel
