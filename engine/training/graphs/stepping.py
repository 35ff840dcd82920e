"""Lock-step training on one GPU by graphs: every variant's step is recorded once and then replayed in one call.

Started kernel by kernel, the steps of four small networks leave a GPU waiting for Python two thirds of the time. Here
Python chooses the sentences of a batch, fills the tensors that the graphs read (`inputs`), and starts a graph for each
variant, on a stream of its own, or one for all of them (`together`): whichever is found to be faster (`trial`). Nothing
waits for the device between two log lines.

What a step computes is what `Learner.step` computes, by the same functions (`gradients`): on the same batch, padded to
one of a few shapes (`shapes`), by a model with wider layers (`twin`). A variant that fails is left out with its graphs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from engine.config import ModelConfig
from engine.corpus.store import SentenceStore
from engine.models.softmax_kernel import why_not
from engine.models.widening import MULTIPLE, widened
from engine.training.distributed import Processes
from engine.training.graphs.capture import Captured, refuse_alike, step_or_give_up
from engine.training.graphs.inputs import Feed, Inputs
from engine.training.graphs.shapes import Shape, Shapes
from engine.training.graphs.together import Together, can_go_together
from engine.training.graphs.trial import Trial, Way
from engine.training.graphs.twin import Twin
from engine.training.learner import Learner

T = TypeVar("T")
InLockStep = Callable[[list[Learner], Callable[[Learner], T]], list[T]]


def takes_graphs(device: torch.device, processes: Processes, wanted: bool) -> bool:
    """Whether a training goes by graphs: on CUDA, in one process, unless it is not to."""
    return wanted and device.type == "cuda" and processes.world == 1


class GraphSteps:
    """The steps of all variants of a training. The learners are theirs from the first step on, see `settle`.

    Args:
        store: the training part.
        lengths: (sentences,) words of those that are trained on.
        model: sizes of the variants' models.
        learners: the variants, with the weights to begin with.
        device: where they are.
        multiple: of the widths of the layers.
        way: in which variants take their steps; None for the faster one, where both are worth a trial.

    Attributes:
        steady: whether the last step came from recordings, in the way that steps go on in.
    """

    def __init__(
        self,
        store: SentenceStore,
        lengths: NDArray[np.integer],
        model: ModelConfig,
        learners: list[Learner],
        device: torch.device,
        multiple: int = MULTIPLE,
        way: Way | None = None,
    ) -> None:
        config = learners[0].config
        self._model, self._wide, self._device, self._multiple = model, widened(model, multiple), device, multiple
        self._lengths = store.lengths
        self.shapes = Shapes(lengths, config.batch, config.length_spread)
        self._usual = set(self.shapes.usual)
        self._feed = Feed(store, config, model, self.shapes.longest, device)
        self._inputs: dict[Shape, Inputs] = {}
        self._twins: dict[str, Twin] = {}
        self._apart: dict[str, Captured] = {}
        self._together: Captured | None = None
        self._way, self._trial = way, None if way else Trial(device)
        self.steady = False
        self._notes: list[str] = []
        self._told: set[str] = set()
        if device.type == "cuda" and (reason := why_not(device)):
            self._tell("kernel", f"The output layer goes without its own kernel, slower: {reason}.")
        if not self._feed.on_device:
            self._tell("text", "The sentences are too many for the GPU's memory and are sent batch by batch.")

    @property
    def captured(self) -> int:
        """Graphs that there are, over all variants."""
        return sum(len(each.shapes) for each in self._every())

    def step(self, in_lock_step: InLockStep[None], learners: list[Learner], rows: NDArray[np.int64], step: int) -> int:
        """One step of every variant.

        Args:
            in_lock_step: from `lock_step`.
            learners: those that still learn.
            rows: (batch,) the sentences, by their number in the store.
            step: counted from 0.

        Returns:
            words and ends of the batch.
        """
        if self._twins.keys() != {learner.variant.name for learner in learners}:
            self._begin(learners)
        lengths = self._lengths[rows].astype(np.int64)
        shape = self.shapes.of(lengths)
        usual = shape in self._usual
        inputs = self._inputs.get(shape) or Inputs(shape, self._wide, self._model.latent, self._device)
        if usual:
            self._inputs[shape] = inputs
        self._feed.fill(inputs, rows, lengths, step)
        tokens = int(lengths.sum()) + len(lengths)
        for learner in learners:
            self._twins[learner.variant.name].set(step)
            learner.count(tokens, len(rows))
        every = self._every()
        replays = sum(each.replays for each in every)

        def take(way: Way) -> None:
            if way == "together" and (together := self._together):
                in_lock_step(learners[:1], lambda _: step_or_give_up(together, every, inputs, usual))
                return
            in_lock_step(
                learners, lambda learner: step_or_give_up(self._apart[learner.variant.name], every, inputs, usual)
            )

        if self._trial is not None and usual:
            self._trial.take(shape, take)
            self._look_at(self._trial)
        else:
            take(self._way or "apart")
            self.steady = self._trial is None and sum(each.replays for each in every) > replays
        if self._device.type == "cuda" and (reason := refuse_alike(self._every())):
            self._tell("capture", _refusal(reason, self.captured))
        return tokens

    def settle(self) -> None:
        """Bring the learners' weights and optimisers up to date, for whoever looks at them."""
        for twin in self._twins.values():
            twin.give_back()

    def told(self) -> Iterator[str]:
        """What there is to tell since the last call."""
        notes, self._notes = self._notes, []
        yield from notes

    def _every(self) -> list[Captured]:
        return [*self._apart.values(), *([self._together] if self._together else [])]

    def _begin(self, learners: list[Learner]) -> None:
        """Have twins of these learners, and no others."""
        names = [learner.variant.name for learner in learners]
        for gone in self._twins.keys() - set(names):
            del self._twins[gone]
            self._apart.pop(gone, None)
        for learner in learners:
            name = learner.variant.name
            if name not in self._twins:
                self._twins[name] = Twin(learner, self._model, self._device, self._multiple)
            if self._way != "together" and name not in self._apart:
                self._apart[name] = Captured(self._twins[name], self._device)
        if self._trial is not None:
            goes = can_go_together(self._model, len(names), self._device)
            self._trial, self._way = (Trial(self._device), None) if goes else (None, "apart")
        self._together = None
        if self._way != "apart":
            self._together = Captured(Together(list(self._twins.values())), self._device)

    def _look_at(self, trial: Trial) -> None:
        """Go on in the faster way once it is known, or apart where steps cannot be recorded in both ways."""
        if reason := next((each.refused for each in self._every() if each.refused), ""):
            self._tell("together", f"Steps of all variants together could not be tried: {reason}.")
            self._way = "apart"
            for captured in self._apart.values():  # which may find the memory now
                captured.refused = ""
        elif trial.way is not None:
            times = trial.milliseconds
            self._tell(
                "together",
                f"A step of all variants takes {times['together']:.1f} ms together and {times['apart']:.1f} ms beside "
                f"each other: they go on {'together' if trial.way == 'together' else 'beside each other'}.",
            )
            self._way = trial.way
        else:
            return
        self._trial = None
        if self._way == "together":
            self._apart.clear()
        else:
            self._together = None

    def _tell(self, what: str, text: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self._notes.append(text)


def _refusal(reason: str, graphs: int) -> str:
    kept = f"The {graphs} graphs that there are stay, other steps are" if graphs else "Steps are"
    return f"{kept} started kernel by kernel, which is slower, as a step could not be captured: {reason}."
