"""What the closer looks ask of the models, as generators of small results, variant by variant.

They run in the live worker's thread, which may give each up for a newer one between two results. The values of the
engine become those of `app.bench.reconstruct.inspection.state` here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.bench.reconstruct.inspection.values import Beams, Cloud, CloudGroup, Credit, Filling, Fillings, Node, Token
from app.core.choice import Choice
from app.core.picks import Pick
from app.core.readings import on_screen
from app.core.requests import Failure, decode_options, point_of, reading_of
from engine.corpus.vocabulary import EOS
from engine.errors import LoomError

if TYPE_CHECKING:
    from engine.decoding.beam_tree import BeamTree
    from engine.decoding.options import DecodeOptions
    from engine.sentences.token_credit import Credits
    from engine.session import Session

Value = Cloud | Credit | Beams | Fillings


@dataclass(frozen=True, slots=True)
class Answer:
    """What one variant has found so far; a later answer of the variant replaces it."""

    variant: str
    value: Value


Result = Answer | Failure
Work = Callable[[Any], Iterator[Result]]


def cloud(session: Session, text: str, n: int, seed: int, variants: Sequence[str], choice: Choice) -> Iterator[Result]:
    """`n` draws of q(z|x), decoded and counted, all variants growing together.

    Raises:
        LoomError: the text holds no words, or too many.
    """
    from engine.sentences.posterior_cloud import Cloud as Grown
    from engine.sentences.posterior_cloud import posterior_cloud

    for grown in posterior_cloud(session, text, n, decode_options(choice), seed, variants):
        if isinstance(grown, Grown):
            yield Answer(grown.variant, _cloud(grown, choice))
        else:
            yield Failure(grown.variant, grown.message)


def credit(session: Session, text: str, variants: Sequence[str], choice: Choice) -> Iterator[Result]:
    """What the latent variable adds to each word of the sentence.

    Raises:
        LoomError: the text holds no words, or too many.
    """
    from engine.sentences.token_credit import Credits, token_credit

    for made in token_credit(session, text, variants, choice.sample, choice.seed):
        yield (
            Answer(made.variant, _credit(session, made))
            if isinstance(made, Credits)
            else Failure(made.variant, made.message)
        )


def point_credit(session: Session, point: Pick, variants: Sequence[str], choice: Choice) -> Iterator[Result]:
    """The same for the sentence that each variant writes from a point that was sent."""
    from engine.sentences.token_credit import decoded_credit

    for variant in variants:
        try:
            z = point_of(session, point, variant)
            decoded = session.decode(variant, z[None], decode_options(choice))[0]
            made = _credit(session, decoded_credit(session, variant, decoded))
            yield Answer(variant, replace(made, how=f"{point.how}, {choice.search}", written=True))
        except LoomError as error:
            yield Failure(variant, error.message)


def fill(session: Session, text: str, n_best: int, seed: int, variants: Sequence[str]) -> Iterator[Result]:
    """The best words for the blanks of the sentence: quickly first, then with z integrated out.

    Raises:
        LoomError: there is no blank, or too many, or no word beside it.
    """
    from engine.sentences.filling import Fillings as Found
    from engine.sentences.filling import fill as filled

    waiting = {name: filled(session, text, [name], n_best, seed=seed) for name in variants}
    while waiting:  # in turn, so that every column has its quick scores before one has its last
        for name in tuple(waiting):
            found = next(waiting[name], None)
            if found is None:
                del waiting[name]
            elif isinstance(found, Found):
                best = tuple(
                    Filling(each.words, each.text, each.log_probability, each.share) for each in found.fillings
                )
                yield Answer(name, Fillings(found.typed.words, best, found.scored, found.draft, on_screen(found.how)))
            else:
                yield Failure(name, found.message)


def tree(session: Session, given: Pick, variants: Sequence[str], choice: Choice) -> Iterator[Result]:
    """The n best sentences of a beam search, and the search itself, for a sentence or for points.

    A greedy search is a beam of one.

    Raises:
        LoomError: the text holds no words, or too many.
    """
    typed = None if given.is_point else session.typed(given.text)
    options = beam_options(choice) if typed is None else session.fitted(beam_options(choice), typed)
    for variant in variants:
        try:
            kl, source = None, given.how
            if typed is None:
                z = point_of(session, given, variant)
            else:
                latent = session.encode(given.text, [variant], choice.sample, choice.seed)[variant]
                z, kl, source = latent.z, latent.kl, choice.source
            best = session.n_best(variant, z[None], options)[0]
            capitals = session.run.vocabulary.capitals
            nodes = _nodes(session.beam_tree(variant, z, options), [tuple(each.words) for each in best], capitals)
            how = f"{source}, {options.describe()}"
            readings = tuple(replace(reading_of(each, choice, kl, source=source), how=how) for each in best)
            yield Answer(variant, Beams(typed.words if typed else (), readings, nodes, how))
        except LoomError as error:
            yield Failure(variant, error.message)


def beam_options(choice: Choice) -> DecodeOptions:
    """The search whose tree is looked at: the chosen one, or for greedy its equal, a beam of one."""
    width = choice.beam if choice.method == "beam" else 1
    beam = replace(choice, method="beam", beam=width)
    if choice.method == "greedy":
        beam = replace(beam, length_normalisation=0.0)
    return replace(decode_options(beam), n_best=min(choice.n_best, width))


def _nodes(
    grown: BeamTree, best: Sequence[tuple[str, ...]], capitals: Mapping[str, str] = MappingProxyType({})
) -> tuple[Node, ...]:
    """The nodes of a search, with the ranks of the sentences among the n best."""
    made: list[Node] = []
    ways: list[tuple[str, ...]] = []
    for each in grown.nodes:
        root, end = each.parent < 0, each.word == EOS
        ways.append(() if root else ways[each.parent] if end else (*ways[each.parent], each.text))
        rank = best.index(ways[-1]) if end and each.state != "pruned" and ways[-1] in best else -1
        text = "" if root or end else capitals.get(each.text, each.text)
        made.append(Node(text, each.parent, each.depth, each.log_probability, each.total, each.state, end, rank))
    return tuple(made)


def _credit(session: Session, made: Credits) -> Credit:
    end, capitals = len(made.tokens) - 1, session.run.vocabulary.capitals
    tokens = tuple(
        Token(capitals.get(each.word, each.word), each.log_probability, each.without, each.unknown, place == end)
        for place, each in enumerate(made.tokens)
    )
    return Credit(tokens, on_screen(made.how), note=made.note, kl=made.kl)


def _cloud(grown: Any, choice: Choice) -> Cloud:
    words = tuple(grown.typed.words)
    groups = tuple(
        CloudGroup(
            replace(reading_of(each.decoded, choice, source=_draw(each.seeds[0])), how=on_screen(each.how)),
            each.count,
            tuple(each.decoded.words) == words,
        )
        for each in grown.groups
    )
    return Cloud(words, groups, grown.drawn, grown.n, grown.same, on_screen(grown.how))


def _draw(seed: int) -> str:
    return Choice(sample=True, seed=seed).source
