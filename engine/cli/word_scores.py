"""`fill` and `credit`: what the models give for single words of a sentence, missing ones or those that stand there."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli.asking_models import (
    SampleOption,
    VariantNames,
    finish,
    open_session,
    repeatable,
    with_unknown_words,
)
from engine.cli.growing_answers import last_answers
from engine.cli.options import DeviceOption, RunArgument, SeedOption, command
from engine.cli.reporting import Output, rounded
from engine.errors import UsageError
from engine.events import Progress


@command
def fill(
    output: Output,
    run: RunArgument = "demo",
    text: Annotated[
        list[str] | None, typer.Option("--text", help="A sentence with ___ for each missing word; may be given again.")
    ] = None,
    n_best: Annotated[int, typer.Option("--n-best", help="So many fillings, best first.")] = 5,
    candidates: Annotated[
        int, typer.Option(help="Words that are scored; as many as the vocabulary has: every word.")
    ] = 64,
    samples: Annotated[int, typer.Option(help="Samples of q(z|x) for log p(x) of each.")] = 32,
    variant: VariantNames = None,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Fill missing words, scored by log p(x) of the whole sentence, z integrated out.

    Example: python main.py fill demo --text "My favorite ___ is pizza."
    """
    if not text:
        raise UsageError("No sentence was given.", 'Add one with a blank: --text "My favorite ___ is pizza."')
    session = open_session(output, run, device, variant)
    from engine.sentences.filling import Fillings, fill

    results = []
    for sentence in text:
        found: dict[str, Fillings] = last_answers(
            output,
            session,
            fill(session, sentence, session.variants, n_best, candidates, samples, seed),
            lambda made: Progress(f"scoring with {made.variant}", made.scored, None, "candidates"),
        )
        output.say(with_unknown_words(sentence, next(iter(found.values())).typed))
        for name, made in found.items():
            output.say(f"  {name}   ({made.how})")
            for each in made.fillings:
                output.say(f"    {each.share:6.1%}  {' / '.join(each.words):16s} {each.text}   "
                           f"[log p(x) {each.log_probability:.2f} nats]")  # fmt: skip
                document = {
                    "variant": name,
                    "input": sentence,
                    "output": each.text,
                    "words": list(each.words),
                    "log_probability": each.log_probability,
                    "share": each.share,
                    "exhaustive": made.exhaustive,
                    "how": repeatable(session, name, made.how, sentence),
                }
                results.append(rounded(document))
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

    Example: python main.py credit demo --text "I love to go to the beach."
    """
    if not text:
        raise UsageError("No sentence was given.", 'Add one or more: --text "I love to go to the beach."')
    session = open_session(output, run, device, variant)
    from engine.sentences.token_credit import Credits, token_credit

    results = []
    for sentence in text:
        found: dict[str, Credits] = last_answers(
            output,
            session,
            token_credit(session, sentence, session.variants, sample, seed),
            lambda made: Progress(f"scoring with {made.variant}", 0),
        )
        output.say(sentence)
        for name, made in found.items():
            output.say(f"  {name:14s} {made.credit:+.2f} nats   [log p(x|z) {made.log_probability:.2f}, {made.how}]")
            output.say("    " + "  ".join(f"{each.word} {each.credit:+.2f}" for each in made.tokens))
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
            document = {
                "variant": name,
                "input": sentence,
                "tokens": tokens,
                "log_probability": made.log_probability,
                "without": made.without,
                "credit": made.credit,
                "how": repeatable(session, name, made.how, sentence),
            }
            results.append(rounded(document))
    finish(output, session, results)
