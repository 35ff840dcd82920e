"""The sentences that a training writes again, as a table."""

from __future__ import annotations

import pytest

from app.core.values import Column
from app.train.probe import ProbeTable

COLUMNS = (Column("vae", "VAE", "#3366ff"), Column("m1", "AutoGen m=1", "#22aa66"))


@pytest.mark.parametrize("height", [320, 120])
def test_the_table_scrolls_only_where_its_sentences_have_no_room(qtbot, height):
    table = ProbeTable()
    qtbot.addWidget(table)
    table.set_columns(COLUMNS)
    table.set_steps((10, 20), None, "")
    said = [("the", "old", "man", "sees", "the", "long", "letter", "in", "the", "morning", ".")] * 8
    table.show_sentences(said, {"vae": said, "m1": said})
    table.resize(1400, height)
    table.show()
    qtbot.waitExposed(table)
    bar = table._area.verticalScrollBar()
    qtbot.waitUntil(lambda: bool(bar.maximum()) == (height == 120))
    assert table._cells[-1][0].height() >= table._cells[-1][0].heightForWidth(table._cells[-1][0].width())
