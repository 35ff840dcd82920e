"""`reconstruct`, `sample` and `interpolate`: single requests to the models."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.options import (
    BeamOption,
    DeviceOption,
    GreedyOption,
    RunArgument,
    SeedOption,
    command,
    rounded,
    split_names,
)
from engine.cli.reporting import Output
from engine.decoding_options import DecodeOptions
from engine.errors import UsageError

VariantNames = Annotated[list[str] | None, typer.Option("--variant", help="A variant; may be given again. All if not.")]
UnknownOption = Annotated[bool, typer.Option("--allow-unknown", help="Let the decoder propose the unknown word.")]
SampleOption = Annotated[bool, typer.Option("--sample/--mean", help="Draw z ~ q(z|x), or take its mean.")]


@command
def reconstruct(
    output: Output,
    run: RunArgument = "demo",
    text: Annotated[list[str] | None, typer.Option("--text", help="A sentence; may be given again.")] = None,
    variant: VariantNames = None,
    sample: SampleOption = False,
    beam: BeamOption = 10,
    greedy: GreedyOption = False,
    allow_unknown: UnknownOption = False,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Encode sentences and decode them again, with every variant.

    Example: python main.py reconstruct demo --text "I have no idea what you mean."
    """
    if not text:
        raise UsageError("No sentence was given.", 'Add one or more: --text "I have no idea what you mean."')
    options = _options(beam, greedy, allow_unknown, seed)
    session = _session(output, run, device, variant)
    results = []
    for sentence in text:
        made = session.reconstruct(sentence, None, options, sample, seed)
        typed = made[0].typed
        unknown = [word for word, is_unknown in zip(typed.words, typed.unknown, strict=True) if is_unknown]
        output.say(f"{sentence}" + (f"   (not in the vocabulary: {', '.join(unknown)})" if unknown else ""))
        for each in made:
            output.say(
                f"  {each.variant:14s} {each.decoded.text}   "
                f"[log p(x|z) {each.decoded.log_probability:.2f}, KL {each.latent.kl:.2f} nats]"
            )
            results.append(
                rounded(
                    {
                        "variant": each.variant,
                        "input": sentence,
                        "output": each.decoded.text,
                        "log_probability": each.decoded.log_probability,
                        "kl": each.latent.kl,
                        "unknown_words": unknown,
                    }
                )
            )
    _end(output, session, results)


@command
def sample(
    output: Output,
    run: RunArgument = "demo",
    number: Annotated[int, typer.Option("-n", "--number", help="Samples for each variant.")] = 8,
    variant: VariantNames = None,
    temperature: Annotated[float, typer.Option(help="Of --top-p.")] = 1.0,
    beam: BeamOption = 10,
    greedy: GreedyOption = False,
    top_p: Annotated[float | None, typer.Option("--top-p", help="Draw the words too; 1 is ancestral sampling.")] = None,
    allow_unknown: UnknownOption = False,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Decode z ~ N(0, I), the same draws for every variant.

    Example: python main.py sample demo -n 4 --seed 7
    """
    if temperature != 1.0 and top_p is None:
        raise UsageError("--temperature has an effect only where words are drawn.", "Add --top-p 1.")
    if not 1 <= number <= 10_000:
        raise UsageError(f"{number} samples cannot be drawn.", "Choose 1 to 10000.")
    options = (
        _options(beam, greedy, allow_unknown, seed)
        if top_p is None
        else DecodeOptions("top-p", top_p=top_p, temperature=temperature, allow_unknown=allow_unknown, seed=seed)
    )
    session = _session(output, run, device, variant)
    results = []
    for name, sentences in session.sample(None, number, options, seed).items():
        output.say(f"{name}   (z ~ N(0, I) with seed {seed}, {options.describe()})")
        for each in sentences:
            output.say(f"  {each.text}")
            results.append(rounded({"variant": name, "output": each.text, "log_probability": each.log_probability}))
    _end(output, session, results)


@command
def interpolate(
    output: Output,
    run: RunArgument = "demo",
    start: Annotated[str | None, typer.Option("--from", help="The first sentence.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="The last sentence.")] = None,
    steps: Annotated[int, typer.Option(help="Even steps from one to the other.")] = 10,
    slerp: Annotated[bool, typer.Option("--slerp/--lerp", help="Along the sphere, or along the line.")] = False,
    variant: VariantNames = None,
    sample: SampleOption = False,
    beam: BeamOption = 10,
    greedy: GreedyOption = False,
    allow_unknown: UnknownOption = False,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Decode the way from one sentence to another.

    Example: python main.py interpolate demo --from "I love my dog." --to "Where do you work?"
    """
    if not start or not end:
        raise UsageError("An interpolation needs two sentences.", 'Give --from "..." and --to "...".')
    options = _options(beam, greedy, allow_unknown, seed)
    session = _session(output, run, device, variant)
    results = []
    for name, way in session.interpolate(start, end, None, steps, slerp, options, sample, seed).items():
        output.say(f"{name}   ({'slerp' if slerp else 'lerp'}, {options.describe()})")
        for step, each in enumerate(way):
            output.say(f"  {step:3d}  {each.text}")
            results.append(
                rounded({"variant": name, "step": step, "output": each.text, "log_probability": each.log_probability})
            )
    _end(output, session, results)


def _options(beam: int, greedy: bool, allow_unknown: bool, seed: int) -> DecodeOptions:
    return DecodeOptions("greedy" if greedy else "beam", beam=beam, allow_unknown=allow_unknown, seed=seed)


def _session(output: Output, run: str, device: str, variants: list[str] | None) -> Any:
    from engine.storage.run import Run

    opened = Run.open(output.workspace.run(run))
    names = [name for each in variants or [] for name in split_names(each)]
    opened.select(tuple(names))  # An unknown name is told before torch is imported.
    from engine.session import Session

    return Session.load(opened, device, names)


def _end(output: Output, session: Any, results: list[dict[str, Any]]) -> None:
    output.result({"results": results, **({"failed": session.failed} if session.failed else {})})
    for name, reason in session.failed.items():
        output.say(f"{name} could not be loaded: {reason}")
