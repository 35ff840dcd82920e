"""Figure 2 of the paper: KL share and true ELBO over the steps of a training, and the KL beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.evaluation.figures.drawing import TEXT_WIDTH, Drawing, Named, legend, looks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_MARKS_A_LINE = 6


def training(run: str, variants: Sequence[Named], data: pd.DataFrame, width: float = TEXT_WIDTH) -> Drawing:
    """Figure 2.

    Args:
        run: its name.
        variants: in the order of the run.
        data: the logged lines, as `curves` has them.
        width: in print, centimetres.
    """
    shown = looks(variants)
    tests = data[data["split"] == "test"]

    def paint(figure: Figure) -> None:
        from matplotlib.ticker import MaxNLocator, StrMethodFormatter

        share, elbo, kl = figure.subplots(1, 3)
        for position, (name, look) in enumerate(shown.items()):
            lines = tests[tests["variant"] == name]
            every = max(1, len(lines) // _MARKS_A_LINE)
            style: dict[str, Any] = {
                "color": look.colour,
                "linestyle": look.dashes,
                "marker": look.mark,
                "markevery": (position * every // max(1, len(shown)), every),
            }
            share.plot(lines["step"], 100 * lines["kl_share"], **style)
            elbo.plot(lines["step"], lines["elbo"], **style)
            kl.plot(lines["step"], lines["kl"], **style)
        share.set(xlabel="Steps", ylabel="KL / −objective (%)", ylim=(0, None))
        # The first evaluations are far below the others and would flatten them all.
        late = tests[tests["step"] >= 0.1 * tests["step"].max()]["elbo"]
        elbo.set(xlabel="Steps", ylabel="ELBO (nats a sentence)")
        if len(late) and late.max() > late.min():
            margin = 0.08 * (late.max() - late.min())
            elbo.set_ylim(late.min() - margin, late.max() + margin)
        # Nor may the KL of a warm-up, which costs nothing yet, flatten what is stored in the end.
        highest = tests[tests["step"] >= 0.5 * tests["step"].max()]["kl"].max()
        kl.set(xlabel="Steps", ylabel="KL (nats a sentence)", ylim=(0, 1.1 * highest if highest > 0 else None))
        for axes in (share, elbo, kl):
            axes.xaxis.set_major_locator(MaxNLocator(4))
            axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        legend(figure, share.get_lines(), [look.label for look in shown.values()])

    caption = (
        f"Run {run} throughout its training: the KL as a share of the objective (1+m) E_q[log p(x|z)] − KL (a β-VAE "
        "has β KL in both), the ELBO, and the KL, on the first 1,024 test sentences (all of fewer), one z ~ q(z|x) "
        "each."
    )
    return Drawing("figure2", caption, width, 0.36 * width, tuple(look.label for look in shown.values()), paint)
