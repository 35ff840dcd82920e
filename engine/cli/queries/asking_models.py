"""What the commands that ask a run's models share: their options, how the models are opened, how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.command.options import split_names
from engine.cli.command.reporting import Output
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError, UsageError

if TYPE_CHECKING:
    from engine.runs.run import Run
    from engine.runs.typed import Typed
    from engine.session import Decoded, Session
    from engine.storage.latent_cache import LatentCache

VariantNames = Annotated[list[str] | None, typer.Option("--variant", help="A variant; may be given again. All if not.")]
SampleOption = Annotated[bool, typer.Option("--sample/--mean", help="Draw z ~ q(z|x), or take its mean.")]
DEFAULT = DecodeOptions()
_SHOWN = 40  # characters of a sentence in a warning about it


def one_each(decoding: DecodeOptions) -> None:
    """Refuse an n-best list where one sentence a latent is shown.

    Raises:
        UsageError: more than one was asked for.
    """
    if decoding.n_best > 1:
        raise UsageError("Only reconstruct lists several sentences for one latent.", "Leave out --n-best.")


Check = Callable[["Run"], None]
LatentsCheck = Callable[["LatentCache"], None]


def check_request(run: Run, texts: Iterable[str | None] = (), decoding: DecodeOptions | None = None) -> None:
    """Tell what is wrong with sentences and decode options before the models of the run are loaded for them.

    Raises:
        UsageError: a sentence holds no words or too many, or the options do not fit the run's text.
    """
    from engine.decoding.hypothesis import Limits
    from engine.decoding.options import checked_beam
    from engine.runs.typed import read_typed

    given = [text for text in texts if text is not None]
    for number, text in enumerate(given, start=1):
        try:
            read_typed(run, text)
        except UsageError as error:
            which = f"Sentence {number} of {len(given)}: " if len(given) > 1 else ""
            raise UsageError(f"{which}{error.message}", error.hint) from error
    if decoding is not None:
        corpus = run.settings.corpus
        Limits.of(decoding, corpus.max_words, corpus.min_words)
        if decoding.method == "beam":
            checked_beam(decoding, len(run.vocabulary))


def open_session(output: Output, run: str, device: str, variants: list[str] | None, check: Check) -> Session:
    """The models of a run, loaded.

    Args:
        output: knows the workspace.
        run: its name.
        device: as for `--device`.
        variants: as given with `--variant`, each one name or several with commas between; all if None.
        check: of the run, raises what is wrong with the request before anything is loaded for it.

    Raises:
        LoomError: there is no such run, or none of its models could be loaded.
        UsageError: the device or a variant's name is unknown, or what `check` raises.
    """
    opened, names = _checked_run(output, run, variants, check)
    return _load(output, opened, device, names)


def _checked_run(output: Output, run: str, variants: list[str] | None, check: Check) -> tuple[Run, list[str]]:
    """A run that fits the request, and the variants that are asked for; unknown ones are told before torch comes."""
    from engine.runs.run import Run

    opened = Run.open(output.workspace.run(run))
    names = [name for each in variants or [] for name in split_names(each)]
    opened.select(tuple(names))
    check(opened)
    return opened, names


def _load(output: Output, run: Run, device: str, names: list[str]) -> Session:
    from engine.session import Session

    session = Session.load(run, device, names)
    if session.note:
        output.note(session.note)
    return session


@contextmanager
def open_with_latents(
    output: Output,
    run: str,
    device: str,
    variants: list[str] | None,
    check: Check,
    check_latents: LatentsCheck | None = None,
) -> Iterator[tuple[Session, LatentCache]]:
    """The models of a run, and the latents of its test sentences, which must belong together.

    Args:
        output, run, device, variants, check: as for `open_session`; `check` before the latents are looked for.
        check_latents: raises what is wrong with the request beside these latents, if anything can be.

    Raises:
        LoomError, UsageError: as `open_session`; or there are no latents yet, or they are out of date, and the message
            says which command makes them.
    """
    from engine.encoding.encode import check_fresh
    from engine.storage.latent_cache import LatentCache

    opened, names = _checked_run(output, run, variants, check)
    with LatentCache.open(output.workspace.cache(run)) as cache:
        check_fresh(opened, cache)
        if check_latents is not None:
            check_latents(cache)
        yield _load(output, opened, device, names), cache


def unknown_words(typed: Typed) -> list[str]:
    """The words of a sentence that the vocabulary lacks."""
    return [word for word, unknown in zip(typed.words, typed.unknown, strict=True) if unknown]


def with_unknown_words(sentence: str, typed: Typed) -> str:
    """A sentence as the head of what the models make of it, with the words that they do not know named."""
    unknown = unknown_words(typed)
    return sentence + (f"   (not in the vocabulary: {', '.join(unknown)})" if unknown else "")


def say_unknown(output: Output, session: Session, texts: Iterable[str | None]) -> None:
    """Tell which words of some sentences the vocabulary lacks."""
    found = dict.fromkeys(word for text in texts if text for word in unknown_words(session.typed(text)))
    if found:
        output.say(f"Not in the vocabulary: {', '.join(found)}")


def warn_of_lengths(output: Output, session: Session, texts: Iterable[str | None]) -> None:
    """Tell beside the result which sentences are longer or shorter than any that the models were trained on."""
    from engine.sentences.lengths import length_warning

    for text in dict.fromkeys(text for text in texts if text):
        name = f"“{text if len(text) <= _SHOWN else text[:_SHOWN].rstrip() + '…'}”"
        warning = length_warning({name: len(session.run.vocabulary.cut(text))}, session.limits)
        if warning:
            output.note(f"warning: {warning}")


def decoded_fields(decoded: Decoded) -> dict[str, Any]:
    """What every result says of a decoded sentence: its text, log p(xhat|z) of that text in nats, whether it ended."""
    return {"output": decoded.text, "log_probability": decoded.log_probability, "ended": decoded.ended}


def written(decoded: Decoded, text: str = "") -> str:
    """A decoded sentence for people, marked where the decoder would have gone on; `text` if it is shown otherwise."""
    return (text or decoded.text) + ("" if decoded.ended else " … (cut off at the longest length)")


def repeatable(session: Session, variant: str, how: str, sentence: str = "") -> str:
    """The line from which a result can be made again: model, sentence where there is one, and how it was made."""
    from engine.latents.starts import model_name, quoted

    return f"{model_name(session, variant)}: {quoted(sentence) + ', ' if sentence else ''}{how}"


def finish(output: Output, session: Session, results: list[dict[str, Any]], **more: Any) -> None:
    """Print the JSON document.

    Args:
        output: of the command.
        session: that answered; the variants that could not are told.
        results: one a sentence.
        **more: what else the document holds.

    Raises:
        LoomError: a variant could not be loaded; the others have answered.
    """
    output.result({"results": results, **more, **({"failed": session.failed} if session.failed else {})})
    if session.failed:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in session.failed.items())
        answered = f"The others have answered: {', '.join(session.variants)}."
        raise LoomError(f"Not every variant could be loaded. {reasons}", answered)
