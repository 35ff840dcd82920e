"""The Survey page as a person uses it, and the window in which a survey is taken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.core.settings import AppSettings
from app.core.times import local
from app.survey.survey import Survey
from engine.evaluation.surveys.place import keep_survey, place_of
from engine.evaluation.surveys.response import read_response, write_response
from engine.workspace import Workspace
from tests.app.survey.conftest import COLUMNS
from tests.engine.evaluation.surveys.rooms import TRICKY, a_survey, attentive, respond


@pytest.fixture
def survey(qtbot, controller, tmp_path):
    made = Survey(Workspace(tmp_path), AppSettings(tmp_path / "window.ini"), lambda: ("demo", COLUMNS), controller)
    made.words = []
    made.told.connect(made.words.append)
    qtbot.addWidget(made.page)
    made.page.resize(1100, 600)
    made.page.show()
    made.show(True)
    made.flush()
    yield made
    if made.form is not None:
        made.form.close()
    made.close()


def seen(survey) -> list[str]:
    """All that the window of a respondent shows."""
    survey.flush()
    return [each.text() for each in survey.window.findChildren(QLabel) if each.isVisible()]


def test_the_page_shows_the_tables_and_names_as_they_are_written(survey):
    text = survey.page.text.toPlainText()
    assert "Which reconstruction is better?" in text
    assert "Krippendorff" in text
    assert "Ann <b>" in text
    assert "Paper %" in text
    assert local(survey.controller.state.known.analysis.respondents[0].response.saved) in text
    assert "+00:00" not in text
    assert [survey.page.names.itemText(n) for n in range(survey.page.names.count())] == ["mine"]
    assert len(survey.page.take.menu().actions()) == 2
    survey.page.copy.click()
    assert "| Model 1" in QApplication.clipboard().text()


def test_a_respondent_sees_texts_and_no_model(survey, controller, place):
    survey._take(-1)
    window = survey.window
    assert window.isFullScreen()
    window.name.setText("Dora")
    QTest.keyClick(window.name, Qt.Key.Key_Return)
    form = controller.state.taking.form
    for item, key in zip(form.items[:3], (Qt.Key.Key_1, Qt.Key.Key_Right, Qt.Key.Key_0), strict=False):
        words = seen(survey)
        assert item.question.sentence in words
        assert all(text in words for text in item.shown)
        assert window.choices[0].accessibleName() == item.shown[0]
        QTest.keyClick(window, key)
    assert [each.answer for each in controller.state.taking.response.answers] == ["left", "right", "undecided"]
    QTest.keyClick(window, Qt.Key.Key_Backspace)
    assert window.neither.isChecked()
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert controller.state.taking.at == 2
    window.choices[1].click()
    response = controller.state.taking.response
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert survey.window is None
    assert read_response(place.response_file(response.response)).answers == response.answers
    survey.flush()
    assert "Go on: Dora, form 3, 3 of 14 answered" in [each.text() for each in survey.page.take.menu().actions()]


def test_a_survey_is_taken_to_its_end(survey, controller):
    survey.page.take.menu().actions()[1].trigger()  # Bob goes on
    survey.flush()
    assert controller.state.taking.at == 5
    for _ in range(9):
        QTest.keyClick(survey.window, Qt.Key.Key_Left)
    assert "Thank you." in seen(survey)
    assert controller.state.taking.response.finished
    QTest.keyClick(survey.window, Qt.Key.Key_1)
    QTest.keyClick(survey.window, Qt.Key.Key_Up)
    assert controller.state.taking.at == 13
    survey.window.close()
    assert not controller.state.known.broken_off


def test_who_goes_on_types_answers_and_no_name(survey, controller):
    survey.page.take.menu().actions()[1].trigger()
    survey.flush()
    window, name = survey.window, controller.state.taking.response.respondent
    assert window.focusWidget() is window
    assert not window.name.isVisible()
    for _ in range(6):
        QTest.keyClick(window, Qt.Key.Key_Backspace)
    survey.flush()
    assert controller.state.taking.at == -1
    assert window.focusWidget() is window.start  # the name can be changed, but only by whoever goes to it
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_1)
    window.start.click()
    survey.flush()
    assert (controller.state.taking.at, controller.state.taking.response.respondent) == (5, name)
    assert window.focusWidget() is window


def test_texts_are_never_markup_and_begin_where_they_are_written_from(survey, controller, tmp_path):
    keep_survey(place_of(Workspace(tmp_path), "odd"), a_survey("generation", (("a",), ("b",)), tricky=TRICKY))
    controller.look()
    controller.choose("odd")
    survey._take(-1)
    QTest.keyClick(survey.window.name, Qt.Key.Key_Return)
    for item in controller.state.taking.form.items:
        assert item.shown[0] in seen(survey)
        assert not survey.window.neither.isVisible()
        assert any("1, ← or Y: yes" in said for said in seen(survey))
        QTest.keyClick(survey.window, Qt.Key.Key_Y)
    assert {each.answer for each in controller.state.taking.response.answers} == {"yes"}
    survey.window.close()


def test_files_are_dropped_on_the_page(survey, controller, tmp_path):
    file = tmp_path / "sent" / "answers.json"
    write_response(file, respond(controller.state.known.survey, 5, attentive(lambda item: "first")))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    where, buttons = QPoint(5, 5), Qt.MouseButton.LeftButton
    survey.page.dropEvent(
        QDropEvent(where.toPointF(), Qt.DropAction.CopyAction, data, buttons, Qt.KeyboardModifier.NoModifier)
    )
    assert len(controller.state.known.responses) == 3
    assert survey.words == ["1 of 1 files taken into mine."]


def test_what_is_asked_for_one_survey_is_done_with_it_though_another_is_shown_by_then(
    survey, controller, tmp_path, monkeypatch
):
    keep_survey(place_of(Workspace(tmp_path), "other"), a_survey(seed=4))
    controller.look()
    chosen = []
    monkeypatch.setattr(survey, "_ask_folder", lambda _title, then: chosen.append(then))
    survey.page.pages.click()
    survey.page.export_requested.emit("csv")
    controller.choose("other")
    for number, write in enumerate(chosen):
        write(tmp_path / f"{number}")
    assert [said.partition(" to ")[0] for said in survey.words] == [
        "4 pages of mine, forms 3",
        "Wrote 4 tables of mine",
    ]
    assert (tmp_path / "1" / "mine-agreement.csv").exists()


def test_tables_are_not_taken_along_while_others_are_to_count(survey, controller, monkeypatch):
    assert survey.page.export.isEnabled()
    monkeypatch.setattr(controller, "_read", lambda: None)  # it has not answered yet
    controller.leave_out(0)
    survey.flush()
    assert not survey.page.export.isEnabled()
    assert not survey.page.copy.isEnabled()
    assert survey.page.take.isEnabled()
    monkeypatch.undo()
    controller.look()
    survey.flush()
    assert survey.page.export.isEnabled()
    assert survey.page.copy.isEnabled()


def test_the_form_says_what_comes_of_it(survey, controller):
    survey.page.new.click()
    form = survey.form
    assert len(form.boxes) == 6
    assert sum(box.isChecked() for box in form.boxes.values()) == 3
    assert form.make.isEnabled()
    assert "6 questions about each pair" in form._said.text()
    form.numbers["catch"].setValue(1)
    form.numbers["questions"].setValue(4)
    assert "1 question about each pair, 1 catch trial, 4 in all" in form._said.text()
    form.numbers["catch"].setValue(2)
    assert not form.make.isEnabled()
    assert "cannot be spread" in form._said.text()
    form.numbers["questions"].setValue(20)
    form.kind.chosen.emit("generation")
    assert len(form.boxes) == 4
    assert form.name.text() == "demo-generation"
    form.make.click()
    assert not form.isVisible()
    assert survey.under_way == "The survey demo-generation is being made."


def test_without_a_survey_the_page_says_what_one_is(survey, controller, place):
    place.survey_file.unlink()
    controller.look()
    survey.flush()
    assert survey.page.message.isVisible()
    assert not survey.page.take.isEnabled()
    assert survey.page.new.isEnabled()


def test_a_form_that_is_open_is_about_the_run_that_is_open(survey, controller):
    open_now = ["next", ()]
    survey._current = lambda: tuple(open_now)
    survey.page.new.click()
    assert not survey.form.make.isEnabled()
    open_now[1] = COLUMNS
    survey.run_changed()
    assert survey.form.make.isEnabled()
    survey.form.boxes["vae-annealed", "vae"].setChecked(False)
    survey.run_changed()
    assert not survey.form.boxes["vae-annealed", "vae"].isChecked(), "of the same run what was chosen stays"
    open_now[:] = "another", tuple(replace(each, label=f"my {each.label}") for each in COLUMNS)
    survey.run_changed()
    assert all("my VAE" in box.text() or "my AUTOGEN" in box.text() for box in survey.form.boxes.values())
    assert "run another" in survey.form._run.text()
