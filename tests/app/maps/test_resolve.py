"""What the maps show, derived from the atlas."""

from __future__ import annotations

import numpy as np

from app.maps import resolve
from app.run.atlas import colour_ranges, search_sentences
from tests.app.fakes import fake_atlas


def test_colours_follow_what_was_chosen_on_one_scale_for_all_maps():
    atlas = fake_atlas()
    assert resolve.colour_values(atlas, "vae", "KL").tolist() == [1, 2, 3, 4]
    assert resolve.colour_values(atlas, "vae", "nll").tolist() == [10, 20, 30, 40]
    assert resolve.colour_values(atlas, "vae", "length").tolist() == [4, 5, 6, 4]
    assert atlas.ranges["KL"][0] == 0
    assert 3.9 < atlas.ranges["KL"][1] <= 4
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
