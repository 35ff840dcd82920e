"""What the maps show, derived from the atlas."""

from __future__ import annotations

import numpy as np

from app.maps import resolve
from app.run.atlas import VariantNumbers, colour_ranges, search_sentences
from tests.app.fakes import fake_atlas


def test_colours_follow_what_was_chosen_on_one_scale_for_all_maps():
    atlas = fake_atlas()
    assert resolve.colour_values(atlas, "vae", "KL").tolist() == [1, 2, 3, 4]
    assert resolve.colour_values(atlas, "vae", "nll").tolist() == [10, 20, 30, 40]
    assert resolve.colour_values(atlas, "vae", "length").tolist() == [4, 5, 6, 4]
    assert atlas.ranges["KL"][0] == 0
    assert atlas.ranges["KL"][1] == 5  # none of them has so much
    assert atlas.ranges["length"] == (4, 6)


def test_active_units_say_beside_them_how_many_carry_anything():
    name, value, about = resolve.map_numbers(fake_atlas().numbers["vae"], 2)[1]
    assert (name, value) == ("AU", "2/2")
    assert "1 of 2 carry more than 0.1 nats of KL each" in about
    assert resolve.map_numbers(None, 2) == []


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
