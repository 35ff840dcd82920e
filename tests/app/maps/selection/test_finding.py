"""Sentences found by their numbers and by what lies near, held against plain sorting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.maps.selection.finding import Quantity, Span, by_neighbours, by_values, quantities, texts
from app.run.atlas import Opened, read_atlas
from engine.errors import LoomError
from engine.storage.kept_values import KeptValues
from engine.storage.latent_cache import LatentCache
from tests.app.fakes import COLUMNS, SENTENCES, fake_atlas, opened
from tests.engine.storage.caches import arrays, make_cache


def with_columns() -> Opened:
    kept = {
        "stars": KeptValues("stars", numbers=np.array([1.5, np.nan, 3.0, 5.0])),
        "label": KeptValues("label", values=("a",), counts=(4,), codes=np.zeros(4, np.int32)),
    }
    return Opened(COLUMNS, "ready", atlas=replace(fake_atlas(), kept=kept))


@pytest.mark.parametrize(
    ("quantity", "ends", "found"),
    [
        (Quantity("KL", "vae"), ("2", "3"), [1, 2]),
        (Quantity("nll", "vae"), ("30", ""), [2, 3]),
        (Quantity("length"), ("", "4"), [0, 3]),
        (Quantity("column", "stars"), ("1", "3"), [0, 2]),
        (Quantity("column", "stars"), ("-1e9", "1e9"), [0, 2, 3]),
        (Quantity("KL", "vae"), ("\N{MINUS SIGN}5", "0.5"), []),
    ],
)
def test_numbers_between_two_ends_both_included_are_found(quantity, ends, found):
    [mask] = by_values(with_columns(), quantity, Span.of(*ends))
    assert np.flatnonzero(mask).tolist() == found


@pytest.mark.parametrize(
    ("least", "most", "why"),
    [
        ("", " ", "Type from which number"),
        ("a", "", "“a” is no number"),
        ("1", "2,5", "“2,5” is no number"),
        ("nan", "", "“nan” is no number"),
        ("5", "2", "No number is from 5 to 2"),
    ],
)
def test_ends_that_are_none_are_refused(least, most, why):
    with pytest.raises(LoomError, match=why):
        Span.of(least, most)


def test_numbers_that_the_maps_do_not_have_are_refused_and_those_they_have_are_offered():
    for quantity in (Quantity("KL", "gone"), Quantity("column", "gone"), Quantity("column", "label")):
        with pytest.raises(LoomError, match=quantity.name):
            list(by_values(with_columns(), quantity, Span(0, 1)))
    names = [text for text, _ in quantities(with_columns().atlas)]
    assert names == ["KL, nats", "−log p(x|z), nats", "length, tokens", "stars"]


@pytest.fixture
def cached(tmp_path):
    """What opening a cache of 40 sentences brings, five of them in one place, and their means."""
    values = arrays(40, 3)
    values["mu"][5:10] = values["mu"][5]
    with LatentCache.open(make_cache(tmp_path / "near.h5", {"vae": values})) as cache:
        yield Opened(COLUMNS, "ready", atlas=read_atlas(cache)), values["mu"].astype(np.float64)


@pytest.mark.parametrize("index", [0, 5, 9, 39])
@pytest.mark.parametrize("k", [1, 3, 17, 39])
def test_the_sentence_and_its_k_nearest_are_found_as_plain_sorting_has_them(cached, index, k):
    opened, mu = cached
    *_, mask = by_neighbours(opened, "vae", index, k)
    found = np.flatnonzero(mask)
    assert len(found) == k + 1
    assert mask[index]
    far = np.linalg.norm(mu - mu[index], axis=1)
    others = np.delete(far, index)
    assert sorted(far[found]) == pytest.approx([0.0, *np.sort(others)[:k]], abs=1e-6)


def test_more_neighbours_than_there_are_others_and_a_variant_that_is_not_there_are_refused(cached):
    with pytest.raises(LoomError, match="40 neighbours cannot be found among 40"):
        list(by_neighbours(cached[0], "vae", 0, 40))
    with pytest.raises(LoomError, match="gone"):
        list(by_neighbours(cached[0], "gone", 0, 3))


def test_texts_are_read_with_a_pause_after_every_moment(monkeypatch):
    monkeypatch.setattr("app.maps.selection.finding._AT_ONCE", 2)
    assert list(texts(opened(), [3, 0, 1])) == [None, None, [SENTENCES[3], SENTENCES[0], SENTENCES[1]]]
