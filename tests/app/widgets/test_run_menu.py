"""The menu of runs: what was told last stands there at once."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.widgets.run_menu import RunMenu


def _texts(menu: RunMenu) -> list[str]:
    return [entry.text() for entry in menu.actions() if entry.isVisible() and not entry.isSeparator()]


def test_it_lists_what_it_was_told_and_marks_what_is_open(qtbot) -> None:
    parent, current = QWidget(), ["demo"]
    qtbot.addWidget(parent)
    menu, chosen = RunMenu("Open run", parent, lambda: current[0]), []
    menu.chosen.connect(chosen.append)
    assert (_texts(menu), menu.isEnabled()) == ([], False)
    menu.set_names(("demo", "novel"))
    assert (_texts(menu), menu.isEnabled()) == (["demo", "novel"], True)
    current[0] = "novel"
    menu.aboutToShow.emit()
    marked = [entry.text() for entry in menu.actions() if entry.isChecked()]
    assert marked == ["novel"]
    menu.actions()[0].trigger()
    assert chosen == ["demo"]


def test_other_entries_stay_beneath_the_runs(qtbot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    menu = RunMenu("", parent, others=["Choose a folder…"])
    for names in (("a", "b"), ("c",)):
        menu.set_names(names)
        assert _texts(menu) == [*names, "Choose a folder…"]
        assert menu.isEnabled()
