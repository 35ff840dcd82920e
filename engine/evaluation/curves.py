"""The curves of a training as data, and as figure 2 of the paper: KL share and true ELBO over the steps, and the KL.

The numbers are those of metrics.jsonl: the lines of the test split, measured without word drop on the first 1,024
test sentences with one z ~ q(z|x) each. The KL share is KL / -objective (left panel), the ELBO is eq. 1 (middle panel).
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import LoomError, UsageError
from engine.runs.failures import failures
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.storage.files import export

if TYPE_CHECKING:
    import pandas as pd

FIGURES = ("svg", "pdf", "png")
COLUMNS = (
    *("variant", "split", "step", "sentences_seen", "elbo", "reconstruction", "kl", "kl_share", "elbo_kl_share"),
    *("objective", "active_units", "mutual_information", "kl_weight", "implied_m", "gradient_norm", "learning_rate"),
    *("mu_spread", "mean_sigma"),
)


def curves(run: Run) -> pd.DataFrame:
    """Every logged line of every variant, one row each, in nats per sentence; `COLUMNS` says which numbers.

    `sentences_seen` is step x batch. Numbers that a line does not have are missing.

    Raises:
        LoomError: the run has logged nothing on the test set yet.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for variant in run.variants:
        for line in read_lines(run.metrics_path(variant.name)):
            rows.append({**line, "variant": variant.name, "sentences_seen": line["step"] * run.settings.train.batch})
    if not any(row.get("split") == "test" for row in rows):
        stopped = failures(run)
        raise LoomError(
            f"Run {run.name!r} has not been measured on its test set yet.",
            f"All its variants were stopped ({next(iter(stopped.values()))['reason']}); train another run."
            if len(stopped) == len(run.variants)
            else "Train it up to the first evaluation (--evaluate-every says when that is).",
        )
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS))


def write_curves(run: Run, folder: Path, kind: str = "svg") -> list[Path]:
    """Write `<run>-curves.csv` and `<run>-figure2.<kind>` into a folder.

    Args:
        run: trained, at least in part.
        folder: made if missing.
        kind: of the figure, one of `FIGURES`.

    Returns:
        the files.

    Raises:
        LoomError: nothing was measured yet, or a file cannot be written.
        UsageError: there is no such kind of figure.
    """
    if kind not in FIGURES:
        raise UsageError(f"A figure cannot be written as {kind!r}.", f"Choose {', '.join(FIGURES)}.")
    data = curves(run)
    table, figure = folder / f"{run.name}-curves.csv", folder / f"{run.name}-figure2.{kind}"
    with export(table) as scratch:
        data.to_csv(scratch, index=False, float_format="%.6g", lineterminator="\n")
    with export(figure) as scratch:
        # Drawn in memory: where a disk is full, matplotlib ends in an error of its own while it closes a PDF.
        scratch.write_bytes(_drawn(run, data, kind))
    return [table, figure]


def _drawn(run: Run, data: pd.DataFrame, kind: str) -> bytes:
    with _nobodys_settings():
        import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    style: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": run.name,
        "pdf.fonttype": 42,
        "font.size": 9,
        "axes.grid": True,
    }
    style |= {"grid.alpha": 0.25, "axes.spines.top": False, "axes.spines.right": False}
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(style)
        figure = Figure(figsize=(10.2, 2.9), layout="constrained")
        FigureCanvasAgg(figure)
        share, elbo, kl = figure.subplots(1, 3)
        for variant in run.variants:
            lines = data[(data["variant"] == variant.name) & (data["split"] == "test")]
            look = {"color": variant.colour, "label": variant.label or variant.name, "linewidth": 1.4}
            share.plot(lines["step"], 100 * lines["kl_share"], **look)
            elbo.plot(lines["step"], lines["elbo"], **look)
            kl.plot(lines["step"], lines["kl"], **look)
        share.set(xlabel="Steps", ylabel="KL / −objective (%)", ylim=(0, None))
        # The first evaluations are far below the others and would flatten them all.
        tests = data[data["split"] == "test"]
        late = tests[tests["step"] >= 0.1 * tests["step"].max()]["elbo"]
        elbo.set(xlabel="Steps", ylabel="ELBO (nats a sentence)")
        if len(late) and late.max() > late.min():
            margin = 0.08 * (late.max() - late.min())
            elbo.set_ylim(late.min() - margin, late.max() + margin)
        # Nor may the KL of a warm-up, which costs nothing yet, flatten what is stored in the end.
        highest = tests[tests["step"] >= 0.5 * tests["step"].max()]["kl"].max()
        kl.set(xlabel="Steps", ylabel="KL (nats a sentence)", ylim=(0, 1.1 * highest if highest > 0 else None))
        for axes in (share, elbo, kl):
            axes.xaxis.set_major_locator(MaxNLocator(5))
            axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        figure.legend(handles=share.get_lines(), loc="outside upper center", ncols=4, frameon=False)
        date: dict[str, Any] = {} if kind == "png" else {"Date" if kind == "svg" else "CreationDate": None}
        drawn = io.BytesIO()
        figure.savefig(drawn, format=kind, dpi=200, metadata=date)
    return drawn.getvalue()


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
