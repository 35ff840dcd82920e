"""The keyboard in the whole window, with real models: where Tab goes, what is seen of it, what things are called."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QMainWindow, QWidget

from app.bench.tabs import KINDS
from app.core import theme
from app.core.picks import Pick, Place
from app.core.settings import AppSettings
from app.evaluate import requests
from app.evaluate.distribution import histogram
from app.evaluate.requests import Found
from app.evaluate.state import Known
from app.run import run_controller
from app.run.atlas import Opened, columns_of, read_atlas
from app.run.run_controller import RunController
from app.shell.explorer import Explorer
from engine.evaluation.surveys.place import keep_response, keep_survey, place_of
from engine.runs.run import Run
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.app.evaluate.results import differences, distribution, evaluation, items
from tests.app.fakes import DirectWorker, FakeJob, at_once
from tests.app.looking import shown
from tests.conftest import write_sentences
from tests.engine.evaluation.surveys.rooms import a_survey, respond

SENTENCE = "The cat sees the house today."


@pytest.fixture
def desk(qtbot, tiny_workspace, tmp_path, monkeypatch) -> Iterator[Explorer]:
    """The window on the run `tiny` with its real models, which answer at once, and its latents as maps."""
    theme.apply(QApplication.instance(), "dark")
    for name in ("runs", "corpora"):
        shutil.copytree(tiny_workspace.root / name, tmp_path / name)
    workspace = Workspace(tmp_path)
    run = Run.open(workspace.run("tiny"))
    session = Session.load(run, device="cpu")
    with LatentCache.open(tiny_workspace.cache("tiny")) as cache:
        atlas = read_atlas(cache)
        flat = {name: replace(each, coords=cache.mu(name)[:, :2]) for name, each in atlas.numbers.items()}
        maps = Opened(columns_of(run), "ready", atlas=replace(atlas, numbers=flat))
        monkeypatch.setattr(run_controller, "load_maps", lambda workspace, name, tell, step=None: maps)
        monkeypatch.setattr(run_controller, "load_session", lambda *_, **__: session)
        monkeypatch.setattr(
            "app.shell.explorer.RunController",
            lambda context, workspace, **_: RunController(
                context, workspace, DirectWorker, FakeJob, lambda *_, **__: session, after_paint=at_once
            ),
        )
        _keep_an_evaluation(monkeypatch)
        made = Explorer(workspace, AppSettings(tmp_path / "window.ini"))
        made.window.resize(1280, 900)
        made.window.show()
        qtbot.waitExposed(made.window)
        made.open("tiny")
        made.maps.controller.select(1)
        made.maps.controller.search("cat")
        made.maps.controller.hasten()
        shown(made)
        yield made
        made.window.close()
        made.window.deleteLater()


def _keep_an_evaluation(monkeypatch) -> None:
    """Have numbers on the Evaluate page, without measuring any."""
    found = Found(Known("tiny", 40, ("vae", "autogen-m1"), sentences=50, reports=True), evaluation(of=4000))
    spread = histogram({"vae": distribution("elbo")})
    monkeypatch.setattr(requests, "look", lambda *_, **__: iter([found]))
    monkeypatch.setattr(requests, "compare", lambda _, evaluation, baseline: iter([differences(evaluation, baseline)]))
    monkeypatch.setattr(requests, "open_number", lambda *_, **__: iter([spread, items("elbo")]))


def _tab(name: str, then: Callable[[Explorer], object] = lambda _: None) -> Callable[[Explorer], None]:
    def go(desk: Explorer) -> None:
        desk.window.bench.show_tab(name)
        then(desk)
        shown(desk)

    return go


def _look(name: str) -> Callable[[Explorer], None]:
    def go(desk: Explorer) -> None:
        tab = desk.bench.tab("Reconstruct")
        tab.take(Pick(SENTENCE if name != "fill" else SENTENCE.replace("cat", "___")))
        tab.inspection.open(name)

    return _tab("Reconstruct", go)


def _interpolate(desk: Explorer) -> None:
    for end, text in (("A", SENTENCE), ("B", "My old dog loves the winter.")):
        desk.bench.send(Pick(text), Place("Interpolate", end))


def _concept(desk: Explorer) -> None:
    desk.bench.tab("Arithmetic").take_rows([0, 1, 2], "with")
    desk.bench.tab("Arithmetic").take_rows([3, 4, 5], "without")


def _gather(desk: Explorer) -> None:
    desk.table.take_rows([0, 1], "")


def _search(desk: Explorer, text: str) -> None:
    desk.maps.controller.search(text)
    desk.maps.controller.hasten()


def _no_runs(desk: Explorer) -> None:
    desk.window.set_welcome("There are no runs.", "Train one.")


def _prepare_text(desk: Explorer) -> None:
    desk.show_page("Train")
    desk.train.open_text([write_sentences(desk.context.workspace.root / "new.txt", 80)])
    shown(desk)


def _train(desk: Explorer) -> None:
    desk.actions.train.trigger()
    shown(desk)


def _evaluate(desk: Explorer) -> None:
    desk.actions.evaluate.trigger()
    shown(desk)


def _survey(desk: Explorer) -> None:
    place, survey = place_of(desk.context.workspace, "mine"), a_survey()
    keep_survey(place, survey)
    keep_response(place, respond(survey, 1, lambda item: "first"))
    desk.actions.survey.trigger()
    shown(desk)


PLACES: dict[str, Callable[[Explorer], None]] = {
    **{kind.name: _tab(kind.name) for kind in KINDS},
    **{f"look: {name}": _look(name) for name in ("cloud", "credit", "tree", "fill")},
    "a way": _tab("Interpolate", _interpolate),
    "a sum": _tab("Arithmetic", lambda desk: desk.bench.tab("Arithmetic").example()),
    "a concept": _tab("Arithmetic", _concept),
    "a full table": _tab("Table", _gather),
    "a moved sentence": _tab("Traverse", lambda desk: desk.bench.tab("Traverse").take(Pick(SENTENCE), "")),
    "nothing found": _tab("Reconstruct", lambda desk: _search(desk, "xyz")),
    "Train": _train,
    "Evaluate": _evaluate,
    "Survey": _survey,
    "a text": _prepare_text,
    "nothing to explore": _no_runs,
}


@pytest.fixture(params=[*PLACES, "form", "whole form"])
def place(request, desk, qtbot) -> Explorer:
    """The window at one of its places, with everything there shown."""
    if request.param in PLACES:
        PLACES[request.param](desk)
    if request.param == "Train":
        page, state = desk.train.page, desk.train.state
        qtbot.waitUntil(lambda: page.plots is not None and state.stage.kind == "ready", timeout=20_000)
    elif request.param == "Evaluate":
        qtbot.waitUntil(lambda: desk.evaluate.state.behind.items is not None, timeout=20_000)
    elif request.param == "Survey":
        qtbot.waitUntil(lambda: desk.survey.state.known is not None, timeout=20_000)
    elif request.param == "a text":
        qtbot.waitUntil(lambda: desk.train.text.state.seen is not None, timeout=20_000)
    elif "form" in request.param:
        _train(desk)
        desk.train.page.head.new.click()
        qtbot.waitUntil(lambda: desk.train.page.form is not None and desk.train.page.form.complete, timeout=20_000)
        if request.param == "whole form":
            for more in [each for each in desk.train.page.form.findChildren(QAbstractButton) if each.text() == "More"]:
                more.click()
    shown(desk)
    desk.window.activateWindow()
    return desk


def controls(window: QWidget) -> list[QWidget]:
    """Everything in a window that takes the keyboard by Tab; of buttons of which one is chosen, that one."""
    found = []
    for each in window.findChildren(QWidget):
        group = each.group() if isinstance(each, QAbstractButton) else None
        chosen = group.checkedButton() if group is not None and group.exclusive() else None
        by_tab = each.focusPolicy() in (Qt.FocusPolicy.TabFocus, Qt.FocusPolicy.StrongFocus, Qt.FocusPolicy.WheelFocus)
        there = each.isVisible() and each.isEnabled() and each.focusProxy() is None and each.window() is window
        if there and (each is chosen or (by_tab and chosen is None)):
            found.append(each)
    return found


def called(widget: QWidget) -> str:
    return f"{type(widget).__name__} “{widget.accessibleName() or getattr(widget, 'text', str)()}”"


def walked(window: QWidget, qtbot, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """What Tab goes to, pressed until it comes round."""
    if isinstance(window, QMainWindow):
        window.centralWidget().setFocus()
    way: list[QWidget] = []
    while len(way) < 400:
        qtbot.keyClick(QApplication.focusWidget() or window, key)
        now = QApplication.focusWidget()
        if now in way:
            assert now is way[0], f"{called(now)} leads back"
            return way
        way.append(now)
    raise AssertionError("Tab does not come round")


def part_of(first: QWidget, second: QWidget) -> tuple[QRect, QRect]:
    """Where two controls, or what they lie in, stand side by side in the smallest part of the window that has both."""
    above = first
    while not above.isAncestorOf(second):
        above = above.parentWidget()

    def place(widget: QWidget) -> QRect:
        while widget.parentWidget() is not above and widget is not above:
            widget = widget.parentWidget()
        return QRect(widget.mapTo(above.window(), QPoint(0, 0)), widget.size()).adjusted(2, 2, -2, -2)

    return place(first), place(second)


def is_read_before(first: QRect, second: QRect) -> bool:
    """Whether something stands above another, or on its line and to the left of it, or is around it."""
    if first.contains(second):
        return True
    if first.bottom() < second.top():
        return True
    return first.left() < second.left() and first.top() <= second.bottom()


def tab_goes_to_every_control_as_one_reads_and_back(window: QWidget, qtbot) -> None:
    way = walked(window, qtbot)
    lost = [called(each) for each in controls(window) if each not in way]
    assert lost == []
    back = walked(window, qtbot, Qt.Key.Key_Backtab)
    at = back.index(way[0])
    assert [called(each) for each in reversed(back[at + 1 :] + back[: at + 1])] == [called(each) for each in way]
    first = min(range(len(way)), key=lambda i: way[i].mapTo(window, QPoint(0, 0)).y())  # a dialog may begin elsewhere
    wrong = [
        f"{called(one)} before {called(other)}"
        for one, other in pairwise(way if isinstance(window, QMainWindow) else way[first:] + way[:first])
        if not is_read_before(*part_of(one, other))
    ]
    assert wrong == []
    assert not isinstance(window, QMainWindow) or window.header.isAncestorOf(way[0])  # at the top


def name_of(widget: QWidget) -> str:
    """What a screen reader says of a control: its name, or the words on a button."""
    if widget.accessibleName():
        return widget.accessibleName()
    said = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    return said if isinstance(widget, QAbstractButton | QLabel) and any(sign.isalnum() for sign in said) else ""


def every_control_has_a_name_for_screen_readers(window: QWidget) -> None:
    nameless = [
        f"{type(each).__name__} in {type(each.parentWidget()).__name__}: {each.toolTip()!r}"
        for each in controls(window)
        if not name_of(each).strip()
    ]
    assert nameless == []


def picture(window: QWidget, part: QRect) -> QImage:
    QApplication.processEvents()
    return window.grab(part).toImage()


def seen_focus(window: QWidget, widget: QWidget) -> bool:
    """Whether something in or around a control looks different while it has the keyboard."""
    if isinstance(window, QMainWindow):
        window._pages.setFocus()  # takes the keyboard where nothing else does, and shows nothing of it
    elif QApplication.focusWidget() is not None:
        QApplication.focusWidget().clearFocus()
    around = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).adjusted(-2, -2, 2, 2)
    before = picture(window, around)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    after = picture(window, around)
    return bool(QApplication.focusWidget() is widget) and before != after


def the_control_that_has_the_keyboard_can_be_seen(window: QWidget, but: Sequence[QWidget] = ()) -> None:
    unseen = []
    for each in controls(window):
        if each.visibleRegion().isEmpty():
            continue  # it is scrolled into sight when Tab comes to it
        if any(part.isAncestorOf(each) for part in but):
            continue
        if not seen_focus(window, each):
            unseen.append(f"{called(each)} in {type(each.parentWidget()).__name__}")
    assert unseen == []


def in_both_themes(desk: Explorer) -> Iterator[None]:
    for mode in ("dark", "light"):
        if theme.current().mode != mode:
            desk.toggle_theme()
            shown(desk)
        yield


def test_every_place_of_the_window_can_be_used_with_the_keyboard_alone(place, qtbot, request):
    """One test for all of it, as most of its time is the window. What stands above every tab is looked at once."""
    every_control_has_a_name_for_screen_readers(place.window)
    tab_goes_to_every_control_as_one_reads_and_back(place.window, qtbot)
    window = place.window
    everywhere = (window.header, window.toolbar, window.maps, window.decoding)
    for _ in in_both_themes(place):
        first = request.node.callspec.params["place"] == KINDS[0].name
        the_control_that_has_the_keyboard_can_be_seen(window, () if first else everywhere)


@pytest.mark.parametrize("name", ["guide", "keys", "diagnosis", "picture"])
def test_every_dialog_can_be_used_with_the_keyboard_alone(desk, qtbot, name):
    getattr(desk.actions, name).trigger()
    shown(desk)
    (dialog,) = [each for each in desk.window.findChildren(QDialog) if each.isVisible()]
    dialog.activateWindow()
    every_control_has_a_name_for_screen_readers(dialog)
    tab_goes_to_every_control_as_one_reads_and_back(dialog, qtbot)
    for _ in in_both_themes(desk):
        the_control_that_has_the_keyboard_can_be_seen(dialog)
    dialog.close()
