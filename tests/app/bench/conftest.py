"""What the tests of the tabs share."""

from __future__ import annotations

import pytest

from app.core.model_desk import ModelDesk
from app.core.state import ExplorerState
from app.run.context import Context
from tests.app.fakes import COLUMNS, DirectWorker, FakeSession, fake_atlas


@pytest.fixture
def context(qapp, session: FakeSession) -> Context:
    """A state with two variants, an atlas, and models that answer at once."""
    state = ExplorerState(columns=COLUMNS, shown=tuple(c.name for c in COLUMNS), run="demo")
    desk = ModelDesk()
    worker = DirectWorker(lambda tell: session)
    worker.start()
    desk.attach(worker)  # type: ignore[arg-type]
    desk.kept = worker  # type: ignore[attr-defined]
    return Context(state, desk, fake_atlas())
