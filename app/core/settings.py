"""What the window remembers between starts: sizes, theme, the last run. Nothing that cannot be lost.

The file may be damaged, or changed by hand, so every value is read by `_read`, which takes the usual one where there is
none that can be used. What was damaged is told once and forgotten.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

from platformdirs import user_config_path
from PySide6.QtCore import QByteArray, QSettings

T = TypeVar("T")
ThemeName = Literal["dark", "light"]
PIXEL_RATIOS = (1, 2, 4)
"""Pixels of a saved picture to one of the window's, along a side."""
MOST_MAPS = 100
"""Runs of which it is remembered which map was chosen."""
NO_TRAINING = (Path(), 0, 0.0)

_THEMES: dict[Any, ThemeName] = {"dark": "dark", "light": "light"}
_WORDS = {
    "theme": "theme",
    "run": "last run",
    "training": "running training",
    "maps": "chosen maps",
    "layout": "sizes",
    "export": "exports",
    "picture": "pictures",
}
_FLAGS: dict[Any, bool] = {"yes": True, "no": False}
_HIGHEST_PID = 2**32 - 1


class AppSettings:
    """The remembered values, in an ini file in the person's own settings folder, or in `path`."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = path or user_config_path("latent-loom", appauthor=False) / "window.ini"
        self._store = QSettings(str(self._file), QSettings.Format.IniFormat)
        self._damaged: dict[str, None] = {}  # keys, in the order in which they were read
        self._told = False  # that lines of the file could not be read; Qt says so for good once it has met them

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self._file.parent

    @property
    def theme(self) -> ThemeName:
        """The theme of the window."""
        return self._read("theme", "dark", _THEMES.__getitem__)

    @theme.setter
    def theme(self, name: ThemeName) -> None:
        self._write("theme", name)

    @property
    def last_run(self) -> str:
        """The run that was opened last, or ""."""
        return self._read("run", "", _text)

    @last_run.setter
    def last_run(self, name: str) -> None:
        self._write("run", name)

    def chosen_map(self, workspace: Path, run: str) -> str:
        """The name of the map of a run that was chosen last, or ""."""
        return self._chosen_maps().get((str(workspace), run), "")

    def choose_map(self, workspace: Path, run: str, name: str) -> None:
        """Remember that a map was chosen, or with "" that none is; of many runs the last ones."""
        chosen, of = self._chosen_maps(), (str(workspace), run)
        if chosen.pop(of, "") != name:
            if name:
                chosen[of] = name
            self._write("maps", json.dumps([[*key, value] for key, value in chosen.items()][-MOST_MAPS:]))

    def _chosen_maps(self) -> dict[tuple[str, str], str]:
        none: dict[tuple[str, str], str] = {}
        return self._read("maps", none, _chosen)

    @property
    def training(self) -> tuple[Path, int, float]:
        """The training that goes on without the window: its folder, process number and when that was created."""
        found = (
            self._read("training/path", Path(), _path),
            self._read("training/pid", 0, _process_number),
            self._read("training/created", 0.0, _time),
        )
        damaged = any(key.startswith("training/") for key in self._damaged)
        if not damaged and found[1] and not (found[0].is_absolute() and found[2]):
            self._damaged["training/path"] = None
            damaged = True
        return NO_TRAINING if damaged or not found[1] else found

    @training.setter
    def training(self, value: tuple[Path, int, float]) -> None:
        for name, each in zip(("path", "pid", "created"), value, strict=True):
            self._write(f"training/{name}", str(each))
        self._store.sync()  # it matters most when the window ends unforeseen

    @property
    def export(self) -> tuple[Path, str, bool]:
        """Of the last export of the table: its folder (`Path()` before the first), format, and if text alone."""
        return (
            self._read("export/folder", Path(), _path),
            self._read("export/format", "csv", _text),
            self._read("export/text_only", False, _FLAGS.__getitem__),
        )

    @export.setter
    def export(self, value: tuple[Path, str, bool]) -> None:
        folder, format, text_only = value
        self._write("export/folder", str(folder) if folder != Path() else "")
        self._write("export/format", format)
        self._write("export/text_only", "yes" if text_only else "no")

    @property
    def picture(self) -> tuple[Path, str, int, bool]:
        """Of the last picture saved: its folder (`Path()` before the first), format, pixel ratio, if for print."""
        return (
            self._read("picture/folder", Path(), _path),
            self._read("picture/format", "png", _text),
            self._read("picture/ratio", 2, _ratio),
            self._read("picture/print", False, _FLAGS.__getitem__),
        )

    @picture.setter
    def picture(self, value: tuple[Path, str, int, bool]) -> None:
        folder, format, ratio, for_print = value
        self._write("picture/folder", str(folder) if folder != Path() else "")
        self._write("picture/format", format)
        self._write("picture/ratio", str(ratio))
        self._write("picture/print", "yes" if for_print else "no")

    def layout(self, name: str) -> QByteArray | None:
        """A remembered size or splitter position."""
        return self._read(f"layout/{name}", None, _bytes)

    def set_layout(self, name: str, value: QByteArray) -> None:
        """Remember a size or splitter position."""
        self._write(f"layout/{name}", value)

    def refuse_layout(self, name: str) -> None:
        """Say that a remembered size or splitter position was none."""
        self._damaged[f"layout/{name}"] = None

    def take_damage(self) -> str:
        """What to tell a person of values that could not be used, once: they are forgotten with that; else ""."""
        unreadable = not self._told and self._store.status() == QSettings.Status.FormatError
        damaged = tuple(self._damaged)
        self._damaged, self._told = {}, self._told or unreadable
        if not damaged and not unreadable:
            return ""
        kinds = dict.fromkeys(key.partition("/")[0] for key in damaged)
        for key in damaged:
            self._store.remove("training" if key.startswith("training/") else key)  # one of its values is no use alone
        which = f" ({', '.join(_WORDS[kind] for kind in kinds)})" if kinds else ""
        told = f"What the window remembers is damaged{which} in {self._file}; the usual is taken instead."
        if "training" in kinds:
            told += " A training that an earlier window has started goes on: open its run on the Train page."
        return told

    def _write(self, key: str, value: object) -> None:
        self._store.setValue(key, value)
        self._damaged.pop(key, None)

    def _read(self, key: str, usual: T, parse: Callable[[Any], T]) -> T:
        """What is remembered under a key, or the usual where there is nothing, or nothing that `parse` takes."""
        if not self._store.contains(key):
            return usual
        try:
            return parse(self._store.value(key))
        except (ValueError, TypeError, KeyError):
            self._damaged[key] = None
            return usual


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _chosen(value: object) -> dict[tuple[str, str], str]:
    """The chosen maps by workspace and run, in the order in which they were chosen first."""
    try:
        rows = json.loads(_text(value))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not (isinstance(rows, list) and all(isinstance(row, list) and len(row) == 3 for row in rows)):
        raise ValueError("no chosen maps")
    return {(_text(workspace), _text(run)): _text(name) for workspace, run, name in rows}


def _path(value: object) -> Path:
    text = _text(value)
    if any(sign < " " or sign == "\ufffd" for sign in text):  # the last one is what bytes that are no text become
        raise ValueError("no path")
    return Path(text)


def _process_number(value: object) -> int:
    number = int(_text(value))
    if not 0 <= number <= _HIGHEST_PID:
        raise ValueError("no number of a process")
    return number


def _ratio(value: object) -> int:
    number = int(_text(value))
    if number not in PIXEL_RATIOS:
        raise ValueError("no pixel ratio")
    return number


def _time(value: object) -> float:
    time = float(_text(value))
    if not math.isfinite(time) or time < 0:
        raise ValueError("no time")
    return time


def _bytes(value: object) -> QByteArray:
    if not isinstance(value, QByteArray):
        raise TypeError("no bytes")
    return value
