"""`sample`, `fill`, `credit` and the clouds of `reconstruct`: what the models make of sentences, looked at closely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.decoding import decodes
from engine.cli.options import DeviceOption, RunArgument, SeedOption, command, rounded
from engine.cli.reporting import Output, follow
from engine.cli.sentences import DEFAULT, SampleOption, VariantNames, finish, one_each, open_session, repeatable
from engine.decoding.options import DecodeOptions, checked_samples
from engine.errors import LoomError, UsageError
from engine.events import Event, Progress

if TYPE_CHECKING:
    from engine.sentences.memorisation import Nearest
    from engine.sentences.posterior_cloud import Cloud
    from engine.sentences.prior_samples import PriorSamples
    from engine.session import Session


@command
@decodes
def sample(
    output: Output,
    run: RunArgument = "demo",
    number: Annotated[int, typer.Option("-n", "--number", help="Samples for each variant.")] = 8,
    filtered: Annotated[
        bool, typer.Option("--filter/--no-filter", help="Keep only 4 to 20 words, none unknown, as the paper does.")
    ] = False,
    nearest: Annotated[bool, typer.Option("--nearest", help="Show each one's nearest training sentence.")] = False,
    variant: VariantNames = None,
    device: DeviceOption = "auto",
    decoding: DecodeOptions = DEFAULT,
) -> None:
    """Decode z ~ N(0, I), the same draws for every variant.

    Example: python main.py sample demo -n 4 --seed 7 --filter --nearest
    """
    one_each(decoding)
    checked_samples(number)
    session = open_session(output, run, device, variant)
    from engine.sentences.prior_samples import prior_samples

    drawn: dict[str, PriorSamples] = _last_answers(
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
            output.say(f"  {each.decoded.text}" + (f"   [{_describe(found)}]" if found else ""))
            document = {
                "variant": name,
                "output": each.decoded.text,
                "log_probability": each.decoded.log_probability,
                "draw": each.draw,
                "how": repeatable(session, name, made.how),
            }
            if found:
                document["nearest"] = rounded(
                    {"text": found.text, "index": found.index, "edits": found.edits, "distance": found.distance}
                )
            results.append(rounded(document))
    draws = {name: {"drawn": made.drawn, "rejected": made.rejected} for name, made in drawn.items()}
    finish(output, session, results, draws=draws)


@command
def fill(
    output: Output,
    run: RunArgument = "demo",
    text: Annotated[
        list[str] | None, typer.Option("--text", help="A sentence with ___ for each missing word; may be given again.")
    ] = None,
    n_best: Annotated[int, typer.Option("--n-best", help="So many fillings, best first.")] = 5,
    candidates: Annotated[
        int, typer.Option(help="Words that are scored; as many as the vocabulary has: every word.")
    ] = 64,
    samples: Annotated[int, typer.Option(help="Samples of q(z|x) for log p(x) of each.")] = 32,
    variant: VariantNames = None,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Fill missing words, scored by log p(x) of the whole sentence, z integrated out.

    Example: python main.py fill demo --text "My favorite ___ is pizza."
    """
    if not text:
        raise UsageError("No sentence was given.", 'Add one with a blank: --text "My favorite ___ is pizza."')
    session = open_session(output, run, device, variant)
    from engine.sentences.filling import Fillings, fill

    results = []
    for sentence in text:
        found: dict[str, Fillings] = _last_answers(
            output,
            session,
            fill(session, sentence, session.variants, n_best, candidates, samples, seed),
            lambda made: Progress(f"scoring with {made.variant}", made.scored, None, "candidates"),
        )
        output.say(_heard(sentence, found))
        for name, made in found.items():
            output.say(f"  {name}   ({made.how})")
            for each in made.fillings:
                output.say(f"    {each.share:6.1%}  {' / '.join(each.words):16s} {each.text}   "
                           f"[log p(x) {each.log_probability:.2f} nats]")  # fmt: skip
                document = {
                    "variant": name,
                    "input": sentence,
                    "output": each.text,
                    "words": list(each.words),
                    "log_probability": each.log_probability,
                    "share": each.share,
                    "exhaustive": made.exhaustive,
                    "how": repeatable(session, name, made.how, sentence),
                }
                results.append(rounded(document))
    finish(output, session, results)


@command
def credit(
    output: Output,
    run: RunArgument = "demo",
    text: Annotated[list[str] | None, typer.Option("--text", help="A sentence; may be given again.")] = None,
    variant: VariantNames = None,
    sample: SampleOption = False,
    seed: SeedOption = 0,
    device: DeviceOption = "auto",
) -> None:
    """Show which words the latent variable pays for: log p(word|z) - log p(word|z=0), in nats.

    Example: python main.py credit demo --text "I love to go to the beach."
    """
    if not text:
        raise UsageError("No sentence was given.", 'Add one or more: --text "I love to go to the beach."')
    session = open_session(output, run, device, variant)
    from engine.sentences.token_credit import Credits, token_credit

    results = []
    for sentence in text:
        found: dict[str, Credits] = _last_answers(
            output,
            session,
            token_credit(session, sentence, session.variants, sample, seed),
            lambda made: Progress(f"scoring with {made.variant}", 0),
        )
        output.say(sentence)
        for name, made in found.items():
            output.say(f"  {name:14s} {made.credit:+.2f} nats   [log p(x|z) {made.log_probability:.2f}, {made.how}]")
            output.say("    " + "  ".join(f"{each.word} {each.credit:+.2f}" for each in made.tokens))
            tokens = [
                rounded(
                    {
                        "word": each.word,
                        "unknown": each.unknown,
                        "log_probability": each.log_probability,
                        "without": each.without,
                        "credit": each.credit,
                    }
                )
                for each in made.tokens
            ]
            document = {
                "variant": name,
                "input": sentence,
                "tokens": tokens,
                "log_probability": made.log_probability,
                "without": made.without,
                "credit": made.credit,
                "how": repeatable(session, name, made.how, sentence),
            }
            results.append(rounded(document))
    finish(output, session, results)


def tell_clouds(output: Output, session: Session, text: Sequence[str], n: int, decoding: DecodeOptions) -> None:
    """`reconstruct --samples N`: n draws of q(z|x) of each sentence, equal sentences counted."""
    from engine.sentences.posterior_cloud import posterior_cloud

    results = []
    for sentence in text:
        found: dict[str, Cloud] = _last_answers(
            output,
            session,
            posterior_cloud(session, sentence, n, decoding, decoding.seed, session.variants),
            lambda made: Progress(f"decoding with {made.variant}", made.drawn, made.n, "draws"),
        )
        output.say(_heard(sentence, found))
        for name, made in found.items():
            output.say(
                f"  {name}   ({made.how}; {len(made.groups)} different, {made.same} as typed; "
                f"KL {made.latent.kl:.2f} nats)"
            )
            for group in made.groups:
                output.say(f"    {group.count:5d}  {group.decoded.text}")
                document = {
                    "variant": name,
                    "input": sentence,
                    "output": group.decoded.text,
                    "log_probability": group.decoded.log_probability,
                    "kl": made.latent.kl,
                    "unknown_words": _unknown(made),
                    "count": group.count,
                    "samples": made.n,
                    "how": repeatable(session, name, group.how, sentence),
                }
                results.append(rounded(document))
    finish(output, session, results)


def _last_answers(output: Output, session: Session, answers: Iterator[Any], progress: Any) -> dict[str, Any]:
    """Follow answers that grow to the last of every variant; one that refused is reported with those that failed.

    Raises:
        LoomError: none could answer.
    """
    from engine.sentences.variant_answers import Refused

    found: dict[str, Any] = {}
    refused: list[Refused] = []

    def task() -> Iterator[Event]:
        for answer in answers:
            if isinstance(answer, Refused):
                refused.append(answer)
                found.pop(answer.variant, None)
            else:
                found[answer.variant] = answer
                yield progress(answer)

    follow(lambda stop: task(), output)
    if refused and not found:
        raise LoomError(refused[0].message, refused[0].hint)
    session.failed.update({each.variant: each.message for each in refused})
    return found


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
        return f"in the training text, number {nearest.index:,}"
    return f"distance {nearest.distance:.2f}: {nearest.text}"


def _heard(sentence: str, found: Mapping[str, Any]) -> str:
    unknown = _unknown(next(iter(found.values())))
    return sentence + (f"   (not in the vocabulary: {', '.join(unknown)})" if unknown else "")


def _unknown(answer: Any) -> list[str]:
    return [word for word, unknown in zip(answer.typed.words, answer.typed.unknown, strict=True) if unknown]
