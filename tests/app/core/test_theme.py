"""Both themes are readable, complete and can be changed while the app runs."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QFontMetricsF, QIcon
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QLabel, QLineEdit, QSpinBox

from app.core import theme
from engine.config import PAPER_VARIANTS
from tests.conftest import variants_by_name

BOTH = pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT], ids=lambda t: t.mode)


@BOTH
@pytest.mark.parametrize("text", ["text", "muted", "accent", "changed", "unknown", "good", "warning", "danger"])
def test_text_is_readable_on_everything_it_is_written_on(colours, text):
    for ground in ("window", "panel", "field", "raised", "hover", "map"):
        minimum = 4.5 if ground != "hover" or text in ("text", "muted") else 3.0
        assert theme.contrast(getattr(colours, text), getattr(colours, ground)) >= minimum, ground


@BOTH
def test_text_on_filled_and_selected_ground_is_readable(colours):
    assert theme.contrast(colours.on_accent, colours.accent_fill) >= 4.5
    assert theme.contrast(colours.on_accent, colours.accent_hover) >= 3.0
    assert theme.contrast(colours.text, colours.selected) >= 4.5


@BOTH
def test_edges_and_focus_rings_can_be_seen(colours):
    for ground in ("window", "panel", "field", "map"):
        assert theme.contrast(colours.border_strong, getattr(colours, ground)) >= 2.8
        assert theme.contrast(colours.accent, getattr(colours, ground)) >= 3.0


@BOTH
def test_variants_can_be_told_from_the_ground_in_both_themes(colours):
    for variant in variants_by_name(PAPER_VARIANTS):
        assert theme.contrast(colours.readable(variant.colour), colours.map) >= 3.0
    assert theme.contrast(colours.readable("#ffffff"), colours.map) >= 3.0


def test_the_stylesheet_has_no_blank_left_and_names_pictures_that_exist():
    sheet = theme.stylesheet()
    assert "$" not in sheet
    pictures = re.findall(r'url\("([^"]+)"\)', sheet)
    assert pictures
    for picture in pictures:
        assert theme.ASSETS in Path(picture).parents
        assert QSvgRenderer(picture).isValid()


def test_the_stylesheet_names_roles_of_the_palette_and_no_colour_of_a_theme():
    sheet = theme.stylesheet()
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", sheet)
    named = set(re.findall(r"palette\(([^)]+)\)", sheet))
    assert len(set(theme.ROLES.values())) == len(theme.ROLES)  # two colours of one role would be the same
    assert len(named) == len(theme.ROLES)


@BOTH
def test_a_widget_takes_each_colour_of_the_theme_from_the_stylesheet(qtbot, colours):
    theme.apply(QApplication.instance(), colours.mode)
    for name, role in theme.ROLES.items():
        label = QLabel("text")
        qtbot.addWidget(label)
        label.setStyleSheet(f"QLabel {{ color: palette({theme._word(role)}); }}")
        label.ensurePolished()
        assert label.palette().windowText().color().name() == getattr(colours, name), name


def test_contrast_is_that_of_the_guideline():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert theme.contrast("#abcdef", "#abcdef") == pytest.approx(1)


def test_applying_a_theme_sets_palette_font_and_current(qapp):
    app = QApplication.instance()
    for mode, colours in (("light", theme.LIGHT), ("dark", theme.DARK)):
        theme.apply(app, mode)
        assert theme.current() is colours
        assert app.palette().window().color().name() == colours.window
        assert QFontInfo(app.font()).family() == theme.FAMILY


def test_the_font_is_shipped_with_its_licence_and_has_figures_of_equal_width(qapp):
    metrics = QFontMetricsF(theme.font())
    assert theme.FAMILY in QFontDatabase.families()
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("0000")
    assert QFontInfo(theme.font(strong=True)).weight() >= 600
    fonts = theme.ASSETS / "fonts"
    assert "SIL OPEN FONT LICENSE" in (fonts / "OFL.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in fonts.glob("*.otf")) < 1_000_000


def test_a_theme_that_is_lent_is_on_for_a_moment_and_has_plain_figures(qapp):
    """In a PDF, figures of equal width and contextual signs are copied as other signs."""
    theme.apply(qapp, "dark")
    with theme.lent(theme.PRINT):
        assert theme.current() is theme.PRINT
        assert theme.font().featureValue(QFont.Tag("tnum")) == 0
        assert theme.font().isFeatureSet(QFont.Tag("tnum"))  # or the font of the application would have its way
        assert theme.font().featureValue(QFont.Tag("calt")) == 0
    assert theme.current() is theme.DARK
    assert theme.font().featureValue(QFont.Tag("tnum")) == 1
    assert {theme.PRINT.window, theme.PRINT.panel, theme.PRINT.map, theme.PRINT.field} == {"#ffffff"}


def test_every_icon_is_valid_and_follows_the_theme(qapp):
    names = [path.stem for path in (theme.ASSETS / "icons").glob("*.svg")]
    assert {"latent-loom", "search", "play", "shuffle", "copy", "export", "sun", "moon", "pin"} <= set(names)
    for name in names:
        assert QSvgRenderer(str(theme.ASSETS / "icons" / f"{name}.svg")).isValid(), name
    icon = theme.icon("stop")
    seen = set()
    for mode in ("dark", "light"):
        theme.apply(QApplication.instance(), mode)
        image = icon.pixmap(QSize(32, 32)).toImage()
        colours = {
            QColor(image.pixelColor(x, y)).name()
            for x in range(32)
            for y in range(32)
            if image.pixelColor(x, y).alpha() == 255
        }
        assert colours == {theme.current().text}
        seen |= colours
    assert len(seen) == 2


def test_an_icon_that_was_drawn_before_is_as_it_was(qapp):
    icon, size = theme.icon("stop"), QSize(24, 24)
    drawn = {}
    for mode in ("dark", "light", "dark", "light"):
        theme.apply(QApplication.instance(), mode)
        for state in (QIcon.State.Off, QIcon.State.On):
            for way in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
                image = icon.pixmap(size, way, state).toImage()
                assert drawn.setdefault((mode, state, way), image) == image
    assert drawn["dark", QIcon.State.Off, QIcon.Mode.Normal] != drawn["dark", QIcon.State.On, QIcon.Mode.Normal]
    assert icon.pixmap(QSize(16, 16)).size() == QSize(16, 16)


def test_an_unknown_icon_is_named_in_the_error():
    with pytest.raises(KeyError, match="no-such-icon"):
        theme.icon("no-such-icon")


def test_every_colour_is_written_as_six_digits():
    for colours in (theme.DARK, theme.LIGHT):
        for name, value in asdict(colours).items():
            assert name == "mode" or re.fullmatch(r"#[0-9a-f]{6}", value), name


@pytest.mark.parametrize("kind", [QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox])
def test_a_field_out_of_reach_looks_otherwise(qtbot, kind):
    field = kind()
    qtbot.addWidget(field)
    field.setStyleSheet(theme.stylesheet())
    field.resize(120, 30)
    edges = []
    for enabled in (True, False):
        field.setEnabled(enabled)
        edges.append(field.grab().toImage().pixelColor(0, 15).name())
    assert edges[0] != edges[1]
