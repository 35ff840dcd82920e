"""How much the latent variable pays for a word, as a tint and an underline that both themes keep readable."""

from __future__ import annotations

import math

from app.core import theme
from app.core.theme import Theme, mixed

_STRONGEST = 0.8  # of the hue over the panel: text keeps its contrast of 4.5:1
_GAIN = {"dark": "#1f6fd0", "light": "#6aa9f0"}
_LOSS = {"dark": "#a2551c", "light": "#efab6b"}

_ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def tint(share: float, now: Theme | None = None) -> str:
    """The colour behind a word, `#rrggbb`.

    Args:
        share: its credit on the common scale, -1 (z makes it less probable) to 1 (z pays for it).
        now: the theme; that of now if None.
    """
    now = now or theme.current()
    share = min(max(share, -1.0), 1.0)
    hue = (_GAIN if share >= 0 else _LOSS)[now.mode]
    return mixed(now.panel, hue, _STRONGEST * abs(share))


def line(share: float) -> float:
    """Thickness of the underline in logical pixels, 0 to 4."""
    return 4.0 * min(1.0, abs(share))


def scale_end(largest: float) -> float:
    """The end of a scale in nats that holds `largest`: a round number, at least 0.1."""
    if largest <= 0.1:
        return 0.1
    power = 10.0 ** math.floor(math.log10(largest))
    return round(next(power * step for step in _ROUND if power * step >= largest * (1 - 1e-9)), 6)
