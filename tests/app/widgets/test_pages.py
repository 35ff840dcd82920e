"""A page that changes by itself hands no keys to a control that nobody has chosen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.train.head import TrainHead
from app.widgets.pages import Pages


@pytest.fixture
def pages(qtbot):
    made = Pages()
    qtbot.addWidget(made)
    for _ in range(2):
        page = QWidget()
        column = QVBoxLayout(page)
        column.addWidget(QLineEdit())
        column.addWidget(QPushButton("Go"))
        made.addWidget(page)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def test_keys_typed_while_a_page_comes_change_nothing_on_it(pages, qtbot):
    first, second = (pages.widget(i).findChild(QLineEdit) for i in range(2))
    first.setFocus()
    qtbot.keyClicks(QApplication.focusWidget(), "ab")
    pages.turn_to(pages.widget(1))
    qtbot.keyClicks(QApplication.focusWidget(), "cd")
    assert (first.text(), second.text()) == ("ab", "")
    pages.turn_to(pages.widget(0))
    qtbot.keyClicks(QApplication.focusWidget(), "ef")
    assert first.text() == "abef"


def test_keys_that_are_elsewhere_stay_there(pages, qtbot):
    beside = QLineEdit(pages)
    beside.show()
    beside.setFocus()
    pages.turn_to(pages.widget(1))
    assert QApplication.focusWidget() is beside


def test_a_page_that_is_gone_meanwhile_gets_no_keys_back(pages, qtbot):
    field = pages.widget(0).findChild(QLineEdit)
    field.setFocus()
    pages.turn_to(pages.widget(1))
    field.setParent(None)
    field.deleteLater()
    qtbot.waitUntil(lambda: pages.widget(0).findChild(QLineEdit) is None)
    pages.turn_to(pages.widget(0))
    assert QApplication.focusWidget() is pages


def test_a_button_that_goes_passes_its_keys_to_no_other(qtbot):
    head = TrainHead()
    qtbot.addWidget(head)
    head.set_actions(pause=True, resume=False, stop=True, insist=False)
    head.show()
    head.activateWindow()
    qtbot.waitUntil(head.isActiveWindow)
    head.stop.setFocus()
    head.set_actions(pause=False, resume=True, stop=False, insist=False)
    assert not isinstance(QApplication.focusWidget(), QPushButton)


def test_what_comes_beneath_the_head_of_a_training_has_its_place_from_the_beginning(qtbot):
    head = TrainHead()
    qtbot.addWidget(head)
    head.set_progress(None, ())
    before = head.sizeHint().height()
    head.set_progress(0.5, [("step 1 of 2", "")])
    assert head.sizeHint().height() == before


class _Left(QWidget):
    """A page that is left by Escape."""

    left = 0

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left += 1
        else:
            super().keyPressEvent(event)


def test_escape_is_for_the_page_in_view_before_anything_on_it_was_chosen(pages, qtbot):
    pages.widget(0).findChild(QLineEdit).setFocus()
    page = _Left()
    pages.addWidget(page)
    pages.turn_to(page)
    assert QApplication.focusWidget() is pages
    qtbot.keyClick(pages, Qt.Key.Key_Escape)
    assert page.left == 1
    pages.turn_to(pages.widget(1))
    qtbot.keyClick(pages, Qt.Key.Key_Escape)  # nothing there wants it
    assert page.left == 1
