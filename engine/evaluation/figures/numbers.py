"""Numbers side by side, as dots with their intervals; the distribution of one; the KL of every dimension."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.diagnostics.intervals import Floats
from engine.evaluation.figures.drawing import INK, TEXT_WIDTH, Drawing, Look, legend, looks
from engine.evaluation.measures.definitions import DEFINITIONS, Definition
from engine.evaluation.measures.result import Evaluation, Number
from engine.evaluation.measures.tables import HEADLINES
from engine.storage.latent_cache import CARRYING_KL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 3
_LABEL = 16
"""Characters of a label in a line."""
_TITLE = 28
"""Characters of a panel's title in a line."""
_BINS = 30


def side_by_side(evaluation: Evaluation, keys: Sequence[str] = HEADLINES, width: float = TEXT_WIDTH) -> Drawing:
    """A panel a number, in which every variant has a dot and, where there is one, its 95 % interval.

    Args:
        evaluation: what was measured.
        keys: of the numbers; those that no variant has are left out.
        width: in print, centimetres.
    """
    shown = looks(evaluation.variants)
    keys = [key for key in keys if any(_has(each.numbers.get(key)) for each in evaluation.variants)]
    labels = [textwrap.fill(look.label, _LABEL) for look in shown.values()]
    lines = sum(1 + label.count("\n") for label in labels)
    rows = max(1, math.ceil(len(keys) / _COLUMNS))

    def paint(figure: Figure) -> None:
        grid = figure.subplots(rows, min(_COLUMNS, max(1, len(keys))), squeeze=False, sharey=True)
        for axes in grid.flat[len(keys) :]:
            axes.set_visible(False)
        for key, axes in zip(keys, grid.flat, strict=False):
            _dots(axes, DEFINITIONS[key], evaluation, shown)
            axes.set_yticks(range(len(labels)), labels)
            axes.set_ylim(len(labels) - 0.4, -0.6)

    caption = (
        f"The numbers of run {evaluation.run}, step {evaluation.step:,}: dots, with their 95 % bootstrap intervals as "
        f"lines, on {evaluation.sentences:,} of {evaluation.of:,} test sentences, {evaluation.draws:,} samples of the "
        f"prior and {evaluation.pairs:,} pairs. An arrow points to where it is better."
    )
    return Drawing("numbers", caption, width, rows * (1.9 + 0.4 * lines), tuple(labels), paint)


def distribution(evaluation: Evaluation, key: str, values: Mapping[str, Floats], width: float = TEXT_WIDTH) -> Drawing:
    """How the items behind a number are spread: a histogram a variant, one above the other, and the number itself.

    Args:
        evaluation: what was measured.
        key: of the number.
        values: (n,) by variant, as the evaluation keeps them; what is not finite is left out.
        width: in print, centimetres.
    """
    definition = DEFINITIONS[key]
    scale = 100 if definition.unit == "share" else 1
    finite = {name: scale * each[np.isfinite(each)] for name, each in values.items()}
    shown = {name: look for name, look in looks(evaluation.variants).items() if len(finite.get(name, ()))}

    def paint(figure: Figure) -> None:
        rows = figure.subplots(max(1, len(shown)), 1, squeeze=False, sharex=True)[:, 0]
        together = np.concatenate([finite[name] for name in shown]) if shown else np.zeros(1)
        edges = np.histogram_bin_edges(together, bins=_BINS)
        for axes, (name, look) in zip(rows, shown.items(), strict=False):
            counts, _ = np.histogram(finite[name], edges)
            axes.stairs(100 * counts / len(finite[name]), edges, color=look.colour, fill=True, alpha=0.35)
            axes.stairs(100 * counts / len(finite[name]), edges, color=look.colour, linestyle=look.dashes)
            number = evaluation.variant(name).numbers.get(key)
            if number is not None and _has(number):
                axes.axvline(scale * number.value, color=INK, linewidth=1)
            axes.set_title(look.label, loc="left", color=look.colour)
            axes.set_ylabel("% of them")
        rows[-1].set_xlabel(_axis(definition))

    counted = sorted({len(each) for name, each in finite.items() if name in shown})
    of = " to ".join(f"{count:,}" for count in sorted({counted[0], counted[-1]})) if counted else "no"
    caption = (
        f"{definition.title}, of {of} items a variant, run {evaluation.run}, step {evaluation.step:,}. "
        "The line is the number itself, which need not be the mean of these values."
    )
    height = 1.6 + 1.9 * max(1, len(shown))
    return Drawing(f"distribution-{key}", caption, width, height, tuple(look.label for look in shown.values()), paint)


def dimensions(evaluation: Evaluation, width: float = TEXT_WIDTH) -> Drawing:
    """The KL of every dimension of z, the largest first, one line a variant."""
    shown = {
        name: look for name, look in looks(evaluation.variants).items() if evaluation.variant(name).kl_per_dimension
    }

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        drawn = []
        for name, look in shown.items():
            kl = np.sort(np.asarray(evaluation.variant(name).kl_per_dimension))[::-1]
            every = max(1, len(kl) // 16)
            drawn += axes.plot(
                np.arange(1, len(kl) + 1), kl, color=look.colour, linestyle=look.dashes, marker=look.mark,
                markevery=every, markersize=3.5,
            )  # fmt: skip
        axes.axhline(CARRYING_KL, color=INK, linewidth=0.7, linestyle=":")
        axes.annotate(  # at the right, where the curves are at their lowest
            f"carries something: over {CARRYING_KL:g}", (1, CARRYING_KL), xycoords=("axes fraction", "data"),
            xytext=(-3, 3), textcoords="offset points", fontsize=6.5, alpha=0.8, horizontalalignment="right",
        )  # fmt: skip
        axes.set_xlim(0, None)
        axes.set(xlabel="Dimensions of z, the largest KL first", ylabel="KL (nats a sentence)", ylim=(0, None))
        legend(figure, drawn, [look.label for look in shown.values()])

    caption = (
        f"Where z carries something: the mean KL of every dimension, run {evaluation.run}, step {evaluation.step:,}, "
        f"{evaluation.sentences:,} test sentences. The areas are the KL."
    )
    texts = tuple(look.label for look in shown.values())
    return Drawing("kl-per-dimension", caption, width, 0.42 * width, texts, paint)


def _dots(axes: Axes, definition: Definition, evaluation: Evaluation, shown: Mapping[str, Look]) -> None:
    from matplotlib.ticker import MaxNLocator

    scale = 100 if definition.unit == "share" else 1
    for row, each in enumerate(evaluation.variants):
        number = each.numbers.get(definition.key)
        look = shown[each.name]
        if number is None or not _has(number):
            axes.annotate("none", (0.5, row), xycoords=("axes fraction", "data"), ha="center", va="center", alpha=0.7)
            continue
        if number.low is not None and number.high is not None:
            axes.plot((scale * number.low, scale * number.high), (row, row), color=look.colour, linewidth=2)
        axes.plot(scale * number.value, row, color=look.colour, marker=look.mark, markersize=5)
    axes.set_title(textwrap.fill(f"{definition.title} {definition.arrow}".strip(), _TITLE), loc="left")
    axes.set_xlabel({"share": "%", "": ""}.get(definition.unit, definition.unit))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.margins(x=0.08)


def _axis(definition: Definition) -> str:
    unit = {"share": "%"}.get(definition.unit, definition.unit)
    return f"{definition.title} ({unit})" if unit else definition.title


def _has(number: Number | None) -> bool:
    return number is not None and math.isfinite(number.value)
