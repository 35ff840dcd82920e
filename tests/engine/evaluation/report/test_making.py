"""A report of a small run: everything that it promises is in the folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from engine.errors import Stopped, UsageError
from engine.evaluation.comparison import TABLES
from engine.evaluation.measured import MEASURED
from engine.evaluation.measures.recall import recall_or_evaluate
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.result import Evaluation
from engine.evaluation.paper import PRINTED
from engine.evaluation.report.making import SPREAD, report
from engine.events import Done, Note
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace
from tests.engine.evaluation.values import evaluation_of


@pytest.fixture
def cache(tiny_workspace: Workspace) -> Iterator[LatentCache]:
    with LatentCache.open(tiny_workspace.cache("tiny")) as opened:
        yield opened


@pytest.fixture(scope="module")
def measured(tiny_run: Run, tiny_workspace: Workspace) -> Evaluation:
    request = Request(limit=40, samples=4, draws=30, pairs=20, beam=2, seed=7)
    done = list(recall_or_evaluate(tiny_run, tiny_workspace, request, "cpu"))[-1]
    assert isinstance(done, Done)
    return Evaluation.from_json(done.result)


def test_the_folder_holds_the_page_tables_figures_and_where_it_is_from(
    tiny_run: Run, tiny_workspace: Workspace, cache: LatentCache, measured: Evaluation, tmp_path: Path
) -> None:
    done = list(report(tiny_run, tiny_workspace, measured, cache, tmp_path / "report", "cpu", seed=3))[-1]
    assert isinstance(done, Done)
    folder = Path(str(done.result["path"]))
    files = {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}
    assert {"index.html", "report.json", "settings.json", "versions.json", "training.toml"} <= files
    assert set(json.loads((folder / "report.json").read_text())["files"]) == files - {"report.json"}
    drawn = {"figure2", "rate-distortion", "numbers", "kl-per-dimension"}
    drawn |= {f"distribution-{key}" for key in SPREAD}
    assert set(done.result["figures"]) == drawn
    assert {f"figures/{name}.{kind}" for name in drawn for kind in ("svg", "pdf", "png")} <= files
    assert set(done.result["tables"]) >= {*TABLES, *MEASURED, *(each.name for each in PRINTED.values())}
    for name in done.result["tables"]:
        kinds = ("csv", "tsv", "md", "tex", "html", "xlsx", "parquet", "json")
        assert {f"tables/{name}.{kind}" for kind in kinds} <= files
    page = (folder / "index.html").read_text(encoding="utf-8")
    linked = {part.split('"')[0] for part in page.split('href="')[1:]}
    assert {link for link in linked if "/" in link} <= files
    numbers = pd.read_parquet(folder / "tables" / "numbers.parquet")
    for variant in measured.variants:
        rows = numbers[numbers["variant"] == variant.name].set_index("number")["value"]
        assert rows["kl"] == variant.numbers["kl"].value
    assert numbers["difference"].notna().any()
    assert json.loads((folder / "settings.json").read_text())["seeds"]["tables"] == 3


def test_what_is_missing_is_told_and_one_that_is_stopped_leaves_the_earlier_one(
    tiny_run: Run, tiny_workspace: Workspace, cache: LatentCache, tmp_path: Path
) -> None:
    made = replace(evaluation_of(tiny_run), complete=False, seed=4321)  # of which nothing was kept
    events = list(report(tiny_run, tiny_workspace, made, cache, tmp_path / "report", device="cpu"))
    told = [each.text for each in events if isinstance(each, Note)]
    lacking = next(text for text in told if "neither distributions nor paired differences" in text)
    assert lacking.endswith(f"Measure it again: {made.command([each.name for each in tiny_run.variants])}")
    assert not list((tmp_path / "report" / "figures").glob("distribution-*"))
    assert (tmp_path / "report" / "tables" / "sense.csv").exists()
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "was not finished when this report was made" in page.split("<nav>")[0]
    # Once more over it, asked to stop on the way.
    asked = iter([False] * 5 + [True] * 100)
    again = report(
        tiny_run, tiny_workspace, made, cache, tmp_path / "report", device="cpu", should_stop=lambda: next(asked)
    )
    with pytest.raises(Stopped):
        list(again)
    assert (tmp_path / "report" / "index.html").read_text(encoding="utf-8") == page
    assert not list(tmp_path.glob(".report.*.tmp"))


def test_a_place_that_is_taken_is_refused_before_any_work(
    tiny_run: Run, tiny_workspace: Workspace, cache: LatentCache, tmp_path: Path
) -> None:
    (tmp_path / "novel.txt").write_text("dear")
    with pytest.raises(UsageError, match="something else than a report"):
        next(report(tiny_run, tiny_workspace, evaluation_of(tiny_run), cache, tmp_path))
