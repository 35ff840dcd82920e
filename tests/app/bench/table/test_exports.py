"""The gathered rows with their numbers, for programs and for people."""

from __future__ import annotations

from dataclasses import replace

from app.bench.interpolate.state import Path
from app.bench.interpolate.way import step_rows
from app.bench.rows import GatheredRow, decoded_row, taken_row
from app.bench.table import exports
from app.core.picks import Numbers, Origin
from app.core.values import Decoded, Reading
from tests.app.fakes import COLUMNS

DEMO, NOVEL = Origin("demo", 12000), Origin("novel")


def reading(text: str, kl: float | None = None, how: str = "z = μ, beam 10") -> Reading:
    return Reading(tuple(text.split()), text, -12.3456, kl, how, z=(0.5,), source="z = μ")


def taken(row: GatheredRow | None, origin: Origin = DEMO) -> GatheredRow:
    assert row is not None
    return taken_row(row, origin, COLUMNS)


CLICKED = taken(
    decoded_row("Hi.", Decoded(readings={"autogen-m1": reading("b", 9.87654), "vae": reading("a", 0.5)}), 17)
)
FILLED = taken(GatheredRow("he ___", {"vae": "he is"}, "number 1", numbers={"vae": Numbers(marginal=-4.0)}), NOVEL)


def records(rows: list[GatheredRow]) -> list[dict[str, object]]:
    header, lines = exports.for_programs(rows)
    return [dict(zip(header, line, strict=True)) for line in lines]


def test_programs_get_a_line_a_sentence_with_every_number_in_its_column():
    first, second, third = records([CLICKED, FILLED])
    assert first == {
        "row": 1,
        "input": "Hi.",
        "variant": "vae",
        "model": "VAE",
        "sentence": "a",
        "log_p_xhat_given_z": -12.3456,
        "log_p_x_given_z": None,
        "log_p_x": None,
        "kl": 0.5,
        "credit": None,
        "distance": None,
        "neighbour": None,
        "how": "z = mu, beam 10",
        "test_sentence": 18,
        "run": "demo",
        "step": 12000,
    }
    assert (second["row"], second["model"], second["kl"]) == (1, "AutoGen m=1", 9.87654)
    assert (third["row"], third["log_p_xhat_given_z"], third["log_p_x"], third["kl"]) == (2, None, -4.0, None)
    assert (third["test_sentence"], third["run"], third["step"]) == (None, "novel", None)


def test_what_is_known_of_a_neighbour_and_of_credits_has_columns_of_its_own():
    near = GatheredRow("x", {"vae": "y"}, "neighbour 1", numbers={"vae": Numbers(distance=1.25, neighbour=0)}, index=4)
    shaded = GatheredRow("x", {"vae": "x +1.00"}, "what z adds", numbers={"vae": Numbers(None, 2.0, credit=7.5)})
    first, second = records([near, shaded])
    assert (first["distance"], first["neighbour"], first["test_sentence"], first["credit"]) == (1.25, 1, 5, None)
    assert (second["credit"], second["kl"], second["distance"], second["neighbour"]) == (7.5, 2.0, None, None)


def test_a_line_says_how_its_own_sentence_was_made():
    readings = {"vae": reading("a", how="z ~ q(z|x), seed 1"), "autogen-m1": reading("b", how="z = μ, greedy")}
    lines = records([taken(decoded_row("Hi.", Decoded(readings=readings)))])
    assert [line["how"] for line in lines] == ["z ~ q(z|x), seed 1", "z = mu, greedy"]


def test_a_step_of_a_way_says_where_it_goes_and_its_ends_which_test_sentences_they_are():
    way = Path("lerp, z = μ", {"vae": (reading("a"),) * 5}, stops=("Hi.", "Go.", "Bye."), indices=(3, -1, 8), steps=2)
    lines = records([taken(row) for row in step_rows(way)])
    assert lines[1]["how"] == "lerp, z = mu, step 1 of 4 from “Hi.” through “Go.” to “Bye.”"
    assert [line["test_sentence"] for line in lines] == [4, None, None, None, 9]
    assert {line["log_p_xhat_given_z"] for line in lines} == {-12.3456}


def test_people_read_what_is_common_once_and_no_column_without_anything():
    header, lines = exports.for_people([CLICKED])
    assert header == ["Input", "Model", "Sentence", "log p(xhat|z)", "KL", "How", "Test sentence", "Run", "Step"]
    assert lines == [
        ["Hi.", "VAE", "a", -12.35, 0.5, "z = mu, beam 10", 18, "demo", 12000],
        [None, "AutoGen m=1", "b", -12.35, 9.88, None, None, None, None],
    ]
    header, lines = exports.for_people([replace(CLICKED, numbers={"vae": Numbers(-0.004)})])
    assert str(lines[0][3]) == "0.0"
    header, _ = exports.for_people([FILLED])
    assert header == ["Input", "Model", "Sentence", "log p(x)", "How", "Run"]


def test_what_stands_beside_a_test_sentence_has_columns_of_its_own():
    """Its names cannot be taken for those of the numbers, and people read it once a row."""
    labelled = replace(CLICKED, beside={"kl": "good", "stars": 4.0})
    first, second, third = records([labelled, FILLED])
    assert (first["kl"], first["data.kl"], first["data.stars"]) == (0.5, "good", 4.0)
    assert (second["data.kl"], third["data.kl"]) == ("good", None)
    header, lines = exports.for_people([labelled])
    assert header[-2:] == ["kl", "stars"]
    assert [line[-2:] for line in lines] == [["good", 4.0], [None, None]]
    assert not [name for name in records([CLICKED])[0] if name.startswith(exports.BESIDE)]
