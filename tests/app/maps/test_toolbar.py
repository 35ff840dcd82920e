"""The line above the maps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QToolButton, QWidget

from app.core import theme
from app.core.values import Column
from app.maps.colours.meaning import Colouring
from app.maps.toolbar import Toolbar
from app.widgets.categories.colours import MOST, Entry


@pytest.fixture
def bar(qtbot, qapp):
    made = Toolbar()
    made.setStyleSheet(theme.stylesheet())
    qtbot.addWidget(made)
    made.resize(1100, 42)
    made.show()
    return made


def test_the_cross_of_the_search_goes_with_its_text_whoever_empties_it(bar, qtbot):
    told = []
    bar.search_changed.connect(told.append)
    cross = bar.search.findChild(QToolButton)
    bar.set_search("love", 3)
    qtbot.waitUntil(cross.isVisible)
    bar.set_search("", None)
    qtbot.waitUntil(lambda: not cross.isVisible())
    assert told == []  # it was not a person


def test_what_the_colours_are_by_is_named_in_a_narrow_window_too(bar):
    assert bar.colours.caption.isVisible()
    assert bar.colours.caption.width() >= bar.colours.caption.sizeHint().width()


ENTRIES = (Entry("positive & good", 1200, 0, "positive & good"), Entry("bad", 300, 1, "bad"), Entry("missing", 7, -1))


def test_the_legend_names_and_counts_categories_and_a_click_on_one_tells_it(bar, qtbot):
    told, entries = [], []
    bar.legend.chosen.connect(told.append)
    bar.legend.entry_chosen.connect(entries.append)
    bar.set_colouring(Colouring("label", entries=ENTRIES), False, "label")
    assert bar.legend.isVisible()
    assert not bar.colours.scale.isVisible()
    good, bad, missing = bar.legend._buttons
    assert good.text() == "positive && good  1,200"
    bad.click()
    missing.click()
    assert (told, entries) == (["bad"], ["missing"])
    bar.set_searched("bad")
    assert bad.isChecked()
    assert not good.isChecked()
    assert bar.meaning == ("label", "", "", ENTRIES)
    bar.set_colouring(Colouring("KL, nats", 0, 5), False)
    assert not bar.legend.isVisible()
    assert bar.meaning[0] == "KL, nats"


def test_names_of_the_legend_are_shortened_in_a_narrow_window(bar, qapp):
    many = tuple(Entry(f"a rather long name {at}", 10**6, at, str(at)) for at in range(MOST + 1))
    bar.set_colouring(Colouring("label", entries=many), False, "label")
    bar.resize(900, 70)
    qapp.processEvents()
    assert bar.width() == 900
    assert all(one.geometry().right() <= bar.legend.width() for one in bar.legend._buttons)
    assert all("a rather long name" in one.toolTip() for one in bar.legend._buttons)


COLUMNS = (
    Column("vae", "VAE", "#56B4E9"),
    Column("vae-annealed", "VAE + annealing", "#E69F00"),
    Column("autogen-m1", "AutoGen m=1", "#1BB58A", 1.0),
    Column("autogen-m2", "AutoGen m=2", "#CC79A7", 2.0),
)


@pytest.fixture
def line(qtbot, qapp):
    """Has the line in a window of a width, with four models and a map, and lays it out."""

    theme.apply(qapp, "dark")

    def made(width: int) -> Toolbar:
        window = QWidget()
        window.setStyleSheet(theme.stylesheet())
        window.setFixedSize(width, 60)
        bar = Toolbar(window)
        bar.setFixedWidth(width)
        for elsewhere in (bar.theme_button, bar.help_button, bar.menu_button):
            elsewhere.hide()  # the window has them in its header
        qtbot.addWidget(window)
        window.show()
        bar.set_columns(COLUMNS, tuple(column.name for column in COLUMNS), {})
        bar.colours.set_columns(COLUMNS)
        bar.chooser.set_maps([("umap", "UMAP", "")], "umap")
        bar.set_colouring(Colouring("KL, nats", 0, 28), False)
        bar.kept = window  # a window without a name is gone at once
        return bar

    return made


def fits(bar: Toolbar) -> bool:
    """Whether every part is whole and within the line."""
    parts = [bar.search, bar._matches, bar.chooser, bar.selection, bar._linked, bar.colours, *bar._by_name.values()]
    there = [part for part in parts if part.isVisible()]
    edges = [(part.mapTo(bar, QPoint(0, 0)).x(), part.width()) for part in there]
    apart = all(x + width <= other for (x, width), (other, _) in pairwise([*edges, (bar.width(), 0)]))
    return apart and all(part.width() >= (part.minimumWidth() or part.minimumSizeHint().width()) for part in there)


def test_the_field_of_the_search_has_the_room_that_the_count_will_need_and_nothing_else_moves(line, qapp):
    bar = line(1600)
    qapp.processEvents()
    asked = bar.search.placeholderText()
    assert asked == "Search sentences"
    assert bar.search.width() > bar.search.fontMetrics().horizontalAdvance(asked) + 40
    assert not bar._matches.isVisible()
    before, wide = bar.chooser.x(), bar.search.width()
    bar.set_search("dog", 54)
    qapp.processEvents()
    assert bar._matches.text() == "54 found"
    assert bar._matches.isVisible()
    assert (bar.chooser.x(), bar.search.width() < wide) == (before, True)
    bar.set_search("", None)
    qapp.processEvents()
    assert (bar.chooser.x(), bar.search.width()) == (before, wide)
    assert fits(bar)


@pytest.mark.parametrize("width", [1600, 1440, 1280, 1086])
def test_nothing_moves_away_from_under_the_pointer_whatever_the_colours_mean(line, qapp, width):
    bar = line(width)
    qapp.processEvents()
    stay = (bar.chooser, bar.selection, bar._density, bar._contours, bar._names, bar._linked, bar.colours)
    places = [part.x() for part in stay]
    for meant, density in (
        (Colouring("KL, nats", 0, 28), True),
        (Colouring("label", entries=ENTRIES), False),
        (Colouring("unknown words", 0, 5), False),
    ):
        bar.set_colouring(meant, density, "label")
        qapp.processEvents()
        assert [part.x() for part in stay] == places
        assert fits(bar)


def test_in_a_narrow_window_the_map_is_named_as_long_as_anything_else_can_be_left_out(line, qapp):
    bar = line(1100)
    bar.set_colouring(Colouring("drift", 0, 2.1, by="drift"), False, "", "autogen-m1")
    qapp.processEvents()
    assert bar.chooser.open.text() == "UMAP"
    assert not bar.colours.caption.isVisible()  # the variant takes its room
    assert bar.colours.of.currentText() == "m=1"
    assert fits(bar)
    bar.set_colouring(Colouring("KL, nats", 0, 28), False)
    bar.set_search("dog", 9876)
    bar.selection.set_count(4321, 10_066)
    qapp.processEvents()
    assert (bar.chooser.open.text(), bar.selection.count.text()) == ("UMAP", "4,321")
    assert fits(bar)
    bar.set_colouring(Colouring("drift", 0, 2.1, by="drift"), False, "", "autogen-m1")
    qapp.processEvents()
    assert bar.chooser.open.text() == ""
    assert fits(bar)


def test_a_map_that_is_made_leaves_every_other_part_whole_and_gives_its_room_back(line, qapp):
    bar = line(1430)
    qapp.processEvents()
    before = [button.text() for button in bar._by_name.values()]
    assert fits(bar)
    for share in (0.0, 0.07, 0.43, 1.0):
        bar.chooser.set_job(("t-SNE local", share, False))
        qapp.processEvents()
        assert fits(bar), share
    bar.chooser.set_job(None)
    qapp.processEvents()
    assert [button.text() for button in bar._by_name.values()] == before
    assert fits(bar)
