"""What the monkey can do anywhere: press, type, turn, drag and choose whatever is in sight.

An action looks for something that it can be done to, draws how, and says so in words; only then it is made, event by
event, so that the window can have its turn between two of them. What it draws depends on the seed and its number alone,
not on what the window did before: the same seed wants the same again, though it may find other things to do it to.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QListWidget,
    QMenu,
    QMessageBox,
    QScrollBar,
    QTabBar,
    QWidget,
)

from tests.monkey import hands
from tests.monkey.hands import CONTROL, PLAIN, SHIFT
from tests.monkey.world import World

Step = Callable[[], object]
Plan = Callable[[World, random.Random], "Deed | None"]
T = TypeVar("T")
Key = Qt.Key

TEXTS = (
    "I think we should go home now.", "the cat sees the house today.", "Where is my dog?", "yes", "___ is a good job.",
    "he ___ the door", "zxqv blorp", "...", "was | were", "My old dog loves the river at night.", "a", "?", "I",
    "a teacher paints a red boat every morning and again and again", "ÄÖÜ ß 漢字 🙂", "  spaces  ", "it's don't",
)  # fmt: skip
"""What is typed: sentences of the demo's kind and of the small run's, words no model knows, blanks, signs."""

_NEVER = ("Quit", "Start training", "Copy the commands")
"""Buttons and entries that end the play or need care."""


@dataclass(frozen=True)
class Deed:
    """Something to be done: in words, as single events, with seconds of pause after each."""

    words: str
    steps: Sequence[Step]
    pauses: Sequence[float] = ()

    def pause_after(self, number: int) -> float:
        """Seconds after the step `number`; the last of those given counts for all that come."""
        return self.pauses[min(number, len(self.pauses) - 1)] if self.pauses else 0.0


@dataclass(frozen=True)
class Action:
    """A kind of deed, and how often it is done beside others."""

    name: str
    place: str
    weight: float
    plan: Plan


ACTIONS: list[Action] = []


def action(place: str, weight: float = 1.0) -> Callable[[Plan], Plan]:
    """Put a plan among the actions, under the name of its function."""

    def note(plan: Plan) -> Plan:
        ACTIONS.append(Action(plan.__name__.replace("_", " "), place, weight, plan))  # type: ignore[attr-defined]
        return plan

    return note


def chosen(chance: random.Random, things: Sequence[T]) -> T | None:
    """One of them, by a share that is drawn whether there are any or not."""
    share = chance.random()
    return things[int(share * len(things))] if things else None


def called(widget: QWidget) -> str:
    """A widget in words."""
    text = getattr(widget, "text", str)
    said = str(text()) if callable(text) else ""
    told = said or widget.accessibleName() or widget.toolTip().split("\n")[0] or widget.objectName()
    return f"{type(widget).__name__} “{told[:48]}”"


def click(widget: QWidget, at: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> list[Step]:
    """The steps of a click."""
    return [
        partial(hands.move, widget, at),
        partial(hands.press, widget, at, keys),
        partial(hands.release, widget, at, keys),
    ]


def spread(chance: random.Random) -> tuple[float, float]:
    """A place in a widget, in shares; the edges too."""
    return chance.random(), chance.random()


def typed(world: World, text: str) -> list[Step]:
    """The steps of typing a text to whoever has the keyboard."""
    return [partial(hands.letter, world.window, sign) for sign in text]


def keyed(world: World, *keys: Key, hold: Qt.KeyboardModifier = PLAIN) -> list[Step]:
    """The steps of pressing keys."""
    return [partial(hands.key, world.window, each, hold) for each in keys]


def answered(world: World, chance: random.Random) -> Deed | None:
    """What lies over everything is answered: an entry of a menu, a button of a question, or Escape."""
    over = hands.front()
    if over is None:
        return None
    share, escape = chance.random(), chance.random() < 0.2
    if isinstance(over, QMenu):
        return _menu_answered(world, over, share, escape)
    buttons = [each for each in hands.sight(over, QAbstractButton) if not _never(each.text())]
    if isinstance(over, QMessageBox | QDialog) and not escape and buttons:
        button = buttons[int(share * len(buttons))]
        return Deed(f"answer {called(button)}", click(button, button.rect().center()), (0.02,))
    if escape or not buttons:
        return Deed(f"close {type(over).__name__} with Escape", keyed(world, Key.Key_Escape))
    return None  # a popup with controls: whatever can be done in it


def _menu_answered(world: World, menu: QMenu, share: float, escape: bool) -> Deed:
    entries = [
        entry
        for entry in menu.actions()
        if entry.isEnabled() and entry.isVisible() and not entry.isSeparator() and not _never(entry.text())
    ]
    if escape or not entries:
        return Deed("close the menu with Escape", keyed(world, Key.Key_Escape))
    entry = entries[int(share * len(entries))]
    at = menu.actionGeometry(entry).center()
    return Deed(f"choose “{entry.text()[:60]}” of the menu", click(menu, at), (0.03,))


def _never(text: str) -> bool:
    return any(text.replace("&", "").startswith(each) for each in _NEVER)


def _buttons(world: World) -> list[QAbstractButton]:
    return [each for each in hands.sight(world.place, QAbstractButton) if not _never(each.text())]


@action("anywhere", 6)
def press_a_button(world: World, chance: random.Random) -> Deed | None:
    button = chosen(chance, _buttons(world))
    at, quick = spread(chance), chance.uniform(0.0, 0.03)
    if button is None:
        return None
    return Deed(f"press {called(button)}", click(button, hands.place_in(button, *at)), (quick,))


@action("anywhere", 2)
def press_a_button_twice(world: World, chance: random.Random) -> Deed | None:
    button = chosen(chance, _buttons(world))
    between = chance.uniform(0.015, 0.13)
    if button is None:
        return None
    at = button.rect().center()
    return Deed(
        f"press {called(button)} twice, {1e3 * between:.0f} ms apart",
        [*click(button, at), partial(hands.press_again, button, at)],
        (0.0, 0.01, between, 0.0),
    )


@action("anywhere", 5)
def type_into_a_field(world: World, chance: random.Random) -> Deed | None:
    fields = [each for each in hands.sight(world.place, QLineEdit) if not _of_a_number(each) and not each.isReadOnly()]
    field, text = chosen(chance, fields), chance.choice(TEXTS)
    empty_first, entered, pace = chance.random() < 0.7, chance.random() < 0.4, chance.choice((0.0, 0.01, 0.06))
    if field is None:
        return None
    steps = click(field, field.rect().center())
    if empty_first:
        steps += keyed(world, Key.Key_A, hold=CONTROL)
    steps += typed(world, text)
    if entered:
        steps += keyed(world, Key.Key_Return)
    told = f"{'over all ' if empty_first else ''}{text!r}{' and Enter' if entered else ''}"
    return Deed(f"type {told} into {called(field)}", steps, (0.0, 0.0, 0.0, pace))


@action("anywhere", 4)
def edit_a_field(world: World, chance: random.Random) -> Deed | None:
    fields = [each for each in hands.sight(world.place, QLineEdit) if not _of_a_number(each)]
    field, how = chosen(chance, fields), chance.randrange(8)
    if field is None:
        return None
    ways: list[tuple[str, list[Step]]] = [
        ("undo", keyed(world, Key.Key_Z, hold=CONTROL)),
        ("redo", keyed(world, Key.Key_Z, hold=CONTROL | SHIFT)),
        ("Backspace", keyed(world, Key.Key_Backspace)),
        ("Escape", keyed(world, Key.Key_Escape)),
        ("Enter", keyed(world, Key.Key_Return)),
        ("paste", keyed(world, Key.Key_V, hold=CONTROL)),
        ("cut all", [*keyed(world, Key.Key_A, hold=CONTROL), *keyed(world, Key.Key_X, hold=CONTROL)]),
        ("copy all", [*keyed(world, Key.Key_A, hold=CONTROL), *keyed(world, Key.Key_C, hold=CONTROL)]),
    ]
    words, steps = ways[how]
    return Deed(f"{words} in {called(field)}", [*click(field, field.rect().center()), *steps], (0.0,))


@action("anywhere", 2)
def empty_a_field_by_its_cross(world: World, chance: random.Random) -> Deed | None:
    fields = [
        each for each in hands.sight(world.place, QLineEdit) if each.text() and each.findChildren(QAbstractButton)
    ]
    field = chosen(chance, fields)
    crosses = hands.sight(field, QAbstractButton) if field is not None else []
    if field is None or not crosses:
        return None
    return Deed(f"the cross of {called(field)}", click(crosses[-1], crosses[-1].rect().center()))


@action("anywhere", 3)
def turn_a_number(world: World, chance: random.Random) -> Deed | None:
    boxes = hands.sight(world.place, QAbstractSpinBox)
    box, way, how, number = (
        chosen(chance, boxes),
        chance.choice((1, -1)),
        chance.random(),
        chance.choice((0, 1, 3, 7, 12)),
    )
    if box is None:
        return None
    at = box.rect().center()
    if how < 0.4:
        return Deed(f"wheel {way} in {called(box)}", [partial(hands.wheel, box, at, 120 * way)])
    if how < 0.7:
        steps = [*click(box, at), *keyed(world, *[Key.Key_Up if way > 0 else Key.Key_Down] * 2)]
        return Deed(f"{'up' if way > 0 else 'down'} twice in {called(box)}", steps, (0.01,))
    steps = [
        *click(box, at),
        *keyed(world, Key.Key_A, hold=CONTROL),
        *typed(world, str(number)),
        *keyed(world, Key.Key_Return),
    ]
    return Deed(f"type {number} into {called(box)}", steps, (0.0,))


@action("anywhere", 4)
def drag_a_slider(world: World, chance: random.Random) -> Deed | None:
    sliders = [each for each in hands.sight(world.place, QAbstractSlider) if not isinstance(each, QScrollBar)]
    slider, a, b = chosen(chance, sliders), chance.random(), chance.random()
    count, pause = chance.randrange(3, 25), chance.choice((0.0, 0.002, 0.008, 0.03))
    if slider is None:
        return None
    a = hands.handle_of(slider) if chance.random() < 0.8 else a
    way = [hands.place_in(slider, a + (b - a) * i / count, 0.5) for i in range(count + 1)]
    steps: list[Step] = [partial(hands.press, slider, way[0])]
    steps += [partial(hands.drag_to, slider, at) for at in way[1:]]
    steps += [partial(hands.release, slider, way[-1])]
    return Deed(f"drag {called(slider)} from {a:.2f} to {b:.2f} in {count} moves", steps, (pause,))


@action("anywhere", 1)
def choose_in_a_box(world: World, chance: random.Random) -> Deed | None:
    box, way = chosen(chance, hands.sight(world.place, QComboBox)), chance.choice((1, -1))
    if box is None:
        return None
    return Deed(f"the next in {called(box)}", [partial(hands.wheel, box, box.rect().center(), 120 * way)])


@action("anywhere", 2)
def open_a_tab(world: World, chance: random.Random) -> Deed | None:
    bars = hands.sight(world.place, QTabBar)
    bar, share = chosen(chance, bars), chance.random()
    if bar is None:
        return None
    index = int(share * bar.count())
    return Deed(f"open the tab {bar.tabText(index)}", click(bar, bar.tabRect(index).center()))


@action("anywhere", 3)
def scroll(world: World, chance: random.Random) -> Deed | None:
    area, at, turn = (
        chosen(chance, hands.sight(world.place, QAbstractScrollArea)),
        spread(chance),
        chance.choice((-360, -120, 120, 360)),
    )
    if area is None:
        return None
    inside = area.viewport()
    place = hands.place_in(inside, *at)
    return Deed(f"wheel {turn} over {called(area)}", [partial(hands.wheel, inside, place, turn)])


@action("anywhere", 2)
def ask_for_a_menu(world: World, chance: random.Random) -> Deed | None:
    widget, at = chosen(chance, _menus(world)), spread(chance)
    if widget is None:
        return None
    return Deed(f"right click on {called(widget)}", [partial(hands.ask_menu, widget, hands.place_in(widget, *at))])


@action("anywhere", 1)
def pick_in_a_list(world: World, chance: random.Random) -> Deed | None:
    found, at, delete = chosen(chance, hands.sight(world.place, QListWidget)), spread(chance), chance.random() < 0.5
    if found is None:
        return None
    steps = click(found.viewport(), hands.place_in(found.viewport(), *at))
    if delete:
        steps += keyed(world, Key.Key_Delete)
    return Deed(f"click in {called(found)}{' and Delete' if delete else ''}", steps)


@action("anywhere", 2)
def walk_with_tab(world: World, chance: random.Random) -> Deed | None:
    count, back = chance.randrange(1, 6), chance.random() < 0.3
    keys: Iterable[Key] = [Key.Key_Backtab if back else Key.Key_Tab] * count
    return Deed(f"{'Shift-' * back}Tab {count} times", keyed(world, *keys, hold=SHIFT if back else PLAIN))


@action("anywhere", 3)
def press_a_key(world: World, chance: random.Random) -> Deed | None:
    keys = (
        Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_Space, Key.Key_Return, Key.Key_Escape, Key.Key_A,
        Key.Key_B, Key.Key_R, Key.Key_S, Key.Key_T, Key.Key_Delete, Key.Key_Home, Key.Key_End, Key.Key_PageDown,
        Key.Key_1, Key.Key_2, Key.Key_Plus, Key.Key_Minus,
    )  # fmt: skip
    which, times = chance.choice(keys), chance.choice((1, 1, 1, 2, 6))
    return Deed(f"{which.name} {times} times", keyed(world, *[which] * times))


@action("anywhere", 2)
def press_a_shortcut(world: World, chance: random.Random) -> Deed | None:
    keys = (Key.Key_F, Key.Key_D, Key.Key_L, Key.Key_T, Key.Key_0, Key.Key_S, Key.Key_1, Key.Key_2)
    which = chance.choice(keys)
    return Deed(f"Ctrl and {which.name}", keyed(world, which, hold=CONTROL))


@action("anywhere", 3)
def undo_and_redo(world: World, chance: random.Random) -> Deed | None:
    back, forth, beside = chance.choice((1, 1, 2, 5)), chance.choice((0, 0, 1, 2, 5)), chance.random() < 0.7
    steps: list[Step] = [world.window.centralWidget().setFocus] if beside else []  # else a field may have the keys
    steps += keyed(world, *[Key.Key_Z] * back, hold=CONTROL)
    steps += keyed(world, *[Key.Key_Z] * forth, hold=CONTROL | SHIFT)
    return Deed(f"undo {back} times and redo {forth} times", steps, (0.02,))


@action("anywhere", 0.3)
def ask_for_the_guide(world: World, chance: random.Random) -> Deed | None:
    return Deed("F1", keyed(world, Key.Key_F1))


@action("anywhere", 0.6)
def resize_the_window(world: World, chance: random.Random) -> Deed | None:
    width, height = chance.randrange(1100, 1900), chance.randrange(640, 1200)
    steps = [partial(world.window.resize, width - 40 * i, height - 25 * i) for i in range(3)]
    return Deed(f"resize the window to {width - 80} x {height - 50}", steps, (0.02,))


def _of_a_number(field: QLineEdit) -> bool:
    return isinstance(field.parentWidget(), QAbstractSpinBox | QComboBox)


def _menus(world: World) -> list[QWidget]:
    """Whatever may have a menu of its own."""
    place = world.place
    areas: list[QWidget] = [each.viewport() for each in hands.sight(place, QAbstractScrollArea)]
    rest = [each for each in hands.sight(place, QWidget) if type(each).contextMenuEvent is not QWidget.contextMenuEvent]
    return [*areas, *(each for each in rest if not isinstance(each, QAbstractScrollArea))]
