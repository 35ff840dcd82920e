"""The rate-distortion plane: what a model stores of a sentence against what it still gets wrong, and the axis of m.

Rate is the KL, distortion is -E_q[log p(x|z)], both in nats a sentence (Alemi et al. 2018, "Fixing a Broken ELBO").
Their sum is -ELBO, so lines of one ELBO fall at 45 degrees. Training with m weighs distortion 1+m times as much as rate
(paper, eq. 11): a larger m moves a model to the right and down, and off the line of the best ELBO.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.evaluation.figures.drawing import INK, TEXT_WIDTH, Drawing, Look, Named, legend, looks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SHOWN_FROM = 0.15
"""Share of the training before which the plane need not hold a model: its first distortions are far above the rest."""


@dataclass(frozen=True, slots=True)
class End:
    """Where a variant's compared checkpoint lies.

    Attributes:
        m: of the variant.
        rate, distortion: nats a sentence.
        rates, distortions: their 95 % intervals; None where there are none.
    """

    m: float
    rate: float
    distortion: float
    rates: tuple[float, float] | None = None
    distortions: tuple[float, float] | None = None


def rate_distortion(
    run: str,
    variants: Sequence[Named],
    data: pd.DataFrame,
    kept: Mapping[str, Collection[int]],
    ends: Mapping[str, End],
    how: str,
    width: float = TEXT_WIDTH,
) -> Drawing:
    """All variants in the plane, on their way through the training, and the two terms over m.

    Args:
        run: its name.
        variants: in the order of the run.
        data: the logged lines, as `curves` has them.
        kept: the steps of the checkpoints on the disk, by variant; those that were measured get a mark.
        ends: of the compared checkpoints, by variant.
        how: what the ends were measured on, for the caption.
        width: in print, centimetres.
    """
    shown = looks(variants)
    tests = data[data["split"] == "test"]

    def paint(figure: Figure) -> None:
        plane, terms = figure.subplots(1, 2, width_ratios=(3, 2))
        _plane(plane, shown, tests, kept, ends)
        _terms(terms, shown, ends)
        figure_legend(figure, shown)

    caption = (
        f"Run {run} in the plane of rate (KL) and distortion (−E_q[log p(x|z)]). Large marks: {how}; small ones: kept "
        "checkpoints; lines: the way through the training, on the first 1,024 test sentences (all of fewer). On a "
        "dotted line the ELBO is the same everywhere. Right: both terms and their sum, −ELBO, over m."
    )
    return Drawing("rate-distortion", caption, width, 0.5 * width, tuple(look.label for look in shown.values()), paint)


def figure_legend(figure: Figure, shown: Mapping[str, Look]) -> None:
    """A legend of the variants by mark and line."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=look.colour, linestyle=look.dashes, marker=look.mark) for look in shown.values()]
    legend(figure, handles, [look.label for look in shown.values()])


def _plane(
    axes: Axes,
    shown: Mapping[str, Look],
    tests: pd.DataFrame,
    kept: Mapping[str, Collection[int]],
    ends: Mapping[str, End],
) -> None:
    late = tests["step"].max() * _SHOWN_FROM if len(tests) else 0
    held: list[tuple[float, float]] = [(end.rate, end.distortion) for end in ends.values()]
    for name, look in shown.items():
        lines = tests[tests["variant"] == name]
        rates, distortions = lines["kl"].to_numpy(), -lines["reconstruction"].to_numpy()
        held += list(zip(rates[lines["step"] >= late], distortions[lines["step"] >= late], strict=True))
        axes.plot(rates, distortions, color=look.colour, linestyle=look.dashes, linewidth=1, alpha=0.8)
        there = lines["step"].isin(list(kept.get(name, ())))
        axes.plot(
            rates[there], distortions[there], color=look.colour, linestyle="none", marker=look.mark, markersize=3.5
        )
    ordered = sorted(ends.values(), key=lambda end: (end.m, end.rate))
    axes.plot(
        [end.rate for end in ordered],
        [end.distortion for end in ordered],
        color=INK,
        linewidth=0.7,
        alpha=0.6,
        zorder=1,
    )
    for name, end in ends.items():
        _mark(axes, end.rate, end.distortion, end.rates, end.distortions, shown[name], 7)
    _limits(axes, held)
    for name, end in ends.items():
        axes.annotate(
            f"m = {end.m:g}", (end.rate, end.distortion), (-5, -5), textcoords="offset points", ha="right", va="top",
            color=shown[name].colour,
        )  # fmt: skip
    _lines_of_one_elbo(axes)
    axes.set(xlabel="Rate: KL (nats a sentence)", ylabel="Distortion: −E_q[log p(x|z)] (nats a sentence)")


def _limits(axes: Axes, held: Sequence[tuple[float, float]]) -> None:
    """Room for what is to be seen, with some around it."""
    if not held:
        return
    points = np.array(held)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.maximum(0.09 * (high - low), 0.2)
    axes.set_xlim(max(low[0] - margin[0], -margin[0]), high[0] + margin[0])
    axes.set_ylim(low[1] - margin[1], high[1] + margin[1])


def _lines_of_one_elbo(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    levels = MaxNLocator(10, steps=[1, 2, 2.5, 5, 10]).tick_values(left + bottom, right + top)
    for level in levels:
        if not left + bottom < level < right + top:
            continue
        axes.plot([left, right], [level - left, level - right], ":", color=INK, linewidth=0.7, alpha=0.5, zorder=0)
        # Written where the line leaves the panel: above, or else at the left.
        at = (level - top, top) if level - top > left else (left, level - left)
        if at[0] < right - 0.12 * (right - left) and at[1] > bottom + 0.12 * (top - bottom):
            axes.text(
                *at, f" ELBO {-level:g}".replace("-", "−"), rotation=-45, rotation_mode="anchor",
                transform_rotates_text=True, va="bottom", ha="left", fontsize=6.5, alpha=0.75, clip_on=True,
            )  # fmt: skip


def _terms(axes: Axes, shown: Mapping[str, Look], ends: Mapping[str, End]) -> None:
    """Rate, distortion and their sum over m, on an axis that is even in m/(1+m): where m is infinite it ends at 1."""
    ordered = sorted(ends.items(), key=lambda each: (each[1].m, each[1].rate))
    places = [end.m / (1 + end.m) for _, end in ordered]
    kinds: tuple[tuple[str, Any, Any], ...] = (
        ("−ELBO", lambda end: end.rate + end.distortion, "-"),
        ("distortion", lambda end: end.distortion, (0, (5, 1.6))),
        ("rate", lambda end: end.rate, (0, (1.4, 1.2))),
    )
    for _, of, dashes in kinds:
        values = [of(end) for _, end in ordered]
        axes.plot(places, values, color=INK, linestyle=dashes, linewidth=0.8, alpha=0.6, zorder=1)
        for (name, _), place, value in zip(ordered, places, values, strict=True):
            axes.plot(place, value, color=shown[name].colour, marker=shown[name].mark, markersize=5.5)
    if ordered:
        heights = sorted((of(ordered[-1][1]), words) for words, of, _ in kinds)
        gap, at = 0.06 * max(end.rate + end.distortion for _, end in ordered), -math.inf
        for height, words in heights:  # none over another
            at = max(height, at + gap)
            axes.annotate(words, (places[-1], at), (7, 0), textcoords="offset points", va="center")
    ticks = {place: f"{end.m:g}" for place, (_, end) in zip(places, ordered, strict=True)}
    axes.set_xticks(list(ticks), list(ticks.values()))
    if places:
        span = max(places[-1] - places[0], 0.2)
        axes.set_xlim(places[0] - 0.12 * span, places[-1] + 0.55 * span)
    axes.set_ylim(0, None)
    axes.set(xlabel="m, even in m / (1+m)", ylabel="nats a sentence")


def _mark(
    axes: Axes,
    x: float,
    y: float,
    xs: tuple[float, float] | None,
    ys: tuple[float, float] | None,
    look: Look,
    size: float,
) -> None:
    if xs is not None:
        axes.plot(xs, (y, y), color=look.colour, linewidth=1.2)
    if ys is not None:
        axes.plot((x, x), ys, color=look.colour, linewidth=1.2)
    axes.plot(x, y, color=look.colour, marker=look.mark, markersize=size)
