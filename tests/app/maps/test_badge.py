"""The verdict beneath a map: when it is there, and that it can be read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from app.core import theme
from app.core.values import Finding
from app.diagnosis.state import Estimate
from app.diagnosis.words import finding_of_estimate
from app.maps.badge import Badge
from app.maps.panel import MapPanel

LARGER, WAIT = "A larger m (--variants autogen-m2)", "Wait for the end of the training"


@pytest.fixture
def badge(qtbot):
    made = Badge()
    qtbot.addWidget(made)
    made.resize(250, 40)
    return made


def test_it_is_there_for_what_is_amiss_only(badge):
    for verdict, there in (("collapsed", True), ("weak", True), ("healthy", False)):
        badge.set_finding(Finding(verdict, "Title", "Why.", "More."))
        assert badge.isVisibleTo(None) == there
    badge.set_finding(Finding("weak", "Weak", "Why. Try more.", "At length."))
    assert badge.accessibleName() == "Weak: Why. Try more."
    assert (badge.toolTip(), badge.accessibleDescription()) == ("At length.", "At length.")
    badge.set_finding(Finding("weak", "Weak", "Why.", f"{'One sentence of many words. ' * 20}\nAnother."))
    lines = badge.toolTip().splitlines()
    assert max(len(line) for line in lines) <= 80
    assert lines[-1] == "Another."
    badge.set_finding(None)
    assert not badge.isVisibleTo(None)


@pytest.mark.parametrize("kl", [0.001, 0.99, 1.1, 6.9])
@pytest.mark.parametrize("what", [LARGER, WAIT])
def test_the_sentence_is_whole_beneath_a_quarter_of_a_small_window(badge, kl, what):
    verdict = "collapsed" if kl < 1 else "weak"
    badge.set_finding(finding_of_estimate(Estimate(verdict, kl, what, "Because.")))
    lines = badge.shown_lines()
    assert " ".join(lines) == badge.text()
    assert len(lines) <= 2
    metrics = QFontMetricsF(theme.font(theme.SMALL_SIZE, strong=True))
    assert all(metrics.horizontalAdvance(line) <= 250 for line in lines)


def test_few_words_take_one_line(badge):
    heights = []
    for text in ("Why.", "A reason that needs more room than one line can have."):
        badge.set_finding(Finding("weak", "Weak", text, ""))
        heights.append(badge.sizeHint().height())
    assert heights[0] < heights[1]


def test_with_less_room_it_is_shortened_and_says_so(badge):
    badge.set_finding(Finding("weak", "Weak", "A reason that needs more room than one line can have.", ""))
    tall = badge.sizeHint().height()
    badge.set_lines(1)
    assert badge.sizeHint().height() < tall
    (line,) = badge.shown_lines()
    assert line.startswith("Weak: A reason")
    assert line.endswith("…")


def test_it_is_pressed_by_mouse_and_key(badge, qtbot):
    badge.set_finding(Finding("weak", "Weak", "Why.", ""))
    badge.show()
    for press in (
        lambda: qtbot.mouseClick(badge, Qt.MouseButton.LeftButton),
        lambda: qtbot.keyClick(badge, Qt.Key.Key_Space),
    ):
        with qtbot.waitSignal(badge.clicked):
            press()


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("verdict", ["collapsed", "weak"])
def test_it_can_be_read_in_both_themes(badge, mode, verdict):
    theme.apply(QApplication.instance(), mode)
    now = theme.current()
    badge.set_finding(Finding(verdict, "Title", "Why.", ""))
    badge.show()
    picture = badge.grab().toImage()
    colour = {"collapsed": now.danger, "weak": now.warning}[verdict]
    assert picture.pixelColor(1, 20).name() == colour
    assert picture.pixelColor(picture.width() - 2, picture.height() - 2).name() == now.raised
    assert theme.contrast(colour, now.raised) >= 4.5
    assert theme.contrast(now.text, now.raised) >= 4.5
    theme.apply(QApplication.instance(), "dark")


def test_a_low_panel_leaves_the_map_its_room(qtbot):
    panel = MapPanel()
    qtbot.addWidget(panel)
    panel.badge.set_finding(Finding("weak", "Weak", "A reason that needs more room than one line can have.", ""))
    panel.show()
    heights = []
    for height in (300, 160):
        panel.resize(260, height)
        QApplication.processEvents()
        heights.append(panel.badge.height())
        assert not panel.map.geometry().intersects(panel.badge.geometry())  # it covers no point
    assert heights[1] < heights[0]
