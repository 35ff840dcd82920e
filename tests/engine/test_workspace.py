"""Where things lie, and what is said of a run that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import LoomError
from engine.workspace import CHECKOUT, Workspace, repeated


def test_a_missing_run_is_told_with_the_next_command(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(LoomError) as nothing:
        workspace.run("novel")
    assert "corpus FILE --name novel, then python main.py train novel" in nothing.value.hint

    workspace.corpus("novel").mkdir(parents=True)
    (workspace.corpus("novel") / "corpus.json").write_text("{}")
    with pytest.raises(LoomError) as prepared:
        workspace.run("novel")
    assert "Corpus 'novel' is prepared" in prepared.value.hint
    assert "python main.py train novel" in prepared.value.hint
    assert "corpus FILE" not in prepared.value.hint


def test_what_a_killed_command_set_aside_is_not_offered_as_a_run(tmp_path: Path) -> None:
    for name in ("mine", ".mine.0123abcd-99999999-abcdef.old"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.json").write_text("{}")
    assert Workspace(tmp_path).run_names() == ["demo", "mine"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Next: python main.py encode demo", "Next: python main.py encode demo{}"),
        ("Look: python main.py doctor.", "Look: python main.py doctor{}."),
        (
            "Run python main.py encode a, then python main.py project a.",
            "Run python main.py encode a{}, then python main.py project a{}.",
        ),
        ("(python main.py train a --preset demo)", "(python main.py train a --preset demo{})"),
        (
            "Again: python main.py corpus 'my (1), it.txt' --name a --replace. Or wait.",
            "Again: python main.py corpus 'my (1), it.txt' --name a --replace{}. Or wait.",
        ),
        (
            """Again: python main.py corpus 'it'"'"'s here.txt' --name a and python main.py train a""",
            """Again: python main.py corpus 'it'"'"'s here.txt' --name a{} and python main.py train a{}""",
        ),
        ("Try python main.py --help", "Try python main.py --help"),
        ("python main.py table a --workspace /else", "python main.py table a --workspace /else"),
    ],
)
def test_advised_commands_repeat_the_workspace(text: str, said: str, tmp_path: Path) -> None:
    """Also with names of files that hold what else ends a command."""
    assert repeated(text, Workspace(tmp_path / "my work")) == said.replace("{}", f" --workspace '{tmp_path}/my work'")
    assert repeated(text, Workspace(CHECKOUT)) == text
