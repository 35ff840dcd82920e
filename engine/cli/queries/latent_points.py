"""`traverse`, `arithmetic` and `neighbours`: what can be done with single points of the latent space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from engine.cli.command.options import DeviceOption, RunArgument, SeedOption, command, numbers_of
from engine.cli.command.reporting import Output, rounded
from engine.cli.queries.asking_models import (
    DEFAULT,
    SampleOption,
    VariantNames,
    check_request,
    decoded_fields,
    finish,
    one_each,
    open_session,
    open_with_latents,
    say_unknown,
    unknown_words,
    warn_of_lengths,
    written,
)
from engine.cli.queries.decode_options import decodes
from engine.decoding.options import DecodeOptions
from engine.decoding.seeds import checked_seed
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.latents.starts import Floats, Source
    from engine.runs.run import Run
    from engine.storage.latent_cache import LatentCache

TextOption = Annotated[str | None, typer.Option("--text", help="The sentence to begin at.")]
PointOption = Annotated[str | None, typer.Option("--z", help="A point instead, its numbers with commas between.")]


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

    Example: python main.py traverse demo --text "I lost my keys." --principal 1 --values -3,-1,1,3
    """
    source = _source(text, z, sample)
    numbers = numbers_of(values, "--values")
    one_each(decoding)
    kind, number = _direction(dimension, principal, rank)
    import numpy as np

    from engine.latents.directions import check_number
    from engine.latents.paths import in_single_precision
    from engine.latents.starts import checked_values

    in_single_precision(np.array(checked_values(numbers, "position")))

    def check(opened: Run) -> None:
        _check_source(opened, source)
        check_request(opened, decoding=decoding)
        check_number(kind, number, opened.settings.model.latent)

    with open_with_latents(output, run, device, variant, check) as (session, cache):
        warn_of_lengths(output, session, [text])
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
            output.say(f"  {value:6.2f}  {written(decoded)}")
            results.append(
                rounded(
                    {
                        "variant": name,
                        "direction": direction.name,
                        "weight": direction.weight,
                        "spread": direction.spread,
                        "start": each.here,
                        "value": value,
                        **decoded_fields(decoded),
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

    Example: python main.py arithmetic demo --a "I bought a car." --b "I have a car." --c "I have a dog."
    """
    if a is None or b is None or c is None:
        raise UsageError("Arithmetic needs three sentences.", 'Give --a "...", --b "..." and --c "...".')
    one_each(decoding)
    session = open_session(output, run, device, variant, lambda opened: check_request(opened, [a, b, c], decoding))
    from engine.latents.requests import arithmetic as request

    warn_of_lengths(output, session, [a, b, c])
    say_unknown(output, session, [a, b, c])
    results = []
    for name, each in request(session, a, b, c, None, decoding, sample, decoding.seed).items():
        output.say(f"{name}   ({each.how})")
        output.say(f"  a - b + c  {written(each.decoded)}")
        for letter, part in zip("abc", each.parts, strict=True):
            output.say(f"  {letter} alone    {written(part)}")
        parts = {letter: rounded(decoded_fields(part)) for letter, part in zip("abc", each.parts, strict=True)}
        results.append(rounded({"variant": name, **decoded_fields(each.decoded), "parts": parts, "how": each.how}))
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
    """Find the test sentences nearest to a sentence or a point, in every variant; they are numbered from 1.

    Example: python main.py neighbours demo --text "The dog is sleeping." -k 5 --distance posterior-kl
    """
    source = _source(text, z, sample)
    checked_seed(seed)
    from engine.latents.neighbours import checked_length, checked_number

    def check(opened: Run) -> None:
        _check_source(opened, source)
        if distance == "cosine" and not isinstance(source, str):
            checked_length(cast("Floats", source.z))

    def check_latents(cache: LatentCache) -> None:
        checked_number(k, cache.n)

    with open_with_latents(output, run, device, variant, check, check_latents) as (session, cache):
        warn_of_lengths(output, session, [text])
        from engine.latents.requests import neighbours as request

        made = request(session, cache, source, k, distance, None, sample, seed)
    say_unknown(output, session, [text])
    unknown = unknown_words(session.typed(text)) if text else []
    results = []
    for name, each in made.items():
        output.say(f"{name}   ({each.how})")
        rows = zip(each.found.indices.tolist(), each.found.distances.tolist(), each.texts, strict=True)
        for rank, (index, far, sentence) in enumerate(rows, start=1):
            output.say(f"  {far:9.3f}  {sentence}   [test sentence {index + 1:,}]")
            document = {"variant": name, "rank": rank, "sentence": sentence, "distance": far}
            more = {"test_sentence": index + 1, "unknown_words": unknown, "how": each.how}
            results.append(rounded({**document, **more}, 6))
    finish(output, session, results)


def _source(text: str | None, z: str | None, sample: bool) -> Source:
    if (text is None) == (z is None):
        raise UsageError(
            "A sentence or a point is needed, not both.", 'Give --text "I love my dog." or --z 0.1,-0.2,...'
        )
    if text is not None:
        return text
    if sample:
        raise UsageError("--sample draws z of a sentence, and here z is given.", "Leave out --sample, or give --text.")
    import numpy as np

    from engine.latents.starts import Given

    with np.errstate(over="ignore"):  # Beyond single precision is infinite, which is refused with the rest.
        return Given(np.array(numbers_of(cast(str, z), "--z"), dtype=np.float32))


def _check_source(run: Run, source: Source) -> None:
    from engine.latents.starts import check_point

    if isinstance(source, str):
        check_request(run, [source])
    else:
        check_point(cast("Floats", source.z), run.settings.model.latent)


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
