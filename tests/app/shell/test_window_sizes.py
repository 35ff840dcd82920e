"""How large the window is and where it opens, also with damaged settings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QApplication,
)

from app.core.settings import AppSettings
from app.core.values import Column
from app.fitting import misfits
from app.maps.colours.meaning import Colouring
from app.shell import placing
from app.shell.explorer import Explorer
from app.shell.main_window import MainWindow
from engine.workspace import Workspace


@pytest.fixture
def make_window(qtbot, tmp_path):
    """Windows without a run, one after the other, that remember their sizes."""
    made = []

    def make():
        explorer = Explorer(Workspace(tmp_path), AppSettings(tmp_path / "window.ini"))
        made.append(explorer)
        explorer.maps.refresh.stop()  # a test says itself what is shown
        qtbot.addWidget(explorer.window)
        explorer.window.show()
        return explorer.window

    return make


def test_eight_variants_leave_no_name_cut(make_window):
    labels = ("VAE", "VAE + annealing", *(f"AutoGen m={m}" for m in ("0.25", "0.5", "1", "2", "4", "10")))
    columns = tuple(Column(f"v{i}", label, "#56B4E9") for i, label in enumerate(labels))
    window = make_window()
    window.maps.set_columns(columns)
    window.maps.set_shown(tuple(column.name for column in columns))
    window.toolbar.set_columns(columns, tuple(column.name for column in columns), {})
    window.toolbar.set_colouring(Colouring("KL, nats", 0.0, 38.0), False)
    window.maps.set_ready()
    for panel in window.maps.panels.values():
        panel.set_caption("UMAP · 8,383", "8,383 test sentences.")
    words = {}
    for width in (1100, 1366, 2560):
        window.toolbar.set_search("a word", 5_123_456)
        window.toolbar.selection.set_count(5_123_456, 6_500_000)
        window.resize(width, 768)
        QApplication.processEvents()
        chips = [window.toolbar._by_name[column.name] for column in columns]
        assert [chip.text() for chip in chips if chip.width() < chip.sizeHint().width()] == [], width
        assert chips[-1].geometry().right() <= window.toolbar.width()
        assert misfits(window) == [], width
        words[width] = [chip.text() for chip in chips]
        for panel in window.maps.panels.values():
            name = panel._label
            assert width < 1366 or name.fontMetrics().horizontalAdvance(name.text()) <= name.width()
            assert name.text() in name.toolTip()
    assert words[1100] == [""] * 8
    assert words[2560] == list(labels)


def test_a_tall_window_gives_its_height_to_the_maps_unless_the_person_shared_it(make_window):
    window = make_window()
    shares = {}
    for height in (768, 1440):
        window.resize(1440, height)
        QApplication.processEvents()
        shares[height] = window._splitter.sizes()
    assert shares[1440][0] - shares[768][0] > 4 * (shares[1440][1] - shares[768][1]) / 2
    assert shares[1440][0] > 0.55 * sum(shares[1440])
    window._splitter.setSizes([500, 800])
    window._splitter.splitterMoved.emit(500, 1)
    window.resize(1440, 1400)
    QApplication.processEvents()
    assert window._splitter.sizes()[1] > 600
    window.close()
    again = make_window()
    assert again._splitter.sizes()[1] > 0.58 * sum(again._splitter.sizes())


def test_the_smallest_screen_has_room_for_the_smallest_window(make_window):
    smallest = make_window().minimumSize()
    assert smallest.boundedTo(placing.opened(QRect(0, 0, 1100, 640)).size()) == smallest


def test_a_window_left_on_a_screen_that_is_gone_opens_on_one_that_is_there(make_window):
    window = make_window()
    window.setGeometry(5000, 3000, 1100, 640)
    window.close()
    again = make_window()
    free = again.screen().availableGeometry()
    assert free.contains(again.geometry().topLeft())
    assert free.contains(again.geometry().topLeft() + QPoint(200, 0))


@pytest.fixture
def damaged_settings(tmp_path):
    """Settings of which the window can use none."""
    text = "[General]\ntheme=pink\n[layout]\ngeometry=@ByteArray(none)\nsplitter=\n[training]\npid=many\n"
    (tmp_path / "window.ini").write_text(text)


def test_damaged_settings_open_the_usual_window_and_are_told_once(damaged_settings, explorer):
    window = explorer.window
    explorer.open("demo")
    for word in ("sizes", "running training", "window.ini", "the usual is taken"):
        assert word in window.banner.message
    window.banner.dismiss()
    explorer.open("demo")
    assert window.banner.message == ""


@pytest.mark.parametrize(
    ("place", "bits", "usable"),
    [
        pytest.param(0, 0, True, id="whole"),
        pytest.param(2, 1, False, id="mark of the kind"),
        pytest.param(-2, 3, False, id="orientation"),
        pytest.param(-2, 64, False, id="orientation that there is not"),
        pytest.param(-7, 1, False, id="width of the handle"),
        pytest.param(-11, 1, False, id="whether parts collapse"),
    ],
)
def test_a_damaged_share_of_the_height_never_lays_maps_and_bench_side_by_side(
    make_window, tmp_path, place, bits, usable
):
    window = make_window()
    window._splitter.setSizes([500, 200])
    state = bytearray(window._splitter.saveState().data())
    state[place] ^= bits
    AppSettings(tmp_path / "window.ini").set_layout("splitter", QByteArray(bytes(state)))
    settings = AppSettings(tmp_path / "window.ini")
    again = MainWindow(settings)
    assert again._splitter.orientation() == Qt.Orientation.Vertical
    assert (again._splitter.handleWidth(), again._splitter.childrenCollapsible()) == (6, False)
    assert again._own_split == usable
    assert bool(settings.take_damage()) != usable
    again.deleteLater()
