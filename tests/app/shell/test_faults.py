"""What nobody foresaw is told to the person and logged, once, and the window goes on."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.bench.interpolate.interpolate import Interpolate
from app.core import theme
from app.core.state import ExplorerState
from app.shell.faults import QUIET, Faults
from app.shell.notifications import Banner
from engine.errors import LoomError
from engine.fault_log import FaultLog
from engine.workspace import CHECKOUT
from tests.app.looking import shown


class Watched:
    """A watcher with a clock that a test turns, and what it told and let through to the console."""

    def __init__(self, path: Path) -> None:
        self.now, self.told, self.console = 0.0, [], []
        self.log = FaultLog(path)
        self.faults = Faults(self.log, lambda: self.now)


@pytest.fixture
def watched(qapp, tmp_path, monkeypatch):
    made = Watched(tmp_path / "log" / "window.log")
    for place, name in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(place, name, lambda *about: made.console.append(about))
    made.faults.watch()
    made.faults.tell_by(lambda *words: made.told.append(words))
    yield made
    made.faults.stop()


def fail(_checked: bool = False) -> None:
    raise KeyError("vae")


def press(action=fail) -> None:
    button = QPushButton()
    button.clicked.connect(action)
    button.click()
    QApplication.processEvents()


def test_a_slot_that_fails_is_told_logged_and_left_to_the_console(watched):
    press()
    ((message, hint, details),) = watched.told
    assert message == "Something unforeseen went wrong in the window."
    assert hint.startswith("KeyError: 'vae'. What you did last may not have happened; the window goes on. Logged in ")
    for known in ("Latent Loom ", "Python 3.", "PySide6 6.", "Traceback (most recent call last)", "in fail"):
        assert known in details
    assert [entry.what for entry in watched.log.entries()] == ["KeyError: 'vae'"]
    assert "in fail" in watched.log.path.read_text()
    assert len(watched.console) == 1


def test_an_event_handler_that_fails_is_told(watched, qtbot):
    class Fails(QWidget):
        def customEvent(self, event: QEvent) -> None:
            raise IndexError("tuple index out of range")

    widget = Fails()
    qtbot.addWidget(widget)
    QApplication.postEvent(widget, QEvent(QEvent.Type.User))
    QApplication.processEvents()
    QApplication.processEvents()
    assert [hint.partition(".")[0] for _, hint, _ in watched.told] == ["IndexError: tuple index out of range"]


def test_what_repeats_itself_is_told_and_logged_once_until_it_was_quiet(watched):
    for _ in range(100):
        press()
        watched.now += 0.1
    assert (len(watched.told), len(watched.log.entries()), len(watched.console)) == (1, 1, 1)
    watched.now += QUIET
    press()
    assert (len(watched.told), len(watched.log.entries())) == (2, 1)
    press(lambda: [][1])
    assert (len(watched.told), len(watched.log.entries())) == (3, 2)


def test_the_part_of_the_window_is_named(watched):
    press(lambda: Interpolate.set_stop(None, 0, None))
    assert watched.told[0][0] == "Something unforeseen went wrong in the Interpolate tab."


def test_an_error_with_words_of_its_own_is_told_in_these(watched):
    def fail() -> None:
        raise LoomError("The cache is damaged.", "Make it anew.")

    press(fail)
    ((message, hint, _),) = watched.told
    assert (message, hint.partition(" Logged")[0]) == ("The cache is damaged.", "Make it anew.")


def test_a_thread_that_fails_is_told_on_the_windows_own(watched):
    on = []
    watched.faults.tell_by(lambda *words: on.append((threading.current_thread(), words[0])))
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    QApplication.processEvents()
    assert on == [(threading.main_thread(), "Something unforeseen went wrong in the window.")]


def test_what_fails_while_something_is_cleared_away_is_logged_alone(watched):
    class Fails:
        def __del__(self) -> None:
            raise OSError("already closed")

    Fails()
    gc.collect()
    QApplication.processEvents()
    assert watched.told == []
    assert [entry.what for entry in watched.log.entries()] == ["OSError: already closed"]


def test_what_happens_before_there_is_a_banner_is_told_when_there_is_one(watched):
    watched.faults._complain = None
    press()
    assert watched.told == []
    watched.faults.tell_by(lambda *words: watched.told.append(words))
    assert len(watched.told) == 1


def test_a_log_that_cannot_be_written_costs_nothing_else(watched, tmp_path):
    (tmp_path / "log").write_text("no folder")
    press()
    ((_, hint, details),) = watched.told
    assert "It could not be logged: " in hint
    assert "in fail" in details
    assert len(watched.console) == 1


def test_ctrl_c_is_no_fault(watched):
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    QApplication.processEvents()
    assert (watched.told, len(watched.console)) == ([], 1)


def test_the_details_can_be_copied_from_the_banner(qtbot):
    theme.apply(QApplication.instance(), "dark")
    banner = Banner()
    qtbot.addWidget(banner)
    banner.resize(800, 30)
    banner.complain("It failed.", "Go on.", "Traceback: <all of it>")
    banner.more.click()
    assert banner.copy.isVisible()
    banner.copy.click()
    assert QGuiApplication.clipboard().text() == "Traceback: <all of it>"
    assert banner.copy.text() == "Copied"
    banner.leave_run()
    assert banner.message
    banner.complain("It failed.", "Go on.")
    assert not banner.more.isVisible()
    assert not banner.copy.isVisible()
    banner.leave_run()
    assert banner.message == ""
    banner.complain("It failed.", "Go on.", "again")
    assert banner.copy.text() == "Copy details"


PAINTING = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.shell.faults import Faults
from app.widgets.labels import ElidedLabel
from engine.fault_log import FaultLog
app = QApplication([])
faults = Faults(FaultLog(Path(sys.argv[1])))
faults.watch()
faults.tell_by(lambda message, hint, details: print(hint))
view = ElidedLabel(cut=None)
view.setText("it cannot be shortened like this")
view.show()
for _ in range(20):
    view.update()
    app.processEvents()
QTimer.singleShot(0, app.quit)
app.exec()
faults.stop()
"""


def test_a_painting_that_fails_again_and_again_ends_no_process(tmp_path):
    """The kept traceback holds the painter, and the process dies of one that is not ended when its window is gone."""
    arguments = [sys.executable, "-c", PAINTING, str(tmp_path / "window.log")]
    ended = subprocess.run(arguments, cwd=CHECKOUT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert ended.stdout.count("What you did last may not have happened; the window goes on") == 1
    assert "active painter" not in ended.stderr
    assert "being painted" not in ended.stderr


def test_the_window_tells_of_what_fails_while_it_is_opened(tmp_path):
    """What a person starts, in a process of its own: the features cannot be made, and the window says so and stays."""
    program = f"""
from pathlib import Path
from app import launch
from app.core.settings import AppSettings
from app.shell.explorer import Explorer
from app.shell.main_window import MainWindow
from engine.fault_log import FaultLog
from engine.workspace import Workspace
place = Path({str(tmp_path)!r})
launch.AppSettings = lambda: AppSettings(place / "window.ini")
watch = launch.Faults
launch.Faults = lambda: watch(FaultLog(place / "window.log"))
Explorer.begin = lambda explorer, run: {{}}["run"]
def look(window):
    if window.banner.message == "":
        return launch.QTimer.singleShot(20, lambda: look(window))
    print(window.banner.message, window.banner.more.isVisible())
    window.close()
painted = MainWindow.show
MainWindow.show = lambda window: (painted(window), look(window))
print(launch.run_app(Workspace(place)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=CHECKOUT, timeout=120, check=False
    )
    *told, code = done.stdout.splitlines()
    assert "KeyError: 'run'." in told[-1], done.stderr
    assert told[-1].endswith("True")
    assert code == "0"
    assert "KeyError: 'run'" in done.stderr
    assert [entry.what for entry in FaultLog(tmp_path / "window.log").entries()] == ["KeyError: 'run'"]


def test_what_a_signal_of_the_state_met_on_its_way_is_told_in_its_own_words(watched):
    """As of a damaged cache that is first read where a view is shown."""
    state = ExplorerState()

    def read() -> None:
        raise LoomError("The cache is damaged.", "Make it anew.")

    state.events.tab.connect(read, check_nargs=False, max_args=0)
    press(lambda: setattr(state, "tab", "Table"))
    ((message, hint, _),) = watched.told
    assert (message, hint.startswith("Make it anew.")) == ("The cache is damaged.", True)


def test_what_is_told_is_seen_on_every_page_and_covers_nothing(explorer):
    explorer.open("demo")
    shown(explorer)
    window = explorer.window
    places = window._pages.geometry(), window.maps.geometry(), window.bench.geometry()
    window.banner.complain("Something is wrong. " * 40, "Do this.")
    for page in ("Train", "Explore"):
        explorer.show_page(page)
        shown(explorer)
        assert window.banner.isVisible()
        assert window.header.rect().contains(window.banner.geometry())
    assert places == (window._pages.geometry(), window.maps.geometry(), window.bench.geometry())


@pytest.mark.parametrize("long", [10, 1000])
def test_a_message_too_long_for_the_line_opens_whole_and_is_never_higher_than_the_window(explorer, long):
    window = explorer.window
    window.resize(1100, 640)
    window.banner.complain("Short.")
    shown(explorer)
    assert not window.banner.more.isVisible()
    window.banner.complain("Something is wrong. " * long, "Do this.")
    shown(explorer)
    window.banner.more.click()
    QApplication.processEvents()
    whole = window.banner._whole
    frame = QRect(window.mapToGlobal(QPoint(0, 0)), window.size())
    assert frame.contains(QRect(whole.mapToGlobal(QPoint(0, 0)), whole.size()))
    inside, seen = whole._area.widget(), whole._area.viewport()
    assert inside.height() >= inside.heightForWidth(seen.width())  # nothing is cut: it scrolls
    assert (whole._area.verticalScrollBar().maximum() > 0) == (long == 1000)
    window.banner.dismiss()
    assert not whole.isVisible()
