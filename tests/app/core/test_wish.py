"""What holds of a wish with other sentences or models, and what of it comes back later."""

from __future__ import annotations

import pytest

from app.bench.arithmetic.state import ArithmeticWish, Member
from app.bench.interpolate.state import InterpolateWish
from app.bench.traverse.state import TraverseWish
from app.core.picks import NOTHING, Pick
from app.core.wish import differences, held, patched, plain
from app.maps.state import MapsWish

TYPED, CLICKED, POINT = Pick("we go home"), Pick("the cat", index=7), Pick("a point", {"vae": (1.0,)})
WAY = InterpolateWish(a=CLICKED, b=POINT, through=(TYPED, NOTHING, CLICKED, POINT), steps=4)


@pytest.mark.parametrize(
    ("sentences", "models", "expected"),
    [
        (True, True, WAY),
        (True, False, InterpolateWish(CLICKED, NOTHING, (TYPED, NOTHING, CLICKED), 4)),
        (False, False, InterpolateWish(Pick("the cat"), NOTHING, (TYPED, NOTHING, Pick("the cat")), 4)),
        (False, True, InterpolateWish(Pick("the cat"), POINT, (TYPED, NOTHING, Pick("the cat"), POINT), 4)),
    ],
)
def test_numbers_hold_with_the_same_sentences_and_points_with_the_same_models(sentences, models, expected):
    assert held(WAY, sentences, models) == expected


def test_a_group_is_without_what_is_no_sentence_of_the_run_any_more():
    members = Member(TYPED), Member(CLICKED), Member(CLICKED, "cat", 3), Member(POINT)
    wish = ArithmeticWish(members_with=members, members_without=members)
    assert held(wish, False, False).members_with == (Member(TYPED),)
    assert held(wish, True, False).members_without == members[:3]
    assert wish.elsewhere().members_with == (Member(TYPED),)


def test_sliders_and_the_clicked_sentence_hold_with_what_they_are_of():
    wish = TraverseWish(TYPED, following=False, shifts={"vae": (1.0, 0.0)})
    assert held(wish, True, True) == wish
    assert held(wish, True, False).shifts == {}
    assert held(MapsWish(CLICKED), False, True).selection.index == -1


def test_in_another_run_a_sentence_is_text_alone():
    assert [plain(pick) for pick in (TYPED, CLICKED, POINT)] == [TYPED, Pick("the cat"), NOTHING]
    assert WAY.elsewhere() == InterpolateWish(Pick("the cat"), NOTHING, (TYPED, NOTHING, Pick("the cat")), 4)
    assert MapsWish(CLICKED, "cat", "nll", shown=("vae",)).elsewhere() == MapsWish(NOTHING, "cat", "nll")


def test_only_what_is_as_before_is_changed_to_what_is_after():
    before, after = InterpolateWish(), InterpolateWish(a=CLICKED, steps=4)
    assert differences(before, after) == ("a", "steps")
    assert patched(InterpolateWish(a=TYPED, fold=True), before, after) == InterpolateWish(a=TYPED, steps=4, fold=True)
