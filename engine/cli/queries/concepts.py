"""`concept`: the direction between two groups of sentences, whether it means anything, and sentences moved along it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.command.options import DeviceOption, RunArgument, command, numbers_of
from engine.cli.command.reporting import Output, rounded
from engine.cli.command.without_effect import refuse_given
from engine.cli.queries.asking_models import (
    DEFAULT,
    SampleOption,
    VariantNames,
    check_request,
    decoded_fields,
    finish,
    one_each,
    open_with_latents,
    say_unknown,
    warn_of_lengths,
    written,
)
from engine.cli.queries.decode_options import OPTIONS_OF_DECODING, decodes
from engine.decoding.options import DecodeOptions
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.diagnostics.intervals import Estimate
    from engine.latents.concept_groups import Members
    from engine.latents.concept_requests import FoundConcept
    from engine.runs.run import Run
    from engine.storage.latent_cache import LatentCache


@command
@decodes
def concept(
    output: Output,
    run: RunArgument = "demo",
    having: Annotated[
        list[str] | None, typer.Option("--with", help="A sentence that has the concept; may be given again.")
    ] = None,
    lacking: Annotated[
        list[str] | None, typer.Option("--without", help="A sentence that has it not; may be given again.")
    ] = None,
    search_with: Annotated[
        list[str] | None,
        typer.Option(
            "--with-search",
            help='All test sentences that hold these whole words have it; bars part alternatives: "was | were".',
        ),
    ] = None,
    search_without: Annotated[
        list[str] | None,
        typer.Option(
            "--without-search", help="All test sentences that hold these whole words have it not; bars likewise."
        ),
    ] = None,
    apply: Annotated[
        list[str] | None, typer.Option("--apply", help="A sentence to move along it; may be given again.")
    ] = None,
    strengths: Annotated[
        str,
        typer.Option("--strengths", help="How far, with commas between; 1 is from one group's mean to the other's."),
    ] = "-1,0,1",
    resamples: Annotated[int, typer.Option(help="Of the bootstrap, and random pairs of groups.")] = 1000,
    variant: VariantNames = None,
    sample: SampleOption = False,
    device: DeviceOption = "auto",
    decoding: DecodeOptions = DEFAULT,
) -> None:
    """Make a direction of two groups of sentences, judge it against chance, and move sentences along it.

    Example: python main.py concept demo --with-search "was | were" --without-search "is | are"
    --apply "She is in the garden."
    """
    from engine.latents.concept_groups import Group, members

    groups = (
        Group(tuple(having or ()), tuple(search_with or ())),
        Group(tuple(lacking or ()), tuple(search_without or ())),
    )
    for name, group in zip(("with", "without"), groups, strict=True):
        if not (group.texts or group.searches):
            raise UsageError(
                f"There is no group of sentences {name} the concept.",
                f'Give --{name} "..." twice or more, or --{name}-search WORD.',
            )
    given = numbers_of(strengths, "--strengths")
    one_each(decoding)
    from engine.latents.concept_requests import checked_strengths
    from engine.latents.concepts import checked_resamples

    checked_resamples(resamples)
    if apply:
        checked_strengths(apply, given)
    else:
        # The seed is of the evidence as well.
        refuse_given("Without --apply no sentence is decoded", "strengths", "sample", *OPTIONS_OF_DECODING)
    sides = []

    def check(opened: Run) -> None:
        check_request(opened, [*groups[0].texts, *groups[1].texts, *(apply or ())], decoding)

    def check_latents(cache: LatentCache) -> None:
        sides.append(members(cache, *groups, decoding.seed))

    with open_with_latents(output, run, device, variant, check, check_latents) as (session, cache):
        typed = [*(having or ()), *(lacking or ()), *(apply or ())]
        warn_of_lengths(output, session, typed)
        say_unknown(output, session, typed)
        from engine.latents.concept_requests import concept_apply, concept_of

        found = concept_of(session, cache, groups[0], groups[1], None, resamples, decoding.seed, sides[0])
        applied = concept_apply(session, found, apply, given, decoding, sample, decoding.seed) if apply else {}
    results = []
    for name, each in found.items():
        output.say(f"{name}   ({each.how})")
        for line in _lines(each):
            output.say(f"  {line}")
        for moved in applied.get(name, ()):
            output.say(f"  {moved.source}")
            for strength, decoded in zip(moved.strengths, moved.decoded, strict=True):
                output.say(f"    {strength:6.2f}  {written(decoded)}")
                document = {"variant": name, "input": moved.source, "strength": strength, **decoded_fields(decoded)}
                results.append(rounded({**document, "how": moved.how}))
    finish(output, session, results, concepts=[_document(each) for each in found.values()])


def _lines(found: FoundConcept) -> list[str]:
    made, of_random = found.concept, found.concept.separation_baseline
    chance = f"random groups {made.baseline.median:.2f}, 95% under {made.baseline.high:.2f} (p = {made.baseline.p:.2g})"
    return [
        made.words,
        f"length {_interval(made.length)}; {chance}",
        f"separates unseen pairs: {_interval(made.separation)}; random groups of 50 or fewer {of_random.median:.2f}, "
        f"95% under {of_random.high:.2f} (p = {of_random.p:.2g})",
        f"cosine with resampled directions {_interval(made.stability)}",
    ]


def _interval(estimate: Estimate) -> str:
    return f"{estimate.value:.2f} [{estimate.low:.2f}, {estimate.high:.2f}]"


def _document(found: FoundConcept) -> dict[str, Any]:
    made = found.concept
    estimates = {name: rounded(getattr(made, name).as_json()) for name in ("length", "stability", "separation")}
    return {
        "variant": found.variant,
        "verdict": made.verdict,
        "words": made.words,
        **estimates,
        "baseline": rounded(asdict(made.baseline)),
        "separation_baseline": rounded(asdict(made.separation_baseline)),
        "with": _members(found.members_with),
        "without": _members(found.members_without),
        "how": found.how,
    }


def _members(found: Members) -> dict[str, Any]:
    """A group; test sentences are numbered from 1."""
    return {"typed": list(found.texts), "test_sentences": [index + 1 for index in found.indices]}
