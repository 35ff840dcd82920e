"""The table beside the plots."""

from __future__ import annotations

import pytest

from app.core.values import Column
from app.train.plots.readout import EVALUATED, Readout
from engine.training import learner

OWN = tuple(Column(name, name.upper(), "#56B4E9") for name in ("a", "b"))
OTHERS = tuple(Column(f"r{i}/a", f"A · r{i}", "#1BB58A") for i in range(8))


@pytest.fixture
def readout(qtbot) -> Readout:
    made = Readout([("KL", "what it is"), ("ELBO", "likewise")])
    qtbot.addWidget(made)
    made.set_columns(OWN, OTHERS)
    made.show_values("Step 4", "test", [["1", "2"]] * 10)
    made.show()
    return made


def test_other_rows_are_seen_in_the_place_of_those_before(readout, qtbot):
    readout.resize(460, 400)
    for columns in ((OWN, ()), (OWN, OTHERS[:4]), (OWN, OTHERS)):
        readout.set_columns(*columns)
        rows = len(columns[0]) + len(columns[1])
        readout.show_values("Step 4", "test", [["1", "2"]] * rows)
        qtbot.waitUntil(
            lambda rows=rows: readout._area.height() >= readout._table.sizeHint().height() > rows * 10, timeout=5_000
        )


@pytest.mark.parametrize("width", [300, 460])
def test_all_rows_are_seen_where_there_is_room_and_scroll_where_there_is_none(readout, qtbot, width):
    bar = readout._area.verticalScrollBar()
    readout.resize(width, 400)
    qtbot.waitUntil(lambda: bar.maximum() == 0, timeout=5_000)
    readout.resize(width, readout.minimumSizeHint().height())
    assert readout.minimumSizeHint().height() < 150
    qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=5_000)
    readout.set_columns(OWN)
    readout.resize(width, 200)
    qtbot.waitUntil(lambda: bar.maximum() == 0, timeout=5_000)


def test_what_the_test_text_is_is_what_a_training_measures():
    assert EVALUATED == learner.EVALUATED
