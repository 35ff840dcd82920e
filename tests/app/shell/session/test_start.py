"""With what a window starts: what was asked for, and what there still is of the last time."""

from __future__ import annotations

import shutil

from app.bench.arithmetic.state import Member
from app.core.picks import NOTHING, Pick
from app.shell.explorer import SESSION
from tests.app.shell.session.windows import close, fill, rows


def test_a_run_that_is_gone_leaves_texts_and_table(begin, own_workspace):
    first = begin("other", workspace=own_workspace)
    fill(first)
    gathered = rows(first)
    close(first)
    shutil.rmtree(own_workspace.run("other"))
    second = begin(workspace=own_workspace)
    assert second.state.run in own_workspace.run_names()
    assert "The run other is not there any more" in second.window.banner.message
    assert rows(second) == gathered
    assert second.bench.tab("Reconstruct").state.typed == "My old dog sees the river."
    ways = second.bench.tab("Interpolate").state
    assert (ways.a.index, ways.b, ways.through) == (-1, NOTHING, (Pick("The cat hides."), NOTHING))
    assert second.state.selection == -1
    assert second.bench.tab("Traverse").wish().shifts == {}


def test_a_step_that_is_gone_is_told(begin, tmp_path):
    first = begin("tiny")
    fill(first)
    first.run._wanted = 1_007  # deleted since
    close(first)
    assert '"step": 1007' in (tmp_path / SESSION).read_text()
    second = begin()
    assert (
        "Step 1,007 of tiny is not there any more, so tiny is open at its newest step" in second.window.banner.message
    )
    assert second.bench.tab("Reconstruct").state.typed == "My old dog sees the river."
    assert second.maps.state.selected.text == ""
    assert second.state.maps.kind == "ready"


def test_other_models_under_the_same_name_get_sentences_but_no_points_and_sliders(begin, own_workspace, monkeypatch):
    first = begin("tiny", workspace=own_workspace)
    fill(first)
    clicked, gathered = first.state.selection_text, rows(first)
    close(first)
    corpus = first.session._written[0].corpus
    monkeypatch.setattr("app.run.atlas.Atlas.fingerprints", property(lambda atlas: (corpus, "other models")))
    second = begin(workspace=own_workspace)
    assert "The run is not as it was" in second.window.banner.message
    assert (second.state.selection, second.state.selection_text) == (3, clicked)
    ways = second.bench.tab("Interpolate").state
    assert (ways.a.index, ways.b) == (5, NOTHING)
    assert second.bench.tab("Traverse").wish().shifts == {}
    assert [member.pick.index for member in second.bench.tab("Arithmetic").wish().members_with] == [1, 2, 4]
    assert rows(second) == gathered


def test_other_sentences_under_the_same_name_are_not_pointed_at(begin, own_workspace, monkeypatch):
    first = begin("tiny", workspace=own_workspace)
    fill(first)
    close(first)
    monkeypatch.setattr("app.run.atlas.Atlas.fingerprints", property(lambda atlas: ("other text", "other models")))
    second = begin(workspace=own_workspace)
    assert "The run is not as it was" in second.window.banner.message
    assert second.state.selection == -1
    sums = second.bench.tab("Arithmetic").wish()
    assert (sums.members_with, sums.members_without) == ((), (Member(Pick("a typed one")),))
    ways = second.bench.tab("Interpolate").state
    assert (ways.a.index, bool(ways.a.text)) == (-1, True)


def test_what_was_asked_for_goes_before_what_is_remembered(begin):
    first = begin("tiny")
    fill(first)
    gathered = rows(first)
    close(first)
    second = begin("other")
    assert second.state.run == "other"
    assert rows(second) == gathered
    assert second.state.selection == -1
    assert second.bench.tab("Reconstruct").state.typed == "My old dog sees the river."
    assert second.maps.state.search == "the"
    close(second)
    third = begin("tiny")
    assert third.state.run == "tiny"
    assert rows(third) == gathered


def test_a_start_that_cannot_be_found_out_opens_the_run_all_the_same(begin, monkeypatch):
    def planted(*_):
        raise OSError(5, "planted")

    monkeypatch.setattr("app.shell.explorer.start", planted)
    explorer = begin("tiny")
    assert explorer.state.run == "tiny"
    assert explorer.state.maps.kind == "ready"
    assert "planted" in explorer.window.banner.message
