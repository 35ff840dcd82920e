"""Following the files of a training: growth, torn lines, files cut back, and what is known of the process."""

from __future__ import annotations

import json
import os
import platform

import pytest

from app.train import files
from app.train.files import GrowingLog, TrainingFolder, _words, life_of
from engine.errors import LoomError
from engine.runs.metrics import StepLog
from engine.storage.files import write_json
from tests.conftest import change_json


def steps(growth) -> list[int]:
    return [line["step"] for line in growth.lines]


def watched(folder: TrainingFolder):
    return list(folder.poll())[-1]


def test_only_new_and_whole_lines_are_read(tmp_path):
    path = tmp_path / "metrics.jsonl"
    log = GrowingLog(path)
    assert log.read().lines == ()
    path.write_text('{"step": 1}\n{"step": 2}\n{"st')
    assert steps(log.read()) == [1, 2]
    assert log.read().lines == ()
    with path.open("a") as file:
        file.write('ep": 3}\n')
    assert steps(log.read()) == [3]


def test_a_long_file_is_read_in_slices(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SLICE", 40)
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(json.dumps({"step": i, "kl_per_dimension": [0.5] * (i % 7) * 3}) + "\n" for i in range(50)))
    log, found, rounds = GrowingLog(path), [], 0
    while True:
        growth = log.read()
        found += steps(growth)
        rounds += 1
        if not growth.more:
            break
    assert found == list(range(50))
    assert rounds > 10


def test_a_file_cut_back_by_a_resume_is_read_anew_even_where_it_has_grown_past_the_old_end(tmp_path):
    path = tmp_path / "metrics.jsonl"
    first = StepLog(path, 0)
    for step in (10, 20, 30):
        first.add({"step": step, "seconds": step * 1.25})
    log = GrowingLog(path)
    assert steps(log.read()) == [10, 20, 30]
    second = StepLog(path, 10)
    for step in (20, 30, 40, 50):
        second.add({"step": step, "seconds": step * 1.75})
    growth = log.read()
    assert growth.restarted
    assert steps(growth) == [10, 20, 30, 40, 50]


def test_a_file_rewritten_without_a_change_is_not_read_anew(tmp_path):
    path = tmp_path / "metrics.jsonl"
    StepLog(path, 0).add({"step": 10})
    log = GrowingLog(path)
    log.read()
    StepLog(path, 10).add({"step": 20})
    growth = log.read()
    assert not growth.restarted
    assert steps(growth) == [20]


def test_what_follows_a_damaged_line_waits_until_it_is_mended(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n{"step": 2,\n{"step": 3}\n')
    log = GrowingLog(path)
    assert steps(log.read()) == [1]
    assert not log.read().more
    path.write_text('{"step": 1}\n{"step": 2}\n')
    assert steps(log.read()) == [2]


def test_a_real_run_is_read_whole(tiny_run):
    seen = watched(TrainingFolder(tiny_run.path))
    assert (seen.name, seen.step, seen.total, seen.life, seen.finished) == ("tiny", 40, 40, "done", True)
    assert seen.checkpoints == (20, 40)
    for name in ("vae", "autogen-m1"):
        curves = seen.curves[name]
        assert curves.train.steps.tolist() == [10, 20, 30, 40]
        assert curves.test.steps.tolist() == [20, 40]
        assert curves.heat.kl.shape == (2, 4)
        assert curves.heat.kl[-1].sum() == pytest.approx(curves.test.at("kl", 40), rel=1e-4)
        assert [probe.step for probe in seen.probes[name]] == [20, 40]
        assert len(seen.probes[name][0].words) == len(seen.sentences) > 0
    assert seen.seconds_per_step > 0


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path, tiny_run):
    folder = TrainingFolder(tmp_path / "later")
    assert watched(folder).settings is None
    os.symlink(tiny_run.path, tmp_path / "later")
    assert watched(folder).step == 40


def test_a_folder_with_something_else_in_it_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("shopping")
    with pytest.raises(LoomError, match=r"no run\.json"):
        watched(TrainingFolder(tmp_path))


def test_a_run_begun_afresh_under_the_same_name_replaces_the_earlier_one(tmp_path, tiny_run):
    import shutil

    place = tmp_path / "run"
    shutil.copytree(tiny_run.path, place)
    folder = TrainingFolder(place)
    assert watched(folder).step == 40
    change_json(place / "run.json", created="2031-01-01T00:00:00+00:00 anew")
    for name in ("vae", "autogen-m1"):
        (place / "variants" / name / "metrics.jsonl").unlink()
    assert watched(folder).step == 0


def test_stopped_variants_and_the_checkpoints_of_the_others(tmp_path, tiny_run):
    import shutil

    place = tmp_path / "run"
    shutil.copytree(tiny_run.path, place)
    for file in (place / "variants" / "vae").glob("step-000000040*"):
        file.unlink()
    write_json(place / "variants" / "vae" / "stopped.json", {"step": 30, "reason": "its loss is not a number"})
    seen = watched(TrainingFolder(place))
    assert seen.stopped == {"vae": (30, "its loss is not a number")}
    assert seen.checkpoints == (20, 40)


@pytest.mark.parametrize(
    ("process", "life"),
    [
        (None, "unknown"),
        ({"state": "done"}, "done"),
        ({"state": "stopped"}, "stopped"),
        ({"state": "running", "host": platform.node(), "pid": os.getpid()}, "running"),
        ({"state": "running", "host": platform.node(), "pid": 2**22 + 17}, "lost"),
        ({"state": "running", "host": "a-cluster", "pid": os.getpid()}, "elsewhere"),
    ],
)
def test_the_life_of_a_process(tmp_path, process, life):
    if process is not None:
        write_json(tmp_path / "process.json", process)
    assert life_of(process, tmp_path) == life


def test_a_number_that_another_process_has_now_is_not_taken_for_the_training(tmp_path):
    write_json(tmp_path / "process.json", {})
    os.utime(tmp_path / "process.json", (1, 1))
    assert life_of({"state": "running", "host": platform.node(), "pid": os.getpid()}, tmp_path) == "lost"


def test_a_note_that_is_nested_too_deeply_is_no_note(tmp_path, tiny_run):
    import shutil

    place = shutil.copytree(tiny_run.path, tmp_path / "run")
    for name in ("process.json", "probe.json"):
        (place / name).write_text("[" * 100_000)
    seen = watched(TrainingFolder(place))
    assert (seen.process, seen.sentences) == (None, ())


def test_sentences_without_spaces_are_compared_word_by_word() -> None:
    (mine,), (other,) = (_words([text], "zh") for text in ("他昨天晚上想要钥匙。", "你昨天晚上想要钥匙。"))
    assert len(mine) == len(other) > 3
    assert [word for word, was in zip(other, mine, strict=True) if word != was] == ["你"]
    assert _words(["He wants the key."], "") == (("He", "wants", "the", "key", "."),)
