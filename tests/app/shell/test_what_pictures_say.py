"""What pictures of the window say, in words, colours and pixels of the files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from app.core import theme
from app.core.picks import Pick
from app.core.theme import DARK, LIGHT, PRINT
from app.core.values import Finding
from app.widgets.pictures.writing import Style, draw
from tests.app.fakes import COLUMNS, SENTENCES
from tests.app.looking import opened_tab, shown
from tests.app.reading import svg_colours, svg_images, svg_text

LABELS = [column.label for column in COLUMNS]


def said(figure, tmp_path: Path, style: Style = Style("svg")) -> str:
    draw(figure, style)(tmp_path / "said")
    return svg_text((tmp_path / "said").read_bytes())


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


def test_a_light_window_makes_light_pictures(full, tmp_path):
    full.toggle_theme()
    draw(full.window.maps.figure(), Style("png", 1))(tmp_path / "light.png")
    assert QImage(str(tmp_path / "light.png")).pixelColor(2, 2) == QColor(LIGHT.panel)
    full.toggle_theme()
