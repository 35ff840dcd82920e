"""Prior samples: the same draws for every variant and number, and exactly those that pass the filter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.decoding.options import DecodeOptions
from engine.errors import UsageError
from engine.runs.run import Run
from engine.sentences.filters import passes
from engine.sentences.prior_samples import PriorSamples, prior_samples
from engine.sentences.variant_answers import Refused
from engine.session import Decoded, Session

LOOSE = DecodeOptions("sample", temperature=3.0, min_words=1, max_words=25, allow_unknown=True)
"""A decoder whose sentences are of all lengths and hold unknown words."""


@pytest.fixture(scope="module")
def session(tiny_run: Run) -> Session:
    return Session.load(tiny_run, "cpu")


def last(session: Session, n: int, options: DecodeOptions, **given: object) -> dict[str, PriorSamples]:
    found = {}
    for made in prior_samples(session, n, options, **given):  # type: ignore[arg-type]
        assert isinstance(made, PriorSamples)
        found[made.variant] = made
    assert all(made.complete for made in found.values())
    return found


def one_by_one(session: Session, variant: str, seed: int, draws: int) -> list[Decoded]:
    """Every draw decoded alone."""
    z = torch.randn((512, 4), generator=torch.Generator().manual_seed(seed)).numpy()
    return [session.decode(variant, z[draw, None], replace(LOOSE, seed=seed + draw))[0] for draw in range(draws)]


def paper_would_show(words: tuple[str, ...]) -> bool:
    return len(words) in range(4, 21) and "<unk>" not in words


def test_the_filter_keeps_the_first_draws_that_pass_it(session: Session) -> None:
    for name, made in last(session, 21, LOOSE, seed=9, filtered=True).items():
        alone = one_by_one(session, name, 9, made.drawn)
        kept = [draw for draw, each in enumerate(alone) if paper_would_show(each.words)]
        assert [sample.draw for sample in made.samples] == kept
        assert [sample.decoded.words for sample in made.samples] == [alone[draw].words for draw in kept]
        assert len(kept) == 21
        assert kept[-1] == made.drawn - 1, "drawn counts up to the last sample"
        assert made.rejected == made.drawn - 21 > 0
        assert f"{made.rejected} thrown away" in made.how


def test_the_filter_is_the_papers() -> None:
    words = ("a",) * 30
    assert [count for count in range(31) if passes(words[:count])] == list(range(4, 21))
    assert not passes(("a", "b", "<unk>", "d"))


def test_without_the_filter_every_draw_is_a_sample(session: Session) -> None:
    found = last(session, 20, LOOSE, seed=9)
    for name, made in found.items():
        assert [sample.decoded.words for sample in made.samples] == [
            each.words for each in one_by_one(session, name, 9, 20)
        ]
        assert (made.drawn, made.rejected) == (20, 0)
    first, second = found.values()
    for one, other in zip(first.samples, second.samples, strict=True):
        assert np.array_equal(one.decoded.z, other.decoded.z)


def test_they_are_the_sessions_samples(session: Session) -> None:
    """`Session.sample` draws all its z at once; 8 times 4 numbers are two of torch's 16."""
    made = last(session, 8, DecodeOptions(beam=3), seed=2)
    for name, sentences in session.sample(None, 8, DecodeOptions(beam=3), seed=2).items():
        assert [sample.decoded.text for sample in made[name].samples] == [each.text for each in sentences]


def test_a_draw_does_not_depend_on_how_many_are_asked_for(session: Session) -> None:
    few, many = (last(session, n, DecodeOptions("greedy"), seed=1)["vae"] for n in (3, 40))
    for one, other in zip(few.samples, many.samples, strict=False):
        assert np.array_equal(one.decoded.z, other.decoded.z)
        assert one.how == other.how == f"z ~ N(0, I), seed 1, draw {one.draw}, greedy"


def test_patience_ends_where_nothing_passes(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.sentences.prior_samples.passes", lambda words: False)
    options = DecodeOptions("greedy")
    for made in last(session, 2, options, filtered=True).values():
        assert made.samples == ()
        assert made.drawn == made.rejected == 100


def test_what_cannot_be_asked_is_refused(session: Session, tiny_run: Run) -> None:
    for n, seed in ((0, 0), (-1, 0), (10**8, 0), (4, -1), (4, 2**80)):
        with pytest.raises(UsageError):
            next(prior_samples(session, n, seed=seed))
    partial = Session(tiny_run, {"autogen-m1": session.model("autogen-m1")}, {"vae": "Gone."}, session.device)
    answers = list(prior_samples(partial, 20, DecodeOptions("greedy")))
    assert [answer for answer in answers if isinstance(answer, Refused)] == [Refused("vae", "Gone.")]
    assert [len(made.samples) for made in answers if isinstance(made, PriorSamples)] == [16, 20]


@pytest.mark.parametrize("lengths", [{"min_words": 21}, {"max_words": 3}])
def test_a_filter_that_nothing_can_pass_is_told_before_anything_is_decoded(
    session: Session, lengths: dict[str, int]
) -> None:
    with pytest.raises(UsageError, match="4 to 20 tokens"):
        next(prior_samples(session, 2, DecodeOptions("greedy", **lengths), filtered=True))
