"""The gathered rows as cells and notes of a table."""

from __future__ import annotations

from app.bench.interpolate.state import Path
from app.bench.interpolate.way import step_rows
from app.bench.rows import GatheredRow, decoded_row
from app.bench.samples.state import Samples
from app.bench.samples.words import sample_rows
from app.bench.table import words
from app.core.values import Decoded, Reading
from tests.app.fakes import COLUMNS


def reading(text: str, how: str = "z = μ, beam 10") -> Reading:
    return Reading(tuple(text.split()), text, -1.0, None, how)


def test_prior_samples_are_explained():
    rows = sample_rows(Samples("seed 1", {"vae": (reading("a"), reading("b")), "autogen-m1": (reading("c"),)}))
    header, cells = words.table_cells(COLUMNS, rows)
    assert header == ["Input", "VAE", "AutoGen m=1", "How"]
    assert [row.numbers["vae"].log_probability for row in rows] == [-1.0, -1.0]
    assert cells == [["Prior sample 1", "a", "c", "seed 1"], ["Prior sample 2", "b", "", "seed 1"]]
    assert words.table_notes("run demo", rows)[-1].startswith("Prior sample: z ~ N(0, I)")


def test_rows_of_an_interpolation_say_each_end_once():
    how = "slerp, z = μ, beam 10"
    one = step_rows(Path(how, {"vae": (reading("a"),) * 11}, stops=("Hi.", "Bye.")))
    two = step_rows(Path(how, {"vae": (reading("b"),) * 11}, stops=("Bye.", "Hi.")))
    inputs = words.inputs([*one, *two])
    assert inputs[0] == "Interpolation 1, A: Hi."
    assert inputs[3] == "Interpolation 1, step 3 of 10"
    assert inputs[10] == "Interpolation 1, B: Bye."
    assert inputs[11] == "Interpolation 2, A: Bye."
    _, cells = words.table_cells(COLUMNS, one)
    assert cells[0][-1] == "slerp, z = mu, beam 10"
    notes = words.table_notes("run demo", [*one, *two])
    assert "Interpolation 2 goes from A: Bye. to B: Hi." in notes
    assert any(note.startswith("slerp") for note in notes)
    assert not any(note.startswith("lerp") for note in notes)


def test_every_stop_is_named():
    said = tuple(reading(letter) for letter in "abcde")
    rows = step_rows(Path("lerp", {"vae": said}, stops=("I go.", "I wait.", "I stay."), steps=2))
    assert words.inputs(rows) == [
        "Interpolation 1, A: I go.",
        "Interpolation 1, step 1 of 4",
        "Interpolation 1, C: I wait.",
        "Interpolation 1, step 3 of 4",
        "Interpolation 1, B: I stay.",
    ]
    assert "Interpolation 1 goes from A: I go. through C: I wait. to B: I stay." in words.table_notes("run demo", rows)


def test_a_sentence_without_answers_makes_no_row():
    assert decoded_row("x", Decoded()) is None
    row = decoded_row("x", Decoded(readings={"vae": reading("y")}))
    assert row == GatheredRow("x", {"vae": "y"}, "z = μ, beam 10")
