"""A change of theme touches what is in view at once and nothing else, and leaves nothing in the colours of before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import ClassVar

import pytest
from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QDialog, QGraphicsView, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.bench.rows import GatheredRow
from app.bench.tabs import KINDS
from app.core import theme
from app.core.picks import Pick, Place
from app.core.settings import AppSettings
from app.run import run_controller
from app.run.atlas import Opened, columns_of, read_atlas
from app.run.map_shown import Places
from app.shell.dressing import Dressing
from app.shell.explorer import Explorer
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.app.looking import shown

MUTED = {"dark": theme.DARK.muted, "light": theme.LIGHT.muted}


@pytest.fixture
def session(tiny_run) -> Session:
    return Session.load(tiny_run, "cpu")


@pytest.fixture
def opening(monkeypatch, tiny_run, tiny_workspace):
    """The tiny run's own latents, the first two dimensions of them as its maps."""

    def load_maps(workspace, name, tell):
        atlas = read_atlas(LatentCache.open(tiny_workspace.cache("tiny")))
        for variant, numbers in atlas.numbers.items():
            places = Places(atlas.cache.mu(variant)[:, :2], "pca", {"method": "pca"})
            atlas.numbers[variant] = replace(numbers, coords=places.coords, places=places)
        return Opened(columns_of(tiny_run), "ready", atlas=atlas)

    monkeypatch.setattr(run_controller, "load_maps", load_maps)


class Told(QObject):
    """Which widgets of a window are sent an event of a kind."""

    def __init__(self, window: QWidget, kind: QEvent.Type) -> None:
        super().__init__()
        self._kind = kind
        self.seen: list[QWidget] = []
        for widget in (window, *window.findChildren(QWidget)):
            widget.installEventFilter(self)

    def eventFilter(self, watched, event) -> bool:
        if event.type() == self._kind:
            self.seen.append(watched)
        return False


def pages(qtbot) -> tuple[QStackedWidget, list[QLabel]]:
    """Three pages, each with a quiet label, the first in view."""
    theme.apply(QApplication.instance(), "dark")
    window = QStackedWidget()
    qtbot.addWidget(window)
    labels = []
    for i in range(3):
        page = QWidget()
        column = QVBoxLayout(page)
        labels.append(QLabel(f"page {i}"))
        labels[-1].setProperty("role", "muted")
        column.addWidget(labels[-1])
        window.addWidget(page)
    window.dressing = Dressing(window)
    window.show()
    qtbot.waitExposed(window)
    for i in (2, 1, 0):
        window.setCurrentIndex(i)
    return window, labels


def follow(window: QStackedWidget, mode: theme.Mode) -> None:
    theme.apply(QApplication.instance(), mode)
    window.dressing.follow()


def colours(labels: list[QLabel]) -> list[str]:
    return [label.palette().windowText().color().name() for label in labels]


def test_what_is_in_view_changes_at_once_and_the_rest_when_the_window_has_time(qtbot):
    window, labels = pages(qtbot)
    follow(window, "light")
    assert colours(labels) == [MUTED["light"], MUTED["dark"], MUTED["dark"]]
    assert not window.dressing.done
    qtbot.waitUntil(lambda: window.dressing.done)
    assert colours(labels) == [MUTED["light"]] * 3


def test_what_is_shown_before_its_turn_is_in_the_colours_of_now(qtbot):
    window, labels = pages(qtbot)
    follow(window, "light")
    window.setCurrentIndex(2)
    assert colours(labels) == [MUTED["light"], MUTED["dark"], MUTED["light"]]
    follow(window, "dark")
    window.setCurrentIndex(1)
    assert colours(labels) == [MUTED["light"], MUTED["dark"], MUTED["dark"]]
    qtbot.waitUntil(lambda: window.dressing.done)
    assert colours(labels) == [MUTED["dark"]] * 3


def test_a_page_that_has_been_dressed_half_when_it_is_shown_is_finished(qtbot, monkeypatch):
    monkeypatch.setattr("app.shell.dressing._AT_ONCE", 1)
    window, labels = pages(qtbot)
    follow(window, "light")
    window.dressing._next()  # the page alone
    assert colours(labels)[1] == MUTED["dark"]
    window.setCurrentIndex(1)
    assert colours(labels)[1] == MUTED["light"]


def test_pages_may_go_while_they_wait(qtbot):
    window, labels = pages(qtbot)
    follow(window, "light")
    gone = window.widget(1)
    window.removeWidget(gone)
    gone.deleteLater()
    QApplication.sendPostedEvents(gone, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: window.dressing.done)
    follow(window, "dark")
    qtbot.waitUntil(lambda: window.dressing.done)
    assert colours([labels[0], labels[2]]) == [MUTED["dark"]] * 2


def test_a_dialog_that_is_open_follows_at_once_and_a_closed_one_before_it_is_seen(qtbot):
    window, _ = pages(qtbot)
    dialogs = [QDialog(window), QDialog(window)]
    labels = [QLabel("text", dialog) for dialog in dialogs]
    for label in labels:
        label.setProperty("role", "muted")
    for dialog in dialogs:
        dialog.show()
    dialogs[1].hide()
    follow(window, "light")
    assert colours(labels) == [MUTED["light"], MUTED["dark"]]
    dialogs[1].show()
    assert colours(labels) == [MUTED["light"]] * 2


@pytest.fixture
def made(explorer, qtbot, tmp_path) -> Iterator[Callable[[theme.Mode], Explorer]]:
    """Makes a window with something in every tab, begun in a theme; `explorer` brings what is behind it."""
    windows = []

    def make(mode: theme.Mode) -> Explorer:
        theme.apply(QApplication.instance(), mode)
        settings = AppSettings(tmp_path / f"{mode}.ini")
        settings.theme = mode
        made = Explorer(Workspace(tmp_path), settings)
        windows.append(made.window)
        made.window.resize(1100, 700)
        made.window.show()
        made.open("demo")
        made.maps.controller.select(1)
        for place in ("Reconstruct", "Traverse", "Neighbours"):
            made.bench.send(Pick("we love the long road"), Place(place, ""))
            shown(made)
        made.bench.send(Pick("one"), Place("Interpolate", "A"))
        made.bench.send(Pick("two"), Place("Interpolate", "B"))
        made.table.add_rows((GatheredRow("one", {"vae": "one more", "autogen-m1": "one other"}, "z = μ, beam 10"),))
        for kind in KINDS:
            made.window.bench.show_tab(kind.name)
            shown(made)
        moved = made.bench.tab("Traverse").state
        qtbot.waitUntil(lambda: bool(moved.live.readings) and not moved.live.busy)
        return made

    yield make
    for window in windows:
        window.close()
        window.deleteLater()


def looks(window: QWidget) -> set[tuple[str, str]]:
    """The palettes there are among the widgets of a kind, in view or not."""
    found = set()
    for widget in window.findChildren(QWidget):
        palette = widget.palette()
        groups = (QPalette.ColorGroup.Active, QPalette.ColorGroup.Disabled)
        roles = [role for role in QPalette.ColorRole if role.value < QPalette.ColorRole.NColorRoles.value]
        names = [palette.color(group, role).name() for group in groups for role in roles]
        found.add((type(widget).__name__, " ".join(names)))
    return found


def pictures(explorer: Explorer) -> dict[str, object]:
    """What a person sees, tab by tab."""
    found = {}
    for kind in KINDS:
        explorer.window.bench.show_tab(kind.name)
        shown(explorer)
        while not explorer.window.maps.drawn:
            QApplication.processEvents()
        found[kind.name] = explorer.window.grab().toImage()
    return found


@pytest.mark.parametrize(("begun", "ended"), [("dark", "light"), ("light", "dark")])
@pytest.mark.parametrize("at_rest", [True, False], ids=["all had their turn", "shown before its turn"])
def test_a_window_that_has_changed_is_that_of_one_begun_in_the_theme(made, qtbot, begun, ended, at_rest):
    fresh = made(ended)
    wanted, palettes = pictures(fresh), looks(fresh.window)
    changed = made(begun)
    pictures(changed)  # every tab has been painted in the theme of before
    changed.toggle_theme()
    if at_rest:
        qtbot.waitUntil(lambda: changed.window.dressing.done)
    seen = pictures(changed)
    assert [name for name in wanted if seen[name] != wanted[name]] == []
    qtbot.waitUntil(lambda: changed.window.dressing.done)
    assert looks(changed.window) == palettes


def test_the_stylesheet_is_set_once_and_nothing_out_of_sight_is_looked_at_by_the_click(made):
    changed = made("dark")
    window = changed.window
    styled, coloured = Told(window, QEvent.Type.StyleChange), Told(window, QEvent.Type.PaletteChange)
    sheet = window.styleSheet()
    changed.toggle_theme()
    assert window.styleSheet() == sheet
    assert styled.seen == []  # what Qt sends each widget when a stylesheet is set
    told = set(coloured.seen)
    assert {name for name, tab in changed.bench.tabs.items() if told & {tab.view, *tab.view.findChildren(QWidget)}} == {
        changed.state.tab
    }


class Painted:
    """Tells when it is painted."""

    order: ClassVar[list[object]] = []
    told: ClassVar[Callable[[], object]] = staticmethod(lambda: None)

    def paintEvent(self, event) -> None:
        super().paintEvent(event)
        self.order.append(self)
        self.told()


class Words(Painted, QLabel):
    pass


class Scene(Painted, QGraphicsView):
    pass


def test_a_window_is_painted_once_all_is_shown_anew_then_its_scenes_in_their_order(qtbot):
    window, words, scenes, order = QWidget(), Words("nats"), [Scene(), Scene(), Scene()], Painted.order
    page = QWidget()
    for widget in (words, *scenes):
        (page.layout() or QVBoxLayout(page)).addWidget(widget)
    QVBoxLayout(window).addWidget(page)
    qtbot.addWidget(window)
    dressing = Dressing(window)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: set(order) == {words, *scenes})
    order.clear()
    dressing.follow()
    QTimer.singleShot(0, lambda: order.append("shown anew"))
    for scene in scenes:
        scene.viewport().update()  # as the items of a scene ask, one after another
    assert not dressing.done
    scenes.pop().deleteLater()
    qtbot.waitUntil(lambda: dressing.done and order[-1] is scenes[-1])
    assert order == ["shown anew", words, *scenes]
    assert all(widget.updatesEnabled() for widget in (page, words, *scenes))


def dressed_in_parts(qtbot) -> tuple[Dressing, list[tuple[str, int]], list[Callable[[], None]]]:
    """A window with a text, what happens to it with the pass of the event loop, and three parts to be shown anew."""
    window, words, seen = QWidget(), Words("nats"), []
    QVBoxLayout(window).addWidget(words)
    qtbot.addWidget(window)
    dressing = Dressing(window)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: words in Painted.order)
    passes = []
    QAbstractEventDispatcher.instance().awake.connect(lambda: passes.append(len(passes)))

    def part(name: str) -> Callable[[], None]:
        return lambda: QTimer.singleShot(0, window, lambda: seen.append((name, len(passes))))

    words.told = lambda: seen.append(("painted", len(passes)))
    return dressing, seen, [part(name) for name in ("maps", "bench", "pages")]


def test_each_part_has_a_turn_of_its_own_to_be_shown_anew_before_the_window_is_painted(qtbot):
    dressing, seen, parts = dressed_in_parts(qtbot)
    dressing.follow(parts)
    time.sleep(0.03)  # all timers there are would be due in one pass
    qtbot.waitUntil(lambda: len(seen) == 4)
    assert [name for name, _ in seen] == ["maps", "bench", "pages", "painted"]
    assert len({number for _, number in seen}) == 4


def test_parts_that_wait_are_marked_at_once_where_everything_is_to_be_shown_now(qtbot):
    dressing, seen, parts = dressed_in_parts(qtbot)
    dressing.follow(parts)
    dressing.mark()
    qtbot.waitUntil(lambda: len(seen) == 4)
    assert len({number for name, number in seen if name != "painted"}) == 1
