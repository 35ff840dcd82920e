"""What the Arithmetic tab finds and says, by pure functions."""

from __future__ import annotations

import pytest

from app.bench.arithmetic import requests
from app.bench.arithmetic.state import Group, Member
from app.bench.arithmetic.words import groups_problem
from app.core.picks import Pick


@pytest.mark.parametrize(
    ("phrase", "sentence", "held"),
    [
        ("was", "It was late.", True),
        ("was", "She washed it.", False),
        ("was", "Wasn't it?", False),
        ("WAS", "It was late.", True),
        ("?", "Is it?", True),
        (".", "Is it?", False),
        ("so  cool", "That's so\tcool!", True),
        ("was | were", "They were here.", True),
        ("was | were", "They are here.", False),
        ("don't", "I don't.", True),
        (" | ", "Anything.", False),
        ("a.c", "abc", False),
    ],
)
def test_a_phrase_is_found_as_whole_words(phrase, sentence, held):
    assert requests.matcher(phrase)(sentence) is held


def test_groups_of_the_same_sentences_are_told():
    same = Group((Member(Pick("I have a dog.")), Member(Pick("I had a dog."))))
    problem = groups_problem({"with": same, "without": same})
    assert "counts in neither" in problem
    assert groups_problem({"with": same, "without": Group((Member(Pick("I see.")),))}) == ""
