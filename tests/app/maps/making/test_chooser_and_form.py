"""The chooser above the maps, the form of a new one, and what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMessageBox, QWidget

from app.core import theme
from app.core.values import Stage
from app.maps.making import words
from app.maps.making.chooser import MapChooser
from app.maps.making.form import NewMapForm
from app.run.map_shown import Places
from engine.maps.kept_maps import KeptMap
from engine.maps.quality import Quality
from tests.app.looking import shown

GOOD = Quality(0.62, 0.01, 0.98, 0.001, 0.97, 0.001, 15, 2000, 0.0015)
POOR = Quality(0.09, 0.0, 0.77, 0.0, 0.87, 0.0, 15, 900, 0.0167)


def test_the_chooser_lists_the_maps_and_says_which_is_chosen(qtbot):
    chooser = MapChooser()
    qtbot.addWidget(chooser)
    assert not chooser.open.isEnabled()
    chosen = []
    chooser.chosen.connect(chosen.append)
    chooser.set_maps([("umap", "UMAP\t9% kept", "how"), ("A & B", "A && B", "")], "umap")
    first, second, *_ = chooser.menu.actions()
    assert (first.text(), first.isChecked(), second.text(), second.isChecked()) == (
        "UMAP\t9% kept", True, "A && B", False,
    )  # fmt: skip
    second.trigger()
    assert chosen == ["A & B"]
    assert chooser.open.text() == "Map: UMAP"
    chooser.set_short(True)
    assert chooser.open.text() == "UMAP"
    chooser.set_maps([("a name that is long", "x", "")], "a name that is long")
    assert chooser.open.text() == "a name …"
    assert len(chooser.menu.actions()) == 5  # one map, a line, new, rename, delete


def test_who_opens_the_list_is_heard(qtbot):
    chooser = MapChooser()
    qtbot.addWidget(chooser)
    with qtbot.waitSignal(chooser.opened):
        chooser.menu.popup(QPoint(0, 0))
    chooser.menu.close()


def test_while_a_map_is_made_it_can_be_cancelled_and_no_other_is_begun(qtbot):
    chooser = MapChooser()
    qtbot.addWidget(chooser)
    chooser.show()
    assert not chooser.cancel.isVisible()
    chooser.set_job(("UMAP", 0.43, True), "which stage")
    assert chooser.progress.text() == "coarse; UMAP 43%"
    assert chooser.progress.toolTip() == "which stage"
    assert not chooser.new.isEnabled()
    with qtbot.waitSignal(chooser.cancelled):
        chooser.cancel.click()
    chooser.set_job(None)
    assert chooser.new.isEnabled()
    assert not chooser.progress.isVisible()


@pytest.fixture
def form(qtbot, qapp):
    theme.apply(qapp, "dark")
    parent = QWidget()
    parent.resize(1100, 640)
    qtbot.addWidget(parent)
    yield NewMapForm(parent, "demo")
    parent.close()  # it stands until here


def test_what_stands_in_the_form_becomes_options_of_the_command(form):
    asked = []
    form.make_requested.connect(asked.append)
    form.make.click()
    usual = ["--method", "umap", "--neighbours", "15", "--metric", "euclidean", "--min-dist", "0.1"]
    assert words.options(asked[0]) == [*usual, "--of", "mu", "--seed", "0"]
    form.method.set_value("tsne")
    form.method.chosen.emit("tsne")
    form.preset.chosen.emit("local")
    form.of.set_value("samples")
    form.aligned.setChecked(False)
    form.name.setText(" fine ")
    assert words.options(form.values()) == [
        "--method", "tsne", "--neighbours", "8", "--metric", "euclidean", "--of", "samples", "--alone", "--seed", "0",
        "--name", "fine",
    ]  # fmt: skip
    form.method.set_value("pca")
    assert words.options(form.values()) == [
        "--method", "pca", "--of", "samples", "--alone", "--seed", "0", "--name", "fine",
    ]  # fmt: skip
    form.of.set_value("mu")
    assert "--seed" not in words.options(form.values())


def test_what_a_method_does_not_know_is_out_of_reach(form):
    def reach() -> tuple[bool, bool, bool]:
        return form.neighbours.isEnabled(), form.distance.isEnabled(), form.near_by.isEnabled()

    found = []
    for method in ("umap", "tsne", "pca"):
        form.method.set_value(method)
        form.method.chosen.emit(method)
        found.append(reach())
        assert form._rows.labelForField(form.neighbours).text() == ("Perplexity" if method == "tsne" else "Neighbours")
    assert found == [(True, True, True), (True, False, True), (False, False, False)]
    assert not form.seed.isEnabled()  # the same directions whatever it is
    form.of.set_value("samples")
    form.of.chosen.emit("samples")
    assert form.seed.isEnabled()


def test_above_a_map_stands_what_it_keeps_and_how_far_to_trust_it():
    settings = {"method": "tsne", "neighbours": 15, "of": "mu", "aligned_to": "x", **GOOD.attributes()}
    text, tooltip = words.caption(Places(np.zeros((3, 2)), "mine", settings), 10_066)
    assert text == "t-SNE · 62% kept"
    assert "10,066 test sentences. t-SNE, perplexity 15, of μ, aligned over the models" in tooltip
    assert "62 ± 1.0% kept" in tooltip
    assert "mostly neighbours in z too" in tooltip
    assert "by chance 0.15%" in tooltip
    assert "broad regions only" in words.trust(POOR)
    assert "9% kept" in words.trust(POOR)  # of all, without an interval


def test_above_a_map_that_shows_nothing_stands_why_and_nothing_of_trust():
    settings = {"method": "pca", "warning": "All sentences have the same point in z, ..."}
    text, tooltip = words.caption(Places(np.zeros((3, 2)), "pca", settings), 3)
    assert text == "PCA"
    assert "All sentences have the same point" in tooltip
    assert words.caption(Places(), 3) == ("", "")
    # A number that was measured all the same is not told, as by the command.
    few = {"method": "pca", "warning": "4 sentences are too few for neighbourhoods", **GOOD.attributes()}
    text, tooltip = words.caption(Places(np.zeros((4, 2)), "pca", few), 4)
    assert text == "PCA"
    assert "too few" in tooltip
    assert "kept" not in tooltip


def test_a_kept_map_is_listed_with_its_settings():
    kept = KeptMap("tsne", {"method": "tsne", "neighbours": 8}, {"vae": GOOD, "m1": POOR, "m2": None}, {}, ("old",))
    text, tooltip = words.entry(kept)
    assert text == "t-SNE\t9% to 62% kept"
    assert tooltip.splitlines()[0] == "t-SNE, perplexity 8, of μ"
    assert "vae: keeps 62% of 15 neighbours, trustworthiness 0.98, continuity 0.97" in tooltip
    assert "old: of other weights, not shown" in tooltip
    doubted = KeptMap("pca", {"method": "pca"}, {"vae": GOOD, "m1": POOR}, {"vae": "too few", "m1": "too few"})
    assert words.entry(doubted) == ("PCA", "PCA, of μ\nvae: too few\nm1: too few")


def test_of_a_damaged_list_of_maps_the_window_tells_once(explorer):
    explorer.open("demo")
    shown(explorer)
    told = []
    explorer.maps.making.failed.connect(told.append)
    damaged = replace(explorer.context.atlas, unlisted="maps.json is damaged.")
    for _ in range(2):
        explorer.state.maps = Stage("loading")
        explorer.context.atlas = damaged
        explorer.state.maps = Stage("ready")
        shown(explorer)
    assert told == ["Maps may be missing, or be there that were deleted: maps.json is damaged."]
    assert told[0] in explorer.window.banner.message


def test_two_maps_are_not_called_alike_as_people_read_their_names(explorer):
    explorer.open("demo")
    shown(explorer)
    making, atlas = explorer.maps.making, explorer.context.atlas
    kept = [KeptMap(name, {}, {"vae": None}, {}, ()) for name in ("umap", "tsne", "mine")]
    explorer.context.atlas = replace(atlas, maps=tuple(kept))
    told, renamed = [], []
    making.controller.rename = lambda name, new: renamed.append((name, new))
    for name, new in (
        *(("mine", "UMAP"), ("mine", "t-sne"), ("umap", "Mine"), ("mine", "a, b"), ("mine", " ")),
        *(("umap", "UMAP"), ("mine", "Mine")),
    ):
        explorer.context.atlas = replace(explorer.context.atlas, map=name)
        making._rename()
        dialog = making.dialog
        dialog.name.setText(new)
        dialog.rename.click()
        told += [dialog.said] if dialog.said else []
        assert dialog.isVisible() == bool(dialog.said)
        assert dialog.name.text() == new  # what was typed stays
        dialog.name.textEdited.emit(new)
        assert not dialog.said
        dialog.reject()
    assert renamed == [("mine", "Mine")]
    assert told == [
        *(f"There is a map “{name}” already. Choose another name." for name in ("UMAP", "t-sne", "Mine")),
        *["A name is up to 40 letters, digits, spaces, points and hyphens, with a letter or digit first."] * 2,
    ]
    form = making.open_form()
    form.name.setText("umap")
    form.make.click()
    assert form.isVisible()
    assert form._said.text() == "There is a map “UMAP” already. Choose another name."
    form.reject()


def test_deleting_a_map_is_not_what_enter_does(explorer):
    explorer.open("demo")
    shown(explorer)
    making = explorer.maps.making
    explorer.context.atlas = replace(
        explorer.context.atlas,
        map="umap",
        maps=tuple(KeptMap(name, {}, {"vae": None}, {}, ()) for name in ("umap", "pca")),
    )
    making._delete()
    assert "“UMAP”" in making.dialog.text()
    assert making.dialog.defaultButton() is making.dialog.button(QMessageBox.StandardButton.Cancel)
    making.dialog.reject()
