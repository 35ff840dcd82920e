"""How a command tells what it does, and how it ends.

Progress goes to standard error: as a bar on a terminal, as plain lines into a file, or with `--events` as one JSON
object a line. Results go to standard output, as JSON with `--json`. Every error that a person can mend is a message
and a next step, never a traceback; this module is the command line's job boundary.
"""

from __future__ import annotations

import json
import math
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from engine.errors import INTERRUPTED, LoomError, Stopped, UsageError, from_os_error
from engine.events import Done, Event, Note, Progress, TrainStep, to_json
from engine.training.distributed import ToldElsewhereError, first_of_machine, launched_processes, launched_rank
from engine.workspace import Workspace, repeated

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
DEBUG = "LATENT_LOOM_DEBUG"
"""Set in the environment, an unforeseen error shows where it arose."""
LINE_EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal to draw a bar on."""
LONGEST_SILENCE = 60.0
"""Seconds that a process waits at most for another one to tell what is wrong."""


@dataclass(frozen=True, slots=True)
class Output:
    """What the common options ask for."""

    workspace: Workspace
    json: bool = False
    quiet: bool = False
    events: bool = False

    def say(self, text: str) -> None:
        """Print for people, unless only JSON or nothing is wanted."""
        if not (self.json or self.quiet):
            print(_CONTROL.sub(lambda sign: f"\\x{ord(sign[0]):02x}", repeated(text, self.workspace)))

    def note(self, text: str) -> None:
        """Tell something beside the result, as a long task tells its notes."""
        text = repeated(text, self.workspace)
        if self.events:
            print(json.dumps(to_json(Note(text))), file=sys.stderr, flush=True)
        elif not self.quiet:
            print(text, file=sys.stderr)

    def result(self, document: Any) -> None:
        """Print the command's JSON document, if it is wanted; a number that JSON has no sign for (NaN) is null."""
        if self.json:
            unicode = (sys.stdout.encoding or "").lower().startswith("utf")
            print(json.dumps(_finite(document), ensure_ascii=not unicode, indent=2, allow_nan=False))


def _finite(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: _finite(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [_finite(value) for value in document]
    return None if isinstance(document, float) and not math.isfinite(document) else document


def rounded(values: dict[str, Any], digits: int = 4) -> dict[str, Any]:
    """The floats of a result, rounded for people who read it."""
    return {key: round(value, digits) if isinstance(value, float) else value for key, value in values.items()}


_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class StopRequest:
    """True once Ctrl-C or SIGTERM came.

    Attributes:
        wanted: whether one came.
        heard: whether the task has asked for it, as a task does that ends by itself at its next safe point.
    """

    def __init__(self) -> None:
        self.wanted = False
        self.heard = False

    def __call__(self) -> bool:
        self.heard = True
        return self.wanted


@contextmanager
def stop_on_signal() -> Iterator[StopRequest]:
    """Turn the first Ctrl-C or SIGTERM into a request to stop at the next safe point; the second one interrupts.

    Under torchrun the second one does not: a cluster signals torchrun and its processes alike, and torchrun signals
    them once more. It kills what has not ended by itself.
    """
    request = StopRequest()
    several = launched_processes() > 1

    def handle(number: int, frame: FrameType | None) -> None:
        if request.wanted and not several:
            raise KeyboardInterrupt
        request.wanted = True

    before = {number: signal.signal(number, handle) for number in _STOPPING}
    try:
        yield request
    finally:
        # torchrun ends all processes when one has failed; its signal must not cut off the message of another.
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if several else handler)


def follow(task: Callable[[Callable[[], bool]], Iterator[Event]], output: Output) -> dict[str, Any]:
    """Run a long task to its end and return its result.

    Args:
        task: takes `should_stop` and returns the task's events. A task that never asks it is closed between two
            events, which is safe because results are published whole; one that asks is left to end by itself.

    Raises:
        Stopped: the person asked for it.
    """
    teller = _teller(output)
    result: dict[str, Any] = {}
    with stop_on_signal() as stop, teller:
        passed = 0
        events = task(stop)
        for event in events:
            if isinstance(event, Note):
                event = replace(event, text=repeated(event.text, output.workspace))
            teller.tell(event)
            if isinstance(event, Done):
                result = dict(event.result)
            elif stop.wanted and not stop.heard:
                passed += 1  # it may be about to ask for the first time
                if passed > 2:
                    events.close()  # type: ignore[attr-defined]
                    raise Stopped("Stopped; nothing was left half-written.", "Give the same command again to redo it.")
    return result


def run(command: Callable[[], None], output_is_events: bool, workspace: Workspace | None = None) -> int:
    """Run a command and turn what it raises into a message and an exit code.

    Args:
        command: to be run.
        output_is_events: whether a message is a JSON line.
        workspace: that the command works in, which the next steps of a message repeat.
    """

    def tell(message: str, hint: str) -> None:
        _tell_failure(repeated(message, workspace), repeated(hint, workspace), output_is_events)

    try:
        command()
        return 0
    except ToldElsewhereError as error:
        return error.exit_code
    except LoomError as error:
        if isinstance(error, Stopped) and launched_rank() > 0:
            return error.exit_code  # all stop together, and process 0 says so
        if isinstance(error, UsageError) and not first_of_machine():
            leave_it_to_the_first()
            return error.exit_code
        tell(error.message, error.hint)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        wrapped = from_os_error(error, f"using {error.filename}" if error.filename else "running the command")
        tell(wrapped.message, wrapped.hint)
        return 1
    except KeyboardInterrupt:
        tell("Interrupted; what was published before is intact.", "")
        return INTERRUPTED
    except MemoryError:
        tell("There is not enough memory.", "Use a smaller --batch, --limit or --landmarks.")
        return 1
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        tell(
            f"Something unforeseen went wrong: {type(error).__name__}: {error}",
            f"This is a defect. The same command with {DEBUG}=1 in the environment prints where; please report it.",
        )
        return 1


def leave_it_to_the_first() -> None:
    """Give the first process on this machine, which finds the same wrong in the same command, the time to say so.

    torchrun ends all processes as soon as one has failed; this one must not be that one.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    time.sleep(LONGEST_SILENCE)


def _tell_failure(message: str, hint: str, events: bool) -> None:
    if events:
        failed: dict[str, str | int] = {"event": "failed", "message": message, "hint": hint}
        if launched_processes() > 1:
            failed["process"] = launched_rank()
        print(json.dumps(failed), file=sys.stderr, flush=True)
        return
    who = f" (rank {launched_rank()} of {launched_processes()} processes)" if launched_rank() > 0 else ""
    # In one piece, so that the lines of several processes do not mix.
    sys.stderr.write(f"error{who}: {message}\n" + (f"  {hint}\n" if hint else ""))
    sys.stderr.flush()


class _Teller:
    """Tells nothing; the others tell more."""

    def __enter__(self) -> _Teller:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def tell(self, event: Event) -> None:
        return None


class _JsonLines(_Teller):
    def tell(self, event: Event) -> None:
        print(json.dumps(to_json(event), default=_plain), file=sys.stderr, flush=True)


class _Lines(_Teller):
    """Plain lines, not more than one every few seconds, and one at the end of what was told before."""

    def __init__(self) -> None:
        self._last, self._stage = 0.0, ""

    def tell(self, event: Event) -> None:
        if isinstance(event, Note):
            print(event.text, file=sys.stderr)
        elif isinstance(event, Progress | TrainStep):
            stage = event.stage if isinstance(event, Progress) else "training"
            ended = isinstance(event, Progress) and event.total is not None and event.done >= event.total
            if time.monotonic() - self._last >= LINE_EVERY or (ended and stage == self._stage):
                self._last, self._stage = time.monotonic(), "" if ended else stage
                print(_describe(event), file=sys.stderr, flush=True)


class _Bar(_Teller):
    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._tasks: dict[str, Any] = {}
        self._passing: list[str] = []  # stages that leave no bar behind

    def __enter__(self) -> _Teller:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def tell(self, event: Event) -> None:
        if isinstance(event, Note):
            self._bar.console.print(event.text)
        elif isinstance(event, TrainStep):
            self._update("training", event.step, event.total, _describe(event))
        elif isinstance(event, Progress):
            self._update(event.stage, event.done, event.total, _describe(event))

    def _update(self, stage: str, done: int, total: int | None, text: str) -> None:
        if stage not in self._tasks:
            for before in self._passing:
                self._bar.remove_task(self._tasks.pop(before))
            self._passing = [stage] if total is None or stage == "first steps" else []
            self._tasks[stage] = self._bar.add_task(text, total=total)
        self._bar.update(self._tasks[stage], completed=done, total=total, description=text)


def _teller(output: Output) -> _Teller:
    if output.events:
        return _JsonLines()
    if output.quiet:
        return _Teller()
    return _Bar() if sys.stderr.isatty() else _Lines()


def _describe(event: Progress | TrainStep) -> str:
    if isinstance(event, TrainStep):
        terms = "  ".join(f"{name} KL {values['kl']:.2f}" for name, values in event.variants.items())
        return f"step {event.step:,}/{event.total:,}  {terms}  {event.tokens_per_second:,.0f} tokens/s"
    if event.total is None and not event.done:
        return event.stage
    of = f" of {event.total:,}" if event.total is not None else ""
    return f"{event.stage}: {event.done:,}{of} {event.unit}".rstrip()


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} in an event")
