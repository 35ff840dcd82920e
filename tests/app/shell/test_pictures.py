"""Pictures of the window: what can be saved, by menu and key, what the files say, and where they may not go."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from app.core import theme
from app.core.picks import Pick
from app.core.settings import AppSettings
from app.core.theme import DARK, LIGHT, PRINT
from app.core.values import Finding
from app.shell.pictures import Pictures, name_of
from app.widgets.picture_area import add_saving, saving_menu
from app.widgets.pictures.dialog import PictureDialog
from app.widgets.pictures.figure import Figure
from app.widgets.pictures.writing import Style, draw
from tests.app.fakes import COLUMNS, SENTENCES
from tests.app.looking import shown
from tests.app.reading import pdf_text, svg_colours, svg_images, svg_text

LABELS = [column.label for column in COLUMNS]


def at_once(action) -> threading.Thread:
    """In this thread; the one that is given back has ended."""
    action()
    ended = threading.Thread(target=lambda: None)
    ended.start()
    ended.join()
    return ended


def said(figure, tmp_path: Path, style: Style = Style("svg")) -> str:
    draw(figure, style)(tmp_path / "said")
    return svg_text((tmp_path / "said").read_bytes())


@pytest.fixture
def full(explorer):
    """The window with a clicked sentence and something in every tab."""
    explorer.open("demo")
    explorer.maps.controller.select(2)
    bench = explorer.bench
    bench.tab("Reconstruct").take(Pick("The cat sleeps"))
    bench.tab("Reconstruct").ask()  # without the pause after the last key
    interpolate = bench.tab("Interpolate")
    interpolate.set_end("A", Pick("one"))
    interpolate.set_end("B", Pick("two"))
    explorer.gather_clicked()
    shown(explorer)
    return explorer


def opened_tab(explorer, name: str):
    explorer.window.bench.show_tab(name)
    shown(explorer)
    return explorer.bench.tab(name).view


def test_the_picture_of_a_map_says_which_and_what(full, tmp_path):
    panel = full.window.maps.panels["autogen-m1"]
    figure = panel.figure()
    draw(figure, Style("svg"))(tmp_path / "map.svg")
    data = (tmp_path / "map.svg").read_bytes()
    text = svg_text(data)
    named = ("Latent space of AutoGen m=1", "PCA", "one test sentence, 4 in all", "KL, nats", "2.5", "2/2", "25.0")
    for words in named:
        assert words in text
    assert f"Ring: test sentence 3, “{SENTENCES[2]}”" in text
    assert "Typed: “The cat sleeps”" in text  # the flag of the open tab
    (points,) = svg_images(data)  # all else is lines and text
    assert points.width() == 3 * panel.map.width()
    assert points.pixelColor(1, 1).name() == DARK.map
    assert any(points.pixelColor(x, points.height() // 2).saturation() > 80 for x in range(points.width()))
    low, high = full.window.toolbar.meaning[1:3]
    assert f"colour: KL, nats, {low} to {high}" in text


def test_the_picture_of_a_map_explains_grey_points_and_a_collapsed_model(full, tmp_path):
    full.state.findings = {"vae": Finding("collapsed", "Collapsed", "z tells nothing. Try annealing.", "at length")}
    shown(full)
    full.window.maps.panels["vae"].map.set_dimmed(np.array([True, False, True, False]))
    text = said(full.window.maps.figure(), tmp_path)
    assert "Collapsed: z tells nothing. Try annealing." in text
    assert "grey: not among the sentences searched for" in text


def test_maps_of_which_some_have_a_verdict_beneath_them_are_equally_high(full, tmp_path):
    full.state.findings = {"vae": Finding("weak", "Weak", "z tells little. " * 8, "at length")}
    shown(full)
    maps = [full.window.maps.panels[column.name].map for column in COLUMNS]
    assert maps[0].height() < maps[1].height()
    draw(full.window.maps.figure(), Style("svg"))(tmp_path / "maps.svg")
    first, second = svg_images((tmp_path / "maps.svg").read_bytes())
    assert first.height() == second.height() == 3 * maps[1].height()


def test_all_maps_stand_side_by_side_with_one_scale(full, tmp_path):
    draw(full.window.maps.figure(), Style("svg"))(tmp_path / "maps.svg")
    data = (tmp_path / "maps.svg").read_bytes()
    maps = [full.window.maps.panels[column.name].map for column in COLUMNS]
    assert [image.width() for image in svg_images(data)] == [3 * each.width() for each in maps]
    assert [svg_text(data).count(label) for label in LABELS] == [1, 1]
    full.maps.controller.show_variant("vae", False)
    shown(full)
    assert "VAE" not in said(full.window.maps.figure(), tmp_path)


def test_the_points_of_a_map_have_the_colours_of_the_picture_and_the_window_keeps_its_own(full, tmp_path):
    canvas = full.window.maps.panels["vae"].map
    before = canvas.grab().toImage()
    for for_print, ground in ((False, DARK.map), (True, PRINT.map)):
        figure = full.window.maps.panels["vae"].figure()
        draw(figure, Style("png", 1, for_print))(tmp_path / "map.png")
        image = QImage(str(tmp_path / "map.png"))
        colours = [image.pixelColor(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)]
        assert sum(colour.name() == ground for colour in colours) > len(colours) / 4
        assert any(colour.saturation() > 80 for colour in colours)  # the dots
    assert canvas.grab().toImage() == before
    assert theme.current() is DARK


def test_marks_take_the_colours_of_the_print(full, tmp_path):
    opened_tab(full, "Interpolate")
    figure = full.window.maps.panels["vae"].figure()
    assert "A: “one”; B: “two”; line: the way between them" in figure.facts
    draw(figure, Style("svg", for_print=True))(tmp_path / "map.svg")
    found = svg_colours((tmp_path / "map.svg").read_bytes())
    roles = {mark.role for mark in full.state.on_maps.marks["vae"]}
    assert roles
    for role in roles:
        assert PRINT.readable(getattr(PRINT, role)) in found
        assert PRINT.readable(getattr(DARK, role)) not in found


def test_the_picture_of_an_interpolation_has_every_step(full, tmp_path):
    view = opened_tab(full, "Interpolate")
    figure = view.figure()
    text = said(figure, tmp_path)
    assert "Interpolation from “one” to “two”" in text
    assert "10 steps from each stop to the next" in text
    assert "lerp, z = μ, beam 10" in text
    for row in view.texts:
        for cell in row:
            assert cell in text
    assert [text.count(label) for label in LABELS] == [1, 1]


def test_a_column_can_be_saved_alone(full, tmp_path):
    view = opened_tab(full, "Interpolate")
    whole = view.figure()
    one = whole.only(1, LABELS[1])
    text = said(one, tmp_path)
    assert LABELS[0] not in text
    assert "vae" not in text  # the fake models say their name in every sentence
    assert text.count("autogen-m1") == 11
    assert one.title == f"{whole.title} · {LABELS[1]}"
    assert one.name == "interpolation-autogen-m-1"
    assert one.width < whole.width


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("Reconstruct", ["Reconstruction of “The cat sleeps”", "the cat sleeps beam vae", "log p(x̂|z) −3.5"]),
        ("Prior samples", ["Samples of the prior", "seed 0", "beam vae"]),
        ("Table", ["Gathered sentences", "Run demo", SENTENCES[2], "log p(x̂|z) −3.5 · log p(x|z) −50.0 · KL 2.0"]),
    ],
)
def test_the_picture_of_a_tab_says_what_it_shows(full, tmp_path, tab, words):
    figure = opened_tab(full, tab).figure()
    text = said(figure, tmp_path)
    for each in [*words, *LABELS]:
        assert each in " ".join([text, figure.subject])


def test_the_picture_of_arithmetic_has_terms_and_results(full, tmp_path):
    tab = full.bench.tab("Arithmetic")
    for name, text in (("a", "one"), ("b", "two"), ("c", "three")):
        tab.take(Pick(text), name)
    figure = opened_tab(full, "Arithmetic").figure()
    text = said(figure, tmp_path)
    assert "“one” − “two” + “three”" in text
    assert "a + 1.00 × (c − b)" in text
    for reading in tab.state.analogy.after.values():
        assert reading.text.casefold() in text.casefold()


def test_the_picture_of_the_clicked_sentence_has_its_cards(full, tmp_path):
    figure = full.window.decoded.figure()
    text = said(figure, tmp_path)
    assert f"Test sentence 3: “{SENTENCES[2]}”" in text
    assert text.count("log p(x̂|z) −3.5") == 2


def test_nothing_is_offered_where_there_is_nothing(explorer):
    explorer.open("demo")
    shown(explorer)
    for tab in ("Interpolate", "Table"):
        assert opened_tab(explorer, tab).figure() is None
    assert explorer.window.decoded.figure() is None


# the ways to it


def entries(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text().startswith("Save picture")]


def test_every_menu_offers_what_lies_around_it(full, qtbot):
    window = full.window
    menu = window.maps.panels["vae"].map.context_menu(-1)
    assert entries(menu) == ["Save picture of this map…", "Save picture of all maps…"]
    menu.deleteLater()
    grid = opened_tab(full, "Interpolate")._grid
    for column, wanted in ((-1, []), (1, ["Save picture of the column AutoGen m=1…"])):
        menu = grid.row_menu(0, column)
        assert entries(menu) == [*wanted, "Save picture of this interpolation…"]
        menu.deleteLater()
    for view, wanted in (
        (window.decoded.cards.card("vae").menu(), ["Save picture of the clicked sentence…"]),
        (window.decoded.source.menu(), ["Save picture of the clicked sentence…"]),
        (saving_menu(window.bench), []),
    ):
        assert entries(view) == wanted
        view.deleteLater()


def test_the_menu_opens_where_nothing_else_does(full, qtbot):
    """The right button on the head of a map, which has no menu of its own."""
    title = full.window.maps.panels["vae"]._label
    at = QPoint(3, 3)
    QApplication.sendEvent(title, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, title.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert entries(menu) == ["Save picture of this map…", "Save picture of all maps…"]
    menu.close()


def test_a_menu_saves_what_it_was_opened_on(full, qtbot):
    view = opened_tab(full, "Interpolate")
    menu = QMenu(view)
    add_saving(menu, view._grid)
    full.bench.tab("Interpolate").set_end("B", Pick("three"))
    shown(full)
    asked = []
    full.window.pictured.asked.connect(asked.append)
    menu.actions()[-1].trigger()
    assert asked[0].title == "Interpolation from “one” to “two”"
    dialog(full).reject()
    menu.deleteLater()


def dialog(explorer) -> PictureDialog:
    return next(each for each in explorer.window.findChildren(PictureDialog) if each.isVisible())


@pytest.mark.parametrize(
    ("focus", "title"),
    [
        (lambda window: window.maps.panels["vae"].map, "Latent space of VAE"),
        (lambda window: window.toolbar.search, "Interpolation from “one” to “two”"),  # the tab in view
    ],
)
def test_the_key_saves_what_has_the_keys_or_is_in_view(full, qtbot, focus, title):
    opened_tab(full, "Interpolate")
    full.window.activateWindow()
    qtbot.waitUntil(full.window.isActiveWindow)
    target = focus(full.window)
    target.setFocus()
    qtbot.keyClick(target, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    shown(full)
    assert dialog(full).picture.title == title
    assert dialog(full).picture.subject == "Run demo"
    dialog(full).reject()


def test_the_key_has_no_other_meaning(explorer):
    keys = [key.toString() for action in explorer.window.actions() for key in action.shortcuts()]
    assert keys.count("Ctrl+Shift+S") == 1


def test_where_a_tab_is_empty_the_maps_are_saved_and_without_maps_it_is_told(explorer):
    explorer.actions.picture.trigger()
    shown(explorer)
    assert "nothing to save as a picture" in explorer.window.banner.message
    explorer.open("demo")
    opened_tab(explorer, "Interpolate")
    explorer.actions.picture.trigger()
    assert dialog(explorer).picture.title == "Latent spaces side by side"
    dialog(explorer).reject()


# the dialog


def test_the_dialog_shows_the_picture_as_it_will_be(full, qtbot):
    full._save_picture(full.window.decoded.figure())
    asked = dialog(full)
    for choice, ground in (("print", "#ffffff"), ("theme", DARK.panel)):
        asked.colours._buttons[choice].click()
        image = asked._view.pixmap().toImage()
        assert image.pixelColor(image.width() // 2, 1).name() == ground
    assert asked._size.text().endswith(" pixels")
    asked.format._buttons["svg"].click()
    assert not asked.pixels.isEnabled()
    assert asked._size.text() == ""
    chosen = []
    asked.chosen.connect(chosen.append)
    asked.chosen.connect(lambda _: [each.close() for each in full.window.findChildren(QFileDialog)])
    asked.save.click()
    assert chosen == [Style("svg", 2, for_print=False)]


@pytest.fixture
def pictures(qtbot, tmp_path, full):
    made = Pictures(full.window, AppSettings(tmp_path / "other.ini"), aside=at_once)
    made.outcomes = []  # type: ignore[attr-defined]
    made.told.connect(lambda text: made.outcomes.append(("told", text)))
    made.failed.connect(lambda text, hint: made.outcomes.append(("failed", text, hint)))
    return made


def test_a_picture_is_saved_and_folder_and_style_are_remembered(pictures, full, tmp_path):
    figure = full.window.maps.figure()
    path = tmp_path / "new" / "maps.pdf"
    pictures.save(figure, path, Style("png", 4, for_print=True))  # the ending counts
    assert pictures.outcomes == [("told", f"Saved the picture as {path}.")]
    assert "Latent spaces side by side" in pdf_text(path.read_bytes())
    assert pictures.style == Style("pdf", 4, for_print=True)
    asked = pictures.ask_where(figure, pictures.style)
    assert Path(asked.directory().absolutePath()) == tmp_path / "new"
    assert asked.defaultSuffix() == "pdf"
    assert Path(asked.selectedFiles()[0]).name == "maps.pdf"
    asked.close()


def test_what_is_remembered_and_no_style_is_forgotten(tmp_path, full):
    settings = AppSettings(tmp_path / "third.ini")
    settings.picture = (tmp_path / "gone", "bmp", 2, False)
    assert Pictures(full.window, settings).style == Style("png", 2)


@pytest.mark.parametrize("name", ["fig 1.2", "run.v2", "maps.jpg", "maps"])
def test_a_name_without_the_ending_of_a_format_gets_the_chosen_one(pictures, full, tmp_path, name):
    pictures.save(full.window.maps.figure(), tmp_path / name, Style("svg"))
    assert pictures.outcomes == [("told", f"Saved the picture as {tmp_path / name}.svg.")]
    assert [each.name for each in tmp_path.glob("*.svg")] == [f"{name}.svg"]
    pictures.outcomes.clear()
    pictures.save(full.window.maps.figure(), tmp_path / name, Style("svg"))
    assert pictures.outcomes[0][:2] == ("failed", f"{tmp_path / name}.svg is there already.")


def test_bad_targets_are_told_as_for_exports(pictures, full, tmp_path):
    figure = full.window.decoded.figure()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").write_text("a file, no folder")
    for path, words in (
        (tmp_path / "folder.png", "is no regular file"),
        (tmp_path / "file" / "in.png", "file"),
        (tmp_path / ("n" * 300 + ".png"), "File name too long"),
        (Path("/dev/full"), "disk is full"),
    ):
        pictures.outcomes.clear()
        pictures.save(figure, path, Style("png", 1))
        assert pictures.outcomes[0][0] == "failed", path
        assert words in pictures.outcomes[0][1]
    assert (tmp_path / "file").read_text() == "a file, no folder"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_told(pictures, full, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    pictures.save(full.window.decoded.figure(), tmp_path / "closed" / "x.png", Style("png", 1))
    assert "No permission" in pictures.outcomes[0][1]


def test_a_device_is_written_to_and_never_replaced(pictures, full):
    pictures.save(full.window.decoded.figure(), Path("/dev/null"), Style("svg"))
    assert pictures.outcomes == [("told", "Saved the picture as /dev/null.")]
    assert Path("/dev/null").is_char_device()


def test_a_picture_that_is_too_large_is_told(pictures, full, tmp_path, monkeypatch):
    monkeypatch.setattr("app.widgets.pictures.writing._LONGEST_SIDE", 100)
    pictures.save(full.window.decoded.figure(), tmp_path / "x.png", Style("png", 1))
    assert "too large for a PNG" in pictures.outcomes[0][1]
    assert not (tmp_path / "x.png").exists()


def test_the_file_is_written_beside_the_thread_of_the_window(full, qtbot, tmp_path):
    """And closing the window waits for it."""
    threads = []
    pictures = full.pictures

    def noted(action):
        thread = threading.Thread(target=lambda: (threads.append(threading.current_thread()), action()))
        thread.start()
        return thread

    pictures._aside = noted
    with qtbot.waitSignal(pictures.told):
        pictures.save(full.window.maps.figure(), tmp_path / "maps.png", Style("png", 2))
    assert len(threads) == 2  # the points of the maps, and the file
    assert threading.main_thread() not in threads
    assert QImage(str(tmp_path / "maps.png")).width() > 0


def test_closing_the_window_waits_for_a_picture_that_is_being_saved(full, tmp_path):
    full.pictures.save(full.window.maps.figure(), tmp_path / "maps.pdf", Style())
    full.window.close()
    assert (tmp_path / "maps.pdf").read_bytes().startswith(b"%PDF-")


def test_a_file_is_named_after_run_step_and_what_is_shown():
    figure = Figure("maps", "Maps", ())
    assert name_of(figure) == "maps"
    assert name_of(replace(figure, subject="Run novel, step 2,000")) == "novel-step-2000-maps"
    assert name_of(replace(figure, subject="Run a/b: ü, step 10")) == "a-b-ü-step-10-maps"
    assert name_of(replace(figure, subject="Run demo, step 10; novel")) == "maps"


def test_a_light_window_makes_light_pictures(full, tmp_path):
    full.toggle_theme()
    draw(full.window.maps.figure(), Style("png", 1))(tmp_path / "light.png")
    assert QImage(str(tmp_path / "light.png")).pixelColor(2, 2) == QColor(LIGHT.panel)
    full.toggle_theme()
