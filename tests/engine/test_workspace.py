"""Where things lie, and what is said of a run that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import LoomError
from engine.workspace import Workspace


def test_a_missing_run_is_told_with_the_next_command(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(LoomError) as nothing:
        workspace.run("novel")
    assert "corpus FILE --name novel, then train novel" in nothing.value.hint

    workspace.corpus("novel").mkdir(parents=True)
    (workspace.corpus("novel") / "corpus.json").write_text("{}")
    with pytest.raises(LoomError) as prepared:
        workspace.run("novel")
    assert "Corpus 'novel' is prepared" in prepared.value.hint
    assert "python main.py train novel" in prepared.value.hint
    assert "corpus FILE" not in prepared.value.hint
