"""What the colours mean, derived from the atlas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.maps.colours import meaning
from app.run.atlas import VariantNumbers, colour_ranges, search_sentences
from app.widgets.categories.colours import MOST
from engine.storage.kept_values import KeptValues
from tests.app.fakes import fake_atlas


def test_colours_follow_what_was_chosen_on_one_scale_for_all_maps():
    atlas = fake_atlas()
    assert meaning.colour_values(atlas, "vae", "KL").tolist() == [1, 2, 3, 4]
    assert meaning.colour_values(atlas, "vae", "nll").tolist() == [10, 20, 30, 40]
    assert meaning.colour_values(atlas, "vae", "length").tolist() == [4, 5, 6, 4]
    assert atlas.ranges["KL"][0] == 0
    assert atlas.ranges["KL"][1] == 5  # none of them has so much
    assert atlas.ranges["length"] == (4, 6)


def test_scales_of_a_collapsed_model_and_of_no_sentences_are_not_empty():
    for low, high in colour_ranges(np.zeros(0, np.int16), []).values():
        assert low < high


def test_search_finds_words_in_any_case():
    assert next(search_sentences(fake_atlas(), "LOVE")).tolist() == [True, False, True, False]


def test_a_collapsed_model_does_not_glow():
    """The scale of KL reaches to 5 nats at least, and to what there is where that is more."""
    words = np.array([4, 5, 6, 4], np.int16)

    def top(kl: float) -> float:
        values = np.full(4, kl, np.float32)
        numbers = VariantNumbers(None, values, values + 30, kl, kl + 30, 0)
        ranges = colour_ranges(words, [numbers])
        assert ranges["nll"][1] - ranges["nll"][0] >= 5
        return ranges["KL"][1]

    assert top(0.001) == top(4.9) == 5
    assert top(28.0) == 28


def test_the_most_common_categories_have_a_colour_of_their_own_and_the_rest_one_together():
    codes = np.array([*np.repeat(np.arange(MOST + 3), 2), 0, -1], np.int32)
    counts = tuple(np.bincount(codes[codes >= 0]).tolist())
    kept = KeptValues("who", tuple(f"v{at}" for at in range(MOST + 3)), counts, codes)
    entries = meaning.legend(kept)
    assert [each.place for each in entries] == [*range(MOST), MOST, -1]
    assert (entries[0].text, entries[0].count, entries[0].value) == ("v0", 3, "v0")
    assert (entries[-2].text, entries[-2].count, entries[-2].value) == ("3 others", 6, None)
    assert (entries[-1].text, entries[-1].count, entries[-1].value) == ("missing", 1, "missing")
    assert sum(each.count for each in entries) == len(codes)
    values = meaning.column_values(kept)
    assert values[:-1].tolist() == [min(int(code), MOST) for code in codes[:-1]]
    assert np.isnan(values[-1])


def test_a_single_other_category_is_named():
    codes = np.arange(MOST + 1, dtype=np.int32)
    kept = KeptValues("who", tuple("abcdefghijkl"[: MOST + 1]), (1,) * (MOST + 1), codes)
    assert [each.text for each in meaning.legend(kept)] == list("abcdefghijkl"[: MOST + 1])


def test_the_ends_of_the_scale_of_a_column_are_found_once(monkeypatch):
    stars, counted = KeptValues("stars", numbers=np.array([1.0, 2.0, 5.0])), []
    plain = np.percentile
    monkeypatch.setattr(np, "percentile", lambda *given: counted.append(given) or plain(*given))
    assert meaning.column_range(stars) == meaning.column_range(stars)
    assert len(counted) == 1
    assert meaning.column_range(KeptValues("stars", numbers=np.array([3.0, 4.0])))[0] >= 3
    assert len(counted) == 2


def test_a_column_of_numbers_has_a_scale_and_a_column_that_is_not_there_gives_way():
    stars = KeptValues("stars", numbers=np.array([1.0, np.nan, 3.0, 5.0]))
    atlas = replace(fake_atlas(), kept={"stars": stars})
    meant = meaning.colouring(atlas, "nll", "stars")
    assert (meant.label, meant.entries, meant.kept) == ("stars", (), stars)
    assert 1 <= meant.low < meant.high <= 5
    assert meaning.colouring(atlas, "nll", "genre").label == "−log p(x|z), nats"
    assert meaning.column_range(KeptValues("none", numbers=np.array([np.nan]))) == (0.0, 1.0)
