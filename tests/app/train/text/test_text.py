"""From a file to the form of a training, on the Train page, with the real reader and the real command."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QSpinBox

from app.core import theme
from app.core.jobs.ending import wait_for_ends
from app.core.settings import AppSettings
from app.train.text.view import TextView
from app.train.train import Train
from engine.workspace import Workspace
from tests.app.looking import drop, fields_that_take_a_file
from tests.engine.corpus.preparing import entries, sentences, write_lines


@pytest.fixture
def train(qtbot, tmp_path):
    """The Train page, where a text is to be opened."""
    theme.apply(QApplication.instance(), "dark")
    made = Train(Workspace(tmp_path), AppSettings(tmp_path / "window.ini"), lambda: "")
    made.page.resize(1100, 600)
    made.page.show()
    qtbot.waitExposed(made.page)
    made.show(True)
    made.open_text()
    yield made
    made.close()
    made.page.hide()
    made.page.deleteLater()


def view(train: Train) -> TextView:
    train.flush()
    return train.text.view


def looked_at(train: Train, qtbot, *kinds: str) -> TextView:
    qtbot.waitUntil(lambda: train.text.state.stage.kind in (kinds or ("ready",)), timeout=30_000)
    return view(train)


def dropped_on(train: Train, *paths) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    assert drop(train.page, data)


def test_a_dropped_text_is_seen_prepared_and_stands_in_the_form(train, qtbot, tmp_path):
    train.controller.show_form(False)
    dropped_on(train, write_lines(tmp_path / "My story.txt", [*sentences(300), "Too short.", "Short too."]))
    seen = looked_at(train, qtbot)
    assert seen.isVisible()
    assert seen.texts["Read"] == "the whole text"
    assert seen.texts["Left out"] == "2 shorter than 5 tokens"
    assert seen.examples.count("<div>") == 10
    assert seen.name.text() == "My-story"
    train_count, test_count = train.text.state.seen.train, train.text.state.seen.test
    seen.prepare.click()
    qtbot.waitUntil(lambda: train.state.face == "form", timeout=60_000)
    made = json.loads((tmp_path / "corpora" / "My-story" / "corpus.json").read_text())
    assert (made["train"], made["test"], made["source"]) == (train_count, test_count, str(tmp_path / "My story.txt"))
    form = train.form.state.form
    assert (form.corpus, form.run, form.problems) == ("My-story", "My-story", {})
    qtbot.waitUntil(lambda: train.page.form is not None and train.page.form.complete, timeout=30_000)
    train.flush()
    assert train.page.form.corpus.currentText() == "My-story"
    assert train.page.form.start.isEnabled()


def test_a_preparation_that_is_cancelled_leaves_nothing(train, qtbot, tmp_path):
    many = [f"{line[:-1]} number {i}." for i, line in enumerate(sentences(4_000) * 100)]
    train.open_text([write_lines(tmp_path / "long.txt", many)])
    looked_at(train, qtbot).prepare.click()
    qtbot.waitUntil(lambda: bool(train.text.state.preparing.fraction), timeout=60_000)
    assert [name for name in entries(tmp_path / "corpora") if name.startswith(".long")] != []  # it is being written
    shown = view(train)
    assert shown.cancel.isVisible()
    assert not shown.file.isEnabled()
    assert train.under_way == "The text long is being prepared."
    shown.cancel.click()
    assert wait_for_ends()
    assert train.under_way == ""
    assert entries(tmp_path / "corpora") == []
    shown = view(train)
    assert shown.prepare.isEnabled()
    assert not shown.cancel.isVisible()


def test_a_text_that_cannot_be_read_says_so_in_its_place(train, qtbot, tmp_path):
    (tmp_path / "book.pdf").write_bytes(b"%PDF-1.4 ...")
    dropped_on(train, tmp_path / "book.pdf")
    shown = looked_at(train, qtbot, "failed")
    assert "cannot be read" in shown.said
    assert "Text can be read from" in shown.said
    assert shown.retry.isVisible()
    assert not shown.prepare.isEnabled()
    assert shown.texts == {}


def test_of_two_columns_of_text_it_is_asked_which(train, qtbot, tmp_path):
    lines = sentences(60)
    rows = "".join(f"A good title of a book {i},{line}\n" for i, line in enumerate(lines))
    (tmp_path / "books.csv").write_text("title,review\n" + rows)
    train.open_text([tmp_path / "books.csv"])
    shown = looked_at(train, qtbot, "failed")
    assert shown.columns.one.currentText() == ""
    assert "title (“A good title of a book 0”); review (“" in shown.said
    assert not shown.prepare.isEnabled()
    shown.columns.one.setCurrentText("review")
    shown.columns.one.activated.emit(1)
    shown = looked_at(train, qtbot)
    assert shown.columns.one.currentText() == "review"
    assert shown.prepare.isEnabled()
    assert "title of a book" not in shown.examples


def test_columns_beside_the_text_are_ticked_in_a_menu(train, qtbot, tmp_path):
    rows = "".join(f"{i % 4},{'good' if i % 3 else 'bad'},{line}\n" for i, line in enumerate(sentences(60)))
    (tmp_path / "rated.csv").write_text("stars,label,text\n" + rows)
    train.open_text([tmp_path / "rated.csv"])
    shown = looked_at(train, qtbot)
    assert shown.kept.said == "2 of 2 columns"

    def entries_of() -> dict[str, QAction]:
        shown.kept.menu().aboutToShow.emit()
        return {each.text(): each for each in shown.kept.menu().actions() if each.text()}

    assert [(name, each.isChecked()) for name, each in entries_of().items()] == [
        ("As found out", True),
        ("stars", True),
        ("label", True),
    ]
    entries_of()["stars"].trigger()
    shown = looked_at(train, qtbot)
    assert shown.kept.said == "label"
    assert train.text.state.draft.kept == ("label",)
    entries_of()["label"].trigger()
    assert looked_at(train, qtbot).kept.said == "nothing"
    entries_of()["As found out"].trigger()
    assert looked_at(train, qtbot).kept.said == "2 of 2 columns"
    train.open_text([write_lines(tmp_path / "plain.txt", sentences(60))])
    assert not looked_at(train, qtbot).kept.isVisible()


def test_several_columns_are_ticked_and_the_command_reads_all_of_them(train, qtbot, tmp_path):
    lines = sentences(120)
    rows = "".join(f"{i},{lines[2 * i]},{lines[2 * i + 1]}\n" for i in range(60))
    (tmp_path / "pairs.csv").write_text("id,premise,hypothesis\n" + rows)
    train.open_text([tmp_path / "pairs.csv"])
    columns = looked_at(train, qtbot, "failed").columns
    assert not columns.several.isVisible()
    columns.one.setCurrentIndex(3)
    columns.one.activated.emit(3)
    assert columns.several.isVisible()
    for row in (2, 1):
        columns.several.item(row).setCheckState(Qt.CheckState.Checked)
        looked_at(train, qtbot)
    assert columns.ticked == ("premise", "hypothesis") == train.text.state.draft.columns
    assert columns.one.currentText() == "several …"
    assert train.text.state.seen.sentences == 120
    view(train).prepare.click()
    qtbot.waitUntil(lambda: train.text.state.draft.source == "", timeout=60_000)
    made = json.loads((tmp_path / "corpora" / "pairs" / "corpus.json").read_text("utf-8"))
    assert (made["column"], made["sentences"]) == (["premise", "hypothesis"], 120)
    (tmp_path / "others.csv").write_text("id,premise,hypothesis\n" + rows)
    train.open_text([tmp_path / "others.csv"])
    columns = looked_at(train, qtbot, "failed").columns
    assert not columns.several.isVisible()  # what was ticked belonged to the text before


def test_parts_are_dropped_on_their_fields_and_told_before_they_are_prepared(train, qtbot, tmp_path):
    lines = sentences(300)
    text = write_lines(tmp_path / "text.txt", lines[:200])
    valid = write_lines(tmp_path / "late.txt", [*lines[200:240], *lines[:2]])
    test = write_lines(tmp_path / "later.txt", [line.replace("dog", "wombat") for line in lines[240:]])
    dropped_on(train, text)
    shown = looked_at(train, qtbot)
    given = shown.given
    assert not given.fields["test"].isVisible()
    given.heading.click()
    assert given.fields["test"].isVisible()
    for key, path in (("valid", valid), ("test", test), ("vocabulary_file", test)):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        assert drop(given.fields[key], data)
        shown = looked_at(train, qtbot)
    assert "is no word, nor a word and a count" in given.said
    assert "--" not in given.said
    assert not shown.prepare.isEnabled()
    given.fields["vocabulary_file"].clear.click()
    shown = looked_at(train, qtbot)
    assert given.said == ""
    assert shown.texts["Sentences"] == "200 pass, all of them to learn from"
    assert shown.texts["Validation"] == "42 pass, no word unknown"
    assert "60 pass, " in shown.texts["Test"]
    assert "of the words unknown" in shown.texts["Test"]
    assert shown.texts["In two parts"] == "2 in train and valid alike"
    assert not shown.numbers["test_percent"].isEnabled()
    assert shown.numbers["vocabulary"].isEnabled()
    shown.prepare.click()
    qtbot.waitUntil(lambda: train.text.state.draft.source == "", timeout=60_000)
    made = json.loads((tmp_path / "corpora" / "text" / "corpus.json").read_text("utf-8"))
    assert (made["train"], made["valid"], made["test"]) == (200, 42, 60)
    assert (made["valid_source"], made["test_source"]) == (str(valid), str(test))


def test_files_that_are_named_as_parts_are_seen_in_their_fields(train, qtbot, tmp_path):
    lines = sentences(120)
    files = [write_lines(tmp_path / f"ptb.{name}.txt", lines) for name in ("test", "train", "valid")]
    dropped_on(train, *files)
    shown = looked_at(train, qtbot)
    assert [field.shown for field in shown.given.fields.values()] == [
        "ptb.valid.txt",
        "ptb.test.txt",
        "none: drop a file here",
    ]
    assert shown.given.fields["valid"].isVisible()
    shown.given.heading.click()
    assert not shown.given.fields["valid"].isVisible()
    assert shown.given.heading.text() == "Parts given as files: 2"


def test_where_two_signs_could_separate_the_cells_one_is_chosen_and_the_command_is_told(train, qtbot, tmp_path):
    rows = "".join(f"{i};{line[:-1]}, and left.\n" for i, line in enumerate(sentences(300)))
    (tmp_path / "books.csv").write_text(rows)
    train.open_text([tmp_path / "books.csv"])
    shown = looked_at(train, qtbot, "failed")
    assert "Several signs could separate" in shown.said
    assert "Say which with Separator" in shown.said
    assert shown.separator.isVisible()
    assert shown.separator.currentText() == "choose one"
    shown.separator.setCurrentIndex(shown.separator.findData("semicolon"))
    shown.separator.activated.emit(shown.separator.currentIndex())
    shown = looked_at(train, qtbot)
    assert shown.separator.currentText() == "semicolons"
    assert "the column '2'" in shown.said
    shown.prepare.click()
    qtbot.waitUntil(lambda: train.text.state.draft.source == "", timeout=60_000)
    made = json.loads((tmp_path / "corpora" / "books" / "corpus.json").read_text("utf-8"))
    assert made["separator"] == "semicolon"


def test_what_is_found_out_of_a_table_stands_beside_it(train, qtbot, tmp_path):
    (tmp_path / "bars.csv").write_text("id|text\n" + "".join(f"{i}|{line}\n" for i, line in enumerate(sentences(60))))
    train.open_text([tmp_path / "bars.csv"])
    shown = looked_at(train, qtbot)
    assert shown.separator.currentText() == "found out: bars (|)"
    train.open_text([write_lines(tmp_path / "plain.txt", sentences(60))])
    assert not looked_at(train, qtbot).separator.isVisible()


def test_text_that_is_cut_already_is_told_of_and_can_be_read_otherwise(train, qtbot, tmp_path):
    lines = [f"The dog {i} is n't here , they say ." for i in range(60)]
    train.open_text([write_lines(tmp_path / "cut.txt", lines)])
    shown = looked_at(train, qtbot)
    assert shown.words.currentText() == "found out: cut already, as they are"
    assert "cut into words already" in shown.said
    assert "--" not in shown.said
    assert "is n&#x27;t here ," in shown.examples
    shown.words.setCurrentIndex(shown.words.findData("lower"))
    shown.words.activated.emit(shown.words.currentIndex())
    shown = looked_at(train, qtbot)
    assert shown.words.currentText() == "cut already, small letters"
    shown.prepare.click()
    qtbot.waitUntil(lambda: train.text.state.draft.source == "", timeout=60_000)
    made = json.loads((tmp_path / "corpora" / "cut" / "corpus.json").read_text("utf-8"))
    assert (made["tokenised"], made["lower"], made["given"]) == (True, True, True)


def test_nothing_is_wider_than_a_small_window_and_every_control_is_explained(train, qtbot, tmp_path):
    assert "Drop a file or a folder of text" in view(train).said
    train.open_text([write_lines(tmp_path / f"{'long name ' * 20}.txt", sentences(40))])
    shown = looked_at(train, qtbot)
    assert shown.minimumSizeHint().width() <= 1100
    assert shown.minimumSizeHint().height() <= 560
    assert fields_that_take_a_file(shown) == []
    for kind in (QAbstractButton, QComboBox, QSpinBox):
        for control in shown.findChildren(kind):
            if control.isVisible() and not isinstance(control.parent(), QComboBox):
                assert control.toolTip(), control
