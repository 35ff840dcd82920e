"""How commands tell: events as JSON lines, results alone on standard output, errors in words."""

from __future__ import annotations

import errno
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.cli.command.reporting import DEBUG, Output, follow, run
from engine.errors import LoomError, Stopped, UsageError
from engine.events import Done, Event, Note, Progress, TrainStep
from engine.workspace import CHECKOUT, Workspace

HERE = Workspace(Path())


def task(stop: Callable[[], bool]) -> Iterator[Event]:
    yield Note("a note", "warning")
    yield Progress("counting", 1, 2, "sheep")
    yield TrainStep(5, 10, {"vae": {"kl": 1.5}}, 900.0, 2.0)
    yield Done({"path": Path("somewhere"), "n": 3})


def test_events_are_one_json_object_a_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert follow(task, Output(HERE, events=True)) == {"path": Path("somewhere"), "n": 3}
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.err.splitlines()]
    assert [line["event"] for line in lines] == ["note", "progress", "trainstep", "done"]
    assert lines[1] == {"event": "progress", "stage": "counting", "done": 1, "total": 2, "unit": "sheep"}
    assert lines[3]["result"] == {"path": "somewhere", "n": 3}
    assert told.out == ""


def test_quiet_says_nothing_and_json_prints_the_result_alone(capsys: pytest.CaptureFixture[str]) -> None:
    follow(task, Output(HERE, quiet=True))
    output = Output(HERE, json=True, quiet=True)
    output.say("not wanted")
    output.result({"a": "ü"})
    told = capsys.readouterr()
    assert told.err == ""
    assert json.loads(told.out) == {"a": "ü"}


def test_what_json_has_no_number_for_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    nan, inf = float("nan"), float("inf")
    Output(Workspace(CHECKOUT), json=True).result({"a": nan, "b": [1.5, (inf, {"c": -inf})], "d": "NaN", "e": None})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"a": None, "b": [1.5, [None, {"c": None}]], "d": "NaN", "e": None}


def test_without_a_terminal_progress_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    follow(task, Output(HERE))
    assert capsys.readouterr().err.splitlines() == ["a note", "counting: 1 of 2 sheep"]


def test_of_what_was_told_to_begin_the_end_is_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    def quick(stop: Callable[[], bool]) -> Iterator[Event]:
        for stage in ("exporting", "counting"):
            yield from (Progress(stage, done, 4, "sheep") for done in (0, 2, 4, 4))
        yield Done({})

    follow(quick, Output(HERE))
    assert capsys.readouterr().err.splitlines() == ["exporting: 0 of 4 sheep", "exporting: 4 of 4 sheep"]


def test_a_signal_asks_the_task_to_stop_and_closes_one_that_does_not_listen() -> None:
    closed = []

    def deaf(stop: Callable[[], bool]) -> Iterator[Event]:
        try:
            for number in range(1000):
                if number == 3:
                    os.kill(os.getpid(), signal.SIGTERM)
                yield Progress("working", number)
        finally:
            closed.append(stop())

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Stopped):
        follow(deaf, Output(HERE, quiet=True))
    assert closed == [True]
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_task_that_listens_ends_by_itself_however_much_it_tells_until_then() -> None:
    """As a training does at a checkpoint: terms, an evaluation, failed variants, and only then the next step."""

    def listens(stop: Callable[[], bool]) -> Iterator[Event]:
        assert not stop()
        os.kill(os.getpid(), signal.SIGTERM)
        for number in range(10):
            yield Progress("checkpoint", number)
        if stop():
            raise Stopped("Stopped after step 10; a checkpoint holds everything so far.")

    with pytest.raises(Stopped, match="a checkpoint holds everything"):
        follow(listens, Output(HERE, quiet=True))


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (LoomError("Broken.", "Mend it."), 1, "error: Broken.\n  Mend it.\n"),
        (UsageError("Odd.", "Even."), 2, "error: Odd.\n  Even.\n"),
        (OSError(errno.ENOSPC, "No space left on device", "x.h5"), 1, "disk is full while using x.h5"),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (MemoryError(), 1, "not enough memory"),
        (ZeroDivisionError("division by zero"), 1, "ZeroDivisionError: division by zero"),
    ],
)
def test_every_failure_is_a_message_and_a_code(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, said: str
) -> None:
    def fail() -> None:
        raise error

    assert run(fail, False) == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_advised_commands_repeat_the_workspace(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    place = Workspace(tmp_path / "my work")

    def fail() -> None:
        raise LoomError("No maps.", "Make them: python main.py encode demo, then python main.py project demo --step 3")

    Output(place).say("Next: python main.py encode demo")
    Output(Workspace(CHECKOUT)).say("Next: python main.py encode demo")
    Output(place).say("Prepare it again: python main.py corpus a.txt --name t --replace\nMore is told without it.")
    for workspace in (place, Workspace(CHECKOUT), None):
        assert run(fail, False, workspace) == 1
    told = capsys.readouterr()
    where = f" --workspace '{tmp_path}/my work'"
    assert told.out.splitlines() == [
        f"Next: python main.py encode demo{where}",
        "Next: python main.py encode demo",
        f"Prepare it again: python main.py corpus a.txt --name t --replace{where}",
        "More is told without it.",
    ]
    plain = "  Make them: python main.py encode demo, then python main.py project demo --step 3"
    given = f"  Make them: python main.py encode demo{where}, then python main.py project demo --step 3{where}"
    assert [line for line in told.err.splitlines() if line.startswith("  ")] == [given, plain, plain]


def test_failures_are_events_too(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise LoomError("Broken.", "Mend it.")

    run(fail, True)
    assert json.loads(capsys.readouterr().err) == {"event": "failed", "message": "Broken.", "hint": "Mend it."}


def test_where_an_unforeseen_error_arose_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEBUG, "1")
    with pytest.raises(ZeroDivisionError):
        run(lambda: print(1 / 0), False)


def test_what_is_said_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Output(HERE).say("red\x1b[31m bell\x07\n\ttab")
    assert capsys.readouterr().out == "red\\x1b[31m bell\\x07\n\ttab\n"
