"""Figures as files: text that can be searched, fonts that are embedded, the same bytes each time."""

from __future__ import annotations

import base64
import io
import re
import struct
import subprocess
import sys
import zlib
from typing import Any
from xml.etree import ElementTree

import pytest

from engine.errors import UsageError
from engine.evaluation.figures.drawing import Drawing, legend, on_paper
from engine.evaluation.figures.fonts import families
from engine.evaluation.figures.writing import DOTS, drawn, inline, remarks
from engine.workspace import CHECKOUT

LABELS = ("AutoGen m=2", "$x_1$ \\foo & <b>", "_hidden", "שלום", "μ − σ ≤ 1")
SVG = "{http://www.w3.org/2000/svg}"


def _paint(figure: Any) -> None:
    axes = figure.subplots()
    lines = [axes.plot([0, 1], [0, place])[0] for place, _ in enumerate(LABELS)]
    axes.set_xlabel("KL (nats a sentence)")
    legend(figure, lines, LABELS)


DRAWING = Drawing("odd", "What & why <all>", 12.0, 6.0, LABELS, _paint)


def test_the_text_of_an_svg_is_text_with_a_font_of_its_own() -> None:
    svg = drawn(DRAWING, ("svg",))["svg"].decode()
    texts = [each.text for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert {*LABELS, "KL (nats a sentence)"} <= set(texts)
    from fontTools.ttLib import TTFont

    embedded = re.search(r"font-family:'(Loom odd)';src:url\(data:font/woff;base64,([^)]+)\)", svg)
    assert embedded is not None
    font = TTFont(io.BytesIO(base64.b64decode(embedded[2])))
    assert {ord(sign) for text in LABELS for sign in text if ord(sign) < 0x2500} - set(font.getBestCmap()) <= {0x20}
    assert len(font.getBestCmap()) < 80
    assert all("'Loom odd'" in each for each in re.findall(r"<text style=\"([^\"]*)\"", svg))


def test_a_pdf_embeds_truetype_and_says_which_signs_its_glyphs_are() -> None:
    pdf = drawn(DRAWING, ("pdf",))["pdf"]
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"/ToUnicode" in pdf
    said = b"".join(_streams(pdf))
    # The signs of the labels stand in the tables from glyphs to signs, as a search needs them.
    for sign in "AutoGenm=2שלוםμ−σ≤_$":
        assert f"<{ord(sign):04x}>".encode() in said.lower(), sign


def test_a_picture_has_the_size_that_it_has_in_print() -> None:
    made = drawn(DRAWING)
    width, height = struct.unpack(">II", made["png"][16:24])
    assert (width, height) == (pytest.approx(12 / 2.54 * DOTS, abs=1), pytest.approx(6 / 2.54 * DOTS, abs=1))
    assert re.search(rb'width="340\.1\d*pt" height="170\.0\d*pt"', made["svg"])
    assert re.search(rb"/MediaBox \[ 0 0 340\.1\d* 170\.0\d* \]", made["pdf"])


def test_the_same_bytes_come_each_time_in_whatever_process() -> None:
    code = (
        "import hashlib\nfrom tests.engine.evaluation.figures.test_writing import DRAWING\n"
        "from engine.evaluation.figures.writing import drawn\n"
        "print([hashlib.sha256(each).hexdigest() for each in drawn(DRAWING).values()])\n"
    )
    said = {subprocess.check_output([sys.executable, "-c", code], cwd=CHECKOUT, text=True) for _ in range(2)}
    assert len(said) == 1
    assert b"2026" not in drawn(DRAWING, ("pdf",))["pdf"]


def test_signs_that_no_font_has_are_told_and_others_are_found() -> None:
    assert families(LABELS) == (("DejaVu Sans",), "")
    assert remarks(DRAWING) == ()
    odd = Drawing("odd", "", 5, 5, ("\U000fffff",), lambda figure: None)
    assert "No font on this machine has the signs \U000fffff" in remarks(odd)[0]
    assert drawn(odd)["png"].startswith(b"\x89PNG")


def test_an_inlined_figure_takes_the_ink_of_the_page_and_shares_no_name_with_another() -> None:
    svg = drawn(DRAWING, ("svg",))["svg"]
    element = inline(svg, DRAWING)
    root = ElementTree.fromstring(element)
    assert root.attrib["aria-labelledby"] == "odd-caption"
    assert "width" not in root.attrib
    names = [each.attrib["id"] for each in root.iter() if "id" in each.attrib]
    assert all(name.startswith("odd-") for name in names)
    used = re.findall(r"(?:url\(|href=\")#([^)\"]+)", element)
    assert used
    assert set(used) <= set(names)
    assert "currentColor" in element
    assert "#1a222d" not in element
    assert "<metadata" not in element


def test_lines_can_be_seen_on_paper() -> None:
    assert on_paper("#1f77b4") == "#1f77b4"
    assert on_paper("#ffffff") != "#ffffff"
    assert on_paper("#FFFF00") not in ("#FFFF00", "#ffff00")


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(UsageError, match="'gif'"):
        drawn(DRAWING, ("gif",))


def _streams(pdf: bytes) -> list[bytes]:
    found = []
    for each in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(each))
        except zlib.error:
            found.append(each)
    return found
