"""What the window of a guess says."""

from __future__ import annotations

from app.core.values import Reading
from app.maps.guess.words import about, rows_of
from tests.app.fakes import COLUMNS


def test_it_says_that_it_is_no_measurement_and_what_it_is_made_from():
    said = about("VAE", "a" * 99, 8)
    assert "No sentence was encoded at this place of the map of VAE" in said
    assert "mean of μ of the 8 sentences around it" in said
    assert f"“{'a' * 59}…”" in said


def test_rows_are_the_guess_and_the_draws_and_can_be_sent():
    made = tuple(Reading((f"w{at}",), f"w{at}", -1.0, z=(float(at), 0.0), how="guess, greedy") for at in range(3))
    rows = rows_of(COLUMNS, {"vae": made}, {"autogen-m1": "it is broken"}, 2)
    assert [row.cells[0].text for row in rows] == ["w0", "w1", "w2"]
    assert [row.cells[0].number for row in rows] == ["guess", "1", "2"]
    assert "it is broken" in rows[0].cells[1].text
    assert rows[1].cells[1].text == ""
    assert rows[0].pick.z == {"vae": (0.0, 0.0)}
    assert (rows[0].pick.text, rows[2].pick.text) == ("guess", "draw 2 around a guess")


def test_what_is_not_decoded_yet_is_awaited():
    rows = rows_of(COLUMNS, {}, {}, 1)
    assert [[cell.text for cell in row.cells] for row in rows] == [["…", "…"]] * 2
    assert rows[0].pick is None
