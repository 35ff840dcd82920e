"""What the window remembers between starts: sizes, theme, the last run. Nothing that cannot be lost."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from platformdirs import user_config_path
from PySide6.QtCore import QByteArray, QSettings

ThemeName = Literal["dark", "light"]


class AppSettings:
    """The remembered values, in an ini file in the person's own settings folder, or in `path`."""

    def __init__(self, path: Path | None = None) -> None:
        file = path or user_config_path("latent-loom", appauthor=False) / "window.ini"
        self._store = QSettings(str(file), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeName:
        """The theme of the window."""
        return "light" if self._store.value("theme") == "light" else "dark"

    @theme.setter
    def theme(self, name: ThemeName) -> None:
        self._store.setValue("theme", name)

    @property
    def last_run(self) -> str:
        """The run that was opened last, or ""."""
        return str(self._store.value("run", "") or "")

    @last_run.setter
    def last_run(self, name: str) -> None:
        self._store.setValue("run", name)

    def layout(self, name: str) -> QByteArray | None:
        """A remembered size or splitter position."""
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else None

    def set_layout(self, name: str, value: QByteArray) -> None:
        """Remember a size or splitter position."""
        self._store.setValue(f"layout/{name}", value)
