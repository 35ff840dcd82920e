"""Small widgets that several views share."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.widgets.parts import Segmented


def test_tab_goes_to_what_is_chosen_of_several_and_the_arrow_keys_choose_another(qtbot):
    choice = Segmented([(value, value, "") for value in ("one", "two", "three")])
    qtbot.addWidget(choice)
    chosen: list[str] = []
    choice.chosen.connect(chosen.append)
    choice.show()
    qtbot.waitExposed(choice)
    choice.activateWindow()

    def stops() -> list[str]:
        return [each.text() for each in choice._buttons.values() if each.focusPolicy() & Qt.FocusPolicy.TabFocus]

    assert stops() == ["one"]
    choice.set_value("two")
    assert (stops(), chosen) == (["two"], [])
    choice._buttons["two"].setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is choice._buttons["two"])
    qtbot.keyClick(choice._buttons["two"], Qt.Key.Key_Right)
    assert (choice.value, chosen, stops()) == ("three", ["three"], ["three"])
    assert QApplication.focusWidget() is choice._buttons["three"]
    qtbot.keyClick(choice._buttons["three"], Qt.Key.Key_Left)
    assert (choice.value, chosen) == ("two", ["three", "two"])
