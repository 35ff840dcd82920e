"""Helpers that look at a window."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLabel

from app.shell.explorer import Explorer


def shown(explorer: Explorer) -> None:
    for _ in range(3):
        QApplication.processEvents()
        explorer.flush()


def texts(widget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())
