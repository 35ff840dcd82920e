"""The slider over the checkpoints."""

from __future__ import annotations

from app.train.checkpoint_bar import CheckpointBar


def test_before_there_are_checkpoints_nothing_can_be_chosen(qtbot):
    bar = CheckpointBar()
    qtbot.addWidget(bar)
    told = []
    bar.step_chosen.connect(told.append)
    bar.slider.setValue(40)
    assert (bar.slider.isEnabled(), bar.slider.maximum(), told) == (False, 0, [])
    bar.set_steps((10, 20, 30), None, "")
    bar.slider.setValue(0)
    bar.slider.setValue(2)
    assert told == [10, None]
    bar.set_steps((), None, "")
    bar.slider.setValue(1)
    assert told == [10, None]
