"""A minute of play, and proofs that the monkey finds what is planted. `make monkey` plays for an hour.

The minute is played by a process of its own, as it needs the real window, threads and jobs.
"""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock, call

import numpy as np
import pytest
from PySide6.QtCore import qWarning
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.bench.interpolate.interpolate import Interpolate
from app.core.choice import Choice
from app.core.picks import Pick
from app.core.values import Finding, Stage
from app.maps.badge import Badge
from app.widgets.pick_drag import drag, pick_of
from engine.errors import UsageError
from engine.runs.run import Run
from engine.selections.conditions import read_line
from engine.session import Session
from engine.workspace import Workspace
from tests.app.latents import tiny_context
from tests.monkey import hands, settling, stalls
from tests.monkey.__main__ import bad, report
from tests.monkey.actions import ACTIONS
from tests.monkey.comparing import Comparisons, verdicts
from tests.monkey.comparing_lists import interpolation
from tests.monkey.findings import Journal, listening
from tests.monkey.looking import Case
from tests.monkey.play import Minute, Play, Record
from tests.monkey.stalls import Stall, StallWatch
from tests.monkey.truth import Latents, Truth, is_refused
from tests.monkey.weighing import Held, weigh
from tests.monkey.world import own_dialogs

CHECKOUT = Path(__file__).resolve().parents[2]
SEED = 4


def test_a_minute_of_play_finds_nothing(tmp_path: Path) -> None:
    log = tmp_path / "monkey.log"
    line = [sys.executable, "-m", "tests.monkey", "--minutes", "1", "--seed", str(SEED), "--log", str(log)]
    ended = subprocess.run(
        [*line, "--findings-only"], cwd=CHECKOUT, capture_output=True, text=True, errors="replace", timeout=280
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "things compared" in ended.stdout
    assert log.read_text(encoding="utf-8").startswith(f"seed {SEED}")


@pytest.mark.qt_no_exception_capture
def test_an_exception_in_a_slot_is_found_with_what_was_done_before(qapp, tmp_path: Path) -> None:
    def planted() -> None:
        raise ValueError("planted")

    button = QPushButton("press")
    button.clicked.connect(planted)
    button.show()
    journal = Journal(tmp_path / "log")
    with listening(journal):
        journal.action("press the button")
        assert "press the button" in (tmp_path / "log").read_text()  # before it is done
        try:
            hands.press(button, button.rect().center())
            hands.release(button, button.rect().center())
        except ValueError as error:
            journal.caught(error, "an event")
    button.close()
    assert [found.kind for found in journal.findings] == ["exception"]
    assert "planted" in journal.findings[0].told
    assert "press the button" in journal.findings[0].actions[-1]
    assert bad(journal, [], Record()) == ["1 x exception"]


@pytest.mark.qt_no_exception_capture
def test_warnings_of_qt_are_found_and_words_of_the_platform_are_not(qapp) -> None:
    journal = Journal()
    with listening(journal):
        qWarning("This plugin does not support raise()")
        qWarning("planted")
    assert [found.told for found in journal.findings] == ["planted"]


def test_what_is_found_again_is_counted_and_not_told_again() -> None:
    journal = Journal()
    for _ in range(3):
        journal.find("mismatch", "a card", "shown: a")
    assert len(journal.findings) == 1
    assert "3 x mismatch: a card" in report(journal, [], Record())


def test_a_wrong_label_and_a_wrong_sentence_are_mismatches(qapp, tiny_workspace) -> None:
    with tiny_context(tiny_workspace, "Interpolate") as context:
        tab = Interpolate(context)
        tab.show(True)
        tab.set_end("A", Pick("The cat sees the house today."))
        tab.set_end("B", Pick("My old dog follows the river at night."))
        tab.flush()
        window = SimpleNamespace(state=context.state, bench=SimpleNamespace(tab=lambda name: tab))
        session = Session.load(Run.open(tiny_workspace.run("tiny")), device="cpu")
        case = Case(window, Choice(), session, None, Counter())  # type: ignore[arg-type]
        assert list(interpolation(case)) == []
        assert case.seen["steps of a way"] >= 10

        tab.view._step.setText("3 / 4")
        assert [found.place for found in interpolation(case)] == ["Interpolate, the words beside the slider"]

        readings = tab.state.path.readings["vae"]
        wrong = (*readings[:-1], replace(readings[-1], text="Planted", words=("planted",)))
        tab.state.path = replace(tab.state.path, readings={**tab.state.path.readings, "vae": wrong})
        tab.flush()
        (found,) = interpolation(case)
        assert (found.place, found.shown) == ("Interpolate, VAE, step 10", "Planted")

        tab.state.steps = 7  # a wish without its answer
        tab.flush()
        assert {found.place for found in interpolation(case)} >= {"Interpolate, the end of the slider"}


def test_a_planted_verdict_is_found(qapp) -> None:
    """Two dimensions whose KL is 8 nats each, or 0.02."""
    rows = {"large": np.full((5, 2), 4.0), "small": np.full((5, 2), 0.2)}
    latents = Latents(("",) * 5, rows, {name: np.zeros((5, 2)) for name in rows}, {})
    over = QWidget()
    badges = {name: Badge(over) for name in rows}
    panels = {name: SimpleNamespace(badge=badge) for name, badge in badges.items()}
    window = SimpleNamespace(window=SimpleNamespace(maps=SimpleNamespace(panels=panels)))
    case = Case(window, Choice(), None, latents, Counter())  # type: ignore[arg-type]

    def told(large: str, small: str) -> list[str]:
        for name, title in (("large", large), ("small", small)):
            badges[name].set_finding(Finding("weak", title, "Why.", "") if title else None)
        return [found.place for found in verdicts(case)]

    assert told("", "Collapsed (estimate)") == told("", "Collapsed") == told("Collapsed", "Collapsed") == []
    for large, small, wrong in (("", "", "small"), ("", "Weak", "small"), ("Weak (estimate)", "Collapsed", "large")):
        (place,) = told(large, small)
        assert f"the map of {wrong}" in place


def test_a_slot_that_waits_is_named_as_a_stall(qapp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stalls, "_OURS", (str(CHECKOUT / "tests" / "monkey" / "test_monkey.py"),))

    def planted() -> None:
        time.sleep(0.5)

    watch = StallWatch()
    watch.start()
    with watch.turn():
        planted()
    with watch.turn():
        pass
    time.sleep(0.1)  # of nobody's turn
    watch.stop()
    (stall,) = watch.stalls
    assert stall.function == "tests/monkey/test_monkey.py: planted"


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say what a thread waits for")
def test_a_turn_that_waits_for_the_interpreter_in_one_place_is_no_stall_of_its_own() -> None:
    over = threading.Event()

    def busy() -> None:
        while not over.is_set():
            sum(range(1000))

    def turn() -> None:
        for _ in range(400):
            zlib.crc32(block)  # works without the interpreter, and wants it back at the same line each time

    block = bytes(200_000)
    others = [threading.Thread(target=busy, daemon=True) for _ in range(2)]
    watch = StallWatch()
    for each in others:
        each.start()
    watch.start()
    try:
        with watch.turn():
            turn()
    finally:
        over.set()
        watch.stop()
    for each in others:
        each.join()
    (stall,) = watch.stalls
    assert stall.interpreter + stall.others > stall.own
    assert stall.own == pytest.approx(stall.cpu)


def test_a_round_of_the_garbage_collector_is_told_as_one() -> None:
    watch = StallWatch()
    watch.start()
    held = [[] for _ in range(1_000_000)]
    with watch.turn():
        for _ in range(5):
            gc.collect()
    watch.stop()
    assert held
    assert watch.stalls[-1].function == "the garbage collector"


def test_stalls_and_memory_decide_unless_they_are_left_out() -> None:
    long = Stall(0.3, 0.2, 0.2, 0.1, 0.0, "app/core/jobs.py: stop", "nothing", 1.0, "open demo")
    preempted = replace(long, cpu=0.01, own=0.01, others=0.29)
    half, more, much = (Held(resident, 200.0, 250.0, 90.0, 80.0, 900) for resident in (500.0, 549.0, 600.0))
    held = Record([Minute(500.0, 100, 3, 10)], at_rest=[half, much])
    assert bad(Journal(), [long, preempted], Record()) == ["1 stalls over 100 ms"]
    assert bad(Journal(), [], held) == ["memory at rest grew by 100 MB after its first minutes"]
    assert bad(Journal(), [], Record(held.minutes, at_rest=[half, more])) == []
    assert bad(Journal(), [], Record(held.minutes)) == []
    assert "1 x app/core/jobs.py: stop: 200 ms" in report(Journal(), [long, preempted], held)


def test_what_waits_while_nobody_works_is_busy_for_ever(qapp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "IDLE", 0.2)
    monkeypatch.setattr(settling, "QUIET", 0.05)
    state = SimpleNamespace(maps=Stage("ready"), models=Stage("ready"), run="demo", page="Train", tab="Samples")
    tab = SimpleNamespace(state=SimpleNamespace(busy=False))
    window = SimpleNamespace(
        state=state,
        bench=SimpleNamespace(tabs={"Samples": tab}),
        maps=SimpleNamespace(state=None),
        context=SimpleNamespace(models=None, archive=None),
    )
    assert settling.settle(window, time.sleep) == []  # type: ignore[arg-type]
    tab.state.busy = True
    assert settling.settle(window, time.sleep) == ["Samples: "]  # type: ignore[arg-type]


def test_what_is_hidden_or_disabled_is_out_of_reach(qapp) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    first, second, third = QLineEdit(), QLineEdit(), QLineEdit()
    for field in (first, second, third):
        column.addWidget(field)
    second.setEnabled(False)
    third.hide()
    window.show()
    assert hands.sight(window, QLineEdit) == [first]
    window.close()


def test_a_dialog_for_files_answers_itself_and_a_drag_is_held(qapp, qtbot, tmp_path: Path) -> None:
    world = SimpleNamespace(file_for=lambda dialog: str(tmp_path / "a.csv"), carried=None)
    usual = QFileDialog.open, QDrag.exec
    with own_dialogs(world):  # type: ignore[arg-type]
        dialog, chosen = QFileDialog(), []
        dialog.fileSelected.connect(chosen.append)
        dialog.open()
        qtbot.waitUntil(lambda: bool(chosen))
        widget = QWidget()
        drag(widget, Pick("a sentence"))
    assert chosen == [str(tmp_path / "a.csv")]
    assert pick_of(world.carried) == Pick("a sentence")
    assert (QFileDialog.open, QDrag.exec) == usual


def test_the_same_seed_wants_the_same() -> None:
    def wanted(seed: int) -> list[str]:
        weights = [each.weight for each in ACTIONS]
        return [random.Random(f"{seed}/{i}").choices(ACTIONS, weights)[0].name for i in range(200)]

    assert wanted(1) == wanted(1) != wanted(2)
    assert len({each.name for each in ACTIONS}) == len(ACTIONS)
    assert set(wanted(1)) | set(wanted(2)) >= {"click a point", "type into a field", "open another run"}


def test_memory_is_weighed_where_the_same_is_shown_and_asked(qapp, tmp_path: Path, monkeypatch) -> None:
    explorer = MagicMock()
    play = Play(SimpleNamespace(explorer=explorer, application=qapp), Journal(tmp_path / "log"), StallWatch(), 0)
    monkeypatch.setattr("tests.monkey.play.settle", lambda *given: explorer.settled())
    monkeypatch.setattr(play, "live", lambda *given: None)
    play._comparisons = Comparisons(explorer, known := Truth(Workspace(tmp_path)))
    kept = [known._sessions, known._latents]
    for each in kept:
        each["demo", None, ()] = object()
    explorer.reset_mock()
    monkeypatch.setattr("tests.monkey.play.weigh", lambda: SimpleNamespace(compared_with=any(kept), text=str))
    play._weigh()
    asked = call.bench.tab("Reconstruct").type("I have a dog.")
    done = [each for each in explorer.mock_calls if each != call.bench.tab("Reconstruct")]
    maps = call.maps.controller
    plain = [maps.show_names(False), maps.show_contours(False), maps.show_density(False)]
    plain += [maps.colour_by("KL"), maps.search("")]
    assert done == [call.show_page("Explore"), asked, *plain, call.open("demo"), call.settled()]
    assert explorer.state.tab == "Reconstruct"
    assert [held.compared_with for held in play.record.at_rest] == [False], "they would be weighed as the window's"


def test_what_is_allocated_is_told_from_what_is_freed_and_kept() -> None:
    before = weigh()
    block = bytearray(64_000_000)
    between = weigh()
    del block
    after = weigh()
    small = [(number,) for number in range(1_000_000)]
    most = weigh()
    assert between.heap - before.heap == pytest.approx(64.0, abs=8.0)
    assert after.heap - before.heap == pytest.approx(0.0, abs=8.0)
    assert 0 < before.files < before.resident
    assert between.text().startswith(f"{between.resident:.0f} MB: files ")
    each = 48 + 32  # bytes of a tuple, with what the collector keeps beside it, and of a number
    assert most.small - after.small == pytest.approx(len(small) * each / 1e6, rel=0.1)
    assert most.small <= most.arenas


@pytest.mark.parametrize(
    ("phrase", "refused"),
    [
        ("stars:3", True),
        ("cat | stars:3 dog", True),
        ("the note: hello", False),
        ("point: step 4", False),
        (":3", False),
        ("at 10:30", False),
        ("", False),
    ],
)
def test_it_knows_which_searches_the_window_refuses(phrase, refused):
    assert is_refused(phrase) is refused
    try:
        read_line(phrase, {}, typing=True)
    except UsageError:
        assert refused
    else:
        assert not refused
