"""The decode options, the same for every command that decodes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import typer

from engine.cli.command.options import SeedOption
from engine.decoding.options import DecodeOptions
from engine.errors import UsageError

BEAM = DecodeOptions().beam
_N_BEST = Annotated[int, typer.Option("--n-best", help="So many sentences of the beam, best first.")]
_ONE_EACH = Annotated[int, typer.Option("--n-best", hidden=True)]
"""Taken and refused (`one_each`), as it belongs to a beam elsewhere; not listed."""


def decodes(body: Callable[..., None]) -> Callable[..., None]:
    """Give a command's function the decode options in the place of its parameter `decoding: DecodeOptions`.

    Stands below `@command`. The seed is among them: whatever else the command draws takes `decoding.seed`.
    """
    return _with_decode_options(body, n_best=_ONE_EACH)


def decodes_n_best(body: Callable[..., None]) -> Callable[..., None]:
    """As `decodes`, of a command that shows several sentences of one latent."""
    return _with_decode_options(body, n_best=_N_BEST)


def _with_decode_options(body: Callable[..., None], n_best: object) -> Callable[..., None]:
    own = dict(inspect.signature(body, eval_str=True).parameters)
    del own["decoding"]
    shared = inspect.signature(decode_options).parameters
    hints = get_type_hints(body, include_extras=True) | get_type_hints(decode_options, include_extras=True)
    hints["n_best"] = n_best

    def with_options(*output: Any, **given: Any) -> None:
        decoding = decode_options(**{name: given.pop(name) for name in shared})
        body(*output, decoding=decoding, **given)

    parameters = [*own.values(), *(each.replace(annotation=hints[each.name]) for each in shared.values())]
    with_options.__name__, with_options.__doc__ = body.__name__, body.__doc__
    with_options.__annotations__ = {each.name: hints[each.name] for each in parameters}
    with_options.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(kind=each.POSITIONAL_OR_KEYWORD) for each in parameters]
    )
    return with_options


def decode_options(
    beam: Annotated[
        int | None, typer.Option("--beam", help="Width of the beam search.", show_default=str(BEAM))
    ] = None,
    greedy: Annotated[
        bool, typer.Option("--greedy", help="Take the best word at each step instead of a beam.")
    ] = False,
    n_best: int = 1,
    length_normalisation: Annotated[
        float,
        typer.Option(
            "--length-normalisation",
            help="Sentences compete by log p(xhat|z) / (tokens + 1)^this; 1: the mean.",
        ),
    ] = 0.0,
    groups: Annotated[
        int, typer.Option("--groups", help="Diverse beams: so many groups share the beam. Needs --diversity.")
    ] = 1,
    diversity: Annotated[
        float, typer.Option("--diversity", help="Nats that a word costs once another group goes on with it.")
    ] = 0.0,
    temperature: Annotated[
        float | None, typer.Option("--temperature", help="Draw the words instead; other than 1 flattens or sharpens.")
    ] = None,
    top_k: Annotated[
        int | None, typer.Option("--top-k", help="Draw the words instead, from so many best ones; 0 is all.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option("--top-p", help="Draw the words instead, from this share; 1 is ancestral sampling.")
    ] = None,
    min_words: Annotated[
        int | None,
        typer.Option(
            "--min-words",
            help="At least so many tokens a sentence.",
            show_default="as in the corpus, or the input",
        ),
    ] = None,
    max_words: Annotated[
        int | None,
        typer.Option("--max-words", help="At most so many tokens a sentence.", show_default="as in the corpus"),
    ] = None,
    allow_unknown: Annotated[
        bool, typer.Option("--allow-unknown", help="Let the decoder propose the unknown word.")
    ] = False,
    seed: SeedOption = 0,
) -> DecodeOptions:
    """The options as a value.

    Raises:
        UsageError: one is out of range, or two exclude each other.
    """
    drawing = {"--temperature": temperature, "--top-k": top_k, "--top-p": top_p}
    drawn = [name for name, given in drawing.items() if given is not None]
    if greedy and drawn:
        raise UsageError(f"--greedy takes the best word; {drawn[0]} draws one.", "Choose one of the two.")
    searched = {
        "--beam": beam is not None,
        "--n-best": n_best != 1,
        "--length-normalisation": length_normalisation != 0,
        "--groups": groups != 1,
        "--diversity": diversity != 0,
    }
    without_effect = [name for name, given in searched.items() if given]
    if (greedy or drawn) and without_effect:
        other = "--greedy" if greedy else drawn[0]
        raise UsageError(f"{without_effect[0]} belongs to a beam search; {other} asks for none.", "Leave out either.")
    return DecodeOptions(
        method="greedy" if greedy else "sample" if drawn else "beam",
        beam=BEAM if beam is None else beam,
        n_best=n_best,
        length_normalisation=length_normalisation,
        groups=groups,
        diversity=diversity,
        temperature=1.0 if temperature is None else temperature,
        top_k=top_k or 0,
        top_p=1.0 if top_p is None else top_p,
        min_words=min_words,
        max_words=max_words,
        allow_unknown=allow_unknown,
        seed=seed,
    )


OPTIONS_OF_DECODING = tuple(name for name in inspect.signature(decode_options).parameters if name != "seed")
"""The parameters of a command that say how it decodes and nothing else."""
