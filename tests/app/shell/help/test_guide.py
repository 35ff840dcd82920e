"""The lesson on collapse: where it opens, and what it shows of the project's documents."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QImage, QTextDocument, QTextTable
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTextBrowser

from app.core import theme
from app.shell.help import guide
from app.shell.help.guide import LESSON, Guide, Lesson
from tests.app.looking import shown

IMAGE = QTextDocument.ResourceType.ImageResource


def lesson_of(explorer) -> QTextBrowser:
    shown(explorer)
    found = explorer.window.findChild(Lesson)
    assert found is not None
    assert found.isVisible()
    return found.text


def test_the_guide_leads_to_the_lesson(explorer):
    explorer.actions.guide.trigger()
    page = explorer.window.findChild(Guide).text
    assert 'href="lesson"' in page.toHtml()
    page.anchorClicked.emit(QUrl("lesson"))
    text = lesson_of(explorer).toPlainText()
    assert text.startswith("What decides whether z is used")
    assert "First weights" in text
    assert "posterior collapse" in page.toPlainText()  # the guide is still open, and unchanged


def test_the_diagnosis_leads_to_the_lesson(explorer):
    explorer.open("demo")
    explorer.actions.diagnosis.trigger()
    explorer.diagnosis.view.text.anchorClicked.emit(QUrl("lesson"))
    assert lesson_of(explorer).toPlainText()


def test_the_figures_of_the_lesson_fit_its_width(explorer, qtbot):
    explorer.diagnosis.lesson_requested.emit()
    page = lesson_of(explorer)
    figures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", LESSON.read_text(encoding="utf-8"))
    assert figures
    for name in figures:
        image = page.loadResource(IMAGE, QUrl(name))
        assert isinstance(image, QImage)
        assert 300 <= image.width() <= page.viewport().width(), name
    assert not page.horizontalScrollBar().isVisible()


def test_the_lesson_has_the_weights_that_are_shipped_and_tables_the_lines_of_the_theme(explorer, qtbot):
    explorer.diagnosis.lesson_requested.emit()
    page = lesson_of(explorer)
    for _ in range(2):
        weights = set(re.findall(r"font-weight:(\d+)", page.toHtml()))
        assert "600" in weights
        assert max(map(int, weights)) == 600
        tables = [each for each in page.document().rootFrame().childFrames() if isinstance(each, QTextTable)]
        assert tables
        lines = {each.format().borderBrush().color().name() for each in tables}
        assert lines == {theme.current().border_strong}
        explorer.toggle_theme()
        qtbot.waitUntil(lambda: page._written is theme.current())


def test_the_lesson_follows_the_theme_and_stays_where_it_is_read(explorer):
    explorer.diagnosis.lesson_requested.emit()
    page = lesson_of(explorer)
    page.verticalScrollBar().setValue(150)
    explorer.toggle_theme()
    shown(explorer)
    assert page.verticalScrollBar().value() == 150
    explorer.toggle_theme()


def test_the_figures_of_the_lesson_have_the_ground_and_the_letters_of_the_theme(explorer, qtbot):
    explorer.diagnosis.lesson_requested.emit()
    page = lesson_of(explorer)
    name = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", LESSON.read_text(encoding="utf-8"))[0]
    for _ in range(2):
        image = page.loadResource(IMAGE, QUrl(name))
        now = theme.current()
        assert image.pixelColor(1, 1).name() == now.field
        drawn = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height() // 4)]
        grey = [colour.lightness() for colour in drawn if colour.saturation() < 40]
        letters = max(grey) if now.mode == "dark" else min(grey)
        assert letters == pytest.approx(QColor(now.text).lightness(), abs=60), "a letter's stem, smoothed"
        explorer.toggle_theme()
        qtbot.waitUntil(lambda: page._written is theme.current())


def test_the_theme_changes_by_its_key_while_the_lesson_is_read(explorer, qtbot):
    explorer.diagnosis.lesson_requested.emit()
    page, before = lesson_of(explorer), theme.current()
    qtbot.waitUntil(page.window().isActiveWindow)
    QTest.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page._written is theme.current() is not before)
    explorer.toggle_theme()


def test_without_the_documents_the_lesson_says_what_is_missing(explorer, monkeypatch, tmp_path):
    monkeypatch.setattr(guide, "LESSON", tmp_path / "collapse.md")
    explorer.diagnosis.lesson_requested.emit()
    assert "collapse.md is not there" in lesson_of(explorer).toPlainText()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", LESSON.read_text(encoding="utf-8")))))
def test_what_the_lesson_links_to_is_there(target):
    assert (LESSON.parent / target).exists()


def test_what_lies_open_is_brought_to_the_front_and_not_opened_twice(explorer, qtbot):
    for _ in range(3):
        explorer.actions.guide.trigger()
        explorer.diagnosis.lesson_requested.emit()
    shown(explorer)
    assert len(explorer.window.findChildren(Guide)) == len(explorer.window.findChildren(Lesson)) == 1
    first = explorer.window.findChild(Guide)
    first.close()
    explorer.actions.guide.trigger()
    assert next(each for each in explorer.window.findChildren(Guide) if each.isVisible()) is not first
