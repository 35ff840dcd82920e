"""What the Arithmetic tab finds and says, by pure functions."""

from __future__ import annotations

from app.bench.arithmetic.state import ArithmeticState, Group, Member
from app.bench.arithmetic.words import groups_problem, missing
from app.core.picks import Pick


def test_groups_of_the_same_sentences_are_told():
    same = Group((Member(Pick("I have a dog.")), Member(Pick("I had a dog."))))
    problem = groups_problem({"with": same, "without": same})
    assert "counts in neither" in problem
    assert groups_problem({"with": same, "without": Group((Member(Pick("I see.")),))}) == ""


def test_only_what_is_missing_of_a_concept_is_asked_for():
    full, other = (Group((Member(Pick(text)),)) for text in ("I had a dog.", "I see."))
    x = Pick("It is late.")

    def said(with_: Group, without: Group, subject: Pick) -> str:
        return missing(ArithmeticState("concept", subject=subject, groups={"with": with_, "without": without}))

    assert said(Group(), Group(), Pick(" ")) == "Fill both groups and give a sentence x to move, or press Example."
    assert said(Group(), Group(), x) == "Fill the groups “with” and “without”."
    assert said(full, Group(), Pick("")) == "Fill the group “without”. And give a sentence x to move."
    assert said(full, Group(), x) == "Fill the group “without”."
    assert said(full, other, Pick("")) == "Give a sentence x to move: type it, or send one there."
    assert said(full, other, x) == ""
    assert said(full, other, Pick("a point", {"vae": (0.0,)})) == ""


def test_only_the_operands_that_are_missing_are_asked_for():
    a, b = Pick("one"), Pick("two")
    assert missing(ArithmeticState()) == "Type a, b and c, send sentences here, or press Example."
    assert missing(ArithmeticState(a=a)) == "Type b and c, or send a sentence there."
    assert missing(ArithmeticState(a=a, b=b)) == "Type c, or send a sentence there."
    assert missing(ArithmeticState(a=a, b=b, c=a)) == ""
