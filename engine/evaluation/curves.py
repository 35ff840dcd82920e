"""The curves of a training as data, and as figure 2 of the paper: KL share and true ELBO over the steps, and the KL.

The numbers are those of metrics.jsonl: the lines of the test split, measured without word drop on the first 1,024
test sentences with one z ~ q(z|x) each. The KL share is KL / -objective (left panel), the ELBO is eq. 1 (middle panel).
`figures/` draws them.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import LoomError
from engine.evaluation.figures.drawing import TEXT_WIDTH
from engine.evaluation.figures.training import training
from engine.evaluation.figures.writing import checked_kind, drawn, remarks
from engine.evaluation.tables import Table, checked_format, write_at
from engine.evaluation.tables import remarks as remarks_on_table
from engine.runs.failures import failures
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.storage.files import export_all
from engine.streams import ANOTHER_FOLDER, check_file

if TYPE_CHECKING:
    import pandas as pd

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

    return pd.DataFrame(_logged(run)).reindex(columns=list(COLUMNS))


def curves_table(run: Run) -> Table:
    """The same as a table, with six digits of each number.

    Raises:
        LoomError: as `curves`.
    """
    rows = tuple(tuple(_in_six_digits(line.get(column)) for column in COLUMNS) for line in _logged(run))
    return Table(
        f"{run.name}-curves",
        COLUMNS,
        rows,
        f"What was logged while the models of {run.name} were trained",
        (
            "Nats a sentence. Lines of the split train are means over the steps since the last one, with word drop; "
            "those of test are over the first 1,024 test sentences (all of fewer), without it, with one z ~ q(z|x) "
            "each.",
            "The KL share is w KL / -objective, with objective = (1+m) E_q[log p(x|z)] - w KL and w the last weight of "
            "the KL, 1 but for a beta-VAE; sentences_seen is step x batch.",
        ),
    )


def _logged(run: Run) -> list[dict[str, Any]]:
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
    return rows


def _in_six_digits(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def write_curves(
    run: Run, folder: Path, kind: str = "svg", width: float = TEXT_WIDTH, format: str = "csv"
) -> tuple[list[Path], tuple[str, ...]]:
    """Write `<run>-curves.<format>` and `<run>-figure2.<kind>` into a folder, both or none.

    Args:
        run: trained, at least in part.
        folder: made if missing.
        kind: of the figure, one of `FIGURES`.
        width: of the figure in print, centimetres.
        format: of the table, one of `TABLE_FORMATS`.

    Returns:
        the files, and what to tell a person of them.

    Raises:
        LoomError: nothing was measured yet, or a file cannot be written.
        UsageError: there is no such kind of figure, or no such format of a table.
    """
    checked_kind(kind)
    checked_format(format)
    table, figure = folder / f"{run.name}-curves.{format}", folder / f"{run.name}-figure2.{kind}"
    for path in (table, figure):
        check_file(path, ANOTHER_FOLDER)
    data, numbers = curves(run), curves_table(run)
    drawing = training(run.name, run.variants, data, width)
    export_all(
        (
            (table, partial(write_at, numbers, table, format)),
            (figure, lambda path: path.write_bytes(drawn(drawing, (kind,))[kind])),
        )
    )
    return [table, figure], (*remarks(drawing), *remarks_on_table(numbers, format))
