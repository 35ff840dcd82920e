"""A walk through every page and tab, at the sizes of common screens and in both themes, with a picture of each.

What must hold at every place is measured there (`app/fitting.py`); what does not is told, and the tour fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import cast

from PySide6.QtWidgets import QComboBox

from app import fitting
from app.bench.arithmetic.arithmetic import Arithmetic
from app.bench.interpolate.interpolate import Interpolate
from app.bench.reconstruct.reconstruct import Reconstruct
from app.bench.tabs import KINDS
from app.core import theme
from app.driving import Driver

SIZES = ((1100, 640), (1280, 720), (1440, 860), (2560, 1440))
"""Logical pixels: small screens, 1920 x 1080 at a scale of 1.5, 1440 x 900 with a task bar, and a large screen."""
THEMES: tuple[theme.Mode, ...] = ("dark", "light")
LOOKS = ("cloud", "credit", "tree", "fill", "sentence")


class Walk:
    """From place to place in a window in which everything has something to show."""

    def __init__(self, driver: Driver, out: Path | None) -> None:
        """Args: driver: of the window; out: the folder for the pictures, or None for none."""
        self._driver, self._out = driver, out
        self._explorer, self._window = driver.explorer, driver.window

    def take(self, sizes: Sequence[tuple[int, int]] = SIZES, themes: Sequence[theme.Mode] = THEMES) -> Iterator[str]:
        """Go everywhere, and tell what does not fit: size and theme, the place, and what is wrong there."""
        for width, height in sizes:
            self._window.resize(width, height)
            for mode in themes:
                if theme.current().mode != mode:
                    self._explorer.toggle_theme()
                where = f"{width}x{height}-{mode}"
                for number, (name, go) in enumerate(self._places(), 1):
                    go()
                    self._driver.settle()
                    yield from (f"{where}, {name}: {wrong}" for wrong in self._look(where, f"{number:02}-{name}"))
        self._explorer.actions.explore.trigger()

    def _look(self, where: str, name: str) -> Iterator[str]:
        diagnosis = self._explorer.diagnosis.view
        seen = diagnosis if diagnosis is not None and diagnosis.isVisible() else self._window
        if self._out is not None:
            folder = self._out / where
            folder.mkdir(parents=True, exist_ok=True)
            self._driver.shot(folder / f"{name.replace(' ', '-').lower()}.png", seen)
        yield from fitting.misfits(seen)
        for box in seen.findChildren(QComboBox):
            if box.isVisible():
                yield from fitting.list_misfits(box)
        if seen is diagnosis:
            if not self._window.rect().contains(seen.rect()):
                yield f"the diagnosis is larger ({seen.width()}x{seen.height()}) than the window"
            diagnosis.close()

    def _places(self) -> Iterator[tuple[str, Callable[[], None]]]:
        for kind in KINDS:
            if kind.name == "Reconstruct":
                for look in LOOKS:
                    yield f"Reconstruct {look}", partial(self._open_look, look)
            elif kind.name == "Arithmetic":
                for face in ("analogy", "concept"):
                    yield f"Arithmetic {face}", partial(self._open_face, face)
            else:
                yield kind.name, partial(self._open, kind.name)
        yield "Clicked sentence unfolded", self._unfold
        yield "Last step of an interpolation", self._last_step
        yield "Training", self._training
        yield "KL per dimension", partial(self._train_tab, "KL per dimension")
        yield "New training", self._form
        yield "Diagnosis", self._diagnosis

    def _open(self, name: str) -> None:
        self._explorer.actions.explore.trigger()
        self._window.bench.show_tab(name)

    def _open_look(self, look: str) -> None:
        self._open("Reconstruct")
        inspection = cast(Reconstruct, self._explorer.bench.tab("Reconstruct")).inspection
        inspection.open(look)
        answers = getattr(inspection.state, look, None)
        if answers is not None:
            self._driver.wait(f"the {look}", lambda: not getattr(inspection.state, look).busy)

    def _open_face(self, face: str) -> None:
        self._open("Arithmetic")
        arithmetic = cast(Arithmetic, self._explorer.bench.tab("Arithmetic"))
        arithmetic.choose_face(face)
        self._driver.wait("the sum", lambda: not arithmetic.state.analogy.busy)

    def _unfold(self) -> None:
        self._open("Arithmetic")
        if self._window.decoded.cards.isHidden():
            self._window.decoded.source.fold.click()

    def _last_step(self) -> None:
        if not self._window.decoded.cards.isHidden():
            self._window.decoded.source.fold.click()  # as it was found
        self._open("Interpolate")
        self._driver.settle()
        slider = cast(Interpolate, self._explorer.bench.tab("Interpolate")).view.slider
        slider.setValue(slider.maximum())

    def _training(self) -> None:
        self._explorer.actions.train.trigger()
        if (form := self._explorer.train.page.form) is not None:
            form.back.click()
        self._train_tab("Probe sentences")

    def _train_tab(self, name: str) -> None:
        self._explorer.train.page.bench.show_tab(name)

    def _form(self) -> None:
        page = self._explorer.train.page
        page.head.new.click()
        self._driver.wait("the form", lambda: page.form is not None and page.form.complete)

    def _diagnosis(self) -> None:
        self._explorer.actions.explore.trigger()
        self._explorer.actions.diagnosis.trigger()
