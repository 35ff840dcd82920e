"""What can be done with many sentences at once, in words that say how many of them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from app.bench.arithmetic.group_menu import group_menu


@pytest.mark.parametrize(
    ("count", "table", "group"),
    [
        (1, "Add this sentence to the table", "Add this sentence to the concept’s group “with”"),
        (100, "Add these 100 sentences to the table", "Add these 100 sentences to the concept’s group “with”"),
        (
            2582,
            "Add the first 100 of these 2,582 sentences to the table",
            "Add 500 of these 2,582 sentences, evenly spread, to the concept’s group “with”",
        ),
    ],
)
def test_it_says_how_many_the_table_and_a_group_take(qtbot, count: int, table: str, group: str) -> None:
    parent, taken = QWidget(), list[str]()
    qtbot.addWidget(parent)
    actions = group_menu(parent, count, taken.append).actions()
    assert [action.text() for action in actions[:2]] == [table, group]
    for action in actions:
        action.trigger()
    assert taken == ["table", "with", "without"]
