"""`reconstruct`: sentences encoded and decoded again, once or as a cloud of draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.command.options import DeviceOption, RunArgument, command
from engine.cli.command.reporting import Output, rounded
from engine.cli.queries.asking_models import (
    DEFAULT,
    VariantNames,
    check_request,
    decoded_fields,
    finish,
    open_session,
    repeatable,
    unknown_words,
    warn_of_lengths,
    with_unknown_words,
    written,
)
from engine.cli.queries.decode_options import decodes_n_best
from engine.cli.queries.growing_answers import Row, tell_answers
from engine.decoding.options import DecodeOptions, checked_draws
from engine.errors import UsageError
from engine.events import Progress

if TYPE_CHECKING:
    from engine.sentences.posterior_cloud import Cloud
    from engine.session import Session


@command
@decodes_n_best
def reconstruct(
    output: Output,
    run: RunArgument = "demo",
    text: Annotated[list[str] | None, typer.Option("--text", help="A sentence; may be given again.")] = None,
    variant: VariantNames = None,
    sample: Annotated[
        bool | None,
        typer.Option("--sample/--mean", help="Draw z ~ q(z|x), or take its mean.", show_default="mean"),
    ] = None,
    samples: Annotated[
        int | None, typer.Option("--samples", help="Draw so many z ~ q(z|x), equal sentences counted.")
    ] = None,
    device: DeviceOption = "auto",
    decoding: DecodeOptions = DEFAULT,
) -> None:
    """Encode sentences and decode them again, with every variant.

    log p(xhat|z) is the score of the sentence xhat that is written, log p(x|z) that of the sentence x that was given,
    at the same z: the reconstruction term.

    Example: python main.py reconstruct demo --text "She opened the window."
    """
    if not text:
        raise UsageError("No sentence was given.", 'Add one or more: --text "I have no idea what you mean."')
    if samples is not None:
        if sample is False:
            raise UsageError("--samples draws every z; --mean draws none.", "Leave out either.")
        if decoding.n_best > 1:
            raise UsageError("With --samples every draw gives one sentence.", "Leave out --n-best or --samples.")
        checked_draws(samples)
    session = open_session(output, run, device, variant, lambda opened: check_request(opened, text, decoding))
    warn_of_lengths(output, session, text)
    if samples is None:
        _tell_reconstructions(output, session, text, bool(sample), decoding)
    else:
        _tell_clouds(output, session, text, samples, decoding)


def _tell_reconstructions(
    output: Output, session: Session, text: Sequence[str], sample: bool, decoding: DecodeOptions
) -> None:
    results = []
    how = f"z ~ q(z|x) with seed {decoding.seed}" if sample else "z = mu"
    for sentence in text:
        made = session.reconstruct(sentence, None, decoding, sample, decoding.seed)
        typed = made[0].typed
        output.say(with_unknown_words(sentence, typed))
        search = session.fitted(decoding, typed).describe()
        output.say(f"  ({how}, {search})")
        for each in made:
            score = session.score(each.variant, typed, each.latent.z)
            for decoded in each.n_best:
                rank = {"rank": decoded.rank} if decoding.n_best > 1 else {}
                output.say(
                    f"  {each.variant if decoded.rank == 0 else '':14s} "
                    + (f"{decoded.rank + 1:2d}. " if rank else "")
                    + f"{written(decoded)}   [log p(xhat|z) {decoded.log_probability:.2f}"
                    + (f", log p(x|z) {score:.2f}, KL {each.latent.kl:.2f} nats]" if decoded.rank == 0 else "]")
                )
                document = {
                    "variant": each.variant,
                    "input": sentence,
                    **decoded_fields(decoded),
                    "input_log_probability": score,
                    "kl": each.latent.kl,
                    "unknown_words": unknown_words(typed),
                    "how": repeatable(session, each.variant, f"{how}, {search}", sentence),
                    **rank,
                }
                results.append(rounded(document))
    finish(output, session, results)


def _tell_clouds(output: Output, session: Session, text: Sequence[str], n: int, decoding: DecodeOptions) -> None:
    """n draws of q(z|x) of each sentence, equal sentences counted."""
    from engine.sentences.posterior_cloud import posterior_cloud

    results = tell_answers(
        output,
        session,
        text,
        ask=lambda sentence: posterior_cloud(session, sentence, n, decoding, decoding.seed, session.variants),
        progress=lambda made: Progress(f"decoding with {made.variant}", made.drawn, made.n, "draws"),
        head=lambda sentence, made: with_unknown_words(sentence, made.typed),
        heading=_cloud_in_all,
        rows=_groups,
    )
    finish(output, session, results)


def _cloud_in_all(made: Cloud) -> str:
    different = f"{len(made.groups)} different, {made.same} as typed"
    return f"{made.variant}   ({made.how}; {different}; KL {made.latent.kl:.2f} nats)"


def _groups(made: Cloud) -> Iterator[Row]:
    """One a group of equal sentences, the most frequent first."""
    for group in made.groups:
        fields = {
            **decoded_fields(group.decoded),
            "kl": made.latent.kl,
            "unknown_words": unknown_words(made.typed),
            "count": group.count,
            "samples": made.n,
        }
        yield Row(f"{group.count:5d}  {written(group.decoded)}", fields, group.how)
