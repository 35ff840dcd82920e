"""The rows of a long list of hits: all are there, those looked at are read."""

from __future__ import annotations

import pytest

from app.maps.search.drawer import HitList
from app.maps.search.model import HitModel


@pytest.fixture
def model(qapp):
    made = HitModel()
    made.asked = []
    made.wanted.connect(lambda first, end: made.asked.append((first, end)))
    return made


def test_what_is_looked_at_is_asked_for_once_and_shown_when_it_is_there(model, qtbot):
    model.set_count(1000)
    assert [model.data(model.index(row)) for row in (500, 502, 501)] == ["", "", ""]
    qtbot.waitUntil(lambda: bool(model.asked))
    ((first, end),) = model.asked
    assert first <= 500 < 502 < end <= 600
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.set_texts(500, ["one", "two"])
    assert [index.row() for index in changed.args[:2]] == [500, 501]
    assert [model.data(model.index(row)) for row in (500, 501, 502)] == ["one", "two", ""]
    qtbot.waitUntil(lambda: len(model.asked) == 2)


def test_rows_at_the_ends_ask_for_no_others(model, qtbot):
    model.set_count(3)
    model.data(model.index(0))
    model.data(model.index(2))
    qtbot.waitUntil(lambda: bool(model.asked))
    assert model.asked == [(0, 3)]


def test_other_hits_forget_what_those_before_said(model):
    model.set_count(5)
    model.set_texts(0, ["one", "two"])
    model.set_count(1)
    model.set_texts(0, ["three", "beyond the end"])
    assert (model.rowCount(), model.text(0), model.text(1)) == (1, "three", "")


def test_a_list_of_six_million_reads_some_dozens(model, qtbot):
    view = HitList(lambda row: None)
    qtbot.addWidget(view)
    view.resize(300, 400)
    view.setModel(model)
    view.show()
    qtbot.waitExposed(view)
    model.set_count(6_000_000)
    view.show_row(5_999_990)
    qtbot.waitUntil(lambda: any(first <= 5_999_990 < end for first, end in model.asked))
    assert sum(end - first for first, end in model.asked) < 300
