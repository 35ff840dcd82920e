"""A random pair that is wanted before the maps are there, and what a person wants meanwhile."""

from __future__ import annotations

import random

import pytest

from app.bench.interpolate.interpolate import Interpolate
from app.bench.interpolate.state import InterpolateWish
from app.core.picks import NOTHING, Pick

LATER = {
    "an end is typed": lambda tab: tab.set_end("A", Pick("typed")),
    "a stop is added": lambda tab: tab.add_stop(Pick("typed")),
    "a stop changes places": lambda tab: tab.move_stop(0, 1),
    "a stop is removed": lambda tab: tab.remove_stop(0),
    "it is undone": lambda tab: tab._context.history.undo(),
}


@pytest.mark.parametrize("later", LATER)
def test_a_random_pair_that_is_still_to_come_gives_way_to_stops_that_are_wanted_later(context, later):
    controller, atlas, archive = Interpolate(context, random.Random(0)), context.atlas, context.archive
    context.history.watch("Interpolate", controller)
    controller.set_end("A", Pick("a"))
    controller.set_end("B", Pick("b"))
    controller.add_stop(Pick("c"))
    state = controller.state
    archive.detach()
    context.atlas = None
    controller.random_pair()
    LATER[later](controller)
    wanted = state.stops()
    context.atlas = atlas
    archive.attach(archive.kept)
    assert state.stops() == wanted


def test_a_random_pair_still_comes_when_only_the_way_to_it_is_wanted_otherwise(context):
    controller, atlas, archive = Interpolate(context, random.Random(0)), context.atlas, context.archive
    context.history.watch("Interpolate", controller)
    controller.set_steps(4)
    archive.detach()
    context.atlas = None
    controller.random_pair()
    context.history.undo()
    context.atlas = atlas
    archive.attach(archive.kept)
    assert (controller.state.steps, controller.state.a == NOTHING) == (10, False)


def test_a_random_pair_still_comes_when_stops_of_the_last_session_come_back_in_full(context):
    controller, atlas, archive = Interpolate(context, random.Random(0)), context.atlas, context.archive
    context.history.watch("Interpolate", controller)
    sent = Pick("sent", z={"vae": (0.0, 1.0)}, how="of a row")
    whole = InterpolateWish(a=Pick("a", index=0), b=sent, through=(sent, Pick("c", index=2)))
    controller.want(whole.elsewhere())
    archive.detach()
    context.atlas = None
    controller.random_pair()
    context.atlas = atlas
    with context.history.quiet():
        controller.want(whole)
    assert controller.state.stops() == (whole.a, *whole.through, whole.b)
    archive.attach(archive.kept)
    a, b = controller.state.stops()
    assert a.index >= 0
    assert b.index >= 0
