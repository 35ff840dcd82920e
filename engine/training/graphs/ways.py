"""The two ways of taking a step with all variants: beside each other, or together; whichever is found to be faster.

Beside each other every variant has its graphs and its stream. Together they have one graph for all, on a stream of its
own as well: graphs that are recorded on one stream share the memory that cuBLAS works in there, and where one of them
is let go, torch 2.13 takes it from the others (its issue 193402). So graphs of one stream are let go together, once the
device is done with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import torch

from engine.config import ModelConfig
from engine.training.graphs.capture import Captured, first_of, refuse_alike, step_or_give_up
from engine.training.graphs.inputs import Inputs
from engine.training.graphs.together import Together, can_go_together
from engine.training.graphs.trial import Trial, Way
from engine.training.graphs.twin import Twin
from engine.training.learner import Learner

T = TypeVar("T")
InLockStep = Callable[[list[Learner], Callable[[Learner], T]], list[T]]


class Notes:
    """What there is to tell, once for each kind of news."""

    def __init__(self) -> None:
        self._notes: list[str] = []
        self._told: set[str] = set()

    def tell(self, what: str, text: str) -> None:
        """Have a text told, unless there was one of its kind already."""
        if what not in self._told:
            self._told.add(what)
            self._notes.append(text)

    def taken(self) -> list[str]:
        """What there is to tell since the last call."""
        notes, self._notes = self._notes, []
        return notes


class Ways:
    """Takes the steps of twins.

    Args:
        model: of the variants.
        device: where they are.
        way: in which they are taken; None for the faster one, where both are worth a trial.
        notes: where what there is to tell goes.

    Attributes:
        steady: whether the last step came from recordings, in the way that steps go on in.
    """

    def __init__(self, model: ModelConfig, device: torch.device, way: Way | None, notes: Notes) -> None:
        self._model, self._device, self._asked, self._notes = model, device, way, notes
        self._way: Way = way or "apart"
        self._apart: dict[str, Captured] = {}
        self._joint: Together | None = None
        self._together: Captured | None = None
        self._trial: Trial | None = None
        self._stream: torch.cuda.Stream | None = None
        self.steady = False

    @property
    def captured(self) -> int:
        """Graphs that there are, over all variants."""
        return sum(len(each.shapes) for each in self.every)

    @property
    def every(self) -> list[Captured]:
        """What steps are taken with, each with its graphs."""
        return [*self._apart.values(), *([self._together] if self._together else [])]

    def begin(self, twins: Mapping[str, Twin]) -> None:
        """Take the steps of these twins from now on, and of no others; where their number changes, find out anew."""
        self._finish()
        self._joint = self._together = self._trial = None  # before it is asked how much memory is free
        if self._asked is None:
            self._way = "apart"
            if can_go_together(self._model, len(twins), self._device):
                self._trial = Trial(self._device)
        if self._trial is not None or self._way == "together":
            self._joint = Together(list(twins.values()))
            self._together = Captured(self._joint, self._device)
        goes_apart = self._trial is not None or self._way == "apart"
        before, self._apart = self._apart, {}
        for name, twin in twins.items() if goes_apart else ():
            self._apart[name] = before.get(name) or Captured(twin, self._device)

    def step(self, in_lock_step: InLockStep[None], learners: list[Learner], inputs: Inputs, usual: bool) -> None:
        """One step of every twin.

        Args:
            in_lock_step: from `lock_step`.
            learners: of the twins.
            inputs: filled.
            usual: whether batches of their shape come often.

        Raises:
            torch.OutOfMemoryError: there is not enough, whatever is given up.
        """
        every = self.every
        replays, captured = sum(each.replays for each in every), self.captured

        def take(way: Way) -> None:
            left = self._step_together(learners, inputs, usual) if way == "together" else learners
            if left:
                in_lock_step(left, lambda learner: self._step_apart(learner, every, inputs, usual))

        if self._trial is not None and usual:
            self._trial.take(inputs.shape, take)
        else:
            take(self._way)
        replayed = sum(each.replays for each in every) > replays
        self.steady = self._trial is None and replayed and self.captured == captured
        if self._trial is not None:
            self._look_at(self._trial)
        if self._device.type == "cuda" and (reason := refuse_alike(self.every)):
            self._notes.tell("capture", _refusal(reason, self.captured))

    def _step_apart(self, learner: Learner, every: list[Captured], inputs: Inputs, usual: bool) -> None:
        """One step of a twin by itself; where one was refused a graph the next ask for none, as each keeps memory."""
        if self._device.type == "cuda":
            refuse_alike(list(self._apart.values()))
        step_or_give_up(self._apart[learner.variant.name], every, inputs, usual)

    def _step_together(self, learners: list[Learner], inputs: Inputs, usual: bool) -> list[Learner]:
        """One step of all twins; gives those that have not taken it, as it failed in a trial."""
        joint, together = self._joint, self._together
        assert joint is not None
        assert together is not None
        if self._trial is None:
            self._aside(lambda: step_or_give_up(together, self.every, inputs, usual))
            return []
        failed = ""
        try:
            self._aside(lambda: together.step(inputs, usual))
        except RuntimeError as error:  # too little memory, most likely
            failed = first_of(error)
        # Here the error is gone, and with it what the step that failed has held.
        if not failed:
            return []
        together.refused = failed
        left = [learner for learner in learners if learner.variant.name not in joint.moved]
        joint.forget_gradients()
        return left

    def _aside(self, step: Callable[[], None]) -> None:
        """Take a step on the stream of steps together."""
        if self._device.type != "cuda":
            step()
            return
        self._stream = self._stream or torch.cuda.Stream(self._device)
        now = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(now)
        try:
            with torch.cuda.stream(self._stream):
                step()
        finally:
            now.wait_stream(self._stream)

    def _finish(self) -> None:
        """Wait for the device, which may be in the middle of a graph that is about to go."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)

    def _look_at(self, trial: Trial) -> None:
        """Go on in the faster way once it is known, or apart where steps cannot be recorded in both ways."""
        if reason := next((each.refused for each in self.every if each.refused), ""):
            self._notes.tell("together", f"Steps of all variants together could not be tried: {reason}.")
            self._way = "apart"
            for captured in self._apart.values():
                captured.try_again()
        elif trial.way is not None:
            times = trial.milliseconds
            self._notes.tell(
                "together",
                f"A step of all variants takes {times['together']:.1f} ms together and {times['apart']:.1f} ms beside "
                f"each other: they go on {'together' if trial.way == 'together' else 'beside each other'}.",
            )
            self._way = trial.way
        else:
            return
        self._finish()
        self._trial = None
        if self._way == "together":
            self._apart = {}
        else:
            self._joint = self._together = None


def _refusal(reason: str, graphs: int) -> str:
    kept = f"The {graphs} graphs that there are stay, other steps are" if graphs else "Steps are"
    return f"{kept} started kernel by kernel, which is slower, as a step could not be captured: {reason}."
