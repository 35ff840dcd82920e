"""Small widgets that several views share."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QToolTip

from app.widgets.parts import DropDown, Segmented, put_number, spin_box


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


def test_a_number_that_cannot_be_is_refused_with_a_word(qtbot):
    box = spin_box(2, 40, "Places")
    qtbot.addWidget(box)
    box.setValue(10)
    box.show()
    assert box.toolTip() == "Places (2 to 40)"
    for typed, left in (("12", 12), ("123", 12), ("1", 12), ("0", 12), ("41", 4)):
        QToolTip.hideText()
        box.selectAll()
        qtbot.keyClicks(box, typed)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert (box.value(), box.text()) == (left, str(left))
        told = QToolTip.text() if QToolTip.isVisible() else ""
        assert told == ("" if typed == "12" else "From 2 to 40 only")
    QToolTip.hideText()


def test_a_large_number_is_set_off_in_thousands_and_may_be_typed_either_way(qtbot):
    box, seed = spin_box(100, 500_000, "Words"), spin_box(0, 999_999, "Seed", grouped=False)
    for each, text in ((box, "20,000"), (seed, "20000")):
        qtbot.addWidget(each)
        each.setValue(20_000)
        assert each.text() == text
    box.show()
    for typed, value, left in (("31000", 31_000, "31,000"), ("1,234", 1_234, "1,234"), ("5000000", 500_000, "500,000")):
        box.selectAll()
        qtbot.keyClicks(box, typed)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert (box.value(), box.text()) == (value, left)
    assert QToolTip.text() == "From 100 to 500,000 only"
    QToolTip.hideText()


def test_the_list_of_a_box_is_as_wide_as_its_widest_entry_whenever_it_is_opened(qtbot):
    box = DropDown()
    qtbot.addWidget(box)
    box.addItems(["a", "b"])
    box.setFixedWidth(60)
    box.show()
    for entry in ("something longer than the box", "and something that is longer than all that was there before"):
        box.addItem(entry)
        box.showPopup()
        assert box.view().viewport().width() >= box.view().sizeHintForColumn(0) > 60
        box.hidePopup()


def test_a_number_that_is_shown_again_leaves_what_is_being_typed(qtbot):
    whole, broken = spin_box(1, 500, "Draws"), QDoubleSpinBox()
    told: list[float] = []
    for box, there, typed, meant in ((whole, 100, "25", 25), (broken, 0.1 + 0.2, "0.75", 0.75)):
        qtbot.addWidget(box)
        box.setKeyboardTracking(False)
        put_number(box, there)
        box.valueChanged.connect(told.append)
        box.show()
        box.selectAll()
        for key in typed:
            qtbot.keyClicks(box, key)
            put_number(box, there)  # as when an answer comes in the middle
        assert (box.text(), told) == (typed, [])
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert told == [meant]
        put_number(box, 3)
        assert (box.value(), told) == (3, [meant])
        told.clear()
