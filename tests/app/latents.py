"""The tiny run's real models and cache behind workers that answer at once, for tests of the tabs that use both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from app.core.requester import Requester
from app.core.state import ExplorerState
from app.core.values import Stage
from app.run.atlas import Opened, columns_of, read_atlas
from app.run.context import Context
from engine.runs.run import Run
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.app.fakes import DirectWorker


@contextmanager
def tiny_context(workspace: Workspace, tab: str) -> Iterator[Context]:
    """A state with the run `tiny` opened and a tab in view."""
    run = Run.open(workspace.run("tiny"))
    session = Session.load(run, device="cpu")
    assert session.device == torch.device("cpu")
    with LatentCache.open(workspace.cache("tiny")) as cache:
        columns, atlas = columns_of(run), read_atlas(cache)
        state = ExplorerState(columns=columns, shown=tuple(c.name for c in columns), run="tiny", tab=tab)
        state.maps = state.models = Stage("ready")
        context = Context(state, Requester(), atlas)
        workers = [DirectWorker(lambda tell: session), DirectWorker(lambda tell: Opened(columns, "ready", atlas=atlas))]
        for models, worker in zip((context.models, context.archive), workers, strict=True):
            worker.start()
            models.attach(worker)  # type: ignore[arg-type]
        yield context
