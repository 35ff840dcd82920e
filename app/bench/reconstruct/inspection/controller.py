"""A person's closer look at the typed sentence: what is asked of the models, and when."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject

from app.bench.reconstruct.inspection import requests
from app.bench.reconstruct.inspection.state import InspectionState
from app.bench.reconstruct.inspection.values import Answers, Look
from app.core.answers import without
from app.core.picks import NOTHING, Pick
from app.core.requests import Failure
from app.run.context import Context

_CHANNEL = "inspection"
_NO_SENTENCE = "A point was sent here, and this look needs a sentence. Type one in the field above."


class InspectionController(QObject):
    """Asks for the look that is open, whenever what it depends on has changed; the newest request wins.

    It is told which sentence is looked at once that is asked about elsewhere, so that it needs no timer of its own for
    typing, and asks nothing while it is out of sight.
    """

    def __init__(self, context: Context, state: InspectionState) -> None:
        super().__init__()
        self._context, self._explorer, self._state = context, context.state, state
        self._text, self._point = "", NOTHING
        self._in_view = True
        self._asked: dict[Look, Hashable] = {}
        for signal in ("choice", "columns", "broken"):
            getattr(context.state.events, signal).connect(self.follow, check_nargs=False, max_args=0)

    def look_at(self, text: str, point: Pick) -> None:
        """Another sentence, or points; `NOTHING` for a sentence."""
        self._text, self._point = text, point
        self.follow()

    def show(self, in_view: bool) -> None:
        """The looks are in view or not."""
        self._in_view = in_view
        self.follow()

    def look(self, look: Look) -> None:
        """Another look is opened."""
        self._give_up()
        self._state.look = look
        self.follow()

    def set_draws(self, n: int) -> None:
        """How many samples of q(z|x) the cloud has."""
        with self._deed("change the number of samples", "draws"):
            self._state.draws = n
            self.follow()

    def set_cloud_seed(self, seed: int) -> None:
        """Which samples these are."""
        with self._deed("change the seed of the cloud", "cloud seed"):
            self._state.cloud_seed = seed
            self.follow()

    def set_fill_count(self, count: int) -> None:
        """How many ways to fill the blanks are shown."""
        with self._deed("change the number of fillings", "fillings"):
            self._state.fill_count = count
            self.follow()

    def show_tree(self, variant: str) -> None:
        """Draw the tree of this variant."""
        self._state.tree_variant = variant

    def list_best(self, on: bool) -> None:
        """List the n best sentences of all variants, or draw a tree."""
        self._state.tree_listed = on

    def show_pruned(self, on: bool) -> None:
        """Whether beginnings that the search gave up are drawn."""
        self._state.pruned = on

    def forget(self) -> None:
        """Another run is opened: nothing of this one is kept."""
        self._give_up()
        self._asked.clear()
        self._state.cloud, self._state.credit = Answers(), Answers()
        self._state.tree, self._state.fill = Answers(), Answers()

    def follow(self) -> None:
        """Ask for what the open look shows, unless that was asked already."""
        look, text = self._state.look, self._text
        if look == "sentence" or not self._in_view:
            return
        wanted = self._wanted(look, text)
        if self._asked.get(look) == wanted:
            return
        self._asked[look] = wanted
        work = self._work(look, text)
        if work is None:
            self._context.models.forget(_CHANNEL)
            problem = _NO_SENTENCE if text and self._point.is_point else ""
            setattr(self._state, look, Answers(text=text, problem=problem))
            return
        setattr(self._state, look, replace(self._answers(look), text=text, failed={}, problem="", busy=True))

        def take(result: requests.Result) -> None:
            setattr(self._state, look, _taken(self._answers(look), result))

        def finish(problem: str) -> None:
            failed: Answers[Any] = Answers(text=text, problem=problem)
            setattr(self._state, look, failed if problem else replace(self._answers(look), busy=False))

        self._context.models.ask(_CHANNEL, work, take, finish)

    def _deed(self, words: str, key: str) -> AbstractContextManager[None]:
        return self._context.history.deed(words, f"looks, {key}")

    def _wanted(self, look: Look, text: str) -> Hashable:
        """All that the answers of a look depend on."""
        state, choice, variants = self._state, self._explorer.choice, self._explorer.usable()
        own: dict[Look, Hashable] = {
            "cloud": (replace(choice, sample=False, seed=0, n_best=1), state.draws, state.cloud_seed),
            "credit": choice if self._point.is_point else (choice.sample, choice.seed * choice.sample),
            "tree": choice,
            "fill": (choice.seed, state.fill_count),
        }
        return text, self._point.how, tuple(self._point.z.items()), variants, own[look]

    def _work(self, look: Look, text: str) -> requests.Work | None:
        """The request for a look; None where there is nothing to ask about."""
        state, choice, variants = self._state, self._explorer.choice, self._explorer.usable()
        point = self._point
        if not text or (look == "fill" and "_" not in text) or (point.is_point and look in ("cloud", "fill")):
            return None
        if look == "cloud":
            n, seed = state.draws, state.cloud_seed
            return lambda session: requests.cloud(session, text, n, seed, variants, choice)
        if look == "credit" and point.is_point:
            return lambda session: requests.point_credit(session, point, variants, choice)
        if look == "credit":
            return lambda session: requests.credit(session, text, variants, choice)
        if look == "tree":
            given = point if point.is_point else Pick(text)
            return lambda session: requests.tree(session, given, variants, choice)
        count = state.fill_count
        return lambda session: requests.fill(session, text, count, choice.seed, variants)

    def _answers(self, look: Look) -> Answers[Any]:
        answers: Answers[Any] = getattr(self._state, look)
        return answers

    def _give_up(self) -> None:
        """Nobody waits any more for what the open look was asked; it asks again when it is opened again."""
        look = self._state.look
        if look != "sentence" and self._answers(look).busy:
            self._context.models.forget(_CHANNEL)
            self._asked.pop(look, None)
            setattr(self._state, look, replace(self._answers(look), busy=False))


def _taken(before: Answers[Any], result: requests.Result) -> Answers[Any]:
    """`before` with one more result; a variant that cannot answer has nothing, as in `take_decoded`."""
    variant = result.variant
    if isinstance(result, Failure):
        return replace(before, found=without(before.found, variant), failed={**before.failed, variant: result.reason})
    return replace(before, found={**before.found, variant: result.value}, failed=without(before.failed, variant))
