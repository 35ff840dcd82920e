"""`corpus` as a person reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.app import app
from tests.conftest import write_sentences


def test_the_parts_that_are_told_come_to_the_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = write_sentences(tmp_path / "all.txt").read_text(encoding="utf-8").splitlines()
    parts = {"train": lines[:-60], "valid": lines[-60:-20], "test": lines[-20:]}
    for name, part in parts.items():
        (tmp_path / f"{name}.txt").write_text("\n".join(part), encoding="utf-8")
    train, valid, test = (str(tmp_path / f"{name}.txt") for name in parts)
    with pytest.raises(SystemExit) as caught:
        app(args=["corpus", train, "--valid", valid, "--test", test, "--name", "x", "--workspace", str(tmp_path)])
    assert not caught.value.code
    counts = [f"{len(part):,} {name}" for name, part in parts.items()]
    assert f"{len(lines):,} sentences ({', '.join(counts)})" in capsys.readouterr().out
