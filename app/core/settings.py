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

    @property
    def training(self) -> tuple[Path, int, float]:
        """The training that goes on without the window: its folder, process number and when that was created."""
        number, created = str(self._store.value("training/pid") or 0), str(self._store.value("training/created") or 0)
        return Path(str(self._store.value("training/path") or "")), int(number), float(created)

    @training.setter
    def training(self, value: tuple[Path, int, float]) -> None:
        for name, each in zip(("path", "pid", "created"), value, strict=True):
            self._store.setValue(f"training/{name}", str(each))
        self._store.sync()  # it matters most when the window ends unforeseen

    def layout(self, name: str) -> QByteArray | None:
        """A remembered size or splitter position."""
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else None

    def set_layout(self, name: str, value: QByteArray) -> None:
        """Remember a size or splitter position."""
        self._store.setValue(f"layout/{name}", value)
