"""The colour ramps: even steps of lightness, away from the ground of the map, for every kind of colour vision."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from app.core import theme
from app.core.theme import DARK, LIGHT
from app.widgets.colour_scale import DENSITY, density_ramp, paint_scale, ramp

VISION = {
    "usual": np.eye(3),
    "without long": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "without medium": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "without short": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""How linear red, green and blue are seen: Machado, Oliveira and Fernandes 2009, severity 1."""


def lightness(colours: np.ndarray, vision: str = "usual") -> np.ndarray:
    """CIE L*, 0 to 100, of (n, 3) colours of sRGB as they are seen with a kind of colour vision."""
    part = np.asarray(colours, float) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(VISION[vision]).T, 0, 1) @ (0.2126, 0.7152, 0.0722)
    return np.where(seen > (6 / 29) ** 3, 116 * np.cbrt(seen) - 16, seen * (29 / 3) ** 3)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("now", [DARK, LIGHT], ids=["dark", "light"])
def test_more_points_are_farther_from_the_ground_in_even_steps(now, vision):
    table = density_ramp(now.mode)
    ground = QColor(now.map)
    own = lightness(np.array([[ground.red(), ground.green(), ground.blue()]]), vision)
    far = np.abs(lightness(table, vision) - own)
    steps = np.diff(far[::15])
    assert (steps > 0).all()
    assert steps.max() / steps.mean() < 2.2
    assert far[-1] - far[0] > 50
    assert far[0] > 8  # few are seen too


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("vision", VISION)
def test_values_are_told_apart_by_lightness_alone(mode, vision):
    steps = np.diff(lightness(ramp(mode), vision)[::15])
    assert (steps > 0).all()


@pytest.mark.parametrize("now", [DARK, LIGHT], ids=["dark", "light"])
def test_the_scale_of_the_density_shows_the_colours_of_the_map(qapp, now):
    theme.apply(qapp, now.mode)
    found = {}
    for label in (DENSITY, "KL, nats"):
        image = QImage(400, 24, QImage.Format.Format_RGB32)
        image.fill(QColor(now.panel))
        painter = QPainter(image)
        paint_scale(painter, image.rect().toRectF(), label, "few", "many")
        painter.end()
        middle = [image.pixelColor(x, 12) for x in range(400)]
        found[label] = [(one.red(), one.green(), one.blue()) for one in middle]
    few, many = (tuple(int(part) for part in density_ramp(now.mode)[at]) for at in (4, -5))
    places = [min(range(400), key=lambda x: np.abs(np.subtract(found[DENSITY][x], end)).sum()) for end in (few, many)]
    assert places[0] < places[1]
    low, high = (tuple(int(part) for part in ramp(now.mode)[at]) for at in (4, -5))
    places = [
        min(range(400), key=lambda x: np.abs(np.subtract(found["KL, nats"][x], end)).sum()) for end in (low, high)
    ]
    assert places[0] < places[1]
