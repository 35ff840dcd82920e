"""What a line of text takes of a drop."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QTabBar

from app.bench.arithmetic.concept_editor import GroupField
from app.core.picks import Pick
from app.widgets.pick_drag import mime_of
from app.widgets.pick_field import PickField
from app.widgets.pick_tabs import PickTabs
from app.widgets.text_field import TextField, typed_on
from tests.app.looking import drop, dropped_file


def said(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


@pytest.fixture(params=[TextField, GroupField, lambda: PickField("sentence", "", "", pause=0)])
def field(request, qtbot):
    made = request.param()
    qtbot.addWidget(made)
    made.resize(300, 30)
    made.show()
    return made


@pytest.mark.parametrize("text", ["", "/tmp/notes.txt", "file:///tmp/notes.txt"])
def test_a_file_is_refused_wherever_it_is_held(field, text):
    told = []
    for name in ("textChanged", "dropped", "picked"):
        if hasattr(field, name):
            getattr(field, name).connect(told.append)
    assert not drop(field, dropped_file(text), anyway=True)
    assert field.text() == ""
    assert told == []


def test_text_and_picks_are_welcome(field):
    assert drop(field, said("We go home."))
    assert drop(field, mime_of(Pick("We go home.", index=2)))
    assert "We go home." in field.text() or isinstance(field, GroupField)


def test_the_names_of_the_tabs_refuse_a_file(qtbot):
    tabs = PickTabs()
    qtbot.addWidget(tabs)
    tabs.addTab("Interpolate")
    tabs.set_takers({"Interpolate"})
    tabs.show()
    told = []
    tabs.dropped.connect(lambda pick, name: told.append((pick, name)))
    at = QTabBar.tabRect(tabs, 0).center()
    assert not drop(tabs, dropped_file("/tmp/notes.txt"), at, anyway=True)
    assert drop(tabs, said("We go home."), at)
    assert told == [(Pick("We go home."), "Interpolate")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "a", True),
        ("the cat", "the cats", True),
        ("the cats", "the cat", True),
        ("the cat", "the rat", True),
        ("the", "the c", True),  # the white space before it is not told
        ("abc", "aXbc", True),
        ("the cat", "my old dog", False),
        ("the cat", "", False),
        ("", "the cat", False),
        ("abcd", "abxy", False),
        ("abc", "cba", False),
    ],
)
def test_a_text_that_a_key_changed_is_told_from_another_one(before, after, expected):
    assert typed_on(before, after) is expected


def test_a_field_turns_the_way_its_text_reads(qtbot):
    field = TextField()
    qtbot.addWidget(field)
    left, right = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft
    for text, direction in (
        ("The dog", left),
        ("הילד קרא", right),
        ("Windows 11 נפל אתמול בבית", right),  # by its first letter it would lie the other way
        ("אבא is the Hebrew word for father.", left),
        ("", left),
    ):
        field.setText(text)
        assert field.layoutDirection() == direction
    field.insert("שלום")
    assert (field.text(), field.layoutDirection()) == ("שלום", right)
