"""Pictures of the window: what can be saved, by menu and key, how it is drawn, and where the files may not go."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from app.core.picks import Pick
from app.core.settings import AppSettings
from app.core.theme import DARK
from app.shell.pictures import Pictures, name_of
from app.widgets.picture_area import add_saving, saving_menu
from app.widgets.pictures.dialog import PictureDialog
from app.widgets.pictures.figure import Figure
from app.widgets.pictures.writing import Style
from tests.app.fakes import COLUMNS
from tests.app.looking import opened_tab, shown
from tests.app.reading import pdf_text

LABELS = [column.label for column in COLUMNS]


def at_once(action) -> threading.Thread:
    """In this thread; the one that is given back has ended."""
    action()
    ended = threading.Thread(target=lambda: None)
    ended.start()
    ended.join()
    return ended


# the ways to it


def entries(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text().startswith("Save picture")]


def test_every_menu_offers_what_lies_around_it(full, qtbot):
    window = full.window
    menu = window.maps.panels["vae"].map.context_menu(-1)
    assert entries(menu) == ["Save picture of this map…", "Save picture of all maps…"]
    menu.deleteLater()
    grid = opened_tab(full, "Interpolate")._grid
    for column, wanted in ((-1, []), (1, ["Save picture of the column AutoGen m=1…"])):
        menu = grid.row_menu(0, column)
        assert entries(menu) == [*wanted, "Save picture of this interpolation…"]
        menu.deleteLater()
    for view, wanted in (
        (window.decoded.cards.card("vae").menu(), ["Save picture of the clicked sentence…"]),
        (window.decoded.source.menu(), ["Save picture of the clicked sentence…"]),
        (saving_menu(window.bench), []),
    ):
        assert entries(view) == wanted
        view.deleteLater()


def test_the_menu_opens_where_nothing_else_does(full, qtbot):
    """The right button on the head of a map, which has no menu of its own."""
    title = full.window.maps.panels["vae"]._label
    at = QPoint(3, 3)
    QApplication.sendEvent(title, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, title.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert entries(menu) == ["Save picture of this map…", "Save picture of all maps…"]
    menu.close()


def test_a_menu_saves_what_it_was_opened_on(full, qtbot):
    view = opened_tab(full, "Interpolate")
    menu = QMenu(view)
    add_saving(menu, view._grid)
    full.bench.tab("Interpolate").set_end("B", Pick("three"))
    shown(full)
    asked = []
    full.window.pictured.asked.connect(asked.append)
    menu.actions()[-1].trigger()
    assert asked[0].title == "Interpolation from “one” to “two”"
    dialog(full).reject()
    menu.deleteLater()


def dialog(explorer) -> PictureDialog:
    return next(each for each in explorer.window.findChildren(PictureDialog) if each.isVisible())


@pytest.mark.parametrize(
    ("focus", "title"),
    [
        (lambda window: window.maps.panels["vae"].map, "Latent space of VAE"),
        (lambda window: window.toolbar.search, "Interpolation from “one” to “two”"),  # the tab in view
    ],
)
def test_the_key_saves_what_has_the_keys_or_is_in_view(full, qtbot, focus, title):
    opened_tab(full, "Interpolate")
    full.window.activateWindow()
    qtbot.waitUntil(full.window.isActiveWindow)
    target = focus(full.window)
    target.setFocus()
    qtbot.keyClick(target, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    shown(full)
    assert dialog(full).picture.title == title
    assert dialog(full).picture.subject == "Run demo"
    dialog(full).reject()


def test_the_key_has_no_other_meaning(explorer):
    keys = [key.toString() for action in explorer.window.actions() for key in action.shortcuts()]
    assert keys.count("Ctrl+Shift+S") == 1


def test_where_a_tab_is_empty_the_maps_are_saved_and_without_maps_it_is_told(explorer):
    explorer.actions.picture.trigger()
    shown(explorer)
    assert "nothing to save as a picture" in explorer.window.banner.message
    explorer.open("demo")
    opened_tab(explorer, "Interpolate")
    explorer.actions.picture.trigger()
    assert dialog(explorer).picture.title == "Latent spaces side by side"
    dialog(explorer).reject()


# the dialog


def test_the_dialog_shows_the_picture_as_it_will_be(full, qtbot):
    full._save_picture(full.window.decoded.figure())
    asked = dialog(full)
    for choice, ground in (("print", "#ffffff"), ("theme", DARK.panel)):
        asked.colours._buttons[choice].click()
        qtbot.waitUntil(lambda: not asked._turns.busy)
        image = asked._view.pixmap().toImage()
        assert image.pixelColor(image.width() // 2, 1).name() == ground
    assert asked._size.text().endswith(" pixels")
    asked.format._buttons["svg"].click()
    assert not asked.pixels.isEnabled()
    assert asked._size.text() == ""
    chosen = []
    asked.chosen.connect(chosen.append)
    asked.chosen.connect(lambda _: [each.close() for each in full.window.findChildren(QFileDialog)])
    asked.save.click()
    assert chosen == [Style("svg", 2, for_print=False)]


@pytest.fixture
def pictures(qtbot, tmp_path, full):
    made = Pictures(full.window, AppSettings(tmp_path / "other.ini"), aside=at_once)
    made.outcomes = []  # type: ignore[attr-defined]
    made.told.connect(lambda text: made.outcomes.append(("told", text)))
    made.failed.connect(lambda text, hint: made.outcomes.append(("failed", text, hint)))
    return made


def saved(pictures: Pictures, figure: Figure, path: Path, style: Style) -> None:
    pictures.save(figure, path, style)
    pictures.close()  # which draws what is left


def test_a_picture_is_saved_and_folder_and_style_are_remembered(pictures, full, tmp_path):
    figure = full.window.maps.figure()
    path = tmp_path / "new" / "maps.pdf"
    saved(pictures, figure, path, Style("png", 4, for_print=True))  # the ending counts
    assert pictures.outcomes == [("told", f"Saved the picture as {path}.")]
    assert "Latent spaces side by side" in pdf_text(path.read_bytes())
    assert pictures.style == Style("pdf", 4, for_print=True)
    asked = pictures.ask_where(figure, pictures.style)
    assert Path(asked.directory().absolutePath()) == tmp_path / "new"
    assert asked.defaultSuffix() == "pdf"
    assert Path(asked.selectedFiles()[0]).name == "maps.pdf"
    asked.close()


def test_what_is_remembered_and_no_style_is_forgotten(tmp_path, full):
    settings = AppSettings(tmp_path / "third.ini")
    settings.picture = (tmp_path / "gone", "bmp", 2, False)
    assert Pictures(full.window, settings).style == Style("png", 2)


@pytest.mark.parametrize("name", ["fig 1.2", "run.v2", "maps.jpg", "maps"])
def test_a_name_without_the_ending_of_a_format_gets_the_chosen_one(pictures, full, tmp_path, name):
    saved(pictures, full.window.maps.figure(), tmp_path / name, Style("svg"))
    assert pictures.outcomes == [("told", f"Saved the picture as {tmp_path / name}.svg.")]
    assert [each.name for each in tmp_path.glob("*.svg")] == [f"{name}.svg"]
    pictures.outcomes.clear()
    saved(pictures, full.window.maps.figure(), tmp_path / name, Style("svg"))
    assert pictures.outcomes[0][:2] == ("failed", f"{tmp_path / name}.svg is there already.")


def test_bad_targets_are_told_as_for_exports(pictures, full, tmp_path):
    figure = full.window.decoded.figure()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").write_text("a file, no folder")
    for path, words in (
        (tmp_path / "folder.png", "is no regular file"),
        (tmp_path / "file" / "in.png", "file"),
        (tmp_path / ("n" * 300 + ".png"), "File name too long"),
        (Path("/dev/full"), "disk is full"),
    ):
        pictures.outcomes.clear()
        saved(pictures, figure, path, Style("png", 1))
        assert pictures.outcomes[0][0] == "failed", path
        assert words in pictures.outcomes[0][1]
    assert (tmp_path / "file").read_text() == "a file, no folder"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_told(pictures, full, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    saved(pictures, full.window.decoded.figure(), tmp_path / "closed" / "x.png", Style("png", 1))
    assert "No permission" in pictures.outcomes[0][1]


def test_a_device_is_written_to_and_never_replaced(pictures, full):
    saved(pictures, full.window.decoded.figure(), Path("/dev/null"), Style("svg"))
    assert pictures.outcomes == [("told", "Saved the picture as /dev/null.")]
    assert Path("/dev/null").is_char_device()


def test_a_picture_that_is_too_large_is_told(pictures, full, tmp_path, monkeypatch):
    monkeypatch.setattr("app.widgets.pictures.writing._LONGEST_SIDE", 100)
    saved(pictures, full.window.decoded.figure(), tmp_path / "x.png", Style("png", 1))
    assert "too large for a PNG" in pictures.outcomes[0][1]
    assert not (tmp_path / "x.png").exists()


def test_the_file_is_written_beside_the_thread_of_the_window(full, qtbot, tmp_path):
    """And closing the window waits for it."""
    threads = []
    pictures = full.pictures

    def noted(action):
        thread = threading.Thread(target=lambda: (threads.append(threading.current_thread()), action()))
        thread.start()
        return thread

    pictures._aside = noted
    with qtbot.waitSignal(pictures.told):
        pictures.save(full.window.maps.figure(), tmp_path / "maps.png", Style("png", 2))
    assert len(threads) == 2  # the points of the maps, and the file
    assert threading.main_thread() not in threads
    assert QImage(str(tmp_path / "maps.png")).width() > 0


def test_the_window_has_its_turn_between_the_pieces_of_a_picture(full, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr("app.core.jobs.in_turns.A_TURN", 0.0)  # a piece a turn
    turns: list[bool] = []
    beat = QTimer(full.window, interval=0)
    beat.timeout.connect(lambda: turns.append(full.pictures._drawings.busy))
    beat.start()
    with qtbot.waitSignal(full.pictures.told):
        full.pictures.save(full.window.maps.figure(), tmp_path / "maps.png", Style("png", 1))
    beat.stop()
    assert turns.count(True) >= 2  # heading, maps, scale
    assert QImage(str(tmp_path / "maps.png")).width() > 0


def test_several_pictures_are_saved_one_after_the_other_whatever_becomes_of_one(full, tmp_path, monkeypatch):
    monkeypatch.setattr("app.widgets.pictures.writing._LONGEST_SIDE", 4000)
    problems: list[str] = []
    full.pictures.failed.connect(lambda text, hint: problems.append(text))
    for name, ratio in (("small", 1), ("huge", 9), ("last", 1)):
        full.pictures.save(full.window.maps.figure(), tmp_path / f"{name}.png", Style("png", ratio))
    full.pictures.close()
    assert sorted(each.stem for each in tmp_path.glob("*.png")) == ["last", "small"]
    assert len(problems) == 1
    assert "too large for a PNG" in problems[0]


def test_closing_the_window_waits_for_a_picture_that_is_being_saved(full, tmp_path):
    full.pictures.save(full.window.maps.figure(), tmp_path / "maps.pdf", Style())
    full.window.close()
    assert (tmp_path / "maps.pdf").read_bytes().startswith(b"%PDF-")


def test_a_file_is_named_after_run_step_and_what_is_shown():
    figure = Figure("maps", "Maps", ())
    assert name_of(figure) == "maps"
    assert name_of(replace(figure, subject="Run novel, step 2,000")) == "novel-step-2000-maps"
    assert name_of(replace(figure, subject="Run a/b: ü, step 10")) == "a-b-ü-step-10-maps"
    assert name_of(replace(figure, subject="Run demo, step 10; novel")) == "maps"
