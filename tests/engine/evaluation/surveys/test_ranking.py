"""Bradley-Terry against a published example, another algorithm, another library, and comparisons without an answer."""

from __future__ import annotations

from itertools import product

import choix
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.evaluation.surveys.ranking import Ranking, fitted, ranking

TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
SEASON = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
)
"""Wins in the American League East, 1987: Agresti, Categorical Data Analysis (2nd ed. 2002), table 10.10."""
AGAINST_BALTIMORE = {
    "Milwaukee": (1.5814, 0.3433),
    "Detroit": (1.4364, 0.3396),
    "Toronto": (1.2945, 0.3367),
    "New York": (1.2476, 0.3359),
    "Boston": (1.1077, 0.3339),
    "Cleveland": (0.6839, 0.3319),
}
"""Its fit and standard errors, with Baltimore at 0, as the R package BradleyTerry2 prints them."""


def ranked(names: tuple[str, ...], wins: np.ndarray) -> Ranking:
    places = product(range(len(names)), repeat=2)
    return ranking(names, {(names[i], names[j]): int(wins[i, j]) for i, j in places if i != j})


def by_steps(wins: np.ndarray, steps: int = 20_000) -> np.ndarray:
    """The algorithm of Zermelo (Hunter 2004, eq. 3), which is another one."""
    strength = np.ones(len(wins))
    games = wins + wins.T
    for _ in range(steps):
        strength = wins.sum(axis=1) / (games / (strength[:, None] + strength[None, :])).sum(axis=1)
        strength /= np.exp(np.log(strength).mean())
    return np.log(strength)


def test_the_baseball_season() -> None:
    found = ranked(TEAMS, SEASON)
    assert [each.name for each in found.strengths] == list(TEAMS)
    last = found.strengths[-1]
    for each in found.strengths[:-1]:
        value, error = AGAINST_BALTIMORE[each.name]
        assert each.value - last.value == pytest.approx(value, abs=5e-5)
        assert each.low < each.value < each.high
        assert each.error < error  # against the mean of all teams, which is steadier than one team
    # The error of a difference follows from the same information.
    chance = 1 / (1 + np.exp(-np.subtract.outer(*[fitted(SEASON)] * 2)))
    weight = (SEASON + SEASON.T) * chance * (1 - chance)
    information = np.diag(weight.sum(axis=1)) - weight
    covariance = np.linalg.inv(information[:-1, :-1])
    for place, name in enumerate(TEAMS[:-1]):
        assert np.sqrt(covariance[place, place]) == pytest.approx(AGAINST_BALTIMORE[name][1], abs=5e-5)


wins_of = st.integers(2, 5).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 30), min_size=n, max_size=n), min_size=n, max_size=n)
)


@given(wins_of)
def test_it_is_what_zermelo_and_choix_find_or_it_says_why_not(rows: list[list[int]]) -> None:
    wins = np.array(rows)
    np.fill_diagonal(wins, 0)
    names = tuple("abcde"[: len(wins)])
    found = ranked(names, wins)
    reach = wins > 0
    for middle in range(len(wins)):  # Warshall
        reach |= reach[:, [middle]] & reach[[middle], :]
    connected = bool(reach[~np.eye(len(wins), dtype=bool)].all())
    assert bool(found.strengths) == connected
    assert found.why_not.startswith("Not to be ranked") != connected
    if not connected:
        return
    values = np.array([next(each.value for each in found.strengths if each.name == name) for name in names])
    assert values.sum() == pytest.approx(0, abs=1e-9)
    # At the likeliest strengths everybody wins as often as is expected.
    expected = ((wins + wins.T) / (1 + np.exp(values[None, :] - values[:, None]))).sum(axis=1)
    assert expected == pytest.approx(wins.sum(axis=1), abs=1e-6)
    assume(wins.sum(axis=1).min() > 2)  # where one hardly ever wins, steps by steps take for ever
    assert choix.ilsr_pairwise_dense(wins.astype(float), max_iter=10_000) == pytest.approx(values, abs=1e-3)


def test_zermelos_steps_lead_to_the_same() -> None:
    assert by_steps(SEASON) == pytest.approx(fitted(SEASON), abs=1e-9)


def test_a_win_and_a_loss_each_is_no_difference() -> None:
    found = ranking(("a", "b"), {("a", "b"): 3, ("b", "a"): 1})
    assert found.strengths[0].value - found.strengths[1].value == pytest.approx(np.log(3))
    assert found.strengths[0].chance == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("wins", "said"),
    [
        ({("a", "b"): 5, ("b", "c"): 4, ("c", "b"): 1}, "a never lost"),
        ({("a", "b"): 5, ("b", "a"): 5, ("a", "c"): 2, ("b", "c"): 1}, "a and b never lost"),
        ({("a", "b"): 5, ("b", "a"): 4}, "never compared"),
        ({}, "nobody preferred"),
    ],
)
def test_what_cannot_be_ranked_is_not(wins: dict[tuple[str, str], int], said: str) -> None:
    found = ranking(("a", "b", "c"), wins)
    assert found.strengths == ()
    assert said in found.why_not


def test_it_is_said_of_models_as_people_call_them_why_they_are_not_ranked() -> None:
    assert (
        "Not to be ranked: A and C never lost"
        in ranking(
            ("a", "b", "c"), {("a", "c"): 5, ("c", "a"): 5, ("a", "b"): 2, ("c", "b"): 1}, label=str.upper
        ).why_not
    )


def test_one_model_is_no_ranking() -> None:
    assert "one model only" in ranking(("a",), {}).why_not
