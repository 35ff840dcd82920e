"""Answers that grow while the models work: followed to the last of every variant, and told sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.cli.command.reporting import Output, follow, rounded
from engine.cli.queries.asking_models import repeatable
from engine.errors import LoomError
from engine.events import Event, Progress

if TYPE_CHECKING:
    from engine.session import Session


@dataclass(frozen=True, slots=True)
class Row:
    """One result of an answer.

    Args:
        line: for people.
        fields: for scripts; what the answer is about, and `how`, are added.
        how: it was made, without the model and the sentence.
    """

    line: str
    fields: Mapping[str, Any]
    how: str


def tell_answers(
    output: Output,
    session: Session,
    sentences: Sequence[str],
    ask: Callable[[str], Iterator[Any]],
    progress: Callable[[Any], Progress],
    head: Callable[[str, Any], str],
    heading: Callable[[Any], str],
    rows: Callable[[Any], Iterable[Row]],
) -> list[dict[str, Any]]:
    """Ask the models about one sentence after the other and print what each variant answers.

    Args:
        output: of the command.
        session: that is asked.
        sentences: as typed.
        ask: the growing answers about a sentence, as for `last_answers`.
        progress: as for `last_answers`.
        head: the line over all answers, from the sentence and any one of them.
        heading: the line over one variant's results.
        rows: the results of one variant.

    Returns:
        the results for the JSON document, each with its variant, its sentence and the line that repeats it.

    Raises:
        LoomError: no variant could answer about one of the sentences.
    """
    results = []
    for sentence in sentences:
        found = last_answers(output, session, ask(sentence), progress)
        output.say(head(sentence, next(iter(found.values()))))
        for name, answer in found.items():
            output.say(f"  {heading(answer)}")
            for row in rows(answer):
                output.say(f"    {row.line}")
                how = repeatable(session, name, row.how, sentence)
                results.append(rounded({"variant": name, "input": sentence, **row.fields, "how": how}))
    return results


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
