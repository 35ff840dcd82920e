"""`evaluate`, or what was kept of an earlier one that was made from the very same, which needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.diagnostics.recall import recalled
from engine.evaluation.measures import kept
from engine.evaluation.measures.asked import look_up
from engine.evaluation.measures.behind import Behind
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.result import Evaluation
from engine.events import Done, Event, Note
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.workspace import Workspace


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
    if asked.judge_problem:
        then = (
            "It is trained anew." if request.judge else "With --judge it is trained anew; without, it judges nothing."
        )
        yield Note(f"{asked.judge_problem} {then}", "warning")
    if not anew and not asked.trains:
        path = workspace.evaluation(run.name)

        def find() -> Evaluation | None:
            found = kept.find(path, asked.made_from)
            if found is not None:
                Behind(run, workspace, found).check()  # else that part which is damaged or gone is measured again
            return found

        known = yield from recalled(path, find, anew="put together")
        if known is not None:
            yield Done(known.as_json())
            return
    from engine.evaluation.measures.evaluate import evaluate  # brings torch

    yield from evaluate(run, workspace, request, device, should_stop, anew)
