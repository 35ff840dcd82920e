"""`diagnose` as a person reads it."""

from __future__ import annotations

import pytest

from engine.cli.app import app
from engine.workspace import Workspace


def told(workspace: Workspace, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `diagnose tiny`."""
    with pytest.raises(SystemExit) as caught:
        app(
            args=["diagnose", "tiny", "--weighted", "6", "--samples", "4", "--workspace", str(workspace.root), *options]
        )
    printed = capsys.readouterr()
    return int(caught.value.code or 0), printed.out, printed.err


def test_a_table_and_a_report_for_every_variant(
    tiny_workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, text, _ = told(tiny_workspace, capsys)
    assert code == 0
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= 80
    units = ("Active units", "Carrying units")
    for label in ("ELBO", "KL/-objective %", *units, "Mutual inform.", "Swapped z", "Verdict"):
        assert any(line.lstrip().startswith(label) for line in lines), label
    for variant in ("VAE", "AutoGen m=1"):
        assert variant in lines
    assert text.count("> ") >= 2
    assert " ".join(text.split()).count("From its own z the decoder writes a sentence") == 2


def test_quiet_says_nothing(tiny_workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(tiny_workspace, capsys, "--quiet") == (0, "", "")


def test_wrong_values_are_usage_errors(tiny_workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, message = told(tiny_workspace, capsys, "--sentences", "1")
    assert code == 2
    assert "--sentences 1 is too few" in message
    code, _, message = told(tiny_workspace, capsys, "--step", "7")
    assert code == 1
    assert "Kept are vae: 20, 40" in message
