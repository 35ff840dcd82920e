"""`interpolate`, `traverse`, `arithmetic` and `neighbours`: what can be done with points of the latent space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from engine.cli.decoding import decodes
from engine.cli.options import DeviceOption, RunArgument, SeedOption, command, rounded
from engine.cli.reporting import Output
from engine.cli.sentences import DEFAULT, SampleOption, VariantNames, finish, one_each, open_session, say_unknown
from engine.decoding.options import DecodeOptions
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.latents.requests import Interpolation
    from engine.latents.starts import Source
    from engine.session import Decoded, Session
    from engine.storage.latent_cache import LatentCache

TextOption = Annotated[str | None, typer.Option("--text", help="The sentence to begin at.")]
PointOption = Annotated[str | None, typer.Option("--z", help="A point instead, its numbers with commas between.")]
CARET = "^"
"""Stands where words of the sentence before are missing."""


@command
@decodes
def interpolate(
    output: Output,
    run: RunArgument = "demo",
    start: Annotated[str | None, typer.Option("--from", help="The first sentence.")] = None,
    through: Annotated[
        list[str] | None, typer.Option("--through", help="A sentence on the way; may be given again.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="The last sentence.")] = None,
    steps: Annotated[int, typer.Option(help="Even steps from one sentence to the next.")] = 10,
    slerp: Annotated[bool, typer.Option("--slerp/--lerp", help="Along the sphere, or along the line.")] = False,
    variant: VariantNames = None,
    sample: SampleOption = False,
    device: DeviceOption = "auto",
    decoding: DecodeOptions = DEFAULT,
) -> None:
    """Decode the way from one sentence to another, straight or through others, and say how smooth it is.

    Words in [brackets] are new against the sentence before, ^ stands where some are missing; repeats are folded.

    Example: python main.py interpolate demo --from "I love my dog." --to "Where do you work?"
    """
    if not start or not end:
        raise UsageError("An interpolation needs two sentences.", 'Give --from "..." and --to "...".')
    one_each(decoding)
    session = open_session(output, run, device, variant)
    from engine.latents.requests import interpolate as paths

    say_unknown(output, session, [start, *(through or []), end])
    results, ways = [], []
    made = paths(session, [start, *(through or []), end], steps, slerp, None, decoding, sample, decoding.seed)
    for name, way in made.items():
        output.say(f"{name}   ({way.how})")
        _tell_path(output, way)
        numbers = rounded(asdict(way.smoothness))
        numbers["recovery"] = [round(value, 4) for value in way.smoothness.recovery]
        ways.append({"variant": name, **numbers, "folds": [asdict(fold) for fold in way.folds], "how": way.how})
        results += [
            rounded({"variant": name, "step": step, "output": each.text, "log_probability": each.log_probability})
            for step, each in enumerate(way.decoded)
        ]
    finish(output, session, results, paths=ways)


@command
@decodes
def traverse(
    output: Output,
    run: RunArgument = "demo",
    text: TextOption = None,
    z: PointOption = None,
    dimension: Annotated[int | None, typer.Option(help="This dimension of z, counted from 0.")] = None,
    principal: Annotated[int | None, typer.Option(help="This principal direction of the test set, from 1.")] = None,
    rank: Annotated[
        int | None, typer.Option(help="The dimension of this rank by KL, from 1.", show_default="1")
    ] = None,
    values: Annotated[
        str, typer.Option(help="Positions along it, in prior standard deviations, with commas between.")
    ] = "-3,-2,-1,0,1,2,3",
    variant: VariantNames = None,
    sample: SampleOption = False,
    device: DeviceOption = "auto",
    decoding: DecodeOptions = DEFAULT,
) -> None:
    """Move a sentence along one direction of each variant's latent space; its most informative one if none is named.

    Example: python main.py traverse demo --text "I love my dog." --principal 1 --values -3,-1,1,3
    """
    source = _source(text, z)
    numbers = numbers_of(values, "--values")
    one_each(decoding)
    kind, number = _direction(dimension, principal, rank)
    with open_both(output, run, device, variant) as (session, cache):
        from engine.latents.requests import traverse as request

        made = request(session, cache, source, kind, number, numbers, None, decoding, sample, decoding.seed)
    say_unknown(output, session, [text])
    results = []
    for name, each in made.items():
        direction = each.direction
        output.say(f"{name}   ({each.how})")
        output.say(
            f"  {direction.name}: {direction.note}, spread of mu {direction.spread:.2f}; begun at {each.here:.2f}"
        )
        for value, decoded in zip(each.values, each.decoded, strict=True):
            output.say(f"  {value:6.2f}  {decoded.text}")
            results.append(
                rounded(
                    {
                        "variant": name,
                        "direction": direction.name,
                        "weight": direction.weight,
                        "spread": direction.spread,
                        "start": each.here,
                        "value": value,
                        **said(decoded),
                        "how": each.how,
                    }
                )
            )
    finish(output, session, results)


@command
@decodes
def arithmetic(
    output: Output,
    run: RunArgument = "demo",
    a: Annotated[str | None, typer.Option("--a", help="A sentence that has something.")] = None,
    b: Annotated[str | None, typer.Option("--b", help="A sentence like it that has it not.")] = None,
    c: Annotated[str | None, typer.Option("--c", help="The sentence to give it to.")] = None,
    variant: VariantNames = None,
    sample: SampleOption = False,
    device: DeviceOption = "auto",
    decoding: DecodeOptions = DEFAULT,
) -> None:
    """Decode a - b + c, and a, b and c alone beside it.

    Example: python main.py arithmetic demo --a "I love my dogs." --b "I love my dog." --c "I have a cat."
    """
    if not a or not b or not c:
        raise UsageError("Arithmetic needs three sentences.", 'Give --a "...", --b "..." and --c "...".')
    one_each(decoding)
    session = open_session(output, run, device, variant)
    from engine.latents.requests import arithmetic as request

    say_unknown(output, session, [a, b, c])
    results = []
    for name, each in request(session, a, b, c, None, decoding, sample, decoding.seed).items():
        output.say(f"{name}   ({each.how})")
        output.say(f"  a - b + c  {each.decoded.text}")
        for letter, part in zip("abc", each.parts, strict=True):
            output.say(f"  {letter} alone    {part.text}")
        parts = {letter: rounded(said(part)) for letter, part in zip("abc", each.parts, strict=True)}
        results.append(rounded({"variant": name, **said(each.decoded), "parts": parts, "how": each.how}))
    finish(output, session, results)


@command
def neighbours(
    output: Output,
    run: RunArgument = "demo",
    text: TextOption = None,
    z: PointOption = None,
    k: Annotated[int, typer.Option("-k", "--number", help="How many.")] = 10,
    distance: Annotated[
        Literal["euclidean", "cosine", "posterior-kl"], typer.Option(help="By what they are near.")
    ] = "euclidean",
    variant: VariantNames = None,
    sample: SampleOption = False,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Find the test sentences nearest to a sentence or a point, in every variant.

    Example: python main.py neighbours demo --text "I love my dog." -k 5 --distance posterior-kl
    """
    source = _source(text, z)
    with open_both(output, run, device, variant) as (session, cache):
        from engine.latents.requests import neighbours as request

        made = request(session, cache, source, k, distance, None, sample, seed)
    say_unknown(output, session, [text])
    results = []
    for name, each in made.items():
        output.say(f"{name}   ({each.how})")
        rows = zip(each.found.indices.tolist(), each.found.distances.tolist(), each.texts, strict=True)
        for rank, (index, far, sentence) in enumerate(rows, start=1):
            output.say(f"  {far:9.3f}  {sentence}   [test sentence {index}]")
            document = {"variant": name, "rank": rank, "index": index, "sentence": sentence, "distance": far}
            results.append(rounded({**document, "how": each.how}, 6))
    finish(output, session, results)


@contextmanager
def open_both(
    output: Output, run: str, device: str, variants: list[str] | None
) -> Iterator[tuple[Session, LatentCache]]:
    """The models of a run and its latents, which must belong together.

    Raises:
        LoomError: there are no latents yet, or they are out of date; the message says which command makes them.
    """
    from engine.encoding.encode import check_fresh
    from engine.runs.run import Run
    from engine.storage.latent_cache import LatentCache

    opened = Run.open(output.workspace.run(run))
    with LatentCache.open(output.workspace.cache(run)) as cache:
        check_fresh(opened, cache)
        yield open_session(output, run, device, variants), cache


def numbers_of(text: str, option: str) -> tuple[float, ...]:
    """The numbers of an option, with commas between.

    Raises:
        UsageError: one is none.
    """
    try:
        return tuple(float(number) for number in text.split(","))
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is no list of numbers.", f"Write it like {option} -1,0,1.5") from error


def said(decoded: Decoded) -> dict[str, Any]:
    """A decoded sentence as the commands print it."""
    return {"output": decoded.text, "log_probability": decoded.log_probability}


def _source(text: str | None, z: str | None) -> Source:
    if (text is None) == (z is None):
        raise UsageError(
            "A sentence or a point is needed, not both.", 'Give --text "I love my dog." or --z 0.1,-0.2,...'
        )
    if text is not None:
        return text
    import numpy as np

    from engine.latents.starts import Given

    with np.errstate(over="ignore"):  # Beyond single precision is infinite, which is refused with the rest.
        return Given(np.array(numbers_of(cast(str, z), "--z"), dtype=np.float32))


def _direction(
    dimension: int | None, principal: int | None, rank: int | None
) -> tuple[Literal["dimension", "principal", "informative"], int]:
    if sum(each is not None for each in (dimension, principal, rank)) > 1:
        raise UsageError("One direction at a time.", "Choose one of --dimension, --principal and --rank.")
    if dimension is not None:
        return "dimension", dimension
    if principal is not None:
        return "principal", principal
    return "informative", 1 if rank is None else rank


def _tell_path(output: Output, way: Interpolation) -> None:
    before: Sequence[str] | None = None
    for fold in way.folds:
        words = way.decoded[fold.first].words
        text = way.decoded[fold.first].text if before is None else _marked(before, words)
        steps = f"{fold.first}" if fold.count == 1 else f"{fold.first}-{fold.last}"
        output.say(f"  {steps:>7s}  {text}" + (f"   ({fold.count} times)" if fold.count > 1 else ""))
        before = words
    output.say(f"  {way.smoothness.describe()}")


def _marked(before: Sequence[str], words: Sequence[str]) -> str:
    """A sentence for people, with each run of words that are new against the one before in brackets."""
    from engine.corpus.tokens import join_words
    from engine.latents.smoothness import mark

    found = mark(before, words)
    pieces: list[str] = []
    inside = False
    for position, (text, glued) in enumerate(join_words(words)):
        opens, closes = found.changed[position] and not inside, inside and not found.changed[position]
        inside = found.changed[position]
        pieces += ["]" if closes else "", "" if glued or not position else " "]
        pieces += [f"{CARET} " if position in found.missing_before else "", "[" if opens else "", text]
    pieces += ["]" if inside else "", f" {CARET}" if len(words) in found.missing_before else ""]
    return "".join(pieces)
