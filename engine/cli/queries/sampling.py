"""`sample`: sentences from the prior, held against the training text on request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.command.options import DeviceOption, RunArgument, command
from engine.cli.command.reporting import Output, follow, rounded
from engine.cli.queries.asking_models import (
    DEFAULT,
    VariantNames,
    check_request,
    decoded_fields,
    finish,
    one_each,
    open_session,
    repeatable,
    written,
)
from engine.cli.queries.decode_options import decodes
from engine.cli.queries.growing_answers import last_answers
from engine.decoding.options import DecodeOptions, checked_samples
from engine.events import Event, Progress

if TYPE_CHECKING:
    from engine.sentences.memorisation import Nearest
    from engine.sentences.prior_samples import PriorSamples
    from engine.session import Session


@command
@decodes
def sample(
    output: Output,
    run: RunArgument = "demo",
    number: Annotated[int, typer.Option("-n", "--number", help="Samples for each variant.")] = 8,
    filtered: Annotated[
        bool, typer.Option("--filter/--no-filter", help="Keep only 4 to 20 tokens, none unknown, as the paper does.")
    ] = False,
    nearest: Annotated[bool, typer.Option("--nearest", help="Show each one's nearest training sentence.")] = False,
    variant: VariantNames = None,
    device: DeviceOption = "auto",
    decoding: DecodeOptions = DEFAULT,
) -> None:
    """Decode z ~ N(0, I), the same draws for every variant.

    Example: python main.py sample demo -n 4 --seed 7 --filter --nearest
    """
    from engine.sentences.filters import check_passable

    one_each(decoding)
    checked_samples(number)
    if filtered:
        check_passable(decoding)
    session = open_session(output, run, device, variant, lambda opened: check_request(opened, decoding=decoding))
    from engine.sentences.prior_samples import prior_samples

    drawn: dict[str, PriorSamples] = last_answers(
        output,
        session,
        prior_samples(session, number, decoding, decoding.seed, session.variants, filtered),
        lambda made: Progress(f"sampling {made.variant}", len(made.samples), number, "sentences"),
    )
    said = [each.decoded.words for made in drawn.values() for each in made.samples]
    near = iter(_nearest(output, session, said) if nearest and said else ())
    results = []
    for name, made in drawn.items():
        output.say(f"{name}   ({made.how})")
        if len(made.samples) < number:
            output.say(f"  Only {len(made.samples)} of {made.drawn:,} draws passed the filter.")
        for each in made.samples:
            found = next(near, None)
            output.say(f"  {written(each.decoded)}" + (f"   [{_describe(found)}]" if found else ""))
            document = {
                "variant": name,
                **decoded_fields(each.decoded),
                "draw": each.draw,
                "how": repeatable(session, name, made.how),
            }
            if found:
                document["nearest"] = rounded(
                    {
                        "text": found.text,
                        "training_sentence": found.index + 1,
                        "edits": found.edits,
                        "distance": found.distance,
                    }
                )
            results.append(rounded(document))
    draws = {name: {"drawn": made.drawn, "rejected": made.rejected} for name, made in drawn.items()}
    finish(output, session, results, draws=draws)


def _nearest(output: Output, session: Session, sentences: Sequence[Sequence[str]]) -> list[Nearest]:
    from engine.runs.corpus_of_run import find_corpus
    from engine.sentences.memorisation import TrainingSearch, nearest_training

    found: list[TrainingSearch] = []

    def task() -> Iterator[Event]:
        corpus = yield from find_corpus(session.run, output.workspace)
        for search in nearest_training(corpus, sentences):
            found[:] = [search]
            yield Progress("searching the training text", search.searched, search.sentences, "sentences")

    follow(lambda stop: task(), output)
    return [near for near in found[0].nearest if near is not None]


def _describe(nearest: Nearest) -> str:
    if not nearest.edits:
        return f"in the training text, number {nearest.index + 1:,}"
    return f"distance {nearest.distance:.2f}: {nearest.text}"
