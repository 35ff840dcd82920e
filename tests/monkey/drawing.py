"""What the monkey draws on the maps: round points, and paths over them."""

from __future__ import annotations

import math
import random
from functools import partial

from PySide6.QtCore import QPoint, Qt

from app.maps.view import MapView
from tests.monkey import hands
from tests.monkey.actions import Deed, Step, action, called, chosen, click, keyed, spread
from tests.monkey.hands import CONTROL, PLAIN, SHIFT
from tests.monkey.world import World

Key = Qt.Key
_HELD = (PLAIN, PLAIN, SHIFT, CONTROL, CONTROL | SHIFT)


def _map(world: World, chance: random.Random) -> MapView | None:
    return chosen(chance, hands.sight(world.place, MapView))


def _drawn(
    world: World, view: MapView, tool: Key, way: list[QPoint], keys: Qt.KeyboardModifier, given_up: bool, back: bool
) -> list[Step]:
    """A tool is taken in the hand and a line is drawn; sometimes that is given up by Escape, or the tool put back."""
    steps: list[Step] = [view.setFocus, *keyed(world, tool), partial(hands.press, view, way[0], keys)]
    steps += [partial(hands.drag_to, view, at, keys) for at in way[1:]]
    steps += keyed(world, Key.Key_Escape) if given_up else []
    steps += [partial(hands.release, view, way[-1], keys)]
    return [*steps, *(keyed(world, Key.Key_H) if back else [])]


@action("maps", 4)
def draw_round_points(world: World, chance: random.Random) -> Deed | None:
    """With a box or a lasso, new, added, taken out or cut; sometimes what is drawn is given up by Escape."""
    view, tool, keys = _map(world, chance), chance.choice((Key.Key_M, Key.Key_L)), chance.choice(_HELD)
    middle, wide, count = spread(chance), chance.uniform(0.02, 0.6), chance.randrange(3, 25)
    given_up, back = chance.random() < 0.1, chance.random() < 0.3
    if view is None:
        return None
    turns = [2 * math.pi * i / count for i in range(count)]
    way = [
        hands.place_in(
            view,
            min(max(middle[0] + wide * math.cos(turn), 0.0), 1.0),
            min(max(middle[1] + wide * math.sin(turn), 0.0), 1.0),
        )
        for turn in turns
    ]
    steps = _drawn(world, view, tool, way, keys, given_up, back)
    return Deed(f"draw round points of {called(view)} in {count} moves, {tool.name}, {keys.name}", steps, (0.008,))


@action("maps", 2)
def draw_a_path(world: World, chance: random.Random) -> Deed | None:
    """Bent or straight, and then perhaps read along sentences, or as it is drawn, or let go of."""
    view, first, last, bend = _map(world, chance), spread(chance), spread(chance), chance.uniform(-0.3, 0.3)
    count, given_up, back, then = chance.randrange(2, 20), chance.random() < 0.1, chance.random() < 0.5, chance.random()
    if view is None:
        return None
    shares = [i / count for i in range(count + 1)]
    way = [
        hands.place_in(
            view,
            min(max(first[0] + (last[0] - first[0]) * share + bend * math.sin(math.pi * share), 0.0), 1.0),
            first[1] + (last[1] - first[1]) * share,
        )
        for share in shares
    ]
    steps = _drawn(world, view, Key.Key_P, way, PLAIN, given_up, back)
    steps += [partial(_go_on, world, "sentences" if then < 0.5 else "drawn" if then < 0.8 else "")]
    return Deed(f"draw a path over {called(view)} in {count} moves", steps, (0.008,))


def _go_on(world: World, way: str) -> None:
    """In the window of the path, if it is there: press how it is to be read, or close it."""
    window = world.explorer.maps.tracing.window
    if window is None or not window.isVisible() or hands.front() is not None:
        return
    if not way:
        window.close()
        return
    button = window.way._buttons[way]
    for step in click(button, button.rect().center()):
        step()
