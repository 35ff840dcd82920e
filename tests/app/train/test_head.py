"""The head of the Train page: which buttons there are, and when they can be pressed."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from app.core import theme
from app.train.head import TrainHead


def test_stop_takes_no_press_that_was_meant_for_what_stood_in_its_place(qtbot) -> None:
    theme.apply(QApplication.instance(), "dark")
    head = TrainHead()
    qtbot.addWidget(head)
    head.set_actions(pause=False, resume=True, stop=False, insist=False)
    assert head.stop.isHidden()
    head.set_actions(pause=True, resume=False, stop=True, insist=False)
    assert not head.stop.isHidden()
    assert not head.stop.isEnabled()
    qtbot.waitUntil(head.stop.isEnabled)
    head.set_actions(pause=True, resume=False, stop=True, insist=False)  # as at every look at the files
    assert head.stop.isEnabled()


def test_pause_and_resume_stand_at_the_same_place(qtbot) -> None:
    theme.apply(QApplication.instance(), "dark")
    head = TrainHead()
    qtbot.addWidget(head)
    head.resize(1200, 100)
    head.show()
    places = []
    for pause in (True, False, True):
        head.set_actions(pause=pause, resume=not pause, stop=pause, insist=False)
        QApplication.processEvents()
        places.append((head.pause if pause else head.resume).geometry())
    assert places[0] == places[1] == places[2]
    head.set_actions(pause=False, resume=False, stop=False, insist=False)
    QApplication.processEvents()
    assert head.compare.x() > places[0].x()
