"""The controls that say how sentences are made."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.bench.decoding_bar import DecodingBar
from app.core.choice import Choice
from app.core.requests import decode_options


@pytest.fixture
def bar(qtbot):
    made = DecodingBar()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.more.close()


def test_the_popup_changes_what_the_bar_leaves_alone(bar, qtbot):
    chosen = []
    bar.chosen.connect(chosen.append)
    bar.set_choice(Choice(beam=4, seed=9, sample=True))
    qtbot.mouseClick(bar.more_button, Qt.MouseButton.LeftButton)
    assert bar.more.isVisible()
    assert not bar.more_button.isChecked()
    bar.more.length.setValue(0.7)
    bar.more.unknown.click()
    assert chosen[-1] == Choice(beam=4, seed=9, sample=True, length_normalisation=0.7, allow_unknown=True)
    assert chosen[-1].search == "beam 4, length normalisation 0.7, unknown word allowed"
    assert bar.more_button.isChecked()
    assert "length normalisation 0.7, unknown word allowed" in bar.more_button.toolTip()
    bar._width.setValue(6)
    assert (chosen[-1].beam, chosen[-1].length_normalisation) == (6, 0.7)


def test_a_greedy_search_has_no_length_normalisation_to_choose_or_to_tell(bar):
    bar.set_choice(Choice(method="greedy", length_normalisation=0.7))
    assert not bar.more.length.isEnabled()
    assert not bar.more_button.isChecked()
    assert Choice(method="greedy", length_normalisation=0.7).how == "z = μ, greedy"


def test_a_choice_reaches_the_engine_whole():
    options = decode_options(Choice(beam=7, length_normalisation=0.5, allow_unknown=True, seed=3))
    assert (options.method, options.beam, options.length_normalisation) == ("beam", 7, 0.5)
    assert (options.allow_unknown, options.seed) == (True, 3)


def test_the_seed_shows_where_it_matters_and_is_changed_in_the_popup(bar, qtbot):
    chosen = []
    bar.chosen.connect(chosen.append)
    assert bar.more_button.text() == "more"
    assert not bar.more.seed.isEnabled()
    bar.set_choice(Choice(sample=True, seed=7))
    assert bar.more_button.text() == "seed 7"
    qtbot.mouseClick(bar.more_button, Qt.MouseButton.LeftButton)
    bar.more.seed.setValue(8)
    assert chosen[-1] == Choice(sample=True, seed=8)
    assert bar.more_button.text() == "seed 8"
    bar.more.close()
    bar.set_prior(True)
    qtbot.mouseClick(bar.more_button, Qt.MouseButton.LeftButton)
    assert (bar.more_button.text(), bar.more.seed.isVisible()) == ("more", False)
