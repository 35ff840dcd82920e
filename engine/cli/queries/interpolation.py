"""`interpolate`: the sentences on the way from one sentence to another, and how smooth it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.command.options import DeviceOption, RunArgument, command
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
    say_unknown,
    warn_of_lengths,
    written,
)
from engine.cli.queries.decode_options import decodes
from engine.decoding.options import DecodeOptions
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.latents.requests import Interpolation

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

    Example: python main.py interpolate demo --from "I lost my keys." --to "She bought a new dress."
    """
    if start is None or end is None:
        raise UsageError("An interpolation needs two sentences.", 'Give --from "..." and --to "...".')
    one_each(decoding)
    from engine.latents.requests import check_way
    from engine.latents.requests import interpolate as paths

    given = [start, *(through or []), end]
    check_way(len(given), steps)
    session = open_session(output, run, device, variant, lambda opened: check_request(opened, given, decoding))
    warn_of_lengths(output, session, given)
    say_unknown(output, session, given)
    results, ways = [], []
    made = paths(session, given, steps, slerp, None, decoding, sample, decoding.seed)
    for name, way in made.items():
        output.say(f"{name}   ({way.how})")
        _tell_path(output, way)
        numbers = rounded(asdict(way.smoothness))
        numbers["recovery"] = [round(value, 4) for value in way.smoothness.recovery]
        ways.append({"variant": name, **numbers, "folds": [asdict(fold) for fold in way.folds], "how": way.how})
        results += [
            rounded({"variant": name, "step": step, **decoded_fields(each)}) for step, each in enumerate(way.decoded)
        ]
    finish(output, session, results, paths=ways)


def _tell_path(output: Output, way: Interpolation) -> None:
    before: Sequence[str] | None = None
    for fold in way.folds:
        decoded = way.decoded[fold.first]
        words = decoded.words
        text = written(decoded, "" if before is None else _marked(before, words, decoded.text))
        steps = f"{fold.first}" if fold.count == 1 else f"{fold.first}-{fold.last}"
        output.say(f"  {steps:>7s}  {text}" + (f"   ({fold.count} times)" if fold.count > 1 else ""))
        before = words
    output.say(f"  {way.smoothness.describe()}")


def _marked(before: Sequence[str], words: Sequence[str], sentence: str = "") -> str:
    """A sentence for people, with each run of words that are new against the one before in brackets."""
    from engine.corpus.tokens import join_words
    from engine.latents.smoothness import mark

    found = mark(before, words)
    pieces: list[str] = []
    inside = False
    for position, (text, glued) in enumerate(join_words(words, sentence)):
        opens, closes = found.changed[position] and not inside, inside and not found.changed[position]
        inside = found.changed[position]
        pieces += ["]" if closes else "", "" if glued or not position else " "]
        pieces += [f"{CARET} " if position in found.missing_before else "", "[" if opens else "", text]
    pieces += ["]" if inside else "", f" {CARET}" if len(words) in found.missing_before else ""]
    return "".join(pieces)
