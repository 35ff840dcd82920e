"""The Arithmetic tab with the tiny run's real models and cache."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.bench.arithmetic.arithmetic import Arithmetic
from app.core.choice import Choice
from app.core.state import ExplorerState
from app.run.atlas import Atlas, Opened, columns_of, read_atlas
from app.run.context import Context
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from tests.app.bench.arithmetic.calculating import Bench
from tests.app.fakes import answering


@pytest.fixture(scope="module")
def session(tiny_run) -> Session:
    return Session.load(tiny_run, "cpu")


@pytest.fixture(scope="module")
def atlas(tiny_workspace) -> Atlas:
    with LatentCache.open(tiny_workspace.cache("tiny")) as cache:
        yield read_atlas(cache)


@pytest.fixture
def bench(qtbot, session, atlas, tiny_run, monkeypatch) -> Iterator[Bench]:
    columns = columns_of(tiny_run)
    state = ExplorerState(columns=columns, shown=tuple(c.name for c in columns), run="tiny", choice=Choice(beam=3))
    archive = answering(Opened(columns, "ready", atlas=atlas))
    tab = Arithmetic(Context(state, answering(session), atlas, archive), rest=10)
    qtbot.addWidget(tab.view)
    made = Bench(tab, session, [], [], [])
    decode_all = session.decode_all

    def spy(z, options):
        made.asked.append((tuple(z), options.method))
        return decode_all(z, options)

    monkeypatch.setattr(session, "decode_all", spy)
    tab.gathered.connect(made.gathered.append)
    tab.told.connect(made.told.append)
    yield made
    tab.refresh.stop()
