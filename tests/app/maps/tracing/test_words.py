"""What the window of a path says."""

from __future__ import annotations

import numpy as np

from app.core.values import Reading
from app.maps.tracing.requests import Question, Steps
from app.maps.tracing.state import Line
from app.maps.tracing.words import about, rows_of
from tests.app.fakes import COLUMNS

LINE = Line("vae", "umap", ((0.0, 0.0), (1.0, 1.0)))


def steps(way, **more):
    asked = Question(LINE, way, 3, ("vae",))
    return Steps(asked, (4, 0, 7), ("a", "b", "c"), {}, {"vae": np.zeros((3, 2), np.float32)}, **more)


def test_guesses_are_told_from_sentences():
    said = about(steps("drawn"), "VAE", 100)
    assert "3 places along the line on the map of VAE" in said
    assert "No sentence was encoded there" in said
    assert "the 8 sentences around each" in said
    said = about(steps("sentences", distances=(1.25, 2.25), among=100), "VAE", 100)
    assert said.startswith(
        "3 test sentences, from neighbour to neighbour in z of VAE (15 nearest, either way), 3.5 long"
    )
    assert "Looked at" not in said
    few = about(steps("sentences", distances=(1.25, 2.25), among=12_000), "VAE", 1_000_000)
    assert "Looked at were the 12,000 of 1,000,000 sentences about the line" in few


def test_rows_have_the_sentence_of_each_step_and_what_every_variant_says_there():
    made = tuple(Reading((f"w{at}",), f"w{at}", -1.0, z=(float(at), 0.0), how="guess, greedy") for at in range(2))
    rows = rows_of(
        steps("sentences", distances=(1.0, 2.0)), COLUMNS, {"vae": made}, {"autogen-m1": "broken"}, "#123456"
    )
    assert [[cell.text for cell in row.cells] for row in rows] == [
        ["a", "w0", "This model cannot answer: broken"],
        ["b", "w1", ""],
        ["c", "…", ""],
    ]
    assert [row.cells[0].number for row in rows] == ["1", "2", "3"]
    assert rows[1].cells[0].pick.index == 0
    assert "2.00 in z from the one before" in rows[2].cells[0].tooltip
    assert "before" not in rows[0].cells[0].tooltip
    assert (rows[1].pick.text, rows[1].pick.z) == ("step 2 of a path along sentences", {"vae": (1.0, 0.0)})
    assert rows[2].pick is None
