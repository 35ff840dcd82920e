"""Clouds against single decodes of the same seeds, their growth, and what cannot be asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from engine.decoding.options import DecodeOptions
from engine.errors import LoomError, UsageError
from engine.runs.run import Run
from engine.sentences.posterior_cloud import Cloud, posterior_cloud, posterior_draws
from engine.sentences.variant_answers import Refused
from engine.session import Session

SENTENCE = "The cat sees the river today."
VARIANTS = ("vae", "autogen-m1")


@pytest.fixture(scope="module")
def session(tiny_run: Run) -> Session:
    return Session.load(tiny_run, "cpu")


def last(session: Session, n: int, text: str = SENTENCE, **given: object) -> dict[str, Cloud]:
    clouds = list(posterior_cloud(session, text, n, **given))  # type: ignore[arg-type]
    assert all(isinstance(cloud, Cloud) for cloud in clouds)
    return {cloud.variant: cloud for cloud in clouds if isinstance(cloud, Cloud)}


@pytest.mark.parametrize(
    "options", [DecodeOptions(beam=3), DecodeOptions("greedy"), DecodeOptions("sample", temperature=1.5)]
)
def test_counts_are_those_of_single_decodes_with_the_same_seeds(session: Session, options: DecodeOptions) -> None:
    n = 43  # more than one round
    found = last(session, n, options=options, seed=100)
    for name in VARIANTS:
        singles: Counter[str] = Counter()
        for seed in range(100, 100 + n):
            own = DecodeOptions("sample", temperature=1.5, seed=seed) if options.method == "sample" else options
            singles[session.reconstruct(SENTENCE, [name], own, sample=True, seed=seed)[0].decoded.text] += 1
        assert {group.decoded.text: group.count for group in found[name].groups} == singles
        assert len(singles) > 1, "the test says nothing where all draws are alike"
        assert found[name].drawn == found[name].n == sum(group.count for group in found[name].groups)


def test_a_group_can_be_had_again_from_its_line(session: Session) -> None:
    cloud = last(session, 12, options=DecodeOptions(beam=3), seed=5)["autogen-m1"]
    for group in cloud.groups:
        assert group.how == f"z ~ q(z|x), seed {group.seeds[0]}, beam 3"
        for seed in group.seeds:
            again = session.reconstruct(SENTENCE, ["autogen-m1"], DecodeOptions(beam=3), sample=True, seed=seed)[0]
            assert again.decoded.text == group.decoded.text
        first = session.encode(SENTENCE, ["autogen-m1"], sample=True, seed=group.seeds[0])["autogen-m1"]
        assert np.array_equal(group.decoded.z, first.z)
    assert sorted(seed for group in cloud.groups for seed in group.seeds) == list(range(5, 17))
    counts = [group.count for group in cloud.groups]
    assert counts == sorted(counts, reverse=True)


def test_draws_do_not_depend_on_what_else_is_drawn(session: Session) -> None:
    latent = session.encode(SENTENCE)["vae"]
    together = posterior_draws(latent, range(40))
    for seed in (0, 7, 39):
        assert np.array_equal(together[seed], posterior_draws(latent, [seed])[0])
        assert np.array_equal(together[seed], session.encode(SENTENCE, ["vae"], sample=True, seed=seed)["vae"].z)


def test_all_variants_grow_together_and_early(session: Session) -> None:
    drawn = [(cloud.variant, cloud.drawn) for cloud in posterior_cloud(session, SENTENCE, 50, DecodeOptions("greedy"))]  # type: ignore[union-attr]
    assert drawn == [(name, count) for count in (8, 40, 50) for name in VARIANTS]


def test_sentences_that_come_back_are_counted(session: Session) -> None:
    options = DecodeOptions("sample", temperature=1.5, max_words=1)
    for name, cloud in last(session, 40, text="The", options=options).items():
        singles = [
            session.reconstruct("The", [name], replace(options, seed=seed), sample=True, seed=seed)[0].decoded.words
            for seed in range(40)
        ]
        assert cloud.same == singles.count(("the",))
        assert 0 < cloud.same < 40, "the test says nothing where all draws are alike"


def test_a_variant_that_failed_to_load_is_refused_and_the_others_go_on(tiny_run: Run, session: Session) -> None:
    partial = Session(tiny_run, {"vae": session.model("vae")}, {"autogen-m1": "Its file is gone."}, session.device)
    answers = list(posterior_cloud(partial, SENTENCE, 4, DecodeOptions("greedy")))
    assert [(type(answer), answer.variant) for answer in answers] == [(Cloud, "vae"), (Refused, "autogen-m1")]
    assert isinstance(answers[1], Refused)
    assert answers[1].message == "Its file is gone."
    only = list(posterior_cloud(partial, SENTENCE, 4, DecodeOptions("greedy"), variants=["vae"]))
    assert len(only) == 1


@pytest.mark.parametrize(
    ("text", "n", "seed", "message"),
    [
        (SENTENCE, 0, 0, "0 draws"),
        (SENTENCE, -3, 0, "-3 draws"),
        (SENTENCE, 10**9, 0, "1000000000 draws"),
        (SENTENCE, 4, -1, "Seed -1"),
        (SENTENCE, 4, 2**70, "Seed"),
        ("", 4, 0, "no word"),
        ("\x07 \u200b", 4, 0, "no word"),
        ("word " * 10_000, 4, 0, "at most 200"),
    ],
)
def test_what_cannot_be_asked_is_refused(session: Session, text: str, n: int, seed: int, message: str) -> None:
    with pytest.raises((LoomError, UsageError), match=message):
        next(posterior_cloud(session, text, n, seed=seed))


@pytest.mark.parametrize("text", ["Zebras quarrel!", "\u4f60\u597d \u043f\u0440\u0438\u0432\u0435\u0442", "a\x00b"])
def test_odd_sentences_are_answered(session: Session, text: str) -> None:
    assert all(cloud.drawn == 3 for cloud in last(session, 3, text=text, options=DecodeOptions("greedy")).values())
