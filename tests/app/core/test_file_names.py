"""What a file is called that a person has named."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.file_names import format_of, with_ending
from engine.errors import LoomError


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("maps.svg", "maps.svg"),
        ("maps.PNG", "maps.PNG"),
        ("maps", "maps.png"),
        ("fig 1.2", "fig 1.2.png"),
        ("maps.jpg", "maps.jpg.png"),
        (".svg", ".svg.png"),
    ],
)
def test_a_name_that_says_no_format_gets_the_chosen_one(tmp_path, name, whole):
    assert with_ending(tmp_path / name, {"png": "PNG", "svg": "SVG"}, "png") == tmp_path / whole


def test_what_is_there_under_the_longer_name_is_not_taken(tmp_path):
    (tmp_path / "fig 1.2.png").touch()
    (tmp_path / "fig 1.3").mkdir()
    with pytest.raises(LoomError, match=r"fig 1\.2\.png is there already\."):
        with_ending(tmp_path / "fig 1.2", ["png"], "png")
    assert with_ending(tmp_path / "fig 1.2.png", ["png"], "png") == tmp_path / "fig 1.2.png"
    assert with_ending(tmp_path / "fig 1.3", ["png"], "png") == tmp_path / "fig 1.3.png"


def test_a_device_keeps_its_name():
    assert with_ending(Path("/dev/null"), ["png"], "png") == Path("/dev/null")


def test_the_ending_says_the_format():
    formats = [format_of(Path(name), ["png", "svg"], "svg") for name in ("a.PNG", "a", "a.b.Svg", "pipe.v2")]
    assert formats == ["png", "svg", "svg", "svg"]
