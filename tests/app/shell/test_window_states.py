"""What the window says while there is nothing to explore, or not everything."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QMessageBox,
    QPushButton,
)

from app.core.settings import AppSettings
from app.fitting import misfits
from app.launch import after_first_paint
from app.shell.main_window import MainWindow
from engine.errors import LoomError
from engine.workspace import CHECKOUT, Workspace
from tests.app.fakes import FakeJob, opened
from tests.app.looking import shown, texts


def test_the_menu_lists_the_runs_as_they_are_now_and_the_table_stays_when_another_is_opened(
    explorer, monkeypatch, qtbot
):
    explorer.open("demo")
    monkeypatch.setattr(explorer.runs, "_read", lambda: ["demo", "novel"])
    menu = explorer.window.toolbar.menu_button.menu()
    menu.aboutToShow.emit()
    runs = menu.actions()[0].menu()
    qtbot.waitUntil(lambda: len(_entries(runs)) == 2)  # they are read beside the window
    demo, novel = _entries(runs)
    assert (demo.text(), demo.isChecked(), novel.text(), novel.isChecked()) == ("demo", True, "novel", False)
    explorer.maps.controller.select(0)
    explorer.exchange.gather_clicked()
    novel.trigger()
    assert explorer.window.findChild(QMessageBox) is None
    shown(explorer)
    assert (explorer.state.run, [row.origin.run for row in explorer.table.state.gathered]) == (
        "novel",
        ["demo"],
    )
    assert explorer.window.windowTitle() == "Latent Loom - novel"


def _entries(menu):
    return [entry for entry in menu.actions() if entry.isVisible() and not entry.isSeparator()]


def test_a_failure_says_what_to_do_and_its_button_tries_again(explorer, opening, qtbot):
    opening.append(LoomError("The cache is cut off.", "Copy it again."))
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
    place = explorer.context.workspace.root
    for command in ("corpus", "train"):
        assert f"python main.py {command} demo --workspace {place}" in texts(explorer.window.welcome)


def test_a_model_that_failed_says_so_in_its_column_and_the_others_work(explorer, opening, session):
    session.failed = {"vae": "its checkpoint is cut off"}
    explorer.open("demo")
    explorer.maps.controller.select(0)
    shown(explorer)
    assert "its checkpoint is cut off" in explorer.window.decoded.cards.card("vae").sentence.text()
    assert "beam" in explorer.window.decoded.cards.card("autogen-m1").sentence.text()


def test_the_window_is_on_the_screen_before_anything_heavy_is_imported(tmp_path):
    """What a person starts, in a process of its own: not even numpy or the tabs are there when it is seen."""
    program = f"""
import sys
from pathlib import Path
from PySide6.QtCore import QSettings
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, {str(tmp_path)!r})
from app import launch
from app.shell.main_window import MainWindow
from engine.workspace import Workspace
heavy = ("torch", "umap", "sklearn", "pandas", "numba", "h5py", "numpy", "psygnal")
heavy += ("app.shell.explorer", "app.core.values")
seen, paint = [], MainWindow.paintEvent
def watched(window, event):
    paint(window, event)
    if not seen:
        seen.append([name for name in heavy if name in sys.modules])
        launch.after_first_paint = None
        launch.QTimer.singleShot(0, window, window.close)
MainWindow.paintEvent = watched
launch.after_first_paint = lambda window, action: None
print(launch.run_app(Workspace(Path({str(tmp_path)!r})), "demo"), seen)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=CHECKOUT, timeout=60, check=False
    )
    assert done.stdout.splitlines() == ["0 [[]]"], done.stderr


def test_a_run_is_opened_once_the_window_has_been_seen(qtbot, tmp_path):
    window, done = MainWindow(AppSettings(tmp_path / "window.ini")), []
    qtbot.addWidget(window)
    after_first_paint(window, lambda: done.append(window.isVisible()))
    qtbot.wait(20)
    assert done == []
    window.show()
    qtbot.waitUntil(lambda: done == [True], timeout=2000)


def test_models_that_cannot_be_read_say_so_in_full_in_every_card(explorer, opening, qtbot):
    path = "/home/somebody/with/a/long/name/latent-loom/runs/second/variants/vae/step-00001000.json"
    reason = f"The checkpoint's file {path} is cut off or damaged.\nCopy it again, or go back to an earlier one."
    broken = dict.fromkeys(("vae", "autogen-m1"), reason)
    error = LoomError("None of the 2 models of run 'demo' can be read.", "Copy the whole run folder again.")
    opening.append(replace(opened(broken=broken), no_models=error))
    explorer.window.resize(1366, 768)
    explorer.open("demo")
    explorer.maps.controller.select(0)
    shown(explorer)
    assert "None of the 2 models" in explorer.window.banner.message
    assert "<b>" not in explorer.window.banner.message  # a weight that is not shipped, which Qt would smear
    assert "Copy the whole run folder again." in explorer.window.banner.message
    for name in broken:
        label = explorer.window.decoded.cards.card(name).sentence
        assert "Copy it again" in label.text()
        assert label.height() >= label.heightForWidth(label.width())
    high = explorer.window.decoded.cards.card("vae").height()
    opening.append(opened())
    explorer.open("demo")
    shown(explorer)
    assert explorer.window.banner.message == ""
    card = explorer.window.decoded.cards.card("vae")
    qtbot.waitUntil(lambda: card.height() < high, timeout=2000)


def test_models_that_cannot_be_loaded_leave_nothing_waiting(explorer, opening):
    opening.append(replace(opened(), no_models=LoomError("The models are not here, only their maps.", "Copy them.")))
    explorer.open("demo")
    explorer.maps.controller.select(0)
    explorer.bench.tab("Interpolate").random_pair()
    shown(explorer)
    for name in ("vae", "autogen-m1"):
        assert "only their maps. Copy them." in explorer.window.decoded.cards.card(name).sentence.text()
    assert explorer.bench.tab("Interpolate").view.texts == []


def test_commands_that_the_window_advises_repeat_its_workspace(explorer, opening, tmp_path):
    explorer.window.banner.complain("No maps.", "Make them: python main.py project demo")
    assert explorer.window.banner.message.endswith(f"python main.py project demo --workspace {tmp_path}")
    opening.append(LoomError("There is no run.", "To make one: python main.py train demo."))
    explorer.open("demo")
    assert explorer.state.maps.hint == f"To make one: python main.py train demo --workspace {tmp_path}."


@pytest.mark.parametrize("size", [(1086, 560), (1440, 900)])
def test_what_stands_where_there_is_nothing_yet_fits_too(explorer, size):
    window = explorer.window
    window.resize(*size)
    window.set_welcome("There are no runs in this workspace, and nothing can be opened. " * 2, "Train one. " * 5)
    shown(explorer)
    assert misfits(window) == []
    window.set_explorer()
    window.maps.set_busy("failed", "The cache cannot be read. " * 10, "Delete it. " * 10, action="Try again")
    window.strip.set_step("demo", None, 500, 1100)
    window.banner.complain("What went wrong. " * 30)
    shown(explorer)
    assert misfits(window) == []
