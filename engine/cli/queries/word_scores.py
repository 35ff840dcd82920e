"""`fill` and `credit`: what the models give for single words of a sentence, missing ones or those that stand there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.command.options import DeviceOption, RunArgument, SeedOption, command
from engine.cli.command.reporting import Output, rounded
from engine.cli.queries.asking_models import (
    SampleOption,
    VariantNames,
    check_request,
    finish,
    open_session,
    unknown_words,
    warn_of_lengths,
    with_unknown_words,
)
from engine.cli.queries.growing_answers import Row, tell_answers
from engine.decoding.seeds import checked_seed
from engine.errors import UsageError
from engine.events import Progress

if TYPE_CHECKING:
    from engine.runs.run import Run
    from engine.sentences.filling import Fillings
    from engine.sentences.token_credit import Credits

_FILLINGS = 5
"""That are shown where no number is asked for."""


@command
def fill(
    output: Output,
    run: RunArgument = "demo",
    text: Annotated[
        list[str] | None, typer.Option("--text", help="A sentence with ___ for each missing word; may be given again.")
    ] = None,
    n_best: Annotated[
        int | None,
        typer.Option("--n-best", help="So many fillings, best first.", show_default="5, or all candidates of fewer"),
    ] = None,
    candidates: Annotated[
        int, typer.Option(help="Words that are scored; as many as the vocabulary has: every word.")
    ] = 64,
    samples: Annotated[int, typer.Option(help="Samples of q(z|x) for log p(x) of each.")] = 32,
    variant: VariantNames = None,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Fill missing words, scored by log p(x) of the whole sentence, z integrated out.

    Example: python main.py fill demo --text "She opened the ___."
    """
    if not text:
        raise UsageError("No sentence was given.", 'Add one with a blank: --text "My favorite ___ is pizza."')
    from engine.sentences.blanks import check_numbers, read_blanks

    shown = min(_FILLINGS, max(candidates, 1)) if n_best is None else n_best
    check_numbers(shown, candidates, samples)
    checked_seed(seed)

    def check(opened: Run) -> None:
        for sentence in text:
            read_blanks(opened, sentence)

    session = open_session(output, run, device, variant, check)
    warn_of_lengths(output, session, text)
    from engine.sentences.filling import fill as fillings

    results = tell_answers(
        output,
        session,
        text,
        ask=lambda sentence: fillings(session, sentence, session.variants, shown, candidates, samples, seed),
        progress=lambda made: Progress(f"scoring with {made.variant}", made.scored, None, "candidates"),
        head=lambda sentence, made: with_unknown_words(sentence, made.typed),
        heading=lambda made: f"{made.variant}   ({made.how})",
        rows=_fillings,
    )
    finish(output, session, results)


@command
def credit(
    output: Output,
    run: RunArgument = "demo",
    text: Annotated[list[str] | None, typer.Option("--text", help="A sentence; may be given again.")] = None,
    variant: VariantNames = None,
    sample: SampleOption = False,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Show which words the latent variable pays for: log p(word|z) - log p(word|z=0), in nats.

    z = 0 is one point and may be a very bad guess, so the sum can be far above the KL; it is said where it is.

    Example: python main.py credit demo --text "I like to play tennis."
    """
    if not text:
        raise UsageError("No sentence was given.", 'Add one or more: --text "I love to go to the beach."')
    checked_seed(seed)
    session = open_session(output, run, device, variant, lambda opened: check_request(opened, text))
    warn_of_lengths(output, session, text)
    from engine.sentences.token_credit import token_credit

    results = tell_answers(
        output,
        session,
        text,
        ask=lambda sentence: token_credit(session, sentence, session.variants, sample, seed),
        progress=lambda made: Progress(f"scoring with {made.variant}", 0),
        head=lambda sentence, made: with_unknown_words(sentence, session.typed(sentence)),
        heading=_credit_in_all,
        rows=_credits,
    )
    finish(output, session, results)


def _fillings(made: Fillings) -> Iterator[Row]:
    """One a filling, best first."""
    for each in made.fillings:
        yield Row(
            f"{each.share:6.1%}  {' / '.join(each.words):16s} {each.text}   [log p(x) {each.log_probability:.2f} nats]",
            {
                "output": each.text,
                "words": list(each.words),
                "marginal_log_probability": each.log_probability,
                "share": each.share,
                "exhaustive": made.exhaustive,
                "unknown_words": unknown_words(made.typed),
            },
            made.how,
        )


def _credit_in_all(made: Credits) -> str:
    line = f"{made.variant:14s} {made.credit:+.2f} nats   [log p(x|z) {made.log_probability:.2f}, {made.how}]"
    return f"{line}\n    {made.note}" if made.note else line


def _credits(made: Credits) -> Iterator[Row]:
    """One, with the credit of every word."""
    tokens = [
        rounded(
            {
                "word": each.word,
                "unknown": each.unknown,
                "log_probability": each.log_probability,
                "without": each.without,
                "credit": each.credit,
            }
        )
        for each in made.tokens
    ]
    yield Row(
        "  ".join(f"{each.word} {each.credit:+.2f}" for each in made.tokens),
        {
            "tokens": tokens,
            "input_log_probability": made.log_probability,
            "without": made.without,
            "credit": made.credit,
            "kl": made.kl,
        },
        made.how,
    )
