"""Answers that grow while the models work: followed to the last of every variant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from engine.cli.reporting import Output, follow
from engine.errors import LoomError
from engine.events import Event, Progress

if TYPE_CHECKING:
    from engine.session import Session


def last_answers(
    output: Output, session: Session, answers: Iterator[Any], progress: Callable[[Any], Progress]
) -> dict[str, Any]:
    """The last answer of every variant, by name; the growing ones before it are told as progress.

    A variant that refuses is added to `session.failed`, with those that could not be loaded.

    Args:
        output: of the command.
        session: that is asked.
        answers: of `engine/sentences/`, such as `Fillings`, or `Refused`; each has its `variant`.
        progress: what an answer says of how far the work has come.

    Raises:
        LoomError: none could answer.
    """
    from engine.sentences.variant_answers import Refused

    found: dict[str, Any] = {}
    refused: list[Refused] = []

    def task() -> Iterator[Event]:
        for answer in answers:
            if isinstance(answer, Refused):
                refused.append(answer)
                found.pop(answer.variant, None)
            else:
                found[answer.variant] = answer
                yield progress(answer)

    follow(lambda stop: task(), output)
    if refused and not found:
        raise LoomError(refused[0].message, refused[0].hint)
    session.failed.update({each.variant: each.message for each in refused})
    return found
