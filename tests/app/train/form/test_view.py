"""The form of a training in the window: what it says of wrong settings, and how it is used."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QScrollArea,
)

from app.fitting import misfits
from app.train.form.view import TrainForm
from engine.storage.files import write_json
from tests.app.looking import fields_that_take_a_file, texts
from tests.app.train.looking import open_form, shown


@pytest.fixture
def form(explorer, train, qtbot) -> TrainForm:
    """The form, opened."""
    made = open_form(train, qtbot)
    shown(explorer)
    return made


def test_wrong_settings_are_told_beside_their_fields_and_nothing_can_be_started(explorer, train, form, qtbot):
    shown(explorer)
    assert fields_that_take_a_file(train.page) == []
    steps = form.groups[1].fields["train.steps"]
    steps.editor.setFocus()
    steps.editor.selectAll()
    qtbot.keyClicks(steps.editor, "soon")
    shown(explorer)
    assert steps.problem == "should be a whole number"
    assert not form.start.isEnabled()
    qtbot.keyClick(steps.editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(steps.editor, "300")
    shown(explorer)
    assert steps.problem == ""
    assert form.start.isEnabled()
    assert train.form.state.form.plan.train.steps == 300
    train.form.set_value("train.clip", "-1")
    shown(explorer)
    clip = form.groups[1].fields["train.clip"]
    assert clip.isVisible()  # unfolded, as the fault is there
    assert clip.problem.startswith("should be greater than or equal to 0")
    train.form.set_variant(2, "m", "-3")
    shown(explorer)
    assert "m: should be greater than -1" in texts(form.variants.rows[2])
    qtbot.keyClick(steps.editor, Qt.Key.Key_Escape)  # as Back does
    shown(explorer)
    assert train.page.showing_training


def test_the_run_that_gives_the_weights_is_typed_and_what_does_not_fit_is_told(explorer, train, form, qtbot):
    train.form.set_corpus("tiny")
    qtbot.keyClicks(form.weights_from, "tiny:vae")
    shown(explorer)
    assert train.form.state.form.weights_from == "tiny:vae"
    assert "Weights of: The weights of run 'tiny' do not fit: “Word vector” is 128, not 12; “Units” is" in texts(form)
    assert not form.start.isEnabled()
    assert form.save.isEnabled()  # it is no setting of a file
    for key, value in (("embedding", 12), ("hidden", 16), ("latent", 4), ("bidirectional", "false")):
        train.form.set_value(f"model.{key}", str(value))
    shown(explorer)
    assert form.start.isEnabled()


def test_the_run_that_gives_the_weights_is_chosen_among_those_there_are(explorer, train, form, qtbot):
    form.runs.aboutToShow.emit()
    qtbot.waitUntil(lambda: any(entry.text() == "tiny" for entry in form.runs.actions()))
    next(entry for entry in form.runs.actions() if entry.text() == "tiny").trigger()
    shown(explorer)
    assert form.weights_from.text() == train.form.state.form.weights_from == "tiny"


def test_a_text_without_test_sentences_is_told_beside_its_field(explorer, train, workspace, qtbot):
    file = workspace.root / "corpora" / "tiny" / "corpus.json"
    write_json(file, {**json.loads(file.read_text()), "test": 0})
    form = open_form(train, qtbot)
    shown(explorer)
    assert form.start.isEnabled()
    train.form.set_corpus("tiny")
    shown(explorer)
    assert "Text: has no test sentences" in texts(form)
    assert not form.start.isEnabled()
    assert form.save.isEnabled()  # the settings are as good as ever
    train.form.set_corpus("demo")
    shown(explorer)
    assert "has no test sentences" not in texts(form)
    assert form.start.isEnabled()


def test_a_long_number_shows_its_beginning_and_is_whole_in_the_tooltip(explorer, train, form, qtbot):
    train.form.set_variant(1, "m", "1000")
    train.form.set_variant(1, "kl_schedule.warmup", "1000000")
    shown(explorer)
    fields = form.variants.rows[1].fields
    for path, said in (("m", "m: 1000\n"), ("kl_schedule.warmup", "Warm-up: 1000000\n")):
        editor = fields[path].editor
        assert editor.cursorPosition() == 0
        assert editor.toolTip().startswith(said)
    editor = fields["m"].editor
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, "2000")
    shown(explorer)
    assert editor.cursorPosition() == 4  # while it is typed, the place of the caret is the writer's
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    shown(explorer)
    assert (editor.cursorPosition(), editor.toolTip()[:8]) == (0, "m: 2000\n")


def turn_wheel(control) -> None:
    """A notch of the wheel over a control, as the system tells the window of it."""
    window = control.window()
    QTest.wheelEvent(window.windowHandle(), QPointF(control.mapTo(window, control.rect().center())), QPoint(0, -120))


def test_the_wheel_scrolls_the_form_and_changes_no_setting_on_its_way(explorer, train, form, qtbot):
    for card in form.groups:
        card.unfold()
    shown(explorer)
    choices = [each for each in form.findChildren(QComboBox) if each.isVisible()]
    assert len(choices) > 12
    before = [each.currentText() for each in choices]
    left, right = (area.verticalScrollBar() for area in form.findChildren(QScrollArea) if area.widgetResizable())
    for choice in choices:
        left.setValue(0)
        area = next((each for each in form.findChildren(QScrollArea) if each.isAncestorOf(choice)), None)
        assert area is not None
        area.ensureWidgetVisible(choice)
        shown(explorer)
        at = left.value()
        turn_wheel(choice)
        beside = any(row.isAncestorOf(choice) for row in form.variants.rows)
        assert left.value() == at if beside or at == left.maximum() else left.value() > at, choice.accessibleName()
        assert not choice.hasFocus()
    assert [each.currentText() for each in choices] == before
    assert right.value() == 0


def test_everything_in_the_form_fits_the_smallest_window(explorer, train, form, qtbot):
    explorer.window.resize(explorer.window.minimumSize())
    shown(explorer)
    assert misfits(explorer.window) == []
    for card in form.groups:
        card.unfold()
    shown(explorer)
    assert explorer.window.width() == explorer.window.minimumSize().width()
    assert misfits(explorer.window) == []
