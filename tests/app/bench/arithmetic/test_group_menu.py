"""What can be done with many sentences at once, in words that say how many of them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from app.bench.arithmetic.group_menu import group_menu


@pytest.mark.parametrize(
    ("count", "table"),
    [(1, "Add this sentence to the table"), (100, "Add these 100 sentences to the table"),
     (2582, "Add the first 100 of these 2,582 sentences to the table")],
)  # fmt: skip
def test_it_says_how_many_the_table_takes(qtbot, count: int, table: str) -> None:
    parent, taken = QWidget(), list[str]()
    qtbot.addWidget(parent)
    actions = group_menu(parent, count, taken.append).actions()
    assert actions[0].text() == table
    for action in actions:
        action.trigger()
    assert taken == ["table", "with", "without"]
