"""What is said of prior samples."""

from __future__ import annotations

from app.bench.samples import words
from app.bench.samples.state import Memory, Near, Samples
from app.core.values import Reading


def reading(text: str, how: str = "z = μ, beam 10") -> Reading:
    return Reading(tuple(text.split()), text, -1.0, None, how)


def test_duplicates_are_found():
    said = [reading("a"), reading("a"), reading("b"), reading("a")]
    assert words.duplicates(said) == [3, 3, 1, 3]
    assert words.samples_note(said, (0, 4), Memory()) == "2 of 4 different"


def test_a_column_of_samples_says_what_was_thrown_away_and_what_was_remembered():
    said = [reading("a"), reading("a"), reading("b")]
    near = {("a",): Near("A", 0, 0.0), ("b",): Near("B c", 1, 0.5)}
    searching = Memory(True, near, 10, 20, busy=True)
    assert words.samples_note(said, (1, 4), searching) == "2 of 3 different  ·  1 of 4 thrown away"
    assert words.memory_note(searching) == "searched 10 of 20 training sentences …"
    done = Memory(True, near, 20, 20)
    assert words.samples_note(said, (0, 3), done).endswith("2 of 3 verbatim in the training text")
    assert words.memory_note(done) == ""
    assert words.near_words(near["b",]) == "1 token from “B c”"


def test_rows_are_numbered_by_draw_and_short_columns_leave_gaps():
    made = Samples("seed 1", {"vae": (reading("a"), reading("b")), "autogen-m1": (reading("c"),)})
    rows = words.sample_rows(made)
    assert [row.source for row in rows] == ["Prior sample 1", "Prior sample 2"]
    assert [dict(row.sentences) for row in rows] == [{"vae": "a", "autogen-m1": "c"}, {"vae": "b"}]
