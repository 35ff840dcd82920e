"""What stands behind the number that is open: its histogram, and the sentences that are worst or best at it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from app.core.requester import Requester
from app.evaluate import requests, words
from app.evaluate.exports import Ask
from app.evaluate.state import Behind, EvaluateState

if TYPE_CHECKING:
    from app.evaluate.distribution import Histogram
    from engine.evaluation.measures.result import Evaluation, Item

_CHANNEL = "behind"


class OpenNumber:
    """Keeps `EvaluateState.behind` true.

    Args:
        state: of the page.
        requests: of the page's thread; ask: starts that where it is needed.
    """

    def __init__(self, state: EvaluateState, requests: Requester, ask: Ask) -> None:
        self._state, self._requests, self._ask = state, requests, ask

    def ask(self, again: bool = False) -> None:
        """What stands behind the open number, unless it is there; `again`: of another evaluation, kept until then."""
        evaluation, variant, key = self._opened()
        state = self._state
        wanted, there = (variant, key, state.worst), state.behind
        if again and not state.beside:
            self.forget()
        same = wanted == (there.variant, there.key, there.worst)
        if evaluation is None or not state.beside or (same and not again):
            return
        if key not in evaluation.variant(variant).numbers:  # not measured yet
            self.forget(Behind(variant, key, state.worst))
            return
        histogram = there.histogram if there.key == key else None
        state.behind = Behind(variant, key, state.worst, histogram, there.items if same and not there.problem else None)
        work = partial(requests.open_number, evaluation=evaluation, variant=variant, key=key, worst=state.worst)
        self._ask(_CHANNEL, work, self._take, self._refused)

    def forget(self, instead: Behind | None = None) -> None:
        """Nothing stands behind the open number; what was asked of another one would be taken for an answer of it."""
        self._requests.forget(_CHANNEL)
        self._state.behind = instead or Behind()

    def _take(self, found: Histogram | tuple[Item, ...]) -> None:
        there = self._state.behind
        if isinstance(found, tuple):
            self._state.behind = replace(there, items=found)
        else:
            self._state.behind = replace(there, histogram=found)

    def _refused(self, problem: str) -> None:
        if problem:
            self._state.behind = replace(self._state.behind, problem=problem, items=())

    def _opened(self) -> tuple[Evaluation | None, str, str]:
        state = self._state
        if state.shown is None:
            return None, "", ""
        return state.shown, *words.opened(state.shown, state.choice, state.variant, state.key)
