"""The page of keys, against the keys that there are."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QTextBrowser

from app.shell.help.guide import Guide
from app.shell.help.keys import PARTS
from app.shell.help.keys import page as page_of_keys
from engine.workspace import CHECKOUT
from tests.app.looking import shown

APP = CHECKOUT / "app"
SAID = {"Return": "Enter", "Plus": "+", "Equal": "=", "Minus": "−", "PageUp": "Page Up", "PageDown": "Page Down"}
"""How the page calls keys that Qt calls otherwise."""


@pytest.fixture
def page(explorer, qtbot) -> QTextBrowser:
    """The guide, opened by "?"."""
    explorer.open("demo")
    shown(explorer)
    explorer.window.activateWindow()
    first = next(iter(explorer.window.maps.panels.values())).map
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Question)
    guide = explorer.window.findChild(Guide)
    assert guide.isVisible()
    yield guide.findChild(QTextBrowser)
    guide.close()


def keys_on(page: QTextBrowser) -> set[str]:
    """The keys that the page of keys names, one by one."""
    text = page.toPlainText().split("\nKeys\n", 1)[1]
    known = {key.strip() for line in text.splitlines() for key in re.split(r",\s", line)}
    parts = {each for key in known for each in re.split(r"\+(?=.)", key)}
    return known | parts


def test_every_key_of_an_action_is_on_the_page(explorer, page):
    for kind in ("Table", "Traverse"):
        explorer.bench.tab(kind)
    native = QKeySequence.SequenceFormat.NativeText
    actions = [*explorer.window.findChildren(QAction), *explorer.actions.all()]
    keys = [{each.toString(native) for each in action.shortcuts()} for action in actions if action.shortcuts()]
    assert len(keys) > 15
    assert [each for each in keys if not each & keys_on(page)] == []
    for action in [each for each in explorer.actions.all() if each.shortcuts()]:  # some platforms have no key to quit
        assert re.sub("^(Undo|Redo): .*", r"\1", action.text()).rstrip("…") in page.toPlainText()


def test_the_page_says_undo_and_not_what_would_be_undone(explorer):
    explorer.open("demo")
    explorer.maps.controller.select(2)
    assert explorer.actions.undo.text() == "Undo: click a sentence"
    said = page_of_keys(explorer.actions.all())
    assert "click a sentence" not in said
    assert "F14" not in said


def test_every_key_that_a_part_of_the_window_takes_is_on_the_page(page):
    said = keys_on(page)
    missing = set()
    for path in APP.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        for name in re.findall(r"\bKey\.Key_(\w+)", source):
            arrow = name in ("Left", "Right", "Up", "Down")
            if SAID.get(name, name) not in said and not (arrow and "Arrow keys" in said):
                missing.add(f"{path.name}: {name}")
        for name in re.findall(r"StandardKey\.(\w+)", source):
            shortcuts = QKeySequence.keyBindings(getattr(QKeySequence.StandardKey, name))
            texts = {each.toString(QKeySequence.SequenceFormat.NativeText) for each in shortcuts}
            if shortcuts and not texts & said:
                missing.add(f"{path.name}: {name}")
    assert missing == set()


def test_the_page_stands_where_it_was_asked_for_and_the_guide_at_its_beginning(explorer, page):
    assert page.verticalScrollBar().value() > 0
    explorer.actions.guide.trigger()
    assert page.verticalScrollBar().value() == 0
    page.verticalScrollBar().setValue(200)
    explorer.actions.guide.trigger()
    assert page.verticalScrollBar().value() == 200  # who reads it stays there
    explorer.actions.keys.trigger()
    assert page.verticalScrollBar().value() > 200


def test_a_question_mark_is_text_in_a_field(explorer, qtbot):
    explorer.open("demo")
    explorer.actions.search.trigger()
    qtbot.keyClick(explorer.window.toolbar.search, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
    QApplication.processEvents()
    assert explorer.window.findChild(Guide) is None


def test_no_key_is_told_twice_in_one_part():
    for title, rows in PARTS:
        keys = [key for keys, _ in rows for key in keys.split(", ")]
        assert len(keys) == len(set(keys)), title
