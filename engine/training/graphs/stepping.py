"""Lock-step training on one GPU by graphs: every variant's step is recorded once and then replayed in one call.

Started kernel by kernel, the steps of four small networks leave a GPU waiting for Python two thirds of the time. Here
Python chooses the sentences of a batch, fills the tensors that the graphs read (`inputs`), and starts a graph for each
variant, on a stream of its own. Nothing waits for the device between two log lines.

What a step computes is what `Learner.step` computes, by the same function (`gradients`): on the same batch, padded to
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
    """

    def __init__(
        self,
        store: SentenceStore,
        lengths: NDArray[np.integer],
        model: ModelConfig,
        learners: list[Learner],
        device: torch.device,
        multiple: int = MULTIPLE,
    ) -> None:
        config = learners[0].config
        self._model, self._wide, self._device, self._multiple = model, widened(model, multiple), device, multiple
        self._lengths = store.lengths
        self.shapes = Shapes(lengths, config.batch, config.length_spread)
        self._usual = set(self.shapes.usual)
        self._feed = Feed(store, config, model, self.shapes.longest, device)
        self._inputs: dict[Shape, Inputs] = {}
        self._steps: dict[str, tuple[Twin, Captured]] = {}
        self._notes: list[str] = []
        self._told: set[str] = set()
        if device.type == "cuda" and (reason := why_not(device)):
            self._tell("kernel", f"The output layer goes without its own kernel, slower: {reason}.")
        if not self._feed.on_device:
            self._tell("text", "The sentences are too many for the GPU's memory and are sent batch by batch.")

    @property
    def captured(self) -> int:
        """Graphs that there are, over all variants."""
        return sum(len(steps.shapes) for _, steps in self._steps.values())

    @property
    def replays(self) -> int:
        """Steps that variants have taken from graphs."""
        return sum(steps.replays for _, steps in self._steps.values())

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
        names = {learner.variant.name for learner in learners}
        for name in self._steps.keys() - names:
            del self._steps[name]
        for learner in learners:
            if learner.variant.name not in self._steps:
                twin = Twin(learner, self._model, self._device, self._multiple)
                self._steps[learner.variant.name] = (twin, Captured(twin, self._device))
        lengths = self._lengths[rows].astype(np.int64)
        shape = self.shapes.of(lengths)
        usual = shape in self._usual
        inputs = self._inputs.get(shape) or Inputs(shape, self._wide, self._model.latent, self._device)
        if usual:
            self._inputs[shape] = inputs
        self._feed.fill(inputs, rows, lengths, step)
        tokens = int(lengths.sum()) + len(lengths)
        every = [captured for _, captured in self._steps.values()]

        def work(learner: Learner) -> None:
            twin, captured = self._steps[learner.variant.name]
            twin.set(step)
            learner.count(tokens, len(rows))
            step_or_give_up(captured, every, inputs, usual)

        in_lock_step(learners, work)
        if self._device.type == "cuda" and (reason := refuse_alike(every)):
            self._tell("capture", _refusal(reason, self.captured))
        return tokens

    def settle(self) -> None:
        """Bring the learners' weights and optimisers up to date, for whoever looks at them."""
        for twin, _ in self._steps.values():
            twin.give_back()

    def told(self) -> Iterator[str]:
        """What there is to tell since the last call."""
        notes, self._notes = self._notes, []
        yield from notes

    def _tell(self, what: str, text: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self._notes.append(text)


def _refusal(reason: str, graphs: int) -> str:
    kept = f"The {graphs} graphs that there are stay, other steps are" if graphs else "Steps are"
    return f"{kept} started kernel by kernel, which is slower, as a step could not be captured: {reason}."
