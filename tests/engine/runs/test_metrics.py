"""Logs of a training, read whole or in part."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from engine.runs.metrics import StepLog, damaged_lines, read_lines

SPLITS = ("start", "train", "test", "validation")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Four hundred lines of all parts in any order, as a training writes them, as the demo ships them, and without a
    part; one in ten is damaged.
    """
    path, chance = tmp_path / "metrics.jsonl", random.Random(0)
    log = StepLog(path, 0)
    for step in range(400):
        split = {} if step % 7 == 0 else {"split": chance.choice(SPLITS)}
        log.add({"step": step, **split, "elbo": -chance.random(), "said": 'a "split": "test" in a sentence'})
    lines = path.read_text().splitlines()
    for number in chance.sample(range(400), 200):
        lines[number] = json.dumps(json.loads(lines[number]), separators=(",", ":"))
    for number in chance.sample(range(400), 40):
        lines[number] = lines[number].replace("elbo", "ebbo")
    path.write_text("\n".join(lines) + "\n" + lines[0][:20])
    return path


@pytest.mark.parametrize("splits", [("test",), ("start", "validation"), SPLITS, ("never",)])
def test_the_lines_of_some_parts_are_those_of_the_whole_log(log: Path, splits: tuple[str, ...]) -> None:
    whole = read_lines(log)
    assert len(whole) == 360
    assert len(damaged_lines(log)) == 40
    wanted = [line for line in whole if line.get("split") in splits]
    assert read_lines(log, splits) == wanted
    assert bool(wanted) == (splits != ("never",))
