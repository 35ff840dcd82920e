"""What a request for an evaluation comes to, for a run as it is now. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.diagnostics.request import note_of, steps_of
from engine.errors import LoomError
from engine.evaluation.measures import kept
from engine.evaluation.measures.judge import stored
from engine.evaluation.measures.judge.stored import Stored
from engine.evaluation.measures.request import Request
from engine.runs.run import Run


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request comes to for a run as it is now.

    Attributes:
        sentences: of the test set.
        step: of the checkpoints.
        models: fingerprints of their weights, by variant.
        made_from: all that the result depends on.
        note: what to tell of the step; often "".
        judge: the recurrent language model of the run; None where it has none that holds.
        judge_problem: what is wrong with the one that is there; mostly "".
        trains: whether one is to be trained.
    """

    sentences: int
    step: int
    models: dict[str, str]
    made_from: Mapping[str, Any]
    note: str
    judge: Stored | None = None
    judge_problem: str = ""
    trains: bool = False


def look_up(run: Run, request: Request, available: int) -> Asked:
    """What a request comes to.

    Args:
        run: whose models.
        request: how much of everything.
        available: sentences of its test set.

    Raises:
        LoomError: not all variants have the step, or the test set is too small.
        UsageError: there is no such variant, or a number makes no sense.
    """
    request.check()
    chosen = run.select(request.variants)
    n = request.sentences(available)
    steps = steps_of(run, chosen, request.step)[1]
    step = max(steps.values())
    models = {variant.name: run.model_fingerprint(variant.name, step) for variant in chosen}
    note = note_of(run, chosen, request.step, step)
    judge, problem = None, ""
    try:
        judge = stored.read(run)
    except LoomError as error:
        problem = error.message
    of_judge = "" if judge is None else judge.fingerprint
    made_from = kept.made_from(run, models, step, request, n, of_judge)
    return Asked(n, step, models, made_from, note, judge, problem, request.judge and judge is None)
