"""A walk through every page and tab, at the sizes of common screens and in both themes, with a picture of each.

What must hold at every place is measured there (`app/fitting.py`); what does not is told, and the tour fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
from PySide6.QtWidgets import QComboBox, QDialog, QWidget

from app import fitting
from app.bench.arithmetic.arithmetic import Arithmetic
from app.bench.interpolate.interpolate import Interpolate
from app.bench.reconstruct.reconstruct import Reconstruct
from app.bench.tabs import KINDS
from app.core import theme
from app.core.picks import Pick
from app.driving import Driver
from app.evaluate.state import Choice, EvaluateWish
from engine.evaluation.measures.request import Request

SIZES = ((1100, 640), (1280, 720), (1440, 860), (2560, 1440))
"""Logical pixels: small screens, 1920 x 1080 at a scale of 1.5, 1440 x 900 with a task bar, and a large screen."""
THEMES: tuple[theme.Mode, ...] = ("dark", "light")
LOOKS = ("cloud", "credit", "tree", "best", "fill", "sentence")
_SENTENCES = "The {0} dogs of the house went home at night.\nWe have seen {0} of them again, I think.\n"
_LITTLE = Request(limit=40, samples=5, draws=40, pairs=20)  # is evaluated where nothing was kept
_MEASURING = 300.0  # seconds that it may take
_TYPED, _BLANK, _SOUGHT = "I think we should go home now.", "I think ___ should go home now.", "the"

Go = Callable[[], QWidget | None]
"""Goes to a place; what is to be looked at there, if that is not the main window."""


class Walk:
    """From place to place in a window in which everything has something to show."""

    def __init__(self, driver: Driver, out: Path, scratch: Path) -> None:
        """Args: driver: of the window; out, scratch: folders for the pictures and for a text to be prepared."""
        self._driver, self._out, self._text = driver, out, scratch / "text.txt"
        self._explorer, self._window = driver.explorer, driver.window
        self._text.write_text("".join(_SENTENCES.format(number) for number in range(100)), encoding="utf-8")

    def take(self, sizes: Sequence[tuple[int, int]] = SIZES, themes: Sequence[theme.Mode] = THEMES) -> Iterator[str]:
        """Go everywhere, and tell what does not fit: size and theme, the place, and what is wrong there."""
        before = theme.current().mode
        for width, height in sizes:
            self._window.resize(width, height)
            for mode in themes:
                self._dress(mode)
                folder = self._out / f"{width}x{height}-{mode}"
                folder.mkdir(parents=True, exist_ok=True)
                for number, (name, go) in enumerate(self._places(), 1):
                    window = go() or self._window
                    self._driver.settle()
                    self._driver.shot(folder / f"{number:02}-{name.replace(' ', '-').lower()}.png", window)
                    yield from (f"{folder.name}, {name}: {wrong}" for wrong in self._wrong(window))
                    if window is not self._window:
                        window.close()
        self._dress(before)
        self._explorer.actions.explore.trigger()

    def _dress(self, mode: theme.Mode) -> None:
        if theme.current().mode != mode:
            self._explorer.toggle_theme()

    def _wrong(self, window: QWidget) -> Iterator[str]:
        if self._window.size().expandedTo(window.size()) != self._window.size():
            yield f"opens with {window.width()} x {window.height()}, larger than the window"
        yield from fitting.misfits(window)
        for box in window.findChildren(QComboBox):
            if box.isVisible():
                yield from fitting.list_misfits(box)

    def _places(self) -> Iterator[tuple[str, Go]]:
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
        yield "Search", self._search
        yield "Selection", self._selection
        yield "Select by", self._select_by
        yield "More of the search", self._more
        yield "Regions of a map", self._regions
        yield "What comes back", self._given_back
        yield "Guess at an empty place", self._guess
        yield "Path of guesses", partial(self._path, "drawn")
        yield "Path along sentences", partial(self._path, "sentences")
        yield "Guide", self._guide
        yield "Diagnosis", self._diagnosis
        yield "Evaluation", self._evaluation
        yield "All numbers of an evaluation", self._all_numbers
        yield "Training", self._training
        yield "KL per dimension", partial(self._train_tab, "KL per dimension")
        yield "Text for a training", self._open_text
        yield "New map", self._new_map
        yield "New training", self._form
        yield "All settings of a training", self._all_settings
        yield "Survey", self._survey
        yield "New survey", self._new_survey

    # the Explore page

    def _open(self, name: str) -> None:
        self._explorer.actions.explore.trigger()
        self._window.bench.show_tab(name)

    def _open_look(self, look: str) -> None:
        self._open("Reconstruct")
        tab = cast(Reconstruct, self._explorer.bench.tab("Reconstruct"))
        typed, shown = _TYPED if look != "fill" else _BLANK, "tree" if look == "best" else look
        tab.take(Pick(typed))
        tab.inspection.open(shown)
        tab.inspection.controller.list_best(look == "best")
        state = tab.state if look == "sentence" else tab.inspection.state
        name = "reconstructed" if look == "sentence" else shown
        self._driver.wait(f"the {look}", lambda: _answered(getattr(state, name), typed))

    def _open_face(self, face: str) -> None:
        self._open("Arithmetic")
        arithmetic = cast(Arithmetic, self._explorer.bench.tab("Arithmetic"))
        arithmetic.choose_face(face)
        state = arithmetic.state
        if face == "concept" and not state.concept.after:
            arithmetic.example()
        self._driver.settle()
        busy = ("searching", "measuring")
        self._driver.wait(
            "the sum",
            lambda: not (state.analogy.busy or state.concept.busy or any(getattr(state, name) for name in busy)),
        )

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

    def _search(self) -> None:
        self._window.toolbar.search.setText(_SOUGHT)
        self._driver.wait("the hits", lambda: self._explorer.maps.state.matches is not None)

    def _selection(self) -> None:
        """What the search has found is selected and listed, with the lasso in the hand."""
        self._explorer.actions.lasso.trigger()
        self._explorer.maps.select_hits()
        self._explorer.maps.selecting.controller.list_chosen(True)

    def _select_by(self) -> QWidget:
        """The popup of the selection, with everything to say."""
        selecting = self._explorer.maps.selecting
        selecting.saving.save("found by the search")
        self._explorer.actions.select_by.trigger()
        assert selecting.popup is not None
        return selecting.popup

    def _more(self) -> QWidget:
        self._window.toolbar.search.clear()
        self._explorer.actions.look.trigger()
        self._explorer.actions.unselect.trigger()
        self._explorer.maps.selecting.saving.delete("found by the search")
        self._driver.settle()
        self._window.decoding.more_button.click()
        return self._window.decoding.more

    def _regions(self) -> None:
        maps = self._explorer.maps
        maps.controller.show_names(True)
        maps.controller.show_contours(True)
        maps.controller.colour_by("region")
        found = (maps.colours.values, maps.naming, maps.contouring)
        self._driver.settle()
        self._driver.wait("the regions and contours", lambda: not any(each.awaited for each in found))

    def _given_back(self) -> None:
        maps = self._explorer.maps
        maps.controller.show_names(False)
        maps.controller.show_contours(False)
        maps.controller.colour_by("score")
        self._driver.settle()
        self._driver.wait("what comes back", lambda: not maps.colours.values.awaited)

    def _guess(self) -> QWidget:
        maps = self._explorer.maps
        maps.controller.colour_by("KL")
        variant, panel = next((name, each) for name, each in maps.row.panels.items() if each.isVisible())
        left, right, low, high = panel.map.view_range()
        maps.guessing.guess(variant, (left + right) / 2, (low + high) / 2)
        self._driver.wait("a guess", lambda: maps.guessing.decoded)
        assert maps.guessing.window is not None
        return maps.guessing.window

    def _path(self, way: str) -> QWidget:
        """A line across the last map, and the window that reads it."""
        tracing = self._explorer.maps.tracing
        if not tracing.shown:
            panel = [each for each in self._explorer.maps.row.panels.values() if each.isVisible()][-1]
            left, right, low, high = panel.map.view_range()
            corners = [(left + 0.2 * (right - left), low + 0.3 * (high - low)), ((left + right) / 2, (low + high) / 2)]
            tracing.draw(panel.variant, np.array([*corners, (right - 0.2 * (right - left), corners[0][1])]))
        tracing.read(way)
        self._driver.settle()
        self._driver.wait("the path", lambda: not tracing.waiting)
        assert tracing.window is not None
        return tracing.window

    def _guide(self) -> QWidget:
        self._explorer.actions.guide.trigger()
        return self._window.findChildren(QDialog)[-1]

    def _diagnosis(self) -> QWidget:
        self._explorer.actions.diagnosis.trigger()
        assert self._explorer.diagnosis.view is not None
        return self._explorer.diagnosis.view

    # the Evaluate page

    def _evaluation(self) -> None:
        """The numbers that were kept, else those of a few sentences."""
        self._explorer.actions.evaluate.trigger()
        evaluate = self._explorer.evaluate
        self._driver.wait("what was measured", lambda: evaluate.state.reading.kind in ("ready", "failed"))
        if evaluate.state.evaluation is None and not evaluate.state.known.why_not:
            labels = tuple(column.label for column in self._explorer.state.columns)
            evaluate.measuring.start(evaluate.state.known, labels, _LITTLE)
            self._driver.wait("the evaluation", lambda: not evaluate.measuring.running, _MEASURING)
            self._driver.wait("its numbers", lambda: evaluate.state.evaluation is not None)
        evaluate.want(EvaluateWish(key="bleu_beam_z"))
        self._driver.wait("the sentences", lambda: evaluate.state.behind.items is not None)

    def _all_numbers(self) -> None:
        evaluate = self._explorer.evaluate
        evaluate.want(EvaluateWish(Choice(every_row=True, way="", by_length=True), beside=False))

    # the Train page

    def _training(self) -> None:
        self._explorer.actions.train.trigger()
        if (form := self._explorer.train.page.form) is not None:
            form.back.click()
        self._train_tab("Probe sentences")

    def _train_tab(self, name: str) -> None:
        self._explorer.train.page.bench.show_tab(name)

    def _open_text(self) -> None:
        train = self._explorer.train
        train.open_text([self._text])
        self._driver.wait("the text", lambda: train.text.state.stage.kind in ("ready", "failed"))

    def _new_map(self) -> QWidget:
        self._explorer.actions.explore.trigger()
        return self._explorer.maps.making.open_form()

    def _form(self) -> None:
        page = self._explorer.train.page
        self._explorer.train.controller.show_form(on=True)
        self._driver.wait("the form", lambda: page.form is not None and page.form.complete)

    def _all_settings(self) -> None:
        form = self._explorer.train.page.form
        assert form is not None
        for group in form.groups:
            group.unfold()

    # the Survey page

    def _survey(self) -> None:
        self._explorer.actions.survey.trigger()
        self._driver.wait("the surveys", lambda: self._explorer.survey.state.stage.kind != "loading")

    def _new_survey(self) -> QWidget:
        self._survey()
        self._explorer.survey.open_form()
        assert self._explorer.survey.form is not None
        return self._explorer.survey.form


def _answered(answers: Any, typed: str) -> bool:
    return answers.text == typed and not answers.busy
