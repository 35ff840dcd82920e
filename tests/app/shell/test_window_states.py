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

from engine.errors import LoomError
from engine.workspace import CHECKOUT, Workspace
from tests.app.fakes import FakeJob, opened
from tests.app.looking import shown, texts


def test_the_menu_lists_the_runs_as_they_are_now_and_asks_before_the_table_is_emptied(explorer, monkeypatch):
    explorer.open("demo")
    monkeypatch.setattr(Workspace, "run_names", lambda self: ["demo", "novel"])
    menu = explorer.window.toolbar.menu_button.menu()
    menu.aboutToShow.emit()
    demo, novel = menu.actions()[0].menu().actions()
    assert (demo.text(), demo.isChecked(), novel.text(), novel.isChecked()) == ("demo", True, "novel", False)
    explorer.maps.controller.select(0)
    explorer.gather_clicked()
    novel.trigger()
    question = explorer.window.findChild(QMessageBox)
    assert (explorer.state.run, len(explorer.table.state.gathered)) == ("demo", 1)
    next(button for button in question.buttons() if "Empty" in button.text()).click()
    shown(explorer)
    assert (explorer.state.run, explorer.table.state.gathered) == ("novel", ())
    assert explorer.window.windowTitle() == "Latent Loom - novel"


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
    explorer.maps.controller.select(0)
    shown(explorer)
    assert "its checkpoint is cut off" in explorer.window.decoded.cards.card("vae").sentence.text()
    assert "beam" in explorer.window.decoded.cards.card("autogen-m1").sentence.text()


def test_the_window_is_on_the_screen_before_anything_heavy_is_imported(tmp_path):
    program = f"""
import sys
from pathlib import Path
from app.shell.explorer import Explorer
from app.launch import make_application, start_after_first_paint
from app.core.settings import AppSettings
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
