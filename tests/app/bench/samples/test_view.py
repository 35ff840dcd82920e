"""The controls of the prior samples under a person's hands."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest

from app.bench.samples.state import Draw, Memory
from app.bench.samples.view import PriorSamplesView


@pytest.fixture
def view(qtbot):
    """The tab on the screen, with what a person wants of it shown at once; `draws` are these wishes."""
    made = PriorSamplesView()
    made.draws = []  # type: ignore[attr-defined]
    made.changed.connect(made.draws.append)
    made.changed.connect(lambda draw: made.show_draw(draw, Memory()))
    qtbot.addWidget(made)
    made.show_draw(Draw(sampled=True), Memory())
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_share_is_typed_sign_by_sign_while_samples_arrive(view):
    view.top_p.lineEdit().selectAll()
    for sign in "0.75":
        QTest.keyClicks(view.top_p, sign)
        view.show_draw(view._draw, Memory())  # as with every sample that has come
    assert view.top_p.text() == "0.75"
    assert view.draws[-1].top_p == 0.75
    assert [draw.top_p for draw in view.draws] == [0.7, 0.75]


def test_a_seed_that_is_emptied_to_be_typed_anew_stays_empty_until_then(view):
    view.show_draw(Draw(seed=5), Memory())
    view.seed.lineEdit().clear()
    view.show_draw(Draw(seed=5), Memory())
    assert view.seed.text() == ""
    view.show_draw(Draw(seed=6), Memory())
    assert view.seed.text() == "6"
