"""Reads saved pictures as others would: texts and lines of an SVG, and the text of a PDF by its own tables."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from xml.etree import ElementTree

from PySide6.QtGui import QImage

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}"


def svg_texts(data: bytes) -> list[str]:
    """The pieces of text of a picture, in the order in which they are drawn."""
    return [element.text or "" for element in ElementTree.fromstring(data).iter(f"{_SVG}text")]


def svg_text(data: bytes) -> str:
    """All of its text, pieces that follow each other in one line put together."""
    return "".join(svg_texts(data))


def svg_lines(data: bytes) -> list[list[tuple[float, float]]]:
    """The points of its polylines."""
    found = (element.get("points", "") for element in ElementTree.fromstring(data).iter(f"{_SVG}polyline"))
    return [[tuple(map(float, pair.split(","))) for pair in points.split()] for points in found]  # type: ignore[misc]


def svg_colours(data: bytes) -> set[str]:
    """All colours that it is filled or drawn with."""
    elements = ElementTree.fromstring(data).iter()
    return {value for each in elements for name in ("fill", "stroke") if (value := each.get(name, "")).startswith("#")}


def svg_images(data: bytes) -> list[QImage]:
    """The pictures of pixels within it."""
    found = (element.get(f"{_LINK}href", "") for element in ElementTree.fromstring(data).iter(f"{_SVG}image"))
    return [QImage.fromData(base64.b64decode(link.removeprefix("data:image/png;base64,"))) for link in found]


def pdf_contents(data: bytes) -> Iterator[bytes]:
    """What is drawn on the pages, and whatever else is compressed."""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        with suppress(zlib.error):
            yield zlib.decompress(stream)


def pdf_text(data: bytes) -> str:
    """The text of a page, a line for each piece: the codes of glyphs that are shown, by the tables of their fonts."""
    objects = {
        int(number): body for number, body in re.findall(rb"(?:^|\n)(\d+) 0 obj\b(.*?)\bendobj", data, re.DOTALL)
    }
    fonts: dict[bytes, dict[str, str]] = {}
    for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", data):
        table = re.search(rb"/ToUnicode (\d+) 0 R", objects.get(int(number), b""))
        if table is not None:
            fonts[name] = _signs(objects[int(table[1])])
    lines, font = [], fonts.get(b"", {})
    for content in pdf_contents(data):
        for token in re.finditer(rb"/(F\d+) \S+ Tf|<([0-9A-Fa-f]+)> Tj|\bET\b|\bBT\b", content):
            if token[1]:
                font = fonts[token[1]]
            elif token[2]:
                lines[-1] += font.get(token[2].decode().upper(), "\N{REPLACEMENT CHARACTER}")
            elif token[0] == b"BT":
                lines.append("")
    return "\n".join(lines)


def _signs(table: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for first, _, signs in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]{4})> \[([^\]]*)\]", table):
        for i, sign in enumerate(re.findall(rb"<([0-9A-F]+)>", signs)):
            found[f"{int(first, 16) + i:04X}"] = bytes.fromhex(sign.decode()).decode("utf-16-be")
    return found
