"""Table 2 by automatic scores, against a plain count."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.evaluation.measures.result import Evaluation, Statistic, VariantResult
from engine.evaluation.winners import SCORES, pairs_of, winners_table


def evaluation(names: tuple[str, ...]) -> Evaluation:
    variants = tuple(VariantResult(name, name.upper(), "#000000", 0.0, {}) for name in names)
    return Evaluation("r", 1, "", variants, 6, 60, 6, 1, 1, 1, 1, 0, True, "c", {})


def statistic(values: list[float]) -> Statistic:
    each = np.array(values)
    return Statistic(each[:, None], lambda c: c[..., 0], np.arange(len(each)), each, "how")


def test_a_sentence_is_won_by_the_better_score_and_equal_ones_decide_nothing() -> None:
    scores = {
        "vae-annealed": {
            "bleu_beam_z": statistic([5, 5, 5, 5, 9, 1]),
            "edit_distance_beam_z": statistic([0.1, 0.1, 0.1, 0.1, 0.9, 0.5]),
        },
        "vae": {
            "bleu_beam_z": statistic([1, 1, 1, 1, 1, 1]),
            "edit_distance_beam_z": statistic([0.2, 0.2, 0.2, 0.2, 0.5, 0.5]),
        },
    }
    table = winners_table(evaluation(("vae", "vae-annealed")), scores)
    rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    bleu = rows["BLEU"]
    assert (bleu["Model 1"], bleu["Model 2"]) == ("VAE-ANNEALED", "VAE")
    assert (bleu["Model 1 better"], bleu["Model 2 better"], bleu["Equal"]) == (5, 0, 1)
    assert bleu["p"] == pytest.approx(2 * 0.5**5)
    assert bleu["The paper's people %"] == 66.0
    edits = rows["Edit distance"]  # where less is better
    assert (edits["Model 1 better"], edits["Model 2 better"], edits["Equal"]) == (4, 1, 1)
    assert edits["Model 1 better %"] == pytest.approx(80.0)
    p = 2 * sum(math.comb(5, k) for k in (4, 5)) / 2**5
    assert edits["p"] == pytest.approx(p)


def test_the_pairs_are_the_papers_where_the_run_has_them() -> None:
    assert pairs_of(("vae", "vae-annealed", "autogen-m1", "autogen-m2")) == (
        ("vae-annealed", "vae"),
        ("autogen-m1", "vae-annealed"),
        ("autogen-m2", "autogen-m1"),
    )
    assert pairs_of(("vae", "autogen-m5")) == (("autogen-m5", "vae"),)
    assert pairs_of(("vae",)) == ()
    assert pairs_of(("vae", "autogen-m0.5", "autogen-m1", "autogen-m2")) == (  # none is left out
        ("autogen-m2", "autogen-m1"),
        ("autogen-m0.5", "vae"),
        ("autogen-m1", "autogen-m0.5"),
    )
    assert winners_table(evaluation(("vae",)), {}).rows == ()


def test_models_that_are_the_same_have_no_winner() -> None:
    same = {key: statistic([1.0, 2.0, 3.0]) for key in SCORES}
    table = winners_table(evaluation(("vae", "autogen-m5")), {"vae": same, "autogen-m5": same})
    assert [row[3] for row in table.rows] == [None] * len(SCORES)
    assert [row[8] for row in table.rows] == [3] * len(SCORES)
