"""What the Arithmetic tab finds and says, by pure functions."""

from __future__ import annotations

from app.bench.arithmetic.state import Group, Member
from app.bench.arithmetic.words import groups_problem
from app.core.picks import Pick


def test_groups_of_the_same_sentences_are_told():
    same = Group((Member(Pick("I have a dog.")), Member(Pick("I had a dog."))))
    problem = groups_problem({"with": same, "without": same})
    assert "counts in neither" in problem
    assert groups_problem({"with": same, "without": Group((Member(Pick("I see.")),))}) == ""
