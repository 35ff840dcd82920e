"""Preparing with several processes: the same corpus, byte for byte, and nothing left when one of them fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from engine.corpus import cutting, prepare, request, workers
from engine.corpus.cutting import Cut, Cutter, Numbers
from engine.corpus.numbering import Numbering
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.corpus.workers import cut_in_order
from engine.errors import LoomError
from engine.events import Done
from engine.storage.digests import VERIFIED
from engine.workspace import CHECKOUT, Workspace
from tests.engine.corpus.preparing import entries, run, sentences, write_lines


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Many small blocks, so that a small text keeps several workers busy."""
    monkeypatch.setattr("engine.corpus.lines._BLOCK", 1 << 12)
    monkeypatch.setattr(workers, "_ALONE", 1500)
    monkeypatch.setattr(cutting, "_PIECES_AT_MOST", 15)  # here; the workers have their own
    lines = [f"{line[:-1]} at number{n % 700}." for n, line in enumerate(sentences(12_000))]
    return write_lines(tmp_path / "text.txt", ["Too short.", *lines, "", "word " * 40])


@pytest.fixture(autouse=True)
def _events_at_every_batch_and_no_work_here_while_workers_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "_PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(workers, "_any_done", lambda _: True)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != VERIFIED}


def children() -> list[psutil.Process]:
    """Those that are alive; one that has just ended has no command line any more."""
    found = []
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "resource_tracker" not in str(each.cmdline()):
                found.append(each)
    return found


@pytest.mark.parametrize("limit", [None, 9_000])
def test_one_and_several_processes_give_the_same_corpus(
    text: Path, tmp_path: Path, limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = CorpusRequest(str(text), "c", limit=limit)
    list(prepare_corpus(request, tmp_path / "one", workers=1))
    cutters = set()
    add = Numbering.add

    def watched(numbering: Numbering, cut: Cut) -> Numbers:
        cutters.add(cut.cutter)
        return add(numbering, cut)

    monkeypatch.setattr(Numbering, "add", watched)
    list(prepare_corpus(request, tmp_path / "three", workers=3))
    assert cutters - {0, -1}  # workers took part
    assert not children()
    one, three = content(tmp_path / "one"), content(tmp_path / "three")
    assert one.keys() == three.keys()
    assert [name for name in one if one[name] != three[name]] == []


def test_a_small_corpus_starts_no_process(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_ALONE", 100_000)
    monkeypatch.setattr(workers, "ProcessPoolExecutor", None)
    assert list(prepare_corpus(CorpusRequest(str(text), "c"), tmp_path / "c", workers=8))


def test_where_no_process_can_be_shared_with_one_does_it_all(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, _ = run(text, tmp_path / "c")

    def impossible(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(workers, "ProcessPoolExecutor", impossible)
    *_, done = prepare_corpus(CorpusRequest(str(text), "c"), tmp_path / "other", workers=4)
    assert done.result["fingerprint"] == expected["fingerprint"]  # type: ignore[union-attr]


def test_a_killed_worker_is_told_and_leaves_nothing(text: Path, tmp_path: Path) -> None:
    def kill_one() -> None:
        for _ in prepare_corpus(CorpusRequest(str(text), "c"), tmp_path / "corpora" / "c", workers=2):
            for each in children()[:1]:
                each.kill()

    with pytest.raises(LoomError, match="ended unexpectedly") as told:
        kill_one()
    assert "--workers 1" in told.value.hint
    assert entries(tmp_path / "corpora") == []
    assert not children()


class Failing(Cutter):
    """Cuts well in the process that made it and fails in a worker."""

    def __call__(self, batch: list[str], at_most: int | None = None) -> Cut:
        if self.name:
            raise MemoryError
        return super().__call__(batch, at_most)


def test_a_failure_in_a_worker_is_that_of_the_command_and_leaves_nothing(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "Cutter", Failing)
    with pytest.raises(MemoryError):
        list(prepare_corpus(CorpusRequest(str(text), "c"), tmp_path / "corpora" / "c", workers=2))
    assert entries(tmp_path / "corpora") == []
    assert not children()


def test_closing_ends_the_workers_and_little_is_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_ALONE", 100)
    read = 0

    def batches() -> object:
        nonlocal read
        for number in range(10_000):
            read += 1
            yield [f"This is sentence number {number}."] * 50, number

    cuts = cut_in_order(batches(), partial(Cutter, 5, 30, 0, 0.1), 2)  # type: ignore[arg-type]
    for expected, ((_, number), cut) in enumerate(cuts):
        assert number == expected
        assert cut.sentences == 50
        assert read - number <= 2 * workers._AHEAD + 3
        if cut.cutter:
            break
    cuts.close()
    assert not children()


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_workers_end_with_a_command_that_is_killed(text: Path, tmp_path: Path) -> None:
    script = tmp_path / "prepare.py"
    script.write_text(
        "from functools import partial\n"
        "from engine.corpus import workers\n"
        "from engine.corpus.cutting import Cutter\n"
        "if __name__ == '__main__':\n"
        "    workers._ALONE = 0\n"
        "    endless = ((['This is a sentence of seven words .'], n) for n in range(10**12))\n"
        "    for _, cut in workers.cut_in_order(endless, partial(Cutter, 5, 30, 0, 0.1), 2):\n"
        "        if cut.cutter:\n"
        "            print('working', flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    helpers = psutil.Process(process.pid).children(recursive=True)
    assert len(helpers) >= 2
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    process.stdout.close()
    _, alive = psutil.wait_procs(helpers, timeout=60)
    assert not alive


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(("stage", "earlier"), [("reading", False), ("reading", True), ("reading the test part", True)])
def test_after_a_kill_nothing_half_written_is_taken_for_whole(tmp_path: Path, stage: str, earlier: bool) -> None:
    """SIGKILL while parts are read: what was there is as it was, and the same command makes what it should."""
    lines = [f"Line {n} of this text has {n % 97} apples and some {n % 89} pears ." for n in range(60_000)]
    for name, part in (("train", lines[:50_000]), ("test", lines[50_000:]), ("small", lines[:40])):
        write_lines(tmp_path / f"{name}.txt", part)
    workspace = Workspace(tmp_path / "ws")
    target = workspace.corpus("text")
    before = {}
    if earlier:
        list(prepare_corpus(CorpusRequest(str(tmp_path / "small.txt"), "text", vocabulary=50), target))
        before = content(target)
    arguments = ["corpus", str(tmp_path / "train.txt"), "--test", str(tmp_path / "test.txt"), "--name", "text"]
    command = [sys.executable, str(CHECKOUT / "main.py"), *arguments, "--workspace", str(workspace.root), "--events"]
    with subprocess.Popen([*command, "--replace", "--workers", "2"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            event = json.loads(line)
            if event.get("stage") == stage and event["done"] > 0:
                process.send_signal(signal.SIGKILL)
                break
        assert process.wait(60) == -signal.SIGKILL
    if earlier:
        assert content(target) == before
        assert len(Corpus.open(target).train) < 40
    else:
        assert not (target / "corpus.json").exists()
        with pytest.raises(LoomError):
            Corpus.open(target)
    request = CorpusRequest(str(tmp_path / "train.txt"), "text", test_source=str(tmp_path / "test.txt"))
    (done,) = [event for event in prepare_corpus(request, target, replace=True) if isinstance(event, Done)]
    list(prepare_corpus(request, tmp_path / "undisturbed"))
    for path in (tmp_path / "undisturbed").iterdir():
        if path.suffix != ".json":  # which has the time and the name of the folder
            assert (target / path.name).read_bytes() == path.read_bytes(), path.name
    assert Corpus.open(target).fingerprint == done.result["fingerprint"]
    left = [path.name for path in target.parent.iterdir() if path.name != "text" and path.suffix != ".lock"]
    assert left == []
