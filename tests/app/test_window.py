"""The window itself, with models and maps that answer at once."""

from __future__ import annotations

import subprocess
import sys
from unittest.mock import create_autospec

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTextBrowser,
)

from app import theme
from app.controllers import run_controller
from app.controllers.desk import Context
from app.controllers.run_controller import RunController
from app.explorer import Explorer
from app.settings import AppSettings
from app.views.guide import Guide
from engine.errors import LoomError
from engine.workspace import CHECKOUT, Workspace
from tests.app.fakes import SENTENCES, DirectWorker, FakeJob, FakeSession, at_once, opened


@pytest.fixture
def opening(monkeypatch):
    """What opening the run brings: a value, or an error."""
    answers: list[object] = [opened()]

    def load_maps(workspace, name, tell):
        if isinstance(answers[-1], Exception):
            raise answers[-1]
        return answers[-1]

    monkeypatch.setattr(run_controller, "load_maps", load_maps)
    return answers


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def explorer(qtbot, tmp_path, opening, session, monkeypatch):
    """The window on the run `demo`, not opened yet."""
    FakeJob.made.clear()
    theme.apply(QApplication.instance(), "dark")

    def make_controller(context: Context, workspace: Workspace) -> RunController:
        load = create_autospec(run_controller.load_session, return_value=session)
        return RunController(context, workspace, DirectWorker, FakeJob, load, after_paint=at_once)

    monkeypatch.setattr("app.explorer.RunController", make_controller)
    made = Explorer(Workspace(tmp_path), AppSettings(tmp_path / "window.ini"))
    made.window.resize(1100, 700)
    made.window.show()
    qtbot.waitExposed(made.window)
    yield made
    made.window.close()
    made.window.deleteLater()


def shown(explorer: Explorer) -> None:
    for _ in range(3):
        QApplication.processEvents()
        explorer.renderer.flush()


def texts(widget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_every_column_is_one_variant_at_the_same_place(explorer):
    explorer.open("demo")
    explorer.interpolate.set_end("A", "one")
    explorer.interpolate.set_end("B", "two")
    explorer.window.bench.show_tab("Interpolate")
    shown(explorer)
    window = explorer.window

    def left(widget) -> int:
        return widget.mapTo(window, QPoint(0, 0)).x()

    grid = window.interpolate._grid
    for i, name in enumerate(("vae", "autogen-m1")):
        panel, card, cell = window.maps.panels[name], window.decoded.cards.card(name), grid._cells[0][i]
        assert left(panel) == left(card)
        assert abs(left(panel) - left(cell)) <= 1
        assert abs(panel.width() - cell.width()) <= 2
    assert window.windowTitle() == "Latent Loom - demo"


def test_a_click_on_one_map_selects_in_all_and_shows_the_answers(explorer, qtbot):
    explorer.open("demo")
    shown(explorer)
    view = explorer.window.maps.panels["vae"].map
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.position_of(2).toPoint())
    shown(explorer)
    assert explorer.state.selection == 2
    assert explorer.window.decoded.source.text == SENTENCES[2]
    for name in ("vae", "autogen-m1"):
        card = explorer.window.decoded.cards.card(name)
        assert name in card.sentence.text()
        assert "log p(x|z) −3.5" in texts(card)
        assert "z = μ, beam 10" in texts(card)


def test_typing_marks_unknown_words_and_shows_reconstructions(explorer, qtbot):
    explorer.open("demo")
    qtbot.keyClicks(explorer.window.reconstruct.field, "xylophone music")
    qtbot.waitUntil(lambda: len(explorer.state.reconstructed.readings) == 2, timeout=3000)
    shown(explorer)
    assert "1 word is not in the vocabulary" in explorer.window.reconstruct.reading_note
    assert "beam" in texts(explorer.window.reconstruct)


def test_letters_typed_into_a_field_are_not_taken_as_keys(explorer, qtbot):
    explorer.open("demo")
    explorer.window.reconstruct.field.setFocus()
    qtbot.keyClicks(explorer.window.reconstruct.field, "rab")
    assert explorer.window.reconstruct.field.text() == "rab"
    assert explorer.state.path.readings == {}


def test_keys_take_the_point_and_move_the_step(explorer, qtbot):
    explorer.open("demo")
    explorer.explore.select(1)
    explorer.actions.end_a.trigger()
    explorer.explore.select(3)
    explorer.actions.end_b.trigger()
    shown(explorer)
    assert (explorer.state.a.index, explorer.state.b.index) == (1, 3)
    assert explorer.window.bench.current == "Interpolate"
    before = explorer.state.position
    explorer.window.centralWidget().setFocus()
    qtbot.keyClick(explorer.window.centralWidget(), Qt.Key.Key_Right)
    assert explorer.state.position == before + 1
    shown(explorer)
    assert explorer.window.interpolate.slider.value() == before + 1
    explorer.actions.random_pair.trigger()
    assert explorer.state.a.text != explorer.state.b.text


def test_a_key_that_opens_another_tab_does_not_leave_the_cursor_in_a_field(explorer, qtbot):
    explorer.open("demo")
    shown(explorer)
    explorer.explore.select(1)
    explorer.window.reconstruct.field.setFocus()
    explorer.actions.end_a.trigger()
    shown(explorer)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_B)
    assert explorer.window.interpolate.fields["A"].text() == SENTENCES[1]
    assert (explorer.state.a.index, explorer.state.b.index) == (1, 1)


def test_the_menu_lists_the_runs_as_they_are_now_and_asks_before_the_table_is_emptied(explorer, monkeypatch):
    explorer.open("demo")
    monkeypatch.setattr(Workspace, "run_names", lambda self: ["demo", "novel"])
    menu = explorer.window.toolbar.menu_button.menu()
    menu.aboutToShow.emit()
    demo, novel = menu.actions()[0].menu().actions()
    assert (demo.text(), demo.isChecked(), novel.text(), novel.isChecked()) == ("demo", True, "novel", False)
    explorer.explore.select(0)
    explorer.table.add_selected()
    novel.trigger()
    question = explorer.window.findChild(QMessageBox)
    assert (explorer.state.run, len(explorer.state.gathered)) == ("demo", 1)
    next(button for button in question.buttons() if "Empty" in button.text()).click()
    shown(explorer)
    assert (explorer.state.run, explorer.state.gathered) == ("novel", ())
    assert explorer.window.windowTitle() == "Latent Loom - novel"


def test_trying_again_keeps_the_gathered_table(explorer):
    explorer.open("demo")
    explorer.explore.select(0)
    explorer.table.add_selected()
    explorer.run.retry()
    assert len(explorer.state.gathered) == 1


def test_pointing_elsewhere_keeps_the_clicked_sentence_over_its_cards(explorer):
    explorer.open("demo")
    explorer.explore.hover(1)
    shown(explorer)
    assert explorer.window.decoded.source.text == SENTENCES[1]
    explorer.explore.select(2)
    explorer.explore.hover(3)
    shown(explorer)
    assert explorer.window.decoded.source.text == SENTENCES[2]


def test_rows_with_a_removed_word_are_as_high_as_the_others(explorer, session, monkeypatch):
    explorer.open("demo")
    ways = iter(["we go home now", "we home now", *["we home now"] * 9] * 2)
    answer = session._decoded
    monkeypatch.setattr(session, "_decoded", lambda v, words, o: answer(v, tuple(next(ways).split()), o))
    explorer.interpolate.set_end("A", "a")
    explorer.interpolate.set_end("B", "b")
    explorer.window.bench.show_tab("Interpolate")
    shown(explorer)
    assert "\N{CARET}" in explorer.window.interpolate.texts[1][0]
    assert len({row[0].sizeHint().height() for row in explorer.window.interpolate._grid._cells}) == 1


def test_a_change_of_theme_keeps_every_row(explorer):
    explorer.open("demo")
    explorer.explore.select(0)
    explorer.table.add_selected()
    explorer.window.bench.show_tab("Table")
    shown(explorer)
    explorer.toggle_theme()
    shown(explorer)
    assert SENTENCES[0] in texts(explorer.window.table)
    explorer.toggle_theme()


def test_linked_maps_follow_the_hand_and_others_do_not(explorer):
    explorer.open("demo")
    shown(explorer)
    moved, other = (explorer.window.maps.panels[name].map for name in ("vae", "autogen-m1"))
    moved._zoom(2.0, moved.position_of(2))
    moved._pan(10, 20)
    assert not other.at_home
    assert other.view_range() == pytest.approx(moved.view_range())
    explorer.actions.linked.trigger()
    shown(explorer)
    before = other.view_range()
    moved._go_home()
    assert other.view_range() == before
    explorer.actions.reset.trigger()
    assert other.at_home


def test_prior_samples_grey_out_the_z_of_the_encoder(explorer):
    explorer.open("demo")
    explorer.window.bench.show_tab("Prior samples")
    shown(explorer)
    assert not explorer.window.decoding._z.isEnabled()
    explorer.window.bench.show_tab("Reconstruct")
    shown(explorer)
    assert explorer.window.decoding._z.isEnabled()


def test_hiding_a_variant_hides_its_column_everywhere(explorer):
    explorer.open("demo")
    explorer.explore.select(0)
    explorer.explore.show_variant("vae", False)
    explorer.window.bench.show_tab("Prior samples")
    shown(explorer)
    assert not explorer.window.maps.panels["vae"].isVisible()
    assert explorer.window.maps.panels["autogen-m1"].isVisible()
    assert all(len(row) == 1 for row in explorer.window.samples.texts)


def test_samples_that_occur_twice_are_flagged(explorer):
    explorer.open("demo")
    explorer.window.bench.show_tab("Prior samples")
    shown(explorer)
    assert explorer.window.samples.texts[0][0].endswith("4 of 8 different</span>")
    assert "×2" in explorer.window.samples.texts[1][0]


def test_a_failure_says_what_to_do_and_its_button_tries_again(explorer, opening, qtbot):
    opening.append(LoomError("The cache is cut off.", "Copy it again."))
    explorer.state.runs = ("demo",)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "run_names", lambda self: ["demo"])
        explorer.open("demo")
    shown(explorer)
    panel = explorer.window.maps.placeholder
    assert panel.isVisible()
    assert "The cache is cut off." in texts(panel)
    assert "Copy it again." in texts(panel)
    opening.append(opened())
    again = next(b for b in panel.findChildren(QPushButton) if b.isVisible())
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    shown(explorer)
    assert explorer.window.maps.panels["vae"].isVisible()


def test_computing_shows_how_far_it_is(explorer, opening):
    opening.append(opened("missing"))
    explorer.open("demo")
    FakeJob.made[0].reported.emit(
        {"event": "progress", "stage": "encoding with VAE", "done": 1, "total": 4, "unit": ""}
    )
    shown(explorer)
    assert "Encoding the test sentences with VAE" in texts(explorer.window.maps.placeholder)


def test_without_any_run_the_window_says_how_to_get_one(explorer, opening, monkeypatch):
    opening.append(LoomError("There is no run named 'demo'.", ""))
    monkeypatch.setattr(Workspace, "run_names", lambda self: [])
    explorer.open("demo")
    shown(explorer)
    assert explorer.window.welcome.isVisible()
    assert "python main.py train demo --preset demo" in texts(explorer.window.welcome)


def test_a_model_that_failed_says_so_in_its_column_and_the_others_work(explorer, opening, session):
    session.failed = {"vae": "its checkpoint is cut off"}
    explorer.open("demo")
    explorer.explore.select(0)
    shown(explorer)
    assert "its checkpoint is cut off" in explorer.window.decoded.cards.card("vae").sentence.text()
    assert "beam" in explorer.window.decoded.cards.card("autogen-m1").sentence.text()


def test_gathering_and_exporting_end_to_end(explorer, tmp_path):
    explorer.open("demo")
    explorer.explore.select(0)
    explorer.table.add_selected()
    explorer.window.bench.show_tab("Table")
    shown(explorer)
    assert "1 row" in texts(explorer.window.table)
    assert explorer.export(tmp_path / "t.md", "md")
    assert SENTENCES[0] in (tmp_path / "t.md").read_text(encoding="utf-8")
    assert "Wrote 1 row " in explorer.window.banner.message
    explorer.window.banner.dismiss()
    assert explorer.window.banner.message == ""


def test_the_theme_changes_at_once_and_is_remembered(explorer, tmp_path):
    explorer.open("demo")
    explorer.toggle_theme()
    shown(explorer)
    assert theme.current().mode == "light"
    assert AppSettings(tmp_path / "window.ini").theme == "light"
    explorer.toggle_theme()


def test_the_guide_explains_collapse_in_plain_words(explorer, qtbot):
    explorer.actions.guide.trigger()
    guide = explorer.window.findChild(Guide)
    assert guide.isVisible()
    text = guide.findChild(QTextBrowser).toPlainText()
    for word in ("posterior collapse", "1+m", "AU", "KL near 0", "same ordinary sentence"):
        assert word in text
    guide.close()


def test_closing_the_window_closes_the_guide_too(explorer):
    explorer.actions.guide.trigger()
    guide = explorer.window.findChild(Guide)
    explorer.window.close()
    assert not guide.isVisible()


def test_enter_in_the_empty_field_takes_the_example(explorer, qtbot):
    explorer.open("demo")
    qtbot.keyClick(explorer.window.reconstruct.field, Qt.Key.Key_Return)
    assert explorer.state.typed == SENTENCES[0]


def test_nothing_is_wider_than_a_small_window(explorer):
    explorer.open("demo")
    shown(explorer)
    for tab in ("Reconstruct", "Interpolate", "Prior samples", "Table"):
        explorer.window.bench.show_tab(tab)
        shown(explorer)
        assert explorer.window.minimumSizeHint().width() <= 1100


def test_every_control_has_a_tooltip(explorer):
    explorer.open("demo")
    shown(explorer)
    for kind in (QAbstractButton, QAbstractSpinBox, QComboBox):
        for control in explorer.window.findChildren(kind):
            inner = isinstance(control.parent(), QLineEdit | QAbstractSpinBox) or not control.isVisible()
            assert inner or control.toolTip(), f"{control} {getattr(control, 'text', str)()} has no tooltip"


def test_the_window_is_on_the_screen_before_anything_heavy_is_imported(tmp_path):
    program = f"""
import sys
from pathlib import Path
from app.explorer import Explorer
from app.launch import make_application, start_after_first_paint
from app.settings import AppSettings
from engine.workspace import Workspace
application = make_application()
explorer = Explorer(Workspace(Path({str(tmp_path)!r})), AppSettings(Path({str(tmp_path / "w.ini")!r})))
opened = []
explorer.open = opened.append
seen = lambda: print([name for name in ("torch", "umap", "sklearn", "pandas", "numba", "h5py") if name in sys.modules])
explorer.window.painted.connect(seen)
start_after_first_paint(explorer, "demo")
explorer.window.show()
while not opened:
    application.processEvents()
print(opened)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=CHECKOUT, timeout=60, check=False
    )
    assert done.stdout.splitlines() == ["[]", "['demo']"], done.stderr


def test_a_reconstruction_shows_the_same_facts_in_every_column(explorer):
    explorer.window.resize(1100, 900)
    explorer.open("demo")
    explorer.window.reconstruct.field.setText("I love music")
    explorer.reconstruct.ask()
    shown(explorer)
    cards = explorer.window.reconstruct._cards
    bars = [cards.card(name).facts for name in ("vae", "autogen-m1")]
    assert [[fact.name for fact in bar.facts] for bar in bars] == [["words kept", "told by z (KL)", "certainty"]] * 2
    assert bars[0]._limit == bars[1]._limit == 3
    assert "words kept 3 of 3" in bars[0].accessibleName()
