"""The Train page, brought up to date at once."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from app.shell.explorer import Explorer
from app.train.form.view import TrainForm
from app.train.train import Train


def shown(explorer: Explorer) -> None:
    for _ in range(4):
        QApplication.processEvents()
        explorer.window.dressing.mark()
        explorer.renderer.refresh.flush()
        explorer.train.renderer.refresh.flush()


def open_form(train: Train, qtbot) -> TrainForm:
    """The form of a new training, with all of its groups and variants."""
    train.page.head.new.click()
    qtbot.waitUntil(lambda: train.page.form is not None and train.page.form.complete, timeout=10_000)
    return train.page.form
