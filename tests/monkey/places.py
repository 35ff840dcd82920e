"""What the monkey does in single places of the window: on the maps, with runs, in the tabs, on the Train page."""

from __future__ import annotations

import random
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPushButton, QTabBar, QWidget

from app.core.picks import Pick
from app.maps.view import MapView
from app.widgets.pick_drag import mime_of
from app.widgets.pick_field import PickField
from app.widgets.send_menu import SendButton
from app.widgets.sentences.sentence_grid import SentenceGrid
from tests.monkey import hands
from tests.monkey.actions import TEXTS, Deed, Step, action, called, chosen, click, keyed, spread, typed
from tests.monkey.hands import CONTROL, PLAIN, SHIFT
from tests.monkey.laboratory import CORPUS, FOUR, SETTINGS, SMALL
from tests.monkey.world import World

Key = Qt.Key
_RUNS = ("demo", SMALL, FOUR)


def _map(world: World, chance: random.Random) -> MapView | None:
    return chosen(chance, hands.sight(world.place, MapView))


def _point_of(view: MapView, at: tuple[float, float]) -> QPoint:
    """A point of the map that is in sight, near a place; or the place."""
    place = hands.place_in(view, *at)
    for reach in range(0, 120, 10):
        for dx, dy in ((0, 0), (reach, 0), (-reach, 0), (0, reach), (0, -reach)):
            near = place + QPoint(dx, dy)
            if view.rect().contains(near) and view.index_at(near.toPointF()) >= 0:
                return near
    return place


@action("maps", 8)
def click_a_point(world: World, chance: random.Random) -> Deed | None:
    view, at = _map(world, chance), spread(chance)
    if view is None:
        return None
    place = _point_of(view, at)
    return Deed(f"click {called(view)} at {place.toTuple()}", click(view, place), (0.01,))


@action("maps", 3)
def click_two_points(world: World, chance: random.Random) -> Deed | None:
    view, first, second, between = _map(world, chance), spread(chance), spread(chance), chance.uniform(0.015, 0.13)
    if view is None:
        return None
    steps = [step for at in (first, second) for step in click(view, _point_of(view, at))]
    return Deed(f"click two points of {called(view)}, {1e3 * between:.0f} ms apart", steps, (0.0, 0.0, between, 0.0))


@action("maps", 3)
def hover_over_a_map(world: World, chance: random.Random) -> Deed | None:
    view, a, b, count = _map(world, chance), spread(chance), spread(chance), chance.randrange(3, 20)
    if view is None:
        return None
    way = [(a[0] + (b[0] - a[0]) * i / count, a[1] + (b[1] - a[1]) * i / count) for i in range(count + 1)]
    steps = [partial(hands.move, view, hands.place_in(view, *at)) for at in way]
    return Deed(f"hover over {called(view)} in {count} moves", steps, (0.008,))


@action("maps", 3)
def wheel_over_a_map(world: World, chance: random.Random) -> Deed | None:
    view, at, turn, times = _map(world, chance), spread(chance), chance.choice((-120, 120, 240)), chance.randrange(1, 6)
    if view is None:
        return None
    place = hands.place_in(view, *at)
    return Deed(
        f"wheel {turn} x {times} over {called(view)}", [partial(hands.wheel, view, place, turn)] * times, (0.01,)
    )


@action("maps", 1)
def double_click_a_map(world: World, chance: random.Random) -> Deed | None:
    view, at = _map(world, chance), spread(chance)
    if view is None:
        return None
    place = hands.place_in(view, *at)
    steps = [*click(view, place), partial(hands.press_again, view, place)]
    return Deed(f"double click {called(view)} at {place.toTuple()}", steps, (0.02,))


@action("maps", 3)
def drag_over_a_map(world: World, chance: random.Random) -> Deed | None:
    view, a, b, held = _map(world, chance), spread(chance), spread(chance), chance.random() < 0.4
    count = chance.randrange(3, 15)
    if view is None:
        return None
    keys = SHIFT if held else PLAIN
    way = [
        hands.place_in(view, a[0] + (b[0] - a[0]) * i / count, a[1] + (b[1] - a[1]) * i / count)
        for i in range(count + 1)
    ]
    steps: list[Step] = [partial(hands.press, view, way[0], keys)]
    steps += [partial(hands.drag_to, view, at, keys) for at in way[1:]]
    steps += [partial(hands.release, view, way[-1], keys)]
    return Deed(f"{'shift-' * held}drag over {called(view)} in {count} moves", steps, (0.008,))


@action("maps", 2)
def work_with_the_selection(world: World, chance: random.Random) -> Deed | None:
    key, hold = chance.choice(_OF_THE_SELECTION)
    if world.page != "Explore":
        return None
    return Deed(f"press {key.name} with {hold.name}", keyed(world, key, hold=hold))


_OF_THE_SELECTION = (
    (Key.Key_I, CONTROL | SHIFT),
    (Key.Key_A, CONTROL | SHIFT),
    (Key.Key_L, CONTROL | SHIFT),
    (Key.Key_E, CONTROL),
    (Key.Key_K, CONTROL),
    (Key.Key_X, PLAIN),
)


@action("maps", 3)
def search_sentences(world: World, chance: random.Random) -> Deed | None:
    text, pace, clear = chance.choice(TEXTS), chance.choice((0.0, 0.03, 0.15)), chance.random() < 0.4
    steps = keyed(world, Key.Key_F, hold=CONTROL)
    steps += keyed(world, Key.Key_Backspace) if clear else typed(world, text)
    return (
        Deed("empty the search" if clear else f"search {text!r}", steps, (0.0, pace))
        if world.page == "Explore"
        else None
    )


@action("maps", 3)
def go_through_hits(world: World, chance: random.Random) -> Deed | None:
    """From the search: on and back, into the list and along it, and what else its keys do."""
    if world.page != "Explore":
        return None
    count, back, keep = chance.randrange(0, 5), chance.random() < 0.3, chance.random() < 0.2
    along = [chance.choice((Key.Key_Down, Key.Key_Up, Key.Key_End, Key.Key_PageUp, Key.Key_Return)) for _ in range(3)]
    last = chance.choice(([Key.Key_Escape], [Key.Key_T], [Key.Key_A], []))
    steps = keyed(world, Key.Key_F, hold=CONTROL)
    steps += keyed(world, *[Key.Key_Return] * count, hold=SHIFT if back else PLAIN)
    steps += keyed(world, Key.Key_K, hold=CONTROL) if keep else keyed(world, Key.Key_Down, *along, *last)
    what = "keep them" if keep else ", ".join(key.name for key in [*along, *last])
    return Deed(f"{count} hits {'back' if back else 'on'}, then {what}", steps, (0.0, 0.02))


@action("runs", 1)
def open_another_run(world: World, chance: random.Random) -> Deed | None:
    names = [chance.choice(_RUNS) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    between = chance.uniform(0.0, 1.5)
    steps = [partial(_choose_run, world, name) for name in names]
    return (
        Deed(f"open {', then '.join(names)}, {between:.2f} s apart", steps, (between,)) if not hands.front() else None
    )


def _choose_run(world: World, name: str) -> None:
    """The entry of the menu, as the hand would choose it: its list is made when it opens."""
    menu = world.window.toolbar.menu_button.menu()
    if hands.front() is not None:
        return
    menu.aboutToShow.emit()
    runs = menu.actions()[0].menu()
    for entry in runs.actions() if runs is not None else ():
        if entry.text() == name:  # type: ignore[attr-defined]
            entry.trigger()  # type: ignore[attr-defined]
            return


@action("runs", 1)
def back_to_the_newest_step(world: World, chance: random.Random) -> Deed | None:
    back = world.window.strip.back
    return Deed("back to the newest step", click(back, back.rect().center())) if hands.in_sight(back) else None


@action("bench", 4)
def open_a_tab_of_the_bench(world: World, chance: random.Random) -> Deed | None:
    share = chance.random()
    bar = world.window.bench.findChildren(QTabBar)[0]
    if not hands.in_sight(bar) or hands.front() is not None:
        return None
    index = int(share * bar.count())
    return Deed(f"open the tab {bar.tabText(index)}", click(bar, bar.tabRect(index).center()))


@action("bench", 5)
def fill_the_open_tab(world: World, chance: random.Random) -> Deed | None:
    """Something to work on in every field of the open tab, so that it has answers."""
    texts = [chance.choice(TEXTS[:4]) for _ in range(8)]
    if hands.front() is not None or world.page != "Explore":
        return None
    fields = [each for each in hands.sight(world.tab_view, PickField) if not each.text() or chance.random() < 0.3]
    steps: list[Step] = []
    for field, text in zip(fields, texts, strict=False):
        steps += [*click(field, field.rect().center()), *keyed(world, Key.Key_A, hold=CONTROL), *typed(world, text)]
        steps += keyed(world, Key.Key_Return)
    return Deed(f"fill the {len(fields)} fields of {world.tab}", steps, (0.0,)) if steps else None


@action("bench", 5)
def press_a_button_of_the_open_tab(world: World, chance: random.Random) -> Deed | None:
    share = chance.random()
    if hands.front() is not None or world.page != "Explore":
        return None
    buttons = hands.sight(world.tab_view, QPushButton)
    if not buttons:
        return None
    button = buttons[int(share * len(buttons))]
    return Deed(f"press {called(button)} of {world.tab}", click(button, button.rect().center()))


@action("bench", 3)
def click_in_a_list(world: World, chance: random.Random) -> Deed | None:
    grid, at, key = chosen(chance, hands.sight(world.place, SentenceGrid)), spread(chance), chance.choice(_LIST_KEYS)
    if grid is None:
        return None
    steps = [*click(grid.viewport(), hands.place_in(grid.viewport(), *at)), *keyed(world, key)]
    return Deed(f"click in {called(grid)} and {key.name}", steps, (0.02,))


_LIST_KEYS = (
    Key.Key_Down,
    Key.Key_Up,
    Key.Key_A,
    Key.Key_B,
    Key.Key_T,
    Key.Key_S,
    Key.Key_1,
    Key.Key_Delete,
    Key.Key_End,
)


@action("bench", 3)
def carry_from_a_list(world: World, chance: random.Random) -> Deed | None:
    grid, at, held = chosen(chance, hands.sight(world.place, SentenceGrid)), spread(chance), chance.random() < 0.5
    if grid is None:
        return None
    return _carry(grid.viewport(), hands.place_in(grid.viewport(), *at), held)


@action("bench", 3)
def carry_by_a_button(world: World, chance: random.Random) -> Deed | None:
    button, held = chosen(chance, hands.sight(world.place, SendButton)), chance.random() < 0.5
    return None if button is None else _carry(button, button.rect().center(), held)


def _carry(source: QWidget, at: QPoint, held: bool) -> Deed:
    keys, away = SHIFT if held else PLAIN, at + QPoint(24, 12)
    steps: list[Step] = [
        partial(hands.press, source, at),
        partial(hands.drag_to, source, at + QPoint(4, 2), keys),
        partial(hands.drag_to, source, away, keys),
        partial(hands.release, source, away),
    ]
    return Deed(f"{'shift-' * held}carry something from {called(source)}", steps, (0.0,))


@action("bench", 5)
def drop_what_is_carried(world: World, chance: random.Random) -> Deed | None:
    text, let_go, at = chance.choice(TEXTS), chance.random() < 0.9, spread(chance)
    targets = [each for each in hands.sight(world.place, QLineEdit) if each.acceptDrops()]
    targets += [each for each in hands.sight(world.place, QTabBar) if each.acceptDrops()]  # type: ignore[misc]
    target = chosen(chance, targets)
    if target is None:
        return None
    data = world.carried or mime_of(Pick(text))
    world.carried = None
    place = hands.place_in(target, *at)
    way = [place - QPoint(2, 0), place]
    told = f"{'drop' if let_go else 'carry past'} “{data.text()[:40]}” on {called(target)}"
    return Deed(told, [partial(hands.drop, target, data, way, let_go)])


@action("train", 1)
def open_the_train_page(world: World, chance: random.Random) -> Deed | None:
    back = chance.random() < 0.5
    return Deed("open Explore" if back else "open Train", keyed(world, Key.Key_1 if back else Key.Key_2, hold=CONTROL))


@action("evaluate", 1)
def open_the_evaluate_page(world: World, chance: random.Random) -> Deed | None:
    back = chance.random() < 0.5
    return Deed(
        "open Explore" if back else "open Evaluate", keyed(world, Key.Key_1 if back else Key.Key_3, hold=CONTROL)
    )


@action("evaluate", 1.5)
def walk_through_the_numbers(world: World, chance: random.Random) -> Deed | None:
    keys = [chance.choice((Key.Key_Down, Key.Key_Up, Key.Key_Left, Key.Key_Right, Key.Key_Return)) for _ in range(6)]
    last = chance.choice(([Key.Key_Escape], []))
    table = world.explorer.evaluate.page.table if world.page == "Evaluate" else None
    if table is None or not hands.in_sight(table):
        return None
    steps = [*click(table.viewport(), hands.place_in(table.viewport(), *spread(chance))), *keyed(world, *keys, *last)]
    return Deed(f"walk through the numbers: {', '.join(key.name for key in keys)}", steps, (0.0, 0.02))


@action("train", 2)
def follow_a_run(world: World, chance: random.Random) -> Deed | None:
    name = chance.choice(_RUNS)
    if world.page != "Train" or hands.front() is not None:
        return None
    return Deed(f"follow {name}", [partial(world.explorer.train.page.head.run_chosen.emit, name)])


@action("train", 2)
def hover_over_plots(world: World, chance: random.Random) -> Deed | None:
    a, b = spread(chance), spread(chance)
    train = world.explorer.train.page if world.page == "Train" else None
    if train is None or train.plots is None or not hands.in_sight(train.plots):
        return None
    plots = train.plots
    way = [(a[0] + (b[0] - a[0]) * i / 9, a[1] + (b[1] - a[1]) * i / 9) for i in range(10)]
    return Deed("hover over the plots", [partial(hands.move, plots, hands.place_in(plots, *at)) for at in way], (0.01,))


@action("train", 0.7)
def start_a_small_training(world: World, chance: random.Random) -> Deed | None:
    """The form is filled from a file with a training of seconds; one at a time."""
    if world.page != "Train" or hands.front() is not None or world.explorer.train.state.own.alive:
        return None
    settings, taken = world.root / SETTINGS / "training.toml", world.workspace.run_names()
    name = next(f"played-{i}" for i in range(1000) if f"played-{i}" not in taken)

    def fill() -> None:
        form = world.explorer.train.form
        form.read(settings)
        form.set_corpus(CORPUS)
        form.set_run(name)

    def begin() -> None:
        view = world.explorer.train.page.form
        if view is not None and view.start.isEnabled() and world.explorer.train.form.state.form.corpus == CORPUS:
            hands.press(view.start, view.start.rect().center())
            hands.release(view.start, view.start.rect().center())

    new = world.explorer.train.page.head.new
    return Deed("start a small training", [*click(new, new.rect().center()), fill, begin], (0.0, 0.0, 0.8, 0.4))


@action("train", 1.5)
def show_a_checkpoint(world: World, chance: random.Random) -> Deed | None:
    share = chance.random()
    if world.page != "Train":
        return None
    bar = world.explorer.train.page.checkpoints
    if not hands.in_sight(bar.slider) or not hands.in_sight(bar.show_button):
        return None
    at = hands.place_in(bar.slider, share, 0.5)
    steps = [*click(bar.slider, at), *click(bar.show_button, bar.show_button.rect().center())]
    return Deed(f"show the checkpoint at {share:.2f}", steps, (0.05,))


@action("train", 1)
def pause_or_stop_a_training(world: World, chance: random.Random) -> Deed | None:
    buttons = ("pause", "resume", "stop")
    name = chance.choice(buttons)
    if world.page != "Train":
        return None
    button: QAbstractButton = getattr(world.explorer.train.page.head, name)
    return Deed(name, click(button, button.rect().center())) if hands.in_sight(button) else None
