"""The Neighbours tab with real models and a real cache."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.bench.neighbours.neighbours import Neighbours
from app.bench.neighbours.requests import kept_near
from app.bench.neighbours.state import Nearest, Neighbour, on_maps_line, overlap_line, overlap_table
from app.core.picks import Pick
from app.core.values import Column, Stage
from engine.latents.neighbours import nearest
from engine.runs.run import Run
from engine.session import Session
from tests.app.bench.emptied import stays_empty_until_a_sentence_is_clicked
from tests.app.latents import tiny_context

SENTENCE = "The cat sees the house today."


@pytest.fixture
def context(qapp, tiny_workspace):
    with tiny_context(tiny_workspace, "Neighbours") as context:
        yield context


@pytest.fixture
def tab(context):
    tab = Neighbours(context)
    tab.refresh.stop()
    yield tab
    tab.view.deleteLater()


@pytest.fixture
def mapped_tab(qapp, mapped):
    """The tab on a run that has maps, and what it is given."""
    with tiny_context(mapped, "Neighbours") as context:
        tab = Neighbours(context)
        tab.refresh.stop()
        yield context, tab
        tab.view.deleteLater()


def indices(tab: Neighbours, variant: str) -> list[int]:
    return [each.index for each in tab.state.found.nearest[variant].found]


def distances(tab: Neighbours, variant: str) -> list[float]:
    return [each.distance for each in tab.state.found.nearest[variant].found]


def test_a_typed_sentence_has_the_neighbours_that_a_plain_search_finds(context, tab, tiny_workspace):
    tab.take(Pick(SENTENCE), "")
    session = Session.load(Run.open(tiny_workspace.run("tiny")), device="cpu")
    for variant in ("vae", "autogen-m1"):
        z = session.encode(SENTENCE, [variant])[variant].z
        plain = np.linalg.norm(context.atlas.cache.mu(variant) - z, axis=1)
        assert indices(tab, variant) == np.argsort(plain, kind="stable")[:10].tolist()
        assert distances(tab, variant) == pytest.approx(np.sort(plain)[:10].tolist(), abs=1e-5)
        first = tab.state.found.nearest[variant].found[0]
        assert first.text == context.atlas.cache.sentence(first.index)
    assert not tab.state.found.busy
    assert {"cat", "sees", "house"} <= tab.state.found.words


def test_neighbours_go_to_the_table_a_row_a_rank_with_their_numbers(context, tab):
    gathered = []
    tab.gathered.connect(gathered.extend)
    tab.take(Pick(context.atlas.sentence(3), index=3), "")
    tab.choose_distance("cosine")
    tab.add_to_table()
    assert len(gathered) == 10
    for rank, row in enumerate(gathered):
        assert (row.source, row.index) == (context.atlas.sentence(3), 3)
        assert row.how == f"neighbour {rank + 1} of z = μ, 10 nearest by 1 - cos(z, μ_i)"
        for name, near in tab.state.found.nearest.items():
            numbers = row.numbers[name]
            assert context.atlas.sentence(numbers.neighbour) == row.sentences[name]
            mu, other = (context.atlas.cache.mu(name, slice(i, i + 1))[0] for i in (3, numbers.neighbour))
            cosine = float(mu @ other / np.linalg.norm(mu) / np.linalg.norm(other))
            assert numbers.distance == pytest.approx(1 - cosine, abs=1e-5)
            assert numbers.distance == near.found[rank].distance
    gathered.clear()
    tab.state.found = replace(tab.state.found, busy=True)
    tab.add_to_table()
    assert gathered == []


def test_words_of_a_typed_sentence_that_no_model_knows_are_known_and_forgotten_with_it(tab):
    tab.take(Pick("The cat sees the zebra today."), "")
    found = tab.state.found
    assert [word for word, outside in zip(found.typed, found.unknown, strict=True) if outside] == ["zebra"]
    tab.take(Pick(SENTENCE), "")
    assert not any(tab.state.found.unknown)


def test_a_test_sentence_needs_no_model_and_is_not_its_own_neighbour(context, tab):
    context.models.detach()
    context.state.selection_text, context.state.selection = context.atlas.cache.sentence(5), 5
    assert len(indices(tab, "vae")) == 10
    assert 5 not in indices(tab, "vae")
    mu = context.atlas.cache.mu("vae")
    assert distances(tab, "vae")[0] == pytest.approx(np.sort(np.linalg.norm(mu - mu[5], axis=1))[1], abs=1e-5)


@pytest.mark.parametrize("distance", ["cosine", "posterior-kl"])
def test_another_distance_and_number_are_those_of_the_engine(context, tab, distance):
    context.state.selection_text, context.state.selection = context.atlas.cache.sentence(5), 5
    tab.set_count(7)
    tab.choose_distance(distance)
    cache = context.atlas.cache
    logvar = cache.logvar("vae")[5] if distance == "posterior-kl" else None
    wanted = nearest(cache, "vae", cache.mu("vae")[5], 8, distance, logvar)
    assert indices(tab, "vae") == [i for i in wanted.indices.tolist() if i != 5][:7]
    assert wanted.definition.replace("mu", "μ") in tab.state.found.nearest["vae"].how


def test_a_draw_is_a_bare_point_whose_posterior_is_not_compared(context, tab):
    context.state.choice = replace(context.state.choice, sample=True, seed=3)
    tab.choose_distance("posterior-kl")
    tab.take(Pick(SENTENCE), "")
    how = tab.state.found.nearest["vae"].how
    assert "z ~ q(z|x), seed 3" in how
    assert "-log q(z|x_i)" in how


def test_a_sent_point_is_looked_around_and_marks_no_words(tab):
    tab.take(Pick("the draw", {"vae": (0.1, 0.2, 0.3, 0.4)}, "draw 2"), "")
    assert set(tab.state.found.nearest) == {"vae"}
    assert "without a point of this model" in tab.state.found.failed["autogen-m1"]
    assert tab.state.found.words == frozenset()


def test_a_neighbour_that_is_chosen_is_shown_in_the_maps_and_the_list_stays(context, tab):
    context.state.selection_text, context.state.selection = context.atlas.cache.sentence(5), 5
    before, chosen = indices(tab, "vae"), []

    def select(index: int) -> None:
        chosen.append(index)
        context.state.selection_text, context.state.selection = context.atlas.cache.sentence(index), index

    tab.pointed.connect(select)
    tab.point(before[2])
    assert chosen == [before[2]]
    assert indices(tab, "vae") == before
    assert not tab.subject.state.following


@pytest.mark.parametrize("text", ["...", "\x00", "word " * 10_000, "xylophone zebra"], ids=lambda text: text[:6])
def test_odd_sentences_are_answered_in_words(tab, text):
    tab.take(Pick(text), "")
    assert tab.state.found.problem or tab.state.found.nearest
    assert not tab.state.found.busy


def test_the_origin_has_no_cosine_and_says_so_in_its_column(tab):
    tab.choose_distance("cosine")
    tab.take(Pick("origin", {"vae": (0.0,) * 4, "autogen-m1": (1.0,) * 4}), "")
    assert "points nowhere" in tab.state.found.failed["vae"]
    assert "autogen-m1" in tab.state.found.nearest


def test_another_run_leaves_nothing(tab):
    tab.take(Pick(SENTENCE), "")
    tab.forget()
    assert tab.state.found.nearest == {}
    assert tab.subject.state.following


def near(*numbers: int, on_map: int | None = None) -> Nearest:
    return Nearest(tuple(Neighbour(number, 1.0, "") for number in numbers), "", on_map=on_map)


def test_the_overlap_of_neighbourhoods_in_words():
    columns = tuple(Column(name, name.upper(), "#000000") for name in "abc")
    found = {"a": near(1, 2, 3), "b": near(2, 3, 4), "c": near(3, 8, 9)}
    assert overlap_line(columns, found) == "in common of 3: most 2 (A and B), all models 1"
    assert overlap_table(columns, found) == "A and B: 2\nA and C: 1\nB and C: 1"
    assert overlap_line(columns[:2], found) == "in common of 3: 2"
    assert overlap_line(columns, {"a": near(1), "b": near(2), "c": near(3)}).endswith("none between any two models")
    assert overlap_line(columns, {"a": near(1)}) == ""


def test_how_many_neighbours_the_maps_keep_is_said_in_the_order_of_the_columns():
    columns = tuple(Column(name, name.upper(), "#000000") for name in "abc")
    found = {"b": near(1, 2, 3, on_map=0), "a": near(1, 2, 3, on_map=2), "c": near(4, 5, 6)}
    assert on_maps_line(columns, found) == "near on their maps too: 2, 0 of 3"
    assert on_maps_line(columns[:1], found) == "near on its map too: 2 of 3"
    assert on_maps_line(columns[2:], found) == on_maps_line(columns, {}) == ""


def test_what_a_map_keeps_is_counted_among_as_many_nearest_there():
    random = np.random.default_rng(4)
    coords = random.normal(size=(400, 2)).astype(np.float32)
    coords[7] = np.nan
    for index in (0, 3, 250):
        others = [at for at in range(400) if at not in (7, index)]
        order = sorted((float(np.hypot(*(coords[at].astype(float) - coords[index]))), at) for at in others)
        found = [*random.permutation(400)[:8].tolist(), *(at for _, at in order[3:9])]
        found = [at for at in dict.fromkeys(found) if at in others]
        there = {at for _, at in order[: len(found)]}
        assert kept_near(coords, index, found) == len(there & set(found))
    assert kept_near(coords, 7, [1, 2]) is None
    assert kept_near(coords, -1, [1, 2]) is None
    assert kept_near(None, 3, [1, 2]) is None
    assert kept_near(coords, 3, []) is None


def test_lines_lead_from_a_test_sentence_to_its_neighbours_on_every_map(mapped_tab):
    context, tab = mapped_tab
    context.state.selection_text, context.state.selection = context.atlas.sentence(5), 5
    shown = tab.on_maps()
    assert set(shown.hubs) == {"vae", "autogen-m1"}
    for name, hub in shown.hubs.items():
        coords = context.atlas.numbers[name].coords
        assert hub == pytest.approx(coords[5].tolist())
        assert np.array([dot.spot for dot in shown.dots[name]]) == pytest.approx(coords[indices(tab, name)])
        near_there = tab.state.found.nearest[name].on_map
        assert near_there == kept_near(coords, 5, indices(tab, name))
        assert 0 <= near_there <= 10
    assert shown.marks == {}
    context.state.selection = 6
    tab.subject.state.following = False
    tab.take(Pick(context.atlas.sentence(9), index=9), "")
    shown = tab.on_maps()
    assert {name: marks[0].spot for name, marks in shown.marks.items()} == shown.hubs


def test_lines_to_the_neighbours_of_a_typed_sentence_begin_where_its_flag_stands(mapped_tab):
    _, tab = mapped_tab
    tab.take(Pick(SENTENCE), "")
    tab._place_subject()
    shown = tab.on_maps()
    assert set(shown.hubs) == {"vae", "autogen-m1"}
    assert {name: marks[0].spot for name, marks in shown.marks.items()} == shown.hubs
    assert all(near.on_map is None for near in tab.state.found.nearest.values())  # it has no place of its own there


def test_a_typed_sentence_without_models_says_what_went_wrong(context, tab):
    context.models.detach()
    context.state.models = Stage("failed", "No model could be read.", "Train anew.")
    tab.take(Pick(SENTENCE), "")
    tab.refresh.show(True)
    tab.refresh.flush()
    tab.refresh.stop()
    assert tab.view.note == "No model could be read. Train anew."


def test_an_emptied_field_stays_empty_until_a_sentence_is_clicked(context, tab):
    stays_empty_until_a_sentence_is_clicked(context, tab)
