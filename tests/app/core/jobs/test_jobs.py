"""Processes: what they tell, how they fail, and that they end."""

from __future__ import annotations

import shutil

import pytest
import shiboken6

from app.core.jobs import process_job
from app.core.jobs.ending import wait_for_ends
from app.core.jobs.process_job import ProcessJob
from app.core.jobs.training_process import TrainingProcess
from engine.runs.metrics import read_lines
from engine.runs.run import Run


@pytest.fixture
def job(tmp_path, qtbot):
    """Makes a job of a small Python program in place of main.py."""
    made = []

    def make(program: str) -> ProcessJob:
        path = tmp_path / "main.py"
        path.write_text(
            "import json, sys, time\ntell = lambda **e: print(json.dumps(e), file=sys.stderr, flush=True)\n" + program
        )
        made.append(ProcessJob(["encode", "demo"], main=path))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def test_a_job_passes_its_events_on_and_ends_with_its_result(job, qtbot):
    program = """
tell(event='progress', stage='encode', done=1, total=2, unit='')
print('not for us')
tell(event='done', result={'path': 'x.h5', 'argv': sys.argv[1:]})
"""
    process = job(program)
    events = []
    process.reported.connect(events.append)
    with qtbot.waitSignal(process.finished, timeout=10_000) as done:
        process.start()
    assert done.args == [{"path": "x.h5", "argv": ["encode", "demo", "--events"]}]
    assert [(e["event"], e["done"], e["total"]) for e in events] == [("progress", 1, 2)]


@pytest.mark.parametrize(
    ("program", "message", "hint"),
    [
        (
            "tell(event='failed', message='The disk is full.', hint='Free some.')\nsys.exit(1)",
            "The disk is full.",
            "Free some.",
        ),
        ("print('error: No such run.\\n  Train one.', file=sys.stderr)\nsys.exit(2)", "No such run.", "Train one."),
        (
            "raise KeyError('oops')",
            "The command ended with exit code 1 (KeyError: 'oops').",
            "python main.py encode demo",
        ),
    ],
)
def test_a_job_that_fails_says_why_in_words(job, qtbot, program, message, hint):
    process = job(program)
    with qtbot.waitSignal(process.failed, timeout=10_000) as failed:
        process.start()
    assert failed.args[0] == message
    assert hint in failed.args[1]


STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
tell(event='progress', stage='x', done=0, total=1)
time.sleep(60)
"""


def test_stopping_ends_even_a_process_that_ignores_it_and_tells_nothing(job, qtbot, monkeypatch):
    process = job(STUBBORN)
    ends = []
    process.failed.connect(lambda *_: ends.append("failed"))
    process.finished.connect(lambda _: ends.append("finished"))
    with qtbot.waitSignal(process.reported, timeout=10_000):
        process.start()
    monkeypatch.setattr(process_job, "PATIENCE_MS", 200)
    process.stop()
    assert process.running
    assert wait_for_ends(0.2)
    assert not process.running
    assert ends == []


def test_a_stopped_process_that_does_not_end_is_killed_behind_the_window(job, qtbot, monkeypatch):
    monkeypatch.setattr(process_job, "PATIENCE_MS", 100)
    process = job(STUBBORN)
    with qtbot.waitSignal(process.reported, timeout=10_000):
        process.start()
    process.stop()
    assert process.running
    qtbot.waitUntil(lambda: not shiboken6.isValid(process), timeout=10_000)


def test_a_training_process_is_paused_taken_up_by_another_window_and_ends(qtbot, tiny_workspace, tmp_path):
    shutil.copytree(tiny_workspace.root / "corpora", tmp_path / "corpora")
    sizes = ["model.hidden=8", "model.embedding=8", "model.latent=2", "train.log_every=1", "train.checkpoint_every=20"]
    settings = [part for size in sizes for part in ("--set", size)]
    where = ["--run", "mine", "--workspace", str(tmp_path), "--device", "cpu"]
    path, log = tmp_path / "runs" / "mine", tmp_path / "runs" / ".started" / "mine.events"
    begin = ["train", "tiny", "--variants", "vae", "--steps", "400", *settings, *where]

    first, ended, events = TrainingProcess(log), [], []
    first.reported.connect(events.append)
    first.ended.connect(lambda *words: ended.append(words))
    first.start(begin)
    qtbot.waitUntil(lambda: any(event["event"] == "trainstep" for event in events), timeout=60_000)
    pid, created = first.identity
    second = TrainingProcess(log)
    second.ended.connect(lambda *words: ended.append(words))
    assert not TrainingProcess(log).adopt(pid, created - 500)
    assert second.adopt(pid, created)
    second.ask_to_stop()
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=60_000)
    assert {how for how, *_ in ended} == {"stopped"}
    assert "a checkpoint holds everything" in ended[0][1]
    assert Run.open(path).checkpoints("vae").resumable_steps()
    assert not second.running

    third, ended = TrainingProcess(log), []
    third.ended.connect(lambda *words: ended.append(words))
    third.start(["train", "tiny", "--resume", *where])
    qtbot.waitUntil(lambda: bool(ended), timeout=100_000)
    assert ended == [("done", "", "")]
    lines = read_lines(path / "variants" / "vae" / "metrics.jsonl")
    assert [line["step"] for line in lines if line["split"] == "train"] == list(range(1, 401))


def test_a_training_process_that_fails_says_why(qtbot, tmp_path):
    process, ended = TrainingProcess(tmp_path / "events"), []
    process.ended.connect(lambda *words: ended.append(words))
    process.start(["train", "nothing", "--workspace", str(tmp_path)])
    qtbot.waitUntil(lambda: bool(ended), timeout=60_000)
    assert ended[0][0] == "failed"
    assert "no prepared corpus 'nothing'" in ended[0][1]


def test_a_training_process_that_is_killed_has_ended(qtbot, tmp_path):
    (tmp_path / "main.py").write_text("import time; time.sleep(60)")
    process, ended = TrainingProcess(tmp_path / "events", main=tmp_path / "main.py"), []
    process.ended.connect(lambda *words: ended.append(words))
    process.start([])
    process.kill()
    qtbot.waitUntil(lambda: bool(ended), timeout=20_000)
    assert ended[0][0] == "stopped"


def test_a_training_process_that_is_interrupted_is_asked_twice_and_ends_by_itself(qtbot, tmp_path):
    """As a command does: the first signal asks for a checkpoint, the second one does not wait for it."""
    (tmp_path / "main.py").write_text(
        "import json, signal, sys, time\n"
        "came = []\n"
        "def take(*_):\n"
        "    came.append(1)\n"
        "    if len(came) == 2:\n"
        "        sys.exit(print(json.dumps({'event': 'failed', 'message': 'Interrupted; twice'}), file=sys.stderr))\n"
        "signal.signal(signal.SIGTERM, take)\n"
        "print(json.dumps({'event': 'trainstep'}), file=sys.stderr)\n"
        "while True: time.sleep(0.02)\n"
    )
    process, ended, events = TrainingProcess(tmp_path / "events", main=tmp_path / "main.py"), [], []
    process.ended.connect(lambda *words: ended.append(words))
    process.reported.connect(events.append)
    process.start([])
    qtbot.waitUntil(lambda: bool(events), timeout=20_000)
    process.interrupt()
    qtbot.waitUntil(lambda: bool(ended), timeout=20_000)
    assert ended == [("stopped", "Interrupted; twice", "")]
