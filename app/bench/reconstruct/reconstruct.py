"""The tab that asks the models for what they make of one sentence or point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.core import requests
from app.core.answers import take_decoded
from app.core.picks import NOTHING, Pick
from app.core.requests import Result
from app.core.state import Decoded
from app.run.context import Context

if TYPE_CHECKING:
    from engine.session import Session

TYPING_MS = 120


class ReconstructController(QObject):
    """A typed sentence is encoded and decoded a moment after the last key; a point that was sent is decoded."""

    def __init__(self, context: Context, pause: int = TYPING_MS) -> None:
        super().__init__()
        self._context, self._state = context, context.state
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(pause)
        self._pause.timeout.connect(self.ask)

    def take(self, pick: Pick) -> None:
        """A sentence or points were sent, typed or dropped here."""
        if not pick.is_point:
            self.type(pick.text)
            return
        self._pause.stop()
        self._state.typed, self._state.point = "", pick
        self.ask()

    def type(self, text: str) -> None:
        """The text of the field changed."""
        self._state.typed, self._state.point = text, NOTHING
        if text.strip():
            self._pause.start()
        else:
            self._pause.stop()
            self._context.desk.forget("reconstruct")
            self._state.reconstructed = Decoded()

    def ask(self) -> None:
        """Reconstruct what is typed or was sent, now. What was shown stays until the new answer replaces it."""
        state, point = self._state, self._state.point
        text = point.text if point.is_point else state.typed.strip()
        if not text:
            return
        state.reconstructed = replace(state.reconstructed, text=text, problem="", failed={}, busy=True)
        if point.is_point:
            state.reconstructed = replace(state.reconstructed, words=(), unknown=())
        choice, variants, place = state.choice, state.usable(), self._context.place

        def take(result: Result) -> None:
            state.reconstructed = take_decoded(state.reconstructed, result)

        def finish(problem: str) -> None:
            base = Decoded(text=text) if problem else state.reconstructed
            state.reconstructed = take_decoded(base, None, problem)

        def work(session: Session) -> Iterator[Result]:
            if point.is_point:
                return requests.decode_points(session, point, variants, choice, place)
            return requests.reconstruct(session, text, variants, choice, place)

        self._context.desk.ask("reconstruct", work, take, finish)
