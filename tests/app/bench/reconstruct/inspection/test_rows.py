"""Lines of the table from closer looks, with their numbers."""

from __future__ import annotations

from dataclasses import replace

from app.bench.reconstruct.inspection.rows import rows
from app.bench.reconstruct.inspection.state import InspectionState
from app.bench.reconstruct.inspection.values import (
    Answers,
    Beams,
    Cloud,
    CloudGroup,
    Credit,
    Filling,
    Fillings,
    Token,
)
from app.core.picks import Numbers, Pick
from app.core.values import Reading
from tests.app.fakes import COLUMNS


def reading(text: str, how: str) -> Reading:
    return Reading((text,), text, -2.0, 1.5, how, z=(0.5,), source=how)


def test_the_sentences_of_every_look_bring_their_numbers():
    state = InspectionState()
    groups = {
        name: (CloudGroup(reading("a", f"seed {i}"), 3, False),)
        for i, name in enumerate(("vae", "autogen-m1"), start=1)
    }
    state.cloud = Answers("x", {name: Cloud((), group, 4, 4, 0, "4 samples") for name, group in groups.items()})
    state.tree = Answers("x", {"vae": Beams((), (reading("a", "beam 2"),), (), "beam 2")})
    state.fill = Answers("x ___", {"vae": Fillings((), (Filling(("a",), "x a", -9.0, 1.0),), 1, False, "log p(x)")})
    found = {}
    for state.look in ("cloud", "tree", "fill"):
        (found[state.look],) = rows(state, COLUMNS)
        answers = getattr(state, state.look)
        setattr(state, state.look, replace(answers, text="another sentence", busy=True))
        assert rows(state, COLUMNS) == ()  # they are still those of the sentence before
    assert found["cloud"].numbers == dict.fromkeys(("vae", "autogen-m1"), Numbers(-2.0, 1.5))
    assert found["tree"].numbers == {"vae": Numbers(-2.0, 1.5)}
    assert found["fill"].numbers == {"vae": Numbers(marginal=-9.0)}  # which is no log p(x|z)


def test_the_quick_score_of_a_filling_is_not_exported_as_log_p_of_x():
    best = (Filling(("a",), "x a", -9.0, 1.0),)
    draft, scored = (Fillings((), best, 1, early, "how") for early in (True, False))
    state = InspectionState(look="fill")
    state.fill = Answers("x ___", {"vae": draft, "autogen-m1": scored})
    (row,) = rows(state, COLUMNS)
    assert row.numbers == {"vae": Numbers(marginal=None), "autogen-m1": Numbers(marginal=-9.0)}
    state.fill = replace(state.fill, failed={"vae": "its numbers overflow"})
    (row,) = rows(state, COLUMNS)
    assert list(row.sentences) == ["autogen-m1"]


def test_the_credit_of_every_word_and_of_all_goes_to_the_table():
    tokens = (Token("hi", -1.0, -3.5), Token("</s>", -0.5, -0.25, end=True))
    state = InspectionState(look="credit", credit=Answers("Hi", {"vae": Credit(tokens, "z = μ", kl=2.0)}))
    (row,) = rows(state, COLUMNS)
    assert (row.source, row.how, row.pick) == ("Hi", "what z adds to each word: z = μ", Pick("Hi"))
    assert row.sentences == {"vae": "hi +2.50 · (end) −0.25"}
    assert row.numbers == {"vae": Numbers(kl=2.0, input_log_probability=-1.5, credit=2.25)}
    written = replace(state.credit.found["vae"], written=True, kl=None)
    state.credit = replace(state.credit, found={"vae": written})
    (row,) = rows(state, COLUMNS)
    assert (row.pick, row.numbers) == (None, {"vae": Numbers(log_probability=-1.5, credit=2.25)})
    state.credit = replace(state.credit, busy=True)
    assert rows(state, COLUMNS) == ()
