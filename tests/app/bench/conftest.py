"""What the tests of the tabs share."""

from __future__ import annotations

import pytest

from app.core.state import ExplorerState
from app.run.context import Context
from tests.app.fakes import COLUMNS, FakeSession, answering, opened


@pytest.fixture
def context(qapp, session: FakeSession) -> Context:
    """A state with two variants, an atlas, and models that answer at once."""
    state = ExplorerState(columns=COLUMNS, shown=tuple(c.name for c in COLUMNS), run="demo")
    cache = opened()
    return Context(state, answering(session), cache.atlas, answering(cache))
