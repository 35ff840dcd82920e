"""The closer looks as pictures."""

from __future__ import annotations

from app.bench.reconstruct.inspection.beam_tree_view import BeamTreeView
from app.bench.reconstruct.inspection.cloud_view import CloudView
from app.bench.reconstruct.inspection.credit_view import CreditView
from app.bench.reconstruct.inspection.fill_view import FillView
from app.bench.reconstruct.inspection.values import (
    Answers,
    Filling,
    Fillings,
)
from app.widgets.pictures.writing import Style, draw
from tests.app.bench.reconstruct.inspection.answers import WORDS, beams, cloud, credit, nodes
from tests.app.reading import svg_lines, svg_text


def svg(figure, tmp_path) -> bytes:
    draw(figure, Style("svg"))(tmp_path / "look.svg")
    return (tmp_path / "look.svg").read_bytes()


def test_the_picture_of_a_tree_is_whole_and_has_its_kinds_of_lines(made, tmp_path):
    view = made(BeamTreeView)
    view.resize(300, 80)  # most of the tree is out of sight
    view.show_beams("vae", False, True, Answers("We go.", {"vae": beams()}), {}, "")
    figure = view.figure()
    data = svg(figure, tmp_path)
    text = svg_text(data)
    assert figure.title == "Beam tree of VAE for “We go.”"
    for words in ("z = μ, beam 2, 2 best", "they", "you", "run", "1.  −1.0", "2.  −1.4", "best", "kept", "given up"):
        assert words in text
    assert len(data.split(b"<path")) - 1 >= len(nodes()) - 1  # a way to every node but the first
    view.show_beams("vae", False, False, Answers("We go.", {"vae": beams()}), {}, "")
    without = svg_text(svg(view.figure(), tmp_path))
    assert "run" not in without
    assert "given up" not in without
    assert view.figure_columns() == ()


def test_the_list_of_a_search_has_a_picture_of_its_own(made, tmp_path):
    view = made(BeamTreeView)
    view.show_beams("vae", True, True, Answers("We go.", {"vae": beams()}), {"autogen-m1": "gone"}, "")
    text = svg_text(svg(view.figure(), tmp_path))
    for words in ("The best sentences of the search for “We go.”", "−4.2", "This model cannot answer: gone"):
        assert words in text
    assert view.figure_columns() == ("VAE", "AutoGen m=1")
    view.show_beams("vae", False, True, Answers(), {}, "Type a sentence")
    assert view.figure() is None


def test_the_picture_of_a_cloud_has_seed_counts_and_sentences(made, tmp_path):
    view = made(CloudView)
    found = {"vae": cloud((WORDS, 24), (("we", "go", "."), 8)), "autogen-m1": cloud((("i", "see", "."), 32))}
    assert view.figure() is None
    view.show_cloud(32, 7, Answers("We go home.", found), {}, "")
    text = svg_text(svg(view.figure(), tmp_path))
    for words in (
        "Posterior cloud of “We go home.”", "32 samples of q(z|x) from seed 7", "32 z ~ q(z|x), seeds 0 to 31, beam 10",
        "75% as typed", "24×", "8×", "I see.",
    ):  # fmt: skip
        assert words in text


def test_the_picture_of_token_credit_has_every_number_and_the_scale(made, tmp_path):
    view = made(CreditView)
    assert view.figure() is None
    found = {"vae": credit(("we", 2.0), ("go", -0.5)), "autogen-m1": credit(("we", 4.0), ("go", 0.0))}
    view.show_credit(Answers("We go", found), {}, "")
    data = svg(view.figure(), tmp_path)
    text = svg_text(data)
    for words in ("Token credit of “We go”", "+2.0", "−0.5", "+4.0", "end", "−4.0", "+4.0 nats", "Σ +1.5 nats"):
        assert words in text
    assert any(len(line) == 2 for line in svg_lines(data))  # the underlines
    one = svg_text(svg(view.figure().only(0, "VAE"), tmp_path))
    assert "+2.0" in one
    assert "Σ +4.0" not in one


def test_the_picture_of_fillings_has_the_words_and_their_share(made, tmp_path):
    view = made(FillView)
    filling = Filling(("cat",), "The cat sleeps.", -9.5, 0.25)
    answers = Answers(
        "the ___ sleeps.", {"vae": Fillings(("the", "___", "sleeps", "."), (filling,), 120, False, "how")}
    )
    view.show_fillings(8, answers, {}, "note")
    text = svg_text(svg(view.figure(), tmp_path))
    for words in ("What stands in the blank of “the ___ sleeps.”", "how", "The cat sleeps.", "25%", "−9.5"):
        assert words in text
