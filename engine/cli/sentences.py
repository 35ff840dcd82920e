"""`reconstruct`, and what all commands that ask the models about sentences share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.decoding import decodes
from engine.cli.options import DeviceOption, RunArgument, command, rounded, split_names
from engine.cli.reporting import Output
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError, UsageError

if TYPE_CHECKING:
    from engine.session import Session

VariantNames = Annotated[list[str] | None, typer.Option("--variant", help="A variant; may be given again. All if not.")]
DEFAULT = DecodeOptions()
SampleOption = Annotated[bool, typer.Option("--sample/--mean", help="Draw z ~ q(z|x), or take its mean.")]


@command
@decodes
def reconstruct(
    output: Output,
    run: RunArgument = "demo",
    text: Annotated[list[str] | None, typer.Option("--text", help="A sentence; may be given again.")] = None,
    variant: VariantNames = None,
    sample: SampleOption = False,
    samples: Annotated[
        int | None, typer.Option("--samples", help="Draw so many z ~ q(z|x), equal sentences counted.")
    ] = None,
    device: DeviceOption = "auto",
    decoding: DecodeOptions = DEFAULT,
) -> None:
    """Encode sentences and decode them again, with every variant.

    Example: python main.py reconstruct demo --text "I have no idea what you mean."
    """
    if not text:
        raise UsageError("No sentence was given.", 'Add one or more: --text "I have no idea what you mean."')
    if samples is not None:
        one_each(decoding)
        from engine.cli.sentence_operations import tell_clouds

        tell_clouds(output, open_session(output, run, device, variant), text, samples, decoding)
        return
    session = open_session(output, run, device, variant)
    results = []
    how = f"z ~ q(z|x) with seed {decoding.seed}" if sample else "z = mu"
    for sentence in text:
        made = session.reconstruct(sentence, None, decoding, sample, decoding.seed)
        typed = made[0].typed
        unknown = [word for word, is_unknown in zip(typed.words, typed.unknown, strict=True) if is_unknown]
        output.say(f"{sentence}" + (f"   (not in the vocabulary: {', '.join(unknown)})" if unknown else ""))
        search = session.fitted(decoding, typed).describe()
        output.say(f"  ({how}, {search})")
        for each in made:
            for decoded in each.n_best:
                rank = {"rank": decoded.rank} if decoding.n_best > 1 else {}
                output.say(
                    f"  {each.variant if decoded.rank == 0 else '':14s} "
                    + (f"{decoded.rank + 1:2d}. " if rank else "")
                    + f"{decoded.text}   [log p(x|z) {decoded.log_probability:.2f}"
                    + (f", KL {each.latent.kl:.2f} nats]" if decoded.rank == 0 else "]")
                )
                results.append(
                    rounded(
                        {
                            "variant": each.variant,
                            "input": sentence,
                            "output": decoded.text,
                            "log_probability": decoded.log_probability,
                            "kl": each.latent.kl,
                            "unknown_words": unknown,
                            "how": repeatable(session, each.variant, f"{how}, {search}", sentence),
                            **rank,
                        }
                    )
                )
    finish(output, session, results)


def repeatable(session: Session, variant: str, how: str, sentence: str = "") -> str:
    """The line from which a result can be made again: model, sentence where there is one, and how it was made."""
    from engine.latents.starts import model_name, quoted

    return f"{model_name(session, variant)}: {quoted(sentence) + ', ' if sentence else ''}{how}"


def one_each(decoding: DecodeOptions) -> None:
    """Refuse an n-best list where one sentence a latent is shown."""
    if decoding.n_best > 1:
        raise UsageError("Only reconstruct lists several sentences for one latent.", "Leave out --n-best.")


def open_session(output: Output, run: str, device: str, variants: list[str] | None) -> Any:
    """The models of a run, loaded."""
    from engine.runs.run import Run

    opened = Run.open(output.workspace.run(run))
    names = [name for each in variants or [] for name in split_names(each)]
    opened.select(tuple(names))  # An unknown name is told before torch is imported.
    from engine.session import Session

    return Session.load(opened, device, names)


def finish(output: Output, session: Any, results: list[dict[str, Any]], **more: Any) -> None:
    """Print the JSON document.

    Raises:
        LoomError: a variant could not be loaded; the others have answered.
    """
    output.result({"results": results, **more, **({"failed": session.failed} if session.failed else {})})
    if session.failed:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in session.failed.items())
        answered = f"The others have answered: {', '.join(session.variants)}."
        raise LoomError(f"Not every variant could be loaded. {reasons}", answered)


def say_unknown(output: Output, session: Session, texts: Iterable[str | None]) -> None:
    """Tell which words of some sentences the vocabulary lacks."""
    found: dict[str, None] = {}
    for typed in (session.typed(text) for text in texts if text):
        found.update((word, None) for word, unknown in zip(typed.words, typed.unknown, strict=True) if unknown)
    if found:
        output.say(f"Not in the vocabulary: {', '.join(found)}")
