"""Curves: the data are the logged lines, the figure shows every variant, and nothing half-done is left."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from engine.corpus.store import Corpus
from engine.errors import LoomError, UsageError
from engine.evaluation.curves import COLUMNS, curves, write_curves
from engine.evaluation.figures.writing import FIGURES
from engine.evaluation.tables import TABLE_FORMATS
from engine.runs.metrics import read_lines
from engine.runs.run import Run
from engine.workspace import CHECKOUT
from tests.conftest import begin_run
from tests.engine.evaluation.rooms import without_room


def test_every_logged_line_is_a_row_with_its_numbers(tiny_run: Run, tmp_path: Path) -> None:
    (table, _), _ = write_curves(tiny_run, tmp_path)
    data = pd.read_csv(table)
    assert tuple(data.columns) == COLUMNS
    for variant in tiny_run.variants:
        lines = read_lines(tiny_run.metrics_path(variant.name))
        rows = data[data["variant"] == variant.name]
        assert rows["step"].tolist() == [line["step"] for line in lines]
        assert (rows["split"].iloc[0], rows["mu_spread"].iloc[0]) == (
            "start",
            pytest.approx(lines[0]["mu_spread"], rel=1e-5),
        )
        lines, rows = lines[1:], rows.iloc[1:]
        assert rows["elbo"].tolist() == pytest.approx([line["elbo"] for line in lines], rel=1e-5)
        shares = [line["kl"] / -((1 + variant.m) * line["reconstruction"] - line["kl"]) for line in lines]
        assert rows["kl_share"].tolist() == pytest.approx(shares, rel=1e-4)
    assert data["sentences_seen"].iloc[1] == data["step"].iloc[1] * tiny_run.settings.train.batch


@pytest.mark.parametrize("format", TABLE_FORMATS)
def test_the_lines_are_the_same_in_every_format(tiny_run: Run, tmp_path: Path, format: str) -> None:
    (table, _), _ = write_curves(tiny_run, tmp_path, format=format)
    assert table.name == f"tiny-curves.{format}"
    lines = curves(tiny_run)
    if format in ("csv", "tsv", "parquet", "xlsx"):
        read = {"csv": pd.read_csv, "tsv": partial(pd.read_csv, sep="\t"), "parquet": pd.read_parquet}
        data = read.get(format, pd.read_excel)(table)
        assert tuple(data.columns[: len(COLUMNS)]) == COLUMNS
        assert data["elbo"].dropna().tolist() == pytest.approx(lines["elbo"].dropna().tolist(), rel=1e-5)
    else:
        written = table.read_text(encoding="utf-8-sig")
        assert all(f"{elbo:.6g}"[:6].lstrip("-") in written for elbo in lines["elbo"].dropna())


def test_an_unknown_format_is_refused_before_anything_is_written(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written as 'doc'"):
        write_curves(tiny_run, tmp_path / "new", format="doc")
    assert not (tmp_path / "new").exists()


def test_the_figure_names_every_variant_and_is_the_same_each_time(tiny_run: Run, tmp_path: Path) -> None:
    (_, first), told = write_curves(tiny_run, tmp_path / "a")
    (_, second), _ = write_curves(tiny_run, tmp_path / "b")
    drawn = first.read_text()
    assert all(variant.label in drawn for variant in tiny_run.variants)
    assert "ELBO (nats a sentence)" in drawn
    assert "KL (nats a sentence)" in drawn
    assert drawn == second.read_text()
    assert told == ()


@pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_other_kinds_of_figure(tiny_run: Run, tmp_path: Path, kind: str, start: bytes) -> None:
    (_, figure), _ = write_curves(tiny_run, tmp_path, kind)
    assert figure.read_bytes().startswith(start)


@pytest.mark.parametrize("kind", FIGURES)
def test_a_figure_that_the_system_cuts_short_is_told_in_words_and_leaves_the_earlier_one(
    tiny_run: Run, tmp_path: Path, kind: str
) -> None:
    (tmp_path / f"tiny-figure2.{kind}").write_text("earlier")
    code = """
import resource, sys
import os
import subprocess
import sys
from pathlib import Path
from engine.errors import LoomError
from engine.evaluation.curves import write_curves
from engine.runs.run import Run
from engine.workspace import CHECKOUT
import matplotlib.font_manager
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    write_curves(Run.open(Path(sys.argv[2])), Path(sys.argv[1]), sys.argv[3])
except LoomError as error:
    print(error.message)
"""
    (told,) = without_room(code, tmp_path, str(tiny_run.path), kind)
    assert told.endswith(f"tiny-figure2.{kind} failed: File too large.")
    assert (tmp_path / f"tiny-figure2.{kind}").read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"tiny-figure2.{kind}"]  # nor the table


def test_a_notebooks_screen_and_a_persons_settings_have_no_say_in_a_file(tiny_run: Run, tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 30\nfont.size: 40\nsavefig.bbox: tight\n")
    code = """
import os, sys
import os
import subprocess
import sys
from pathlib import Path
from engine.evaluation.curves import write_curves
from engine.runs.run import Run
from engine.workspace import CHECKOUT
given = dict(os.environ)
write_curves(Run.open(Path(sys.argv[1])), Path(sys.argv[2]), "svg")
assert dict(os.environ) == given
"""
    drawn = []
    odd = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "MATPLOTLIBRC": str(tmp_path / "matplotlibrc")}
    for name, environment in (("plain", {}), ("odd", odd)):
        without = {key: value for key, value in os.environ.items() if key not in odd}
        subprocess.run(
            [sys.executable, "-c", code, str(tiny_run.path), str(tmp_path / name)],
            env={**without, **environment}, cwd=CHECKOUT, check=True, timeout=120,
        )  # fmt: skip
        drawn.append((tmp_path / name / "tiny-figure2.svg").read_bytes())
    assert drawn[0] == drawn[1]


def test_an_unmeasured_run_and_an_unknown_kind_are_refused(tiny_corpus: Corpus, tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="svg, pdf, png"):
        write_curves(tiny_run, tmp_path / "none", "gif")
    assert not (tmp_path / "none").exists()
    with pytest.raises(LoomError, match="has not been measured"):
        curves(begin_run(tiny_corpus, tmp_path / "fresh"))
