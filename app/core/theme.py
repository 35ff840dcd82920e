"""Every colour, the font and the icons of the window, in one place.

`apply` chooses the theme of the application, again at any time to change between dark and light. Both have the same
stylesheet, in which a role of the palette stands where a colour belongs; `app/shell/dressing.py` has the widgets of the
window follow. Widgets that paint themselves ask `current()` while painting and repaint on
`QEvent.Type.PaletteChange`; icons repaint by themselves. The rules of the stylesheet are in `assets/styles/loom.qss`,
with `$name` where a colour belongs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

Mode = Literal["dark", "light"]
ASSETS = Path(__file__).resolve().parents[2] / "assets"
FAMILY = "Inter"
TEXT_SIZE = 13  # logical pixels
SMALL_SIZE = 11
SPACE = 8  # logical pixels: every gap is this, half of it or a multiple
RADIUS = 6
_STYLED = "styled"
"""Property of the application that has the style; to ask for the style itself takes long."""


@dataclass(frozen=True)
class Theme:
    """Named colours as `#rrggbb`. Text colours reach a contrast of 4.5:1 on `window`, `panel` and `field`."""

    mode: Mode
    window: str  # behind everything
    panel: str  # cards that hold one subject
    raised: str  # buttons, headers, menus
    hover: str  # raised, with the pointer on it
    field: str  # where one types
    border: str
    border_strong: str  # edges of things that can be used: 3:1 on the panel
    map: str  # behind the points
    text: str
    muted: str
    accent: str  # focus, selection, links
    accent_fill: str  # behind `on_accent` text
    accent_hover: str
    on_accent: str
    selected: str  # behind selected rows and text
    changed: str  # words that differ
    unknown: str  # words outside the vocabulary
    good: str
    warning: str
    danger: str
    dimmed: str  # points that are filtered out

    def readable(self, colour: str, minimum: float = 3.0) -> str:
        """`colour`, moved towards the text colour until it has `minimum` contrast on the map and on panels."""
        return _readable(colour, self.text, (self.map, self.panel), minimum)


DARK = Theme(
    mode="dark",
    window="#0d1015",
    panel="#151a21",
    raised="#1f262f",
    hover="#2a323d",
    field="#0f1319",
    border="#262e39",
    border_strong="#5c6a7c",
    map="#10141a",
    text="#e4e9f0",
    muted="#97a3b3",
    accent="#69b1ff",
    accent_fill="#1f6fd0",
    accent_hover="#2a7de0",
    on_accent="#ffffff",
    selected="#1d3b5f",
    changed="#ffb86b",
    unknown="#ff8f85",
    good="#5fd08a",
    warning="#e8bd55",
    danger="#ff8077",
    dimmed="#475261",
)

LIGHT = Theme(
    mode="light",
    window="#eef1f5",
    panel="#ffffff",
    raised="#f3f5f8",
    hover="#e6ebf1",
    field="#ffffff",
    border="#d8dee6",
    border_strong="#848f9d",
    map="#fbfcfd",
    text="#1a222d",
    muted="#566272",
    accent="#0a5fc0",
    accent_fill="#0a5fc0",
    accent_hover="#0b52a3",
    on_accent="#ffffff",
    selected="#cfe3fb",
    changed="#9b4a00",
    unknown="#b3261e",
    good="#19703f",
    warning="#7f5700",
    danger="#b3261e",
    dimmed="#ccd3dc",
)

_Role = QPalette.ColorRole
ROLES = {
    "window": _Role.Window,
    "panel": _Role.AlternateBase,
    "raised": _Role.Button,
    "hover": _Role.Light,
    "field": _Role.Base,
    "border": _Role.Midlight,
    "border_strong": _Role.Dark,
    "text": _Role.WindowText,
    "muted": _Role.PlaceholderText,
    "accent": _Role.Link,
    "selected": _Role.Highlight,
    "on_accent": _Role.BrightText,
    "accent_fill": _Role.Mid,
    "accent_hover": _Role.Shadow,
    "good": _Role.LinkVisited,
    "warning": _Role.ToolTipBase,
    "danger": _Role.ToolTipText,
}
"""The roles of the palette by which the stylesheet names the colours of a theme. Qt has none for the last five, which
take those of things that the stylesheet draws in other colours anyway."""

PRINT = replace(LIGHT, window="#ffffff", panel="#ffffff", raised="#ffffff", field="#ffffff", map="#ffffff")
"""For pictures on paper: the light theme on white ground."""

_current = DARK
_lent: Theme | None = None


def current() -> Theme:
    """The theme that was applied last (dark before the first), or the one that is lent."""
    return _lent or _current


@contextmanager
def lent(to: Theme) -> Iterator[None]:
    """Have all that is painted meanwhile take the colours `to`: a picture of the window, which itself does not change.

    The event loop must not run meanwhile. Figures and signs have their plain shapes, as others come out of a PDF as
    private signs or none, which no search finds.
    """
    global _lent
    before, _lent = _lent, to
    try:
        yield
    finally:
        _lent = before


def make_application(name: str) -> QApplication:
    """The application in the style that `apply` wants: Qt is quicker told while it is made. `name`: of the program."""
    app = QApplication([name, "-style", "Fusion"])
    app.setProperty(_STYLED, True)
    return app


def apply(app: QApplication, mode: Mode) -> None:
    """Give the application palette and font of `mode`."""
    global _current
    _current = DARK if mode == "dark" else LIGHT
    if not app.property(_STYLED):
        app.setStyle("Fusion")  # once: it takes longer than all the rest
        app.setProperty(_STYLED, True)
    app.setPalette(_palette(_current))
    app.setFont(font())


def font(size: int = TEXT_SIZE, *, strong: bool = False, label: bool = False) -> QFont:
    """The app's font with figures of equal width, so that changing numbers do not dance.

    Args:
        size: logical pixels.
        strong: semi-bold, for values and titles.
        label: small capitals' look for the names of values: upper case, slightly spaced.
    """
    result = QFont(_family())
    result.setPixelSize(size)
    result.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    result.setFeature(QFont.Tag("tnum"), 1 if _lent is None else 0)
    if _lent is not None:
        result.setFeature(QFont.Tag("calt"), 0)
    if label:
        result.setCapitalization(QFont.Capitalization.AllUppercase)
        result.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.5)
    return result


def stylesheet() -> str:
    """The stylesheet of both themes, ready for `QWidget.setStyleSheet`."""
    template = Template((ASSETS / "styles" / "loom.qss").read_text(encoding="utf-8"))
    return template.substitute(
        {name: f"palette({_word(role)})" for name, role in ROLES.items()},
        icons=(ASSETS / "icons").as_posix(),
        family=_family(),
        text_size=f"{TEXT_SIZE}px",
        small_size=f"{SMALL_SIZE}px",
        radius=f"{RADIUS}px",
    )


def icon(name: str, colour: str = "text") -> QIcon:
    """The icon `assets/icons/<name>.svg`, drawn in the colours of the theme that is on when it is painted.

    Args:
        name: of the file, without its ending.
        colour: a field of `Theme`, such as "text", "muted" or "danger".

    Raises:
        KeyError: there is no such icon.
    """
    _svg(name)
    return QIcon(_ThemedIcon(name, colour))


def app_icon() -> QIcon:
    """The icon of the application, in its own colours."""
    return QIcon(str(ASSETS / "icons" / "latent-loom.svg"))


def mixed(first: str, second: str, share: float) -> str:
    """A colour between two, `#rrggbb`: the first at a share of 0, the second at 1."""
    return _mix(QColor(first), QColor(second), share).name()


@lru_cache(4096)
def _readable(colour: str, text: str, grounds: tuple[str, ...], minimum: float) -> str:
    base, goal = QColor(colour), QColor(text)
    moved = colour
    for step in range(21):
        moved = _mix(base, goal, step / 20).name()
        if min(contrast(moved, ground) for ground in grounds) >= minimum:
            break
    return moved


@lru_cache(4096)
def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, from relative luminance)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(colour).getRgbF()[:3]]  # type: ignore[index]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _mix(first: QColor, second: QColor, share: float) -> QColor:
    a, b = (first.red(), first.green(), first.blue()), (second.red(), second.green(), second.blue())
    return QColor(*(round(x + (y - x) * share) for x, y in zip(a, b, strict=True)))


@cache
def _family() -> str:
    """Load the font that is shipped; where that fails, Qt's own choice is good enough to work with."""
    loaded = [QFontDatabase.addApplicationFont(str(path)) for path in sorted((ASSETS / "fonts").glob("Inter-*.otf"))]
    if loaded and -1 not in loaded:
        return FAMILY
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


def _word(role: QPalette.ColorRole) -> str:
    """How a stylesheet calls a role."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "-", role.name).lower().replace("tool-tip", "tooltip")


def _palette(theme: Theme) -> QPalette:
    colours = {role: getattr(theme, name) for name, role in ROLES.items()}
    colours |= dict.fromkeys((_Role.Text, _Role.ButtonText, _Role.HighlightedText), theme.text)
    colours[_Role.Accent] = theme.accent
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    return palette


@cache
def _svg(name: str) -> bytes:
    try:
        return (ASSETS / "icons" / f"{name}.svg").read_bytes()
    except FileNotFoundError:
        raise KeyError(f"no icon named {name!r} in assets/icons") from None


class _ThemedIcon(QIconEngine):
    """Draws an SVG with `currentColor` replaced by the colour that the theme gives to the icon's state."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name = name
        self._colour = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        source = _svg(self._name).replace(b"currentColor", self._colour_of(mode, state).encode())
        QSvgRenderer(QByteArray(source)).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        result = QPixmap()
        key = f"{self._name} {self._colour_of(mode, state)} {size.width()} {size.height()}"
        if QPixmapCache.find(key, result):  # a theme comes again, and thirty icons are in view
            return result
        result = QPixmap(size)
        result.fill(Qt.GlobalColor.transparent)
        with QPainter(result) as painter:
            self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        QPixmapCache.insert(key, result)
        return result

    def _colour_of(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        if mode == QIcon.Mode.Disabled:
            return _current.border_strong
        return _current.accent if state == QIcon.State.On else str(getattr(_current, self._colour))

    def clone(self) -> QIconEngine:
        return _ThemedIcon(self._name, self._colour)
