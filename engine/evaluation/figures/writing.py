"""A figure as SVG, PDF or PNG: the same bytes each time, whatever a person's settings of matplotlib are."""

from __future__ import annotations

import io
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.errors import UsageError
from engine.evaluation.cell_text import in_xml
from engine.evaluation.figures.drawing import INK, PAPER, Drawing
from engine.evaluation.figures.fonts import families, with_font

FIGURES = ("svg", "pdf", "png")
DOTS = 300
"""Of a PNG, per inch."""
_CENTIMETRES = 2.54  # of an inch

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "text.parse_math": False,  # a label may have a dollar in it
    "font.size": 8,
    "axes.titlesize": 8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": INK,
    "axes.facecolor": "none",
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "axes.grid": True,
    "grid.alpha": 0.15,
    "grid.linewidth": 0.6,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.3,
    "lines.markersize": 4,
}


def checked_kind(kind: str) -> str:
    """Return the kind of figure if there is such a one.

    Raises:
        UsageError: there is none.
    """
    if kind not in FIGURES:
        raise UsageError(f"A figure cannot be written as {kind!r}.", f"Choose {', '.join(FIGURES)}.")
    return kind


def remarks(drawing: Drawing) -> tuple[str, ...]:
    """What a figure cannot show as it is; a sentence each, often none."""
    with _nobodys_settings():
        missing = families(drawing.texts)[1]
    if not missing:
        return ()
    return (f"No font on this machine has the signs {missing}; in the PNG and the PDF of {drawing.name} boxes stand.",)


def drawn(drawing: Drawing, kinds: Sequence[str] = FIGURES) -> dict[str, bytes]:
    """A figure as the bytes of files, by kind. In memory: where a disk is full, matplotlib ends in an error of its own.

    Raises:
        UsageError: unknown kind.
    """
    for kind in kinds:
        checked_kind(kind)
    with _nobodys_settings():
        import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # told by `remarks`
        mpl.rcdefaults()
        chosen, _ = families(drawing.texts)
        mpl.rcParams.update({**_STYLE, "svg.hashsalt": drawing.name, "font.sans-serif": list(chosen)})
        figure = Figure(figsize=(drawing.width / _CENTIMETRES, drawing.height / _CENTIMETRES), layout="constrained")
        FigureCanvasAgg(figure)
        drawing.paint(figure)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # laid out once, for all kinds
        return {kind: _saved(figure, drawing, kind) for kind in kinds}


def inline(svg: bytes, drawing: Drawing) -> str:
    """An SVG file as an element of a page: in the page's own ink, and with names that no other figure there has."""
    text = svg.decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{drawing.name}-', text)
    text = re.sub(r'(url\(|href=")#', rf"\1#{drawing.name}-", text)
    text = text.replace(INK, "currentColor").replace(f"fill: {PAPER}", "fill: none")
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    return text.replace("<svg", f'<svg role="img" aria-labelledby="{drawing.name}-caption"', 1)


def _saved(figure: Any, drawing: Drawing, kind: str) -> bytes:
    title = in_xml(drawing.caption)
    facts: dict[str, Any] = {"Title": title}
    if kind != "png":
        facts["Date" if kind == "svg" else "CreationDate"] = None
    made = io.BytesIO()
    figure.savefig(made, format=kind, dpi=DOTS, metadata=facts)
    return with_font(made.getvalue().decode(), drawing.name).encode() if kind == "svg" else made.getvalue()


@contextmanager
def _nobodys_settings() -> Iterator[None]:
    """While matplotlib is imported: it ends there where MPLBACKEND names what is not installed, as a notebook's does.

    Nor is a person's matplotlibrc read: a figure that is written to a file looks the same for everyone.
    """
    names = ("MPLBACKEND", "MATPLOTLIBRC")
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    found = find_spec("matplotlib")
    if found is not None and found.origin is not None:
        os.environ["MATPLOTLIBRC"] = str(Path(found.origin).parent / "mpl-data" / "matplotlibrc")
    try:
        yield
    finally:
        os.environ.pop("MATPLOTLIBRC", None)
        os.environ.update(kept)
