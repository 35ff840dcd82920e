"""Numbers that colour the points: had when they are looked at, from the real cache and corpus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.maps.colours.values import Values, Wanted, ends
from app.maps.regions.finding import RegionFinder
from app.run.context import Context
from engine.corpus.store import Corpus
from engine.corpus.vocabulary import UNK
from engine.errors import LoomError
from engine.workspace import Workspace
from tests.app.latents import tiny_context

BOTH = ("vae", "autogen-m1")


@pytest.fixture
def context(qapp, mapped) -> Iterator[Context]:
    with tiny_context(mapped, "") as context:
        context.workspace = mapped
        yield context


def test_only_what_is_looked_at_is_read(context, monkeypatch):
    cache = context.atlas.cache
    asked: list[str] = []
    plain = type(cache).logvar
    monkeypatch.setattr(
        type(cache), "logvar", lambda self, variant, rows=None: asked.append(variant) or plain(self, variant, rows)
    )
    values = Values(context, RegionFinder())
    values.want(Wanted("KL"), BOTH)
    assert asked == []
    values.want(Wanted("sigma"), ("vae",))
    values.want(Wanted("sigma"), ("vae",))
    assert asked == ["vae"]
    assert values.of("vae") == pytest.approx(np.exp(plain(cache, "vae") / 2).mean(axis=1), rel=1e-5)
    assert values.of("autogen-m1") is None
    values.want(Wanted("sigma"), BOTH)
    assert asked == ["vae", "autogen-m1"]
    low, high = values.range
    assert low < values.of("vae").mean() < high or high - low == pytest.approx(0.1)
    values.want(Wanted("KL"), BOTH)
    assert values.of("vae") is None


def test_unknown_words_come_from_the_corpus_and_are_the_same_on_all_maps(context, mapped):
    values = Values(context, RegionFinder())
    values.want(Wanted("unknown"), BOTH)
    test = Corpus.open(mapped.corpus("tiny")).test
    expected = [(test.ids(row) == UNK).sum() for row in range(len(test))]
    assert values.of("vae").tolist() == values.of("autogen-m1").tolist() == expected
    assert values.range[0] == 0


def test_what_is_not_there_is_told_with_the_next_step(context, tmp_path):
    context.workspace = Workspace(tmp_path)
    values, told = Values(context, RegionFinder()), []
    values.failed.connect(told.append)
    values.want(Wanted("unknown"), BOTH)
    assert len(told) == 1
    assert "tiny" in told[0]
    values.want(Wanted("unknown"), BOTH)
    assert len(told) == 1  # not again and again
    assert not values.known


def test_no_sentence_has_a_score_before_it_is_measured(context):
    values, told = Values(context, RegionFinder()), []
    values.failed.connect(told.append)
    values.want(Wanted("score"), BOTH)
    assert told == []
    assert np.isnan(values.of("vae")).all()


def test_drift_is_from_the_map_of_one_variant(context):
    values = Values(context, RegionFinder())
    values.want(Wanted("drift", "vae"), BOTH)
    assert values.of("vae") == pytest.approx(np.zeros(context.atlas.n), abs=1e-6)
    assert values.of("autogen-m1").max() > 0
    assert values.range[0] == 0


def test_the_ends_of_a_scale_leave_out_the_extremes():
    many = np.concatenate([np.linspace(0.4, 0.8, 1000), [50.0]]).astype(np.float32)
    low, high = ends("sigma", [many, np.full(3, np.nan, np.float32)])
    assert (low, high) == pytest.approx((0.408, 0.7924), abs=1e-3)
    assert ends("sigma", [np.full(9, 0.5, np.float32)]) == pytest.approx((0.5, 0.6))
    assert ends("score", [many]) == (0.0, 100.0)
    assert ends("unknown", [np.array([0, 0, 3], np.float32)]) == (0.0, 3.0)
    assert ends("unknown", [np.zeros(4, np.float32)]) == (0.0, 1.0)


def test_nll_of_many_sentences_is_read_when_it_is_looked_at(context):
    whole = {name: context.atlas.nll(name) for name in BOTH}
    numbers = {name: replace(each, nll=None) for name, each in context.atlas.numbers.items()}
    usual = context.atlas.ranges["nll"]
    ranges = {by: ends for by, ends in context.atlas.ranges.items() if by != "nll"}
    object.__setattr__(context.atlas, "numbers", numbers)
    object.__setattr__(context.atlas, "ranges", ranges)
    values = Values(context, RegionFinder())
    values.want(Wanted("nll"), BOTH)
    for name in BOTH:
        np.testing.assert_array_equal(values.of(name), whole[name])
    assert values.range == pytest.approx(usual)


def test_numbers_stay_while_another_map_is_shown_but_those_of_its_places(context, monkeypatch):
    values = Values(context, RegionFinder())
    values.want(Wanted("sigma"), BOTH)
    known = values.of("vae")
    context.atlas = replace(context.atlas, map="another")
    values.want(Wanted("sigma"), BOTH)
    assert values.of("vae") is known
    values.want(Wanted("drift", "vae"), BOTH)
    drift = values.of("autogen-m1")
    context.atlas = replace(context.atlas, map="a third")
    values.want(Wanted("drift", "vae"), BOTH)
    assert values.of("autogen-m1") is not drift
    context.atlas = replace(context.atlas, words=context.atlas.words.copy())  # opened anew
    values.want(Wanted("drift", "vae"), ())
    assert not values.known


def test_a_variant_whose_numbers_cannot_be_had_leaves_the_others_theirs(context, monkeypatch):
    cache, told = context.atlas.cache, []
    plain = type(cache).logvar

    def damaged(self, variant, rows=None):
        if variant == "autogen-m1":
            raise LoomError("The latents of autogen-m1 are damaged.")
        return plain(self, variant, rows)

    monkeypatch.setattr(type(cache), "logvar", damaged)
    values = Values(context, RegionFinder())
    values.failed.connect(told.append)
    values.want(Wanted("sigma"), ("autogen-m1", "vae"))
    assert values.of("autogen-m1") is None
    assert values.of("vae") is not None
    assert told == ["The latents of autogen-m1 are damaged."]
    assert values.refused == {"autogen-m1"}
    values.read_again("sigma")
    assert len(told) == 1, "it is not asked for, and told, at every step of what is measured"
