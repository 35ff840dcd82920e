"""Lock-step training on one GPU by graphs: every variant's step is recorded once and then replayed in one call.

Started kernel by kernel, the steps of four small networks leave a GPU waiting for Python two thirds of the time. Here
Python chooses the sentences of a batch, fills the tensors that the graphs read (`inputs`), and starts a graph for each
variant, on a stream of its own, or one for all of them: whichever is found to be faster (`ways`, `trial`). Nothing
waits for the device between two log lines.

What a step computes is what `Learner.step` computes, by the same functions (`gradients`): on the same batch, padded to
one of a few shapes (`shapes`), by a model with wider layers (`twin`). A variant that fails is left out with its graphs.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from engine.config import ModelConfig
from engine.corpus.store import SentenceStore
from engine.device import numbered
from engine.models.softmax_kernel import why_not
from engine.models.widening import MULTIPLE, widened
from engine.training.distributed import Processes
from engine.training.graphs.inputs import Feed, Inputs
from engine.training.graphs.shapes import Shape, Shapes
from engine.training.graphs.trial import Way
from engine.training.graphs.twin import Twin
from engine.training.graphs.ways import InLockStep, Notes, Ways
from engine.training.learner import Learner


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
        self._notes = Notes()
        self._ways = Ways(model, device, way, self._notes)
        if device.type == "cuda" and (reason := why_not(numbered(device))):
            self._notes.tell("kernel", f"The output layer goes without its own kernel, slower: {reason}.")
        if not self._feed.on_device:
            self._notes.tell("text", "The sentences are too many for the GPU's memory and are sent batch by batch.")

    @property
    def captured(self) -> int:
        """Graphs that there are, over all variants."""
        return self._ways.captured

    @property
    def steady(self) -> bool:
        """Whether the last step came from recordings, in the way that steps go on in."""
        return self._ways.steady

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
        names = [learner.variant.name for learner in learners]
        if list(self._twins) != names:
            twins = self._twins
            self._twins = {
                name: twins.get(name) or Twin(learner, self._model, self._device, self._multiple)
                for name, learner in zip(names, learners, strict=True)
            }
            self._ways.begin(self._twins)
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
        self._ways.step(in_lock_step, learners, inputs, usual)
        return tokens

    def settle(self) -> None:
        """Bring the learners' weights and optimisers up to date, for whoever looks at them."""
        for twin in self._twins.values():
            twin.give_back()

    def told(self) -> list[str]:
        """What there is to tell since the last call."""
        return self._notes.taken()
