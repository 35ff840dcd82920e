"""What the tests of the tabs share."""

from __future__ import annotations

import pytest

from app.core.requester import Requester
from app.core.state import ExplorerState
from app.run.context import Context
from tests.app.fakes import COLUMNS, DirectWorker, FakeSession, fake_atlas


@pytest.fixture
def context(qapp, session: FakeSession) -> Context:
    """A state with two variants, an atlas, and models that answer at once."""
    state = ExplorerState(columns=COLUMNS, shown=tuple(c.name for c in COLUMNS), run="demo")
    models = Requester()
    worker = DirectWorker(lambda tell: session)
    worker.start()
    models.attach(worker)  # type: ignore[arg-type]
    models.kept = worker  # type: ignore[attr-defined]
    return Context(state, models, fake_atlas())
