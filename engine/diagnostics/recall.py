"""`diagnose`, or what was kept of an earlier one that was made from the very same."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from engine.diagnostics import kept
from engine.diagnostics.request import Request, note_of, steps_of
from engine.errors import LoomError
from engine.events import Done, Event, Note
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.workspace import Workspace


def recall_or_diagnose(
    run: Run,
    workspace: Workspace,
    request: Request,
    device: str = "auto",
    should_stop: Callable[[], bool] = lambda: False,
    anew: bool = False,
) -> Iterator[Event]:
    """As `diagnose`, unless the same was asked of the same models before; what is computed is kept.

    Args:
        run, workspace, request, device, should_stop: as of `diagnose`.
        anew: compute it in any case.

    Raises:
        LoomError, UsageError: as `diagnose`. That something cannot be kept, or what was kept not be read, is told only.
    """
    request.check()
    path = workspace.diagnosis(run.name)
    if not anew:
        chosen = run.select(request.variants)
        corpus = yield from find_corpus(run, workspace)
        asked = kept.asked(request.plan(len(corpus.test)), request.threshold)
        step, steps = steps_of(run, chosen, request.step)
        models = {name: run.model_fingerprint(name, at) for name, at in steps.items()}
        wanted = kept.sources(run, models, step) | asked
        known = yield from recalled(path, lambda: kept.find(path, wanted), note_of(run, chosen, request.step, step))
        if known is not None:
            yield Done(known.result)
            return
    from engine.diagnostics.diagnose import diagnose  # brings torch

    for event in diagnose(run, workspace, request, device, should_stop):
        if isinstance(event, Done):
            yield from _keep(run, workspace, dict(event.result))
        yield event


class _Dated(Protocol):
    """Something that was kept."""

    @property
    def created(self) -> str:
        """When."""


K = TypeVar("K", bound=_Dated)


def recalled(
    path: Path, find: Callable[[], K | None], note: str = "", anew: str = "measured"
) -> Generator[Event, None, K | None]:
    """What was kept in a file and is found there; used as `known = yield from recalled(...)`.

    Args:
        path: the file.
        find: looks for it, and may raise a LoomError, which is told.
        note: what is told before it is said where it was read.
        anew: what becomes of it where what was kept cannot be read.
    """
    try:
        known = find()
    except LoomError as error:
        yield Note(f"{error.message} So it is {anew} anew.", "warning")
        return None
    if known is not None:
        if note:
            yield Note(note)
        yield Note(f"Read from {path}, where it was kept at {known.created}. With --anew it is measured again.")
    return known


def _keep(run: Run, workspace: Workspace, result: dict[str, Any]) -> Iterator[Event]:
    try:
        kept.keep(workspace.diagnosis(run.name), run, result)
    except LoomError as error:
        yield Note(f"It could not be kept for the next time: {error.message}", "warning")
