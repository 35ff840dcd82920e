"""Figures become files that others read: their texts, lines, sizes and colours are looked up in the files."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPolygonF
from PySide6.QtWidgets import QApplication, QWidget

from app.core import theme
from app.core.theme import DARK, LIGHT, PRINT
from app.widgets.pictures.figure import Beside, Figure
from app.widgets.pictures.text import Note
from app.widgets.pictures.writing import Style, draw, drawn, preview, with_spaces
from engine.errors import LoomError
from tests.app.reading import pdf_text, svg_colours, svg_lines, svg_text

POINTS = [(0.0, 0.0), (10.0, 5.0), (20.0, 2.5), (30.0, 12.0)]


class Ink:
    """A line through four points and a square in the accent, on a ground of the map."""

    def height(self, width: float) -> float:
        return 60.0

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        now = theme.current()
        painter.fillRect(area, QColor(now.map))
        painter.setPen(QColor(now.text))
        painter.drawPolyline(QPolygonF([QPointF(area.left() + x, area.top() + y) for x, y in POINTS]))
        painter.fillRect(QRectF(area.left() + 100, area.top() + 10, 40, 40), QColor(now.accent))


@pytest.fixture
def figure(qapp: QApplication) -> Figure:
    theme.apply(qapp, "dark")
    facts = ("KL 3.1 · log p(x̂|z) −8.2 → 10 steps",)
    return Figure("ink", "Ink of “a & b”", (Ink(), Note("beneath")), facts, "Run demo, step 17,400", width=300)


def saved(figure: Figure, style: Style, folder: Path) -> bytes:
    path = folder / f"saved.{style.format}"
    draw(figure, style)(path)
    return path.read_bytes()


@pytest.mark.parametrize("ratio", [1, 2, 4])
def test_a_png_has_its_pixels_in_the_colours_of_the_theme(figure, tmp_path, ratio):
    saved(figure, Style("png", ratio), tmp_path)
    image = QImage(str(tmp_path / "saved.png"))
    with theme.lent(DARK):
        height = figure.size().height()
    assert (image.width(), image.height()) == (300 * ratio, round(height * ratio))
    assert image.pixelColor(2, 2).name() == DARK.panel
    foot = image.height() - round((16 + 13.5 + 10) * ratio)  # above margin, note and gap lies the part
    assert image.pixelColor(round((16 + 120) * ratio), foot - 30 * ratio).name() == DARK.accent
    assert image.pixelColor(round((16 + 60) * ratio), foot - 30 * ratio).name() == DARK.map
    assert image.text("Title") == "Ink of “a & b”"
    assert "Run demo, step 17,400" in image.text("Description")


def test_for_print_it_is_dark_on_white(figure, tmp_path):
    saved(figure, Style("png", 1, for_print=True), tmp_path)
    image = QImage(str(tmp_path / "saved.png"))
    assert image.pixelColor(2, 2).name() == "#ffffff"
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert PRINT.text in colours
    assert PRINT.accent in colours
    assert not {DARK.panel, DARK.map, DARK.text, DARK.accent} & colours


def test_an_svg_holds_texts_and_lines(figure, tmp_path):
    data = saved(figure, Style("svg"), tmp_path)
    text = svg_text(data)
    for said in ("Ink of “a & b”", "Run demo, step 17,400", "KL 3.1 · log p(x̂|z) −8.2 → 10 steps", "beneath"):
        assert said in text
    drawn = [[(x - line[0][0], y - line[0][1]) for x, y in line] for line in svg_lines(data)]
    assert drawn.count(POINTS) == 1
    assert b"<title>Ink of" in data
    assert b'font-family="Inter, sans-serif"' in data  # for those who have no Inter


def test_an_svg_for_print_has_no_colour_of_the_dark_theme(figure, tmp_path):
    found = svg_colours(saved(figure, Style("svg", for_print=True), tmp_path))
    assert "#ffffff" in found
    assert PRINT.text in found
    assert not {DARK.panel, DARK.map, DARK.text, DARK.muted, DARK.accent} & found


@pytest.mark.parametrize("odd", ["a\x01b", "a\ufffeb", "a\ud800b", "<&>\"']]>", "شكرا 谢谢 🙂"])
def test_sentences_with_odd_signs_leave_a_file_that_can_be_read(figure, tmp_path, odd):
    strange = replace(figure, title=odd, facts=(odd,), parts=(Note(odd),))
    text = svg_text(saved(strange, Style("svg"), tmp_path))  # a parser stops at what is no XML
    shown = odd if odd[0] == "<" else odd.translate(dict.fromkeys((1, 0xFFFE, 0xD800), "\N{REPLACEMENT CHARACTER}"))
    assert text.count(shown) == 3 or odd[0] == "ش"
    assert saved(strange, Style("pdf"), tmp_path).startswith(b"%PDF-")
    assert saved(strange, Style("png", 1), tmp_path).startswith(b"\x89PNG")


def test_a_sentence_without_end_does_not_fill_the_picture(figure, tmp_path):
    long = replace(figure, title="word " * 20_000)
    assert long.size().height() < figure.size().height() + 400
    assert svg_text(saved(long, Style("svg"), tmp_path)).count("…") == 1


@pytest.mark.parametrize("for_print", [False, True])
def test_the_text_of_a_pdf_can_be_copied(figure, tmp_path, for_print):
    """Numbers, minus signs, arrows and spaces too, which the font would have other glyphs for."""
    data = saved(figure, Style("pdf", for_print=for_print), tmp_path)
    assert data.startswith(b"%PDF-")
    text = pdf_text(data).replace("\n", "")
    for said in ("Ink of “a & b”", "Run demo, step 17,400", "KL 3.1 · log p(x̂|z) −8.2 → 10 steps", "beneath"):
        assert said in text
    assert "\N{REPLACEMENT CHARACTER}" not in text
    with theme.lent(DARK):
        size = figure.size()
    assert f"/MediaBox [0 0 {size.width() * 0.75:.0f}".encode() in data


def test_only_the_lists_of_signs_of_a_pdf_are_changed():
    table = b"begincmap <0009> <000A> [<0041> <0009> ] endcmap"
    assert with_spaces(b"[<0009>] " + table) == b"[<0009>] begincmap <0009> <000A> [<0041> <0020> ] endcmap"


def test_a_picture_changes_nothing_in_the_window(figure, qtbot, tmp_path):
    shown = QWidget()
    qtbot.addWidget(shown)
    shown.show()
    before = shown.palette().cacheKey(), theme.current(), theme.font().featureValue(QFont.Tag("tnum"))
    for name in ("png", "svg", "pdf"):
        saved(figure, Style(name, for_print=True), tmp_path)
    assert (shown.palette().cacheKey(), theme.current(), theme.font().featureValue(QFont.Tag("tnum"))) == before


def test_the_theme_is_given_back_after_a_fault(qapp):
    theme.apply(qapp, "dark")
    seen = []

    def fail() -> None:
        with theme.lent(PRINT):
            seen.append(theme.current())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (seen, theme.current()) == ([PRINT], DARK)


def test_a_png_that_is_too_large_is_refused_in_words(figure, tmp_path):
    class Tower(Ink):
        def height(self, width: float) -> float:
            return 20_000.0

    tall = Figure("tower", "Tower", (Tower(),), width=300)
    with pytest.raises(LoomError, match="too large for a PNG") as refused:
        draw(tall, Style("png", 4))
    assert "PDF" in refused.value.hint
    data = saved(tall, Style("pdf"), tmp_path)
    assert b"/MediaBox [0 0 " in data
    height = float(data.split(b"/MediaBox [0 0 ")[1].split(b"]")[0].split()[1])
    assert height <= 14_400


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_a_figure_drawn_in_turns_is_the_one_drawn_at_once_whatever_the_window_does(qapp, figure, format, tmp_path):
    whole = replace(figure, parts=(Ink(), Beside([Ink(), Ink(), Ink()]), Note("beneath")))
    wanted = saved(whole, Style(format, 2), tmp_path)
    pieces, turns = drawn(whole, Style(format, 2)), 0
    try:
        while True:
            next(pieces)
            turns += 1
            theme.apply(qapp, "light")  # a person changes it meanwhile
            assert theme.current() == LIGHT
    except StopIteration as end:
        end.value(tmp_path / "turns")
    assert turns == 6  # the heading, one alone, three beside each other, the note
    without_dates = (re.sub(rb"D:\d+|/ID \[.*?\]|[0-9a-f-]{36}|xmp:\w+Date=\"[^\"]*\"", b"", data, flags=re.DOTALL)
                     for data in ((tmp_path / "turns").read_bytes(), wanted))  # fmt: skip
    assert next(without_dates) == next(without_dates)


def test_a_drawing_that_is_given_up_ends_its_painter(figure):
    """A picture must not be freed while it is painted on."""
    pieces = drawn(figure, Style("png"))
    next(pieces)
    pieces.close()
    with pytest.raises(StopIteration):
        next(pieces)
    assert theme.current() == DARK


def test_a_preview_is_small_and_in_the_colours_of_the_style(figure):
    pieces = preview(figure, Style(for_print=True), 0.5)
    for _ in range(3):  # the heading and two parts
        next(pieces)
        assert theme.current() == DARK  # between the pieces the window keeps its own
    with pytest.raises(StopIteration) as end:
        next(pieces)
    image = end.value.value
    assert image.width() == 150
    assert image.pixelColor(1, 1).name() == "#ffffff"
