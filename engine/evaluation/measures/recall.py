"""`evaluate`, or what was kept of an earlier one that was made from the very same, which needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.diagnostics.request import step_of
from engine.errors import LoomError
from engine.evaluation.measures import kept
from engine.evaluation.measures.request import Request
from engine.events import Done, Event, Note
from engine.runs.compared import compared
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request comes to for a run as it is now.

    Attributes:
        sentences: of the test set.
        step: of the checkpoints.
        models: fingerprints of their weights, by variant.
        made_from: all that the result depends on.
        note: what to tell of the step; often "".
    """

    sentences: int
    step: int
    models: dict[str, str]
    made_from: Mapping[str, Any]
    note: str


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
    step = step_of(run, chosen, request.step)
    models = {variant.name: run.model_fingerprint(variant.name, step) for variant in chosen}
    at = compared(run, request.step)
    note = at.note if at.step == step else ""
    return Asked(n, step, models, kept.made_from(run, models, step, request, n), note)


def recall_or_evaluate(
    run: Run,
    workspace: Workspace,
    request: Request,
    device: str = "auto",
    should_stop: Callable[[], bool] = lambda: False,
    anew: bool = False,
) -> Iterator[Event]:
    """As `evaluate`, unless the same was asked of the same models before.

    Raises:
        LoomError, UsageError: as `evaluate`. That what was kept cannot be read is told only.
    """
    request.check()
    corpus = yield from find_corpus(run, workspace)
    asked = look_up(run, request, len(corpus.test))
    if asked.note:
        yield Note(asked.note)
    if not anew:
        path = workspace.evaluation(run.name)
        try:
            known = kept.find(path, asked.made_from)
        except LoomError as error:
            known = None
            yield Note(f"{error.message} So it is put together anew.", "warning")
        if known is not None:
            yield Note(f"Read from {path}, where it was kept at {known.created}. With --anew it is measured again.")
            yield Done(known.as_json())
            return
    from engine.evaluation.measures.evaluate import evaluate  # brings torch

    yield from evaluate(run, workspace, request, device, should_stop, anew)
