"""Processes and threads: what they tell, how they fail, and that they end."""

from __future__ import annotations

import gc
import shutil
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest
import shiboken6

from app.core.jobs import process_job
from app.core.jobs.ending import wait_for_ends
from app.core.jobs.live_worker import LiveWorker
from app.core.jobs.process_job import ProcessJob
from app.core.jobs.training_process import TrainingProcess
from engine.errors import LoomError
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


@pytest.fixture
def worker():
    """Makes workers and stops them."""
    made = []

    def make(load, **options) -> LiveWorker:
        made.append(LiveWorker(load, **options))
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


def test_a_worker_loads_in_its_own_thread_and_answers_on_this_one(worker, qtbot):
    here = threading.get_ident()
    threads = {}

    def load(tell):
        tell("Loading")
        threads["load"] = threading.get_ident()
        return 40

    live = worker(load)
    told, answers = [], []
    live.told.connect(told.append)
    live.answered.connect(lambda channel, value: answers.append((channel, value, threading.get_ident())))
    live.request("select", lambda loaded: iter([loaded + 1, loaded + 2]))
    with qtbot.waitSignal(live.completed, timeout=5000):
        live.start()
    assert told == ["Loading"]
    assert answers == [("select", 41, here), ("select", 42, here)]
    assert threads["load"] != here


def test_the_newest_request_of_a_channel_wins_and_the_older_one_is_given_up(worker, qtbot):
    started, go_on = threading.Event(), threading.Event()
    steps = []

    def old(_loaded) -> Iterator[str]:
        started.set()
        go_on.wait(5)
        steps.append("first")
        yield "old 1"
        steps.append("second")
        yield "old 2"

    live = worker(lambda tell: None)
    answers = []
    live.answered.connect(lambda _channel, value: answers.append(value))
    live.start()
    live.request("reconstruct", old)
    assert started.wait(5)
    live.request("reconstruct", lambda _: iter(["skipped"]))
    live.request("reconstruct", lambda _: iter(["new"]))
    with qtbot.waitSignal(live.completed, timeout=5000):
        go_on.set()
    assert answers == ["new"]
    assert steps == ["first"]


def test_a_later_request_of_another_channel_need_not_wait_for_a_long_one(worker, qtbot):
    started, go_on = threading.Event(), threading.Event()

    def long(_loaded) -> Iterator[str]:
        started.set()
        go_on.wait(5)
        yield from ("long 1", "long 2", "long 3")

    live = worker(lambda tell: None)
    answers = []
    live.answered.connect(lambda _channel, value: answers.append(value))
    live.start()
    live.request("samples", long)
    assert started.wait(5)
    live.request("reconstruct", lambda _: iter(["short"]))
    go_on.set()
    qtbot.waitUntil(lambda: len(answers) == 4, timeout=5000)
    assert answers == ["long 1", "short", "long 2", "long 3"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (LoomError("No models.", "Train."), "No models."),
        (RuntimeError("odd"), "Something unforeseen went wrong (RuntimeError: odd)."),
    ],
)
def test_what_goes_wrong_in_a_worker_becomes_words(worker, qtbot, error, message, capsys):
    def broken(_tell):
        raise error

    live = worker(broken)
    with qtbot.waitSignal(live.load_failed, timeout=5000) as failed:
        live.start()
    assert failed.args[0] == message

    def refuse(_loaded) -> Iterator[str]:
        raise error
        yield ""

    live = worker(lambda tell: None)
    live.start()
    with qtbot.waitSignal(live.refused, timeout=5000) as refused:
        live.request("select", refuse)
    assert refused.args[:2] == ["select", message]
    with qtbot.waitSignal(live.completed, timeout=5000):
        live.request("select", lambda _: iter(["fine again"]))


def test_what_a_request_does_before_its_first_result_holds_up_no_other_request_and_may_fail(worker, qtbot):
    made, begun, go_on = worker(lambda tell: "loaded"), threading.Event(), threading.Event()

    def slow(loaded):
        begun.set()
        assert go_on.wait(10)
        return iter(["late"])

    def fails(loaded):
        raise OSError("the disk is gone")

    answers: list[tuple[str, object]] = []
    made.answered.connect(lambda *given: answers.append(given))
    made.start()
    made.request("slow", slow)
    assert begun.wait(10)
    asked = threading.Thread(target=lambda: made.request("other", lambda loaded: iter([loaded])))
    asked.start()
    asked.join(10)
    assert not asked.is_alive()  # nobody waits for the disk to ask for something
    go_on.set()
    qtbot.waitUntil(lambda: sorted(answers) == [("other", "loaded"), ("slow", "late")])
    with qtbot.waitSignal(made.refused) as told:
        made.request("bad", fails)
    assert told.args[0] == "bad"
    assert "the disk is gone" in told.args[1] + told.args[2]
    with qtbot.waitSignal(made.completed):
        made.request("good", lambda loaded: iter([1]))


def test_a_stopped_worker_closes_what_it_loaded_and_delivers_nothing_more(worker, qtbot):
    closed, answers = [], []
    live = worker(lambda tell: "models", close=closed.append)
    live.answered.connect(lambda *_: answers.append(1))
    with qtbot.waitSignal(live.loaded, timeout=5000):
        live.start()
    live.request("select", lambda _: iter(["late"]))
    live.stop()
    assert wait_for_ends()
    assert closed == ["models"]
    assert answers == []


def test_a_worker_that_is_to_finish_does_what_it_was_asked_for_and_tells_nothing(worker, qtbot):
    began, go_on, done, told = threading.Event(), threading.Event(), [], []
    live = worker(lambda tell: None)
    live.answered.connect(lambda *words: told.append(words))
    live.start()

    def first(_):
        began.set()
        assert go_on.wait(10)
        done.append("first")
        yield 1
        done.append("the rest of it")

    live.request("first", first)
    assert began.wait(10)
    live.request("second", lambda _: iter([done.append("second")]))
    live.stop(finish=True)
    assert live.running
    go_on.set()
    assert wait_for_ends()
    qtbot.wait(1)
    assert sorted(done) == ["first", "second", "the rest of it"]
    assert told == []


def test_to_stop_waits_for_nothing_and_what_was_stopped_is_kept_until_it_has_ended(qtbot):
    going, go_on = threading.Event(), threading.Event()

    def load(_tell) -> str:
        going.set()
        go_on.wait(10)
        return "models"

    closed, loaded = [], []
    live = LiveWorker(load, close=closed.append)
    live.loaded.connect(loaded.append)
    live.start()
    assert going.wait(5)
    live.stop()
    live.stop()
    assert live.running
    assert not wait_for_ends(0.05)
    go_on.set()
    qtbot.waitUntil(lambda: not shiboken6.isValid(live), timeout=5000)  # found by itself, without anyone who waits
    assert (closed, loaded) == (["models"], [])


def test_a_stopped_process_that_does_not_end_is_killed_behind_the_window(job, qtbot, monkeypatch):
    monkeypatch.setattr(process_job, "PATIENCE_MS", 100)
    process = job(STUBBORN)
    with qtbot.waitSignal(process.reported, timeout=10_000):
        process.start()
    process.stop()
    assert process.running
    qtbot.waitUntil(lambda: not shiboken6.isValid(process), timeout=10_000)


def test_what_a_stopped_worker_had_loaded_is_gone_even_if_its_frame_is_kept(worker, qtbot):
    """As an error that an import has caught keeps it, with every frame it came through."""

    class Models:
        pass

    frames, seen = [], []

    def load(tell):
        frames.append(sys._getframe())
        made = Models()
        seen.append(weakref.ref(made))
        return made

    def load_below(tell):
        return load(tell)

    live = worker(load_below)
    with qtbot.waitSignal(live.loaded, timeout=5000):
        live.start()
    kept = frames.pop().f_back.f_back
    assert kept.f_code.co_name == "_run"
    live.stop()
    assert wait_for_ends()
    gc.collect()
    assert seen[0]() is None


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
