"""The play: deed after deed, a rest from time to time, and at each rest a look at all that is shown."""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import psutil
from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QTabBar

from app.core.wish import differences
from app.maps.colours.kinds import BY_NAME
from tests.monkey import drawing as _drawing  # noqa: F401  its actions are among those of the play
from tests.monkey import hands
from tests.monkey.actions import ACTIONS, Action, Deed, answered, click
from tests.monkey.comparing import TABS, Comparisons
from tests.monkey.findings import Journal
from tests.monkey.places import fill_the_open_tab
from tests.monkey.settling import settle
from tests.monkey.stalls import MOST, StallWatch
from tests.monkey.truth import Truth
from tests.monkey.weighing import Held, weigh
from tests.monkey.world import World

PLACES = tuple(dict.fromkeys(action.place for action in ACTIONS))
"""Parts of the window that a play can be kept to; what can be done anywhere is always done."""

_BREATH = 0.002  # seconds that the driver sleeps where nothing happens
_TEMPI = ((0.0, 0.0), (0.0, 0.03), (0.03, 0.25), (0.1, 0.6), (0.0, 1.2))
"""Seconds between two deeds, from and to; one of them holds for a while: bursts without waiting, a hand, rests."""
_SAME_TEMPO = 20  # deeds
_UNTIL_REST = 7.0, 16.0  # seconds of play
_OPENING = 120.0
_BEAT_MS = 100
SETTLED = 10
"""Minutes after which memory is to stay where it is."""
_RESTING = 6.0  # seconds without a deed, in which the window gives back what is free
_IDLE_BREATH = 0.1  # between two turns meanwhile: looked at every 2 ms, the process would never seem to rest
_WAITED = 0.3  # seconds of one event, after which a menu is left that it waits for


@dataclass
class Minute:
    """What the process holds at the end of a minute: resident megabytes, widgets, threads, deeds so far."""

    memory: float
    widgets: int
    threads: int
    deeds: int


@dataclass
class Record:
    """How the play went, beside the findings.

    `at_rest` is what is held where nothing has been done for some seconds: every `SETTLED` minutes, and at the end.
    What a minute holds besides depends on what is under way.
    """

    minutes: list[Minute] = field(default_factory=list)
    deeds: int = 0
    not_possible: int = 0
    rests: int = 0
    compared: Counter[str] = field(default_factory=Counter)
    at_rest: list[Held] = field(default_factory=list)


_PAGES = ("Train", "Evaluate", "Survey", "Explore")
_ASKED = "I have a dog."
_SEEN_WITH_STEPS = {("Arithmetic", "face")}
"""What is chosen to be seen is no step: a step that is done again shows itself where it was done."""


class Play:
    """Plays in a window until time is up."""

    def __init__(self, world: World, journal: Journal, watch: StallWatch, seed: int, only: Sequence[str] = ()) -> None:
        self.record = Record()
        self._world, self._journal, self._watch, self._seed = world, journal, watch, seed
        kept = [each for each in ACTIONS if not only or each.place in (*only, "anywhere")]
        self._actions, self._weights = kept, [each.weight for each in kept]
        self._comparisons: Comparisons | None = None
        self._process = psutil.Process()
        self._next_minute = 60.0
        self._step_began = 0.0
        self._beat = QTimer(interval=_BEAT_MS)
        self._beat.timeout.connect(self._leave_menus)
        self._beat.start()

    def open(self, run: str) -> None:
        """Show the window and wait until it is put together.

        Raises:
            RuntimeError: that did not happen.
        """
        dispatcher = QAbstractEventDispatcher.instance()
        if dispatcher is not None:
            dispatcher.awake.connect(self._watch.lap)
            dispatcher.aboutToBlock.connect(self._watch.waits)
        self._world.begin(run)
        end = time.monotonic() + _OPENING
        while not self._world.began:
            self._world.application.processEvents()
            if time.monotonic() > end:
                raise RuntimeError("The window was not put together.")
        self._comparisons = Comparisons(self._world.explorer, Truth(self._world.workspace))
        self.record.compared = self._comparisons.seen

    def run(self, minutes: float) -> None:
        """Play so many minutes, and come to rest at the end."""
        if minutes > SETTLED:
            self._see_everything()
        end = time.monotonic() + 60 * minutes
        rest_at, number = self._next_rest(0), 0
        while time.monotonic() < end:
            number += 1
            self._one(number, random.Random(f"{self._seed}/{number}"))
            if time.monotonic() > rest_at:
                self.rest(number)
                rest_at = self._next_rest(number)
                if len(self.record.minutes) >= SETTLED * (len(self.record.at_rest) + 1):
                    self._weigh()
        self.rest(number + 1)
        if self.record.at_rest:
            self._weigh()

    def _see_everything(self) -> None:
        """Have what is made once made, before it is taken for growth: pages, tabs, what lies on maps, their colours."""
        explorer, maps = self._world.explorer, self._world.explorer.maps.controller
        settle(explorer, self.live)
        self.live(_RESTING, _IDLE_BREATH)
        self._journal.action("see everything once")
        steps: list[Callable[[], object]] = [partial(explorer.show_page, page) for page in _PAGES]
        steps += [partial(show, True) for show in (maps.show_names, maps.show_contours, maps.show_density)]
        steps += [partial(maps.show_density, False), *(partial(maps.colour_by, kind) for kind in BY_NAME)]
        for step in [*steps, *self._plain_maps()]:
            self._take(step)
            settle(explorer, self.live)
        chance = random.Random(f"{self._seed}/everything")
        for tab in TABS:
            self._take(partial(setattr, explorer.state, "tab", tab))
            settle(explorer, self.live)
            if deed := fill_the_open_tab(self._world, chance):
                self._do(deed)
                settle(explorer, self.live)

    def _plain_maps(self) -> list[Callable[[], object]]:
        """Steps to maps with nothing on them, coloured as at the first start."""
        maps = self._world.explorer.maps.controller
        shows = (maps.show_names, maps.show_contours, maps.show_density)
        return [*(partial(show, False) for show in shows), partial(maps.colour_by, "KL"), partial(maps.search, "")]

    def _take(self, step: Callable[[], object]) -> None:
        with self._watch.turn():
            self._guarded(step)

    def _weigh(self) -> None:
        """Note what the window holds where the same is shown and asked each time.

        Four models hold more than two, and those that have answered something hold their decoders laid out for single
        steps, 35 MB of the demo's. So do the models that are compared with: they are none of the window's.
        """
        self._journal.action("at rest, open the demo to weigh what is held")
        for step in (
            lambda: self._world.explorer.show_page("Explore"),
            lambda: setattr(self._world.explorer.state, "tab", "Reconstruct"),
            lambda: self._world.explorer.bench.tab("Reconstruct").type(_ASKED),
            *self._plain_maps(),
            lambda: self._world.explorer.open("demo"),
        ):
            self._take(step)
        settle(self._world.explorer, self.live)
        assert self._comparisons is not None
        self._comparisons.forget()
        self.live(_RESTING, _IDLE_BREATH)
        self.record.at_rest.append(weigh())
        self._journal.write(f"{self._journal.now:9.3f}  held at rest: {self.record.at_rest[-1].text()}")

    @property
    def _held(self) -> float:
        """Resident megabytes."""
        return float(self._process.memory_info().rss / 1e6)

    def live(self, seconds: float = 0.0, breath: float = _BREATH) -> None:
        """Let the window have its turns for a while; one at the least.

        Args:
            seconds: how long.
            breath: between two turns.
        """
        end = time.perf_counter() + seconds
        while True:
            with self._watch.turn():
                self._guarded(lambda: self._world.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents))
            self._each_minute()
            if time.perf_counter() >= end:
                return
            time.sleep(breath)

    def rest(self, number: int) -> None:
        """Stop, let the window come to rest, and compare what it shows; then the same with another tab in view."""
        self.record.rests += 1
        self._journal.write(f"{self._journal.now:9.3f}  rest")
        self._watch.doing = "rest"
        for _ in range(6):
            if hands.front() is None:
                break
            self._do(Deed("close what lies over the window", [self._close_front]))
        self._compare()
        chance = random.Random(f"{self._seed}/rest {number}")
        if chance.random() < 0.4:
            self._go_back_and_forth(chance.choice((1, 2, 4, 8, 30)))
        for _ in range(chance.choice((0, 1, 1, 2))):
            share, filled = chance.random(), chance.random() < 0.7
            bar = self._world.window.bench.findChildren(QTabBar)[0]
            if hands.front() is not None or not hands.in_sight(bar):
                break
            index = int(share * bar.count())
            self._do(Deed(f"at rest, open {bar.tabText(index)}", click(bar, bar.tabRect(index).center())))
            deed = fill_the_open_tab(self._world, chance) if filled else None
            if deed is not None:
                self._do(deed)
            self._compare()

    def _compare(self) -> None:
        stuck = settle(self._world.explorer, self.live)
        if stuck:
            self._journal.find("busy for ever", stuck[0], "\n".join(stuck))
            self._journal.action("try again, as the window is stuck")
            with self._watch.turn():
                self._guarded(self._world.explorer.retry)
            return
        assert self._comparisons is not None
        try:
            found = self._comparisons.mismatches()
        except Exception as error:  # what cannot be read any more is a finding of its own, and the play goes on
            self._journal.find("the monkey's own", "a comparison", _told(error))
            return
        for each in found:
            self._journal.find("mismatch", each.place, f"shown:    {each.shown}\nexpected: {each.expected}")

    def _go_back_and_forth(self, count: int) -> None:
        """Undo some steps and do them again: everything is wanted as before, and what is shown is of that."""
        explorer = self._world.explorer
        history, seen = explorer.context.history, self.record.compared
        if settle(explorer, self.live) or not history.undoes:
            return
        count = min(count, history.depth)  # no more are done again than were undone: some may have been before
        before = {name: feature.wish() for name, feature in history.features.items()}
        said, where = history.undoes, (explorer.state.page, explorer.state.tab)
        self._do(Deed(f"undo {count} times at rest, from “{said}”", [history.undo] * count))
        back = settle(explorer, self.live)
        if history.redoes:
            self._compare()
        self._do(Deed(f"redo {count} times at rest", [history.redo] * count))
        if back or settle(explorer, self.live):
            return
        seen["steps back and forth"] += count
        for name, wish in before.items():
            now = history.features[name].wish()
            for name_of in differences(wish, now):
                if (name, name_of) in _SEEN_WITH_STEPS:
                    continue
                was, found = repr(getattr(wish, name_of)), repr(getattr(now, name_of))
                self._journal.find(
                    "mismatch", f"undone and done again: {name}, {name_of}", f"shown:    {found}\nexpected: {was}"
                )
        if history.undoes != said:
            self._journal.find("mismatch", "undone and done again: the last step", f"{history.undoes} for {said}")
        explorer.state.page, explorer.state.tab = where
        self._compare()

    def _one(self, number: int, chance: random.Random) -> None:
        chosen = chance.choices(self._actions, self._weights)[0]
        low, high = random.Random(f"{self._seed}/tempo {number // _SAME_TEMPO}").choice(_TEMPI)
        pause = chance.uniform(low, high)
        deed = self._planned(chosen, chance)
        if deed is None:
            self.record.not_possible += 1
            self._journal.write(f"{self._journal.now:9.3f}  {number} {chosen.name}: not possible now")
            self.live()
            return
        self._journal.action(f"{number} {chosen.name}: {deed.words}")
        self.record.deeds += 1
        self._do(deed)
        self.live(pause)

    def _planned(self, chosen: Action, chance: random.Random) -> Deed | None:
        try:
            if hands.front() is not None and chance.random() < 0.8:
                reply = answered(self._world, chance)
                if reply is not None:
                    return reply
            return chosen.plan(self._world, chance)
        except Exception as error:
            self._journal.find("the monkey's own", chosen.name, _told(error))
            return None

    def _do(self, deed: Deed) -> None:
        self._watch.doing = deed.words
        for place, step in enumerate(deed.steps):
            with self._watch.turn():
                self._guarded(step)
            pause = deed.pause_after(place)
            if pause:
                self.live(pause)

    def _leave_menus(self) -> None:
        """Leave a menu that Qt opens itself, as that of a field for a number, and that keeps the hand waiting."""
        over = hands.front()
        if self._step_began and time.monotonic() - self._step_began > _WAITED and over is not None:
            self._journal.action(f"leave the {type(over).__name__} that waits for an answer")
            over.close()

    def _guarded(self, step: Callable[[], object]) -> None:
        self._step_began = time.monotonic()
        try:
            step()
        except RuntimeError as error:
            if "already deleted" not in str(error) or _in_window(error):
                self._journal.caught(error, "an event")
        except Exception as error:
            self._journal.caught(error, "an event")
        finally:
            self._step_began = 0.0

    def _close_front(self) -> None:
        over = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if over is not None:
            over.close()

    def _next_rest(self, number: int) -> float:
        return time.monotonic() + random.Random(f"{self._seed}/until rest {number}").uniform(*_UNTIL_REST)

    def _each_minute(self) -> None:
        if self._journal.now < self._next_minute:
            return
        self._next_minute += 60.0
        record = self.record
        held = self._held
        widgets = len(QApplication.allWidgets())
        record.minutes.append(Minute(held, widgets, threading.active_count(), record.deeds))
        told = f"minute {len(record.minutes):3d}: {held:6.0f} MB, {widgets} widgets, {threading.active_count()} threads"
        told += (
            f", {record.deeds} deeds, {record.compared.total()} things compared, {len(self._journal.findings)} findings"
        )
        long = [stall for stall in self._watch.stalls if stall.own > MOST]
        told += f", {len(long)} stalls" + (f", the last: {long[-1].text()}" if long else "")
        self._journal.write(told)
        print(told, flush=True)

    def end(self) -> None:
        """Close the window and see that nothing of it is left."""
        before = {thread.name for thread in threading.enumerate() if thread.name in ("reader", "models", "training")}
        self._beat.stop()
        self._guarded(self._world.end)
        for _ in range(20):
            self._world.application.processEvents()
        alive = [thread.name for thread in threading.enumerate() if thread.name in before]
        if alive:
            self._journal.find("left behind", "threads", ", ".join(alive))
        for child in self._process.children(recursive=True):
            with suppress(psutil.Error):
                child.kill()  # a training of the play goes on without the window, and its workspace is removed


def _told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _in_window(error: BaseException) -> bool:
    """Whether an error came from the app; the monkey's own hand may hold a widget that is gone meanwhile."""
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename.replace("\\", "/")
        if "/app/" in file or "/engine/" in file:
            return True
        trace = trace.tb_next
    return False
