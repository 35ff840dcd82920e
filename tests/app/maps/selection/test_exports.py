"""Chosen sentences written from the window: what is asked, told and left, on a real cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from app.maps.selection.exports import KINDS, Exports
from tests.app.latents import tiny_context


@pytest.fixture
def exports(qtbot, tiny_workspace):
    """On the maps of the run `tiny`; what it says is kept in `said`."""
    over = QWidget()
    qtbot.addWidget(over)
    with tiny_context(tiny_workspace, "Reconstruct") as context:
        made = Exports(context, over)
        made.context, made.over, made.said = context, over, []
        made.told.connect(made.said.append)
        made.failed.connect(lambda message, hint: made.said.append(f"{message} {hint}".strip()))
        yield made


def mask(exports) -> np.ndarray:
    return np.arange(exports.context.atlas.n) % 5 == 0


def test_a_table_is_written_by_its_ending_or_else_as_was_chosen(exports, tmp_path):
    count = int(mask(exports).sum())
    exports.export(mask(exports), tmp_path / "a.parquet", "csv")
    exports.export(mask(exports), tmp_path / "b", "csv")
    assert (tmp_path / "a.parquet").read_bytes()[:4] == b"PAR1"
    lines = (tmp_path / "b.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 2 * count
    assert exports.said[0].startswith(f"Writing {count} sentences")
    assert exports.said[1] == f"Wrote {count} sentences to {tmp_path / 'a.parquet'}."


def test_a_folder_that_is_there_is_left_and_that_is_told(exports, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "theirs").touch()
    exports._write(mask(exports), tmp_path / "there", "npy")
    assert "was not written" in exports.said[-1]
    assert "is there already" in exports.said[-1]
    assert [each.name for each in (tmp_path / "there").iterdir()] == ["theirs"]
    exports._write(mask(exports), tmp_path / "new", "npy")
    assert np.load(tmp_path / "new" / "ids.npy").tolist() == np.flatnonzero(mask(exports)).tolist()


def test_what_is_not_written_when_another_run_is_opened_is_given_up_and_told(exports, tmp_path):
    worker = exports.context.archive._worker
    exports.context.archive.detach()
    exports._write(mask(exports), tmp_path / "late.csv", "csv")
    exports._write(mask(exports), tmp_path / "second.csv", "csv")
    assert exports.said[-1].startswith("Another selection is being written still.")
    assert exports.under_way == "The selection is being written to late.csv; of it nothing is kept."
    exports.leave()
    assert exports.under_way == ""
    assert exports.said[-1].startswith("The selection was not written, as another run was opened.")
    exports.context.archive.attach(worker)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", KINDS)
def test_each_kind_asks_where_and_writes_there(exports, qtbot, tmp_path, format):
    menu = exports.menu(exports.over, mask(exports))
    menu.actions()[list(KINDS).index(format)].trigger()
    dialog = exports.over.findChild(QFileDialog)
    assert "tiny-selection" in "".join(dialog.selectedFiles())
    dialog.fileSelected.emit(str(tmp_path / ("made.csv" if format == "csv" else "made")))
    dialog.close()
    menu.close()
    made = {Path(each).name for each in map(str, tmp_path.rglob("*")) if not Path(each).name.startswith(".")}
    expected = {"csv": "made.csv", "projector": "vectors.tsv", "npy": "ids.npy"}[format]
    assert expected in made
