"""A report of a small run: everything that it promises is in the folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.errors import LoomError, Stopped, UsageError
from engine.evaluation.report.making import SPREAD, Behind, report
from engine.events import Done, Note
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.engine.evaluation.values import evaluation_of


@pytest.fixture
def cache(tiny_workspace: Workspace) -> Iterator[LatentCache]:
    with LatentCache.open(tiny_workspace.cache("tiny")) as opened:
        yield opened


def values(variant: str, key: str) -> np.ndarray:
    if key == "length":
        raise LoomError("It was not kept.")
    return np.arange(30, dtype=np.float64)


def test_the_folder_holds_the_page_tables_figures_and_where_it_is_from(
    tiny_run: Run, tiny_workspace: Workspace, cache: LatentCache, tmp_path: Path
) -> None:
    made = evaluation_of(tiny_run)
    events = list(
        report(tiny_run, tiny_workspace, made, cache, tmp_path / "report", Behind(values=values), "cpu", seed=3)
    )
    done = events[-1]
    assert isinstance(done, Done)
    folder = Path(str(done.result["path"]))
    files = {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}
    assert {"index.html", "report.json", "settings.json", "versions.json", "training.toml"} <= files
    assert set(json.loads((folder / "report.json").read_text())["files"]) == files - {"report.json"}
    drawn = {"figure2", "rate-distortion", "numbers", "kl-per-dimension"}
    drawn |= {f"distribution-{key}" for key in SPREAD if key != "length"}
    assert set(done.result["figures"]) == drawn
    assert {f"figures/{name}.{kind}" for name in drawn for kind in ("svg", "pdf", "png")} <= files
    for name in ("objective", "reconstruction", "sense", "interpolation-statistics", "reconstruction-in-the-paper"):
        kinds = ("csv", "tsv", "md", "tex", "html", "xlsx", "parquet", "json")
        assert {f"tables/{name}.{kind}" for kind in kinds} <= files
    page = (folder / "index.html").read_text(encoding="utf-8")
    linked = {part.split('"')[0] for part in page.split('href="')[1:]}
    assert {
        link for link in linked if "/" in link and "comparison" not in link and "numbers.csv" not in link
    } - files <= {f"tables/numbers.{kind}" for kind in ("csv", "tsv", "md", "tex", "html", "xlsx", "parquet", "json")}
    assert "No distribution is drawn" in " ".join(each.text for each in events if isinstance(each, Note))
    sense = pd.read_csv(folder / "tables" / "sense.csv")
    assert sense.iloc[1, 1] == "2.0 [1.6, 2.4]"
    assert sense.iloc[1, 2] == 100


def test_an_unfinished_evaluation_is_said_at_the_top(
    tiny_run: Run, tiny_workspace: Workspace, cache: LatentCache, tmp_path: Path
) -> None:
    made = replace(evaluation_of(tiny_run), complete=False)
    list(report(tiny_run, tiny_workspace, made, cache, tmp_path / "report", device="cpu"))
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "was not finished when this report was made" in page.split("<nav>")[0]
    # Once more over it, asked to stop on the way: the earlier one stays as it is.
    asked = iter([False] * 8 + [True] * 100)
    with pytest.raises(Stopped):
        list(report(
            tiny_run, tiny_workspace, made, cache, tmp_path / "report", device="cpu", should_stop=lambda: next(asked)
        ))  # fmt: skip
    assert (tmp_path / "report" / "index.html").read_text(encoding="utf-8") == page
    assert not list(tmp_path.glob(".report.*.tmp"))


def test_a_place_that_is_taken_is_refused_before_any_work(
    tiny_run: Run, tiny_workspace: Workspace, cache: LatentCache, tmp_path: Path
) -> None:
    (tmp_path / "novel.txt").write_text("dear")
    with pytest.raises(UsageError, match="something else than a report"):
        next(report(tiny_run, tiny_workspace, evaluation_of(tiny_run), cache, tmp_path))
