"""`diagnose` as a person reads it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.cli.app import app
from engine.cli.diagnosis import _print as show
from engine.workspace import Workspace
from tests.app.diagnosis.results import estimate, result, variant


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
    for name in ("VAE", "AutoGen m=1"):
        assert name in lines
    assert text.count("> ") >= 2
    assert " ".join(text.split()).count("From its own z the decoder writes a sentence") == 2


def shown_at(width: int, found: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: Any) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    show(found)
    return str(capsys.readouterr().out).splitlines()


def interval_below(lines: list[str], label: str) -> tuple[float, float, float]:
    """The first variant's number in a row, and its interval in the line below."""
    at = next(i for i, line in enumerate(lines) if line.startswith(label))
    low, high = lines[at + 1].split()[0].split("..")
    return float(lines[at].removeprefix(label).split()[0]), float(low), float(high)


def test_no_number_lies_outside_its_interval(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = result()
    for key, value, half in (("mu_spread", 0.056, 0.002), ("kl", 0.48, 0.01), ("mutual_information", 0.0, 0.003)):
        found["variants"]["vae"][key] = estimate(value, half)
    lines = shown_at(80, found, monkeypatch, capsys)
    assert interval_below(lines, "Spread of mu") == (0.056, 0.054, 0.058)
    assert interval_below(lines, "KL ") == (0.48, 0.47, 0.49)
    assert interval_below(lines, "Mutual inform.") == (0.0, 0.0, 0.0)
    assert not any("-0.0" in line for line in lines)


def test_a_terminal_too_narrow_for_four_variants_gets_more_tables(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = result()
    found["variants"] = {str(i): variant(f"Number {i}", 3.5, "weak") for i in range(4)}
    for width, tables in ((80, 1), (70, 2), (40, 4), (20, 4)):
        lines = shown_at(width, found, monkeypatch, capsys)
        assert sum(line.startswith("ELBO") for line in lines) == tables
    found["variants"]["2"]["elbo"] = estimate(-133.3, 9)
    lines = shown_at(80, found, monkeypatch, capsys)
    assert any("-142.30..-124.30" in line for line in lines)
    assert max(map(len, lines)) <= 80


def test_quiet_says_nothing(tiny_workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(tiny_workspace, capsys, "--quiet") == (0, "", "")


def test_wrong_values_are_usage_errors(tiny_workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, message = told(tiny_workspace, capsys, "--sentences", "1")
    assert code == 2
    assert "--sentences 1 is too few" in message
    code, _, message = told(tiny_workspace, capsys, "--step", "7")
    assert code == 1
    assert "Kept are vae: 20, 40" in message
