"""The Train page in the window: what it shows of a run, the form, and the way to the maps of a step."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QMessageBox,
    QSlider,
)

from app.core import theme
from app.train.plots.card import height_of, y_range
from app.train.plots.panels import PANELS
from app.train.state import Own
from app.widgets.pictures.dialog import PictureDialog
from app.widgets.pictures.writing import Style, draw
from engine.storage.files import write_json
from tests.app.looking import texts
from tests.app.reading import svg_text
from tests.app.train.looking import open_form, shown


def test_the_page_shows_the_state_the_curves_and_the_values(explorer, train):
    assert explorer.state.page == "Train"
    assert train.page.isVisible()
    assert train.page.head.state == "Finished"
    assert "step 40 of 40" in train.page.head.texts
    assert train.page.showing_training
    for card in train.page.plots.cards:
        x, y = card._lines["vae", "train"].getData()
        assert x.tolist() == [10, 20, 30, 40], card.panel.name
        assert len(y) == 4
    assert train.state.read_from == "test"  # a single batch says little
    assert [len(row) for row in train.page.plots.readout.texts] == [6, 6]
    assert "–" not in train.page.plots.readout.texts[0]


def test_pointing_at_a_plot_reads_the_values_of_that_step_in_all(explorer, train):
    newest = train.page.plots.readout.texts
    plot = train.page.plots.cards[0].plot
    view = plot.getViewBox()
    train.page.plots.cards[0]._moved(view.mapViewToScene(QPointF(19.0, sum(view.viewRange()[1]) / 2)))
    shown(explorer)
    assert train.state.hover == 20
    assert "Step 20" in texts(train.page.plots.readout)
    assert train.page.plots.readout.texts != newest
    assert all(card._hover_line.isVisible() for card in train.page.plots.cards)
    train.page.plots.cards[0].hovered.emit(None)
    shown(explorer)
    assert train.page.plots.readout.texts == newest


def test_pictures_of_the_page_say_run_step_and_values(explorer, train, tmp_path):
    page = train.page
    plots = page.plots.figure()
    draw(plots, Style("svg"))(tmp_path / "plots.svg")
    text = svg_text((tmp_path / "plots.svg").read_bytes())
    for panel in PANELS:
        assert panel.title in text
    for row in page.plots.readout.texts:
        for value in row:
            assert value in text
    assert "Step 40" in text
    probe = page.probe.figure()
    draw(probe, Style("svg"))(tmp_path / "probe.svg")
    text = svg_text((tmp_path / "probe.svg").read_bytes())
    assert "At step 40, greedy, z = μ." in text
    assert text.count("Test sentence") == 1
    for sentence in train.state.watched.sentences:
        assert sentence[-2] in text
    explorer.actions.picture.trigger()
    asked = next(each for each in explorer.window.findChildren(PictureDialog) if each.isVisible())
    assert asked.picture.title == plots.title
    assert asked.picture.subject == "Run tiny, step 40"
    asked.reject()


def test_the_share_of_the_objective_or_of_the_elbo(explorer, train):
    share = train.page.plots.cards[3]
    before = share._lines["autogen-m1", "train"].getData()[1].copy()
    train.page.plots.share_of_chosen.emit("elbo")
    shown(explorer)
    assert (share._lines["autogen-m1", "train"].getData()[1] > before).all()  # |objective| is larger than |ELBO|


def test_the_probe_sentences_follow_the_slider(explorer, train):
    probe = train.page.probe
    assert probe.slider.maximum() == 1
    assert "step 40" in texts(probe)
    newest = probe.texts
    assert len(newest) == len(train.state.watched.sentences)
    probe.slider.setValue(0)
    shown(explorer)
    assert train.state.probe_step == 20
    assert all("hides" in row[1] for row in probe.texts)
    assert [row[0] for row in probe.texts] == [row[0] for row in newest]
    probe.slider.setValue(1)
    shown(explorer)
    assert train.state.probe_step is None
    assert probe.texts == newest


def test_the_heat_map_reads_its_values_with_the_dimension_of_most_kl_on_top(explorer, train):
    train.page.bench.show_tab("KL per dimension")
    shown(explorer)
    heat = train.page.heat.maps["vae"]
    last = train.state.watched.curves["vae"].heat.kl[-1]
    said = heat.text_at(QPointF(heat.width() - 2, 1))
    assert said.startswith(f"dimension {last.argmax()} of z, step 40: KL ")
    assert heat.text_at(QPointF(2, heat.height() - 2)) == ""


def test_new_lines_are_drawn_as_they_come(explorer, train, workspace, qtbot):
    path = workspace.run("tiny") / "variants" / "vae" / "metrics.jsonl"
    with path.open("a") as file:
        file.write('{"step": 50, "split": "train", "kl": 1.5, "elbo": -9.0, "reconstruction": -7.5}\n{"step": 60, ')
    qtbot.waitUntil(lambda: train.state.watched.step == 50, timeout=10_000)
    shown(explorer)
    assert train.page.plots.cards[2]._lines["vae", "train"].getData()[0].tolist() == [10, 20, 30, 40, 50]


def test_a_stopped_variant_is_told_with_its_reason(explorer, train, workspace, qtbot):
    write_json(workspace.run("tiny") / "variants" / "vae" / "stopped.json", {"step": 30, "reason": "it exploded"})
    qtbot.waitUntil(lambda: bool(train.state.watched.stopped), timeout=10_000)
    shown(explorer)
    assert "VAE was stopped at step 30: it exploded" in texts(train.page.head)


def test_a_checkpoint_is_shown_in_explore_and_one_click_leads_back(explorer, train, qtbot):
    train.page.checkpoints.slider.setValue(0)
    shown(explorer)
    train.page.checkpoints.show_button.click()
    shown(explorer)
    assert (explorer.state.page, explorer.state.run, explorer.state.step) == ("Explore", "tiny", 20)
    assert explorer.load.call_args.kwargs == {"step": 20}
    assert "as it was after step 20" in explorer.window.strip.text
    assert explorer.window.windowTitle() == "Latent Loom - tiny, step 20"
    explorer.window.strip.back.click()
    shown(explorer)
    assert explorer.state.step is None
    assert explorer.window.strip.text == ""
    assert explorer.load.call_args.kwargs == {}


def test_a_folder_without_a_run_is_a_failure_with_a_way_on(explorer, train, tmp_path, qtbot):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("a")
    train.controller.follow(tmp_path / "notes")
    qtbot.waitUntil(lambda: train.state.stage.kind == "failed", timeout=10_000)
    shown(explorer)
    assert "holds no run" in texts(train.page)
    assert not train.page.showing_training


def test_every_control_has_a_tooltip_and_nothing_is_wider_than_a_small_window(explorer, train, qtbot):
    open_form(train, qtbot)
    for card in train.page.form.groups:
        card.unfold()
    for face in ("follow", "form"):
        train.state.face = face
        shown(explorer)
        assert explorer.window.minimumSizeHint().width() <= 1100
        assert explorer.window.minimumSizeHint().height() <= 700
        for kind in (QAbstractButton, QAbstractSpinBox, QComboBox, QSlider, QLineEdit):
            for control in train.page.findChildren(kind):
                inner = isinstance(control.parent(), QLineEdit | QAbstractSpinBox | QComboBox)
                if control.isVisible() and not inner:
                    assert control.toolTip(), f"{control} {getattr(control, 'text', str)()} has no tooltip"


def test_closing_the_window_asks_while_a_training_of_its_own_runs(explorer, train):
    train.state.own = Own("running")
    assert explorer.window.header._bar.tabText(1) == "Train ●"
    explorer.window.close()
    question = explorer.window.findChild(QMessageBox)
    assert explorer.window.isVisible()
    next(button for button in question.buttons() if button.text() == "Cancel").click()
    shown(explorer)
    assert explorer.window.isVisible()
    explorer.window.close()
    question = [each for each in explorer.window.findChildren(QMessageBox) if each.isVisible()][-1]
    next(button for button in question.buttons() if button.text() == "Let it go on").click()
    assert not explorer.window.isVisible()


@pytest.mark.parametrize("ended", ["before the answer", "after it"])
def test_pausing_to_close_the_window_holds_for_that_training_alone(explorer, train, monkeypatch, ended):
    asked, left = [], []
    monkeypatch.setattr(train.controller.training, "pause", lambda: asked.append(1))
    train.leave_requested.connect(lambda: left.append(1))
    train.state.own = Own("running")
    explorer.window.close()
    question = [each for each in explorer.window.findChildren(QMessageBox) if each.isVisible()][-1]
    pause = next(button for button in question.buttons() if button.text() == "Pause and close")
    if ended == "before the answer":
        train.state.own = Own("done")
        train.controller.training.released.emit()
        pause.click()
    else:
        pause.click()
        assert (asked, left) == ([1], [])
        train.state.own = Own("paused")
        train.controller.training.released.emit()
    assert left == [1]
    guarded = []
    train.guarded.connect(guarded.append)
    train.state.own = Own("running")
    assert guarded[-1] is True, "the next training is asked about again"
    train.controller.training.released.emit()
    assert left == [1]
    train.state.own = Own()


def test_the_other_theme_shows_the_same(explorer, train):
    before = train.page.plots.readout.texts
    explorer.toggle_theme()
    shown(explorer)
    assert train.page.plots.readout.texts == before
    assert theme.current().text in train.page.probe.texts[0][0]
    explorer.toggle_theme()


def test_a_training_started_elsewhere_has_no_buttons_to_end_it(explorer, train):
    train.controller.close()  # or the next look at the files would put things right again
    train.state.watched = replace(train.state.watched, life="running", step=30)
    shown(explorer)
    head = train.page.head
    assert head.state == "Training, started elsewhere"
    assert not any(button.isVisible() for button in (head.pause, head.stop, head.resume))


def test_the_axis_of_m_has_a_place_for_infinity_and_the_first_steps_do_not_flatten_the_rest():
    import numpy as np

    heights = height_of("implied_m", np.array([np.inf, 1.0, 0.0], np.float32))
    assert heights.tolist() == [0.0, 0.5, 1.0]
    train = np.concatenate([[-900.0, -300.0], np.linspace(-60, -50, 98)]).astype(np.float32)
    low, high = y_range([train], [np.array([-57.0, -52.0], np.float32)], from_zero=False)
    assert -63 < low < -57 < -52 < high < -49
    assert y_range([], [], from_zero=True) is None


def test_probe_sentences_without_an_evaluation_are_not_taken_for_an_old_run(train, explorer, workspace, qtbot):
    copied = shutil.copytree(workspace.root / "runs" / "tiny", workspace.root / "runs" / "copied")
    for probes in copied.glob("variants/*/probe.jsonl"):
        probes.unlink()
    train.controller.follow(copied)
    qtbot.waitUntil(lambda: train.state.watched is not None and train.state.watched.name == "copied", timeout=20_000)
    shown(explorer)
    assert train.state.watched.sentences
    assert "none has been written" in texts(train.page.probe)
    assert "before they were written down" not in texts(train.page.probe)


def test_a_run_from_before_probe_sentences_gives_its_plots_the_whole_room(train, explorer, workspace, qtbot):
    assert train.page.bench.height() > 150
    old = shutil.copytree(workspace.root / "runs" / "tiny", workspace.root / "runs" / "old")
    (old / "probe.json").unlink()
    for variant in ("vae", "autogen-m1"):
        (old / "variants" / variant / "probe.jsonl").unlink()
        metrics = old / "variants" / variant / "metrics.jsonl"
        lines = [json.loads(line) for line in metrics.read_text().splitlines()]
        for line in lines:
            line.pop("kl_per_dimension", None)
            line.pop("digest")
        metrics.write_text("".join(json.dumps(line) + "\n" for line in lines))
    train.controller.follow(old)
    qtbot.waitUntil(lambda: train.state.watched is not None and train.state.watched.name == "old", timeout=20_000)
    qtbot.waitUntil(lambda: train.page.bench.height() < 80, timeout=20_000)
    train.controller.follow(workspace.root / "runs" / "tiny")
    qtbot.waitUntil(lambda: train.page.bench.height() > 150, timeout=20_000)


def test_a_run_without_values_keeps_nothing_of_the_axes_of_the_run_before(explorer, train, workspace, qtbot):
    plots = train.page.plots
    ranges = [card.plot.getViewBox().viewRange()[1] for card in plots.cards]
    plots.cards[0].plot.getViewBox().setXRange(10, 20, padding=0)
    plots._by_hand()  # as the wheel does
    new = shutil.copytree(workspace.root / "runs" / "tiny", workspace.root / "runs" / "new")
    for metrics in new.glob("variants/*/metrics.jsonl"):
        metrics.write_text("")
    train.controller.follow(new)
    qtbot.waitUntil(lambda: train.state.watched is not None and train.state.watched.name == "new", timeout=20_000)
    shown(explorer)
    for card in plots.cards:
        view = card.plot.getViewBox()
        assert view.viewRange()[0][1] < 3, card.panel.name
        if card.panel.name != "implied_m":  # whose axis is the same for every run
            assert view.viewRange()[1] == [0, 1], card.panel.name
        assert all(line.getData()[0] is None or not len(line.getData()[0]) for line in card._lines.values())
    train.controller.follow(workspace.root / "runs" / "tiny")
    qtbot.waitUntil(lambda: train.state.watched is not None and train.state.watched.name == "tiny", timeout=20_000)
    shown(explorer)
    assert plots.cards[0].plot.getViewBox().viewRange()[0][1] > 40
    qtbot.waitUntil(lambda: [c.plot.getViewBox().viewRange()[1] for c in plots.cards] == ranges, timeout=10_000)


def test_a_run_that_is_opened_is_never_shown_with_steps_or_numbers_of_the_run_before(explorer, train, workspace, qtbot):
    """The page is brought up to date a part a turn; none of these turns may mix two runs."""
    new = shutil.copytree(workspace.root / "runs" / "tiny", workspace.root / "runs" / "new")
    for log in [*new.glob("variants/*/metrics.jsonl"), *new.glob("variants/*/probe.jsonl")]:
        log.write_text("")
    (new / "probe.json").unlink()
    page, seen = train.page, []

    def look() -> None:
        if page.showing_training:
            plots = page.plots
            seen.append(
                {
                    "name": page.head.name.text(),
                    "values": {text for row in plots.readout.texts for text in row},
                    "lines": [line.getData()[0] for card in plots.cards for line in card._lines.values()],
                    "sentences": page.probe._area.isVisible(),
                    "heat": [each.text_at(QPointF(each.width() - 2, 1)) for each in page.heat.maps.values()],
                    "step": "step 40 of" in texts(page),
                }
            )

    look()
    assert seen.pop()["step"]
    train.renderer.refresh.stop()  # the turns are taken by hand
    train.controller.follow(new)
    qtbot.waitUntil(lambda: train.state.watched is not None and train.state.watched.name == "new", timeout=20_000)
    train.renderer.refresh._in_view = True
    while train.renderer.refresh._dirty:
        train.renderer.refresh._next()
        look()
    assert seen
    for each in seen:
        assert each["name"] == "new"
        assert each["values"] == {"–"}
        assert all(x is None or not len(x) for x in each["lines"])
        assert not any(each["heat"])
        assert not each["sentences"]
        assert not each["step"]


def test_another_run_is_laid_over_the_curves_and_named_in_the_table(explorer, train, workspace, qtbot):
    other = shutil.copytree(workspace.root / "runs" / "tiny", workspace.root / "runs" / "longer")
    for log in other.glob("variants/*/metrics.jsonl"):
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        for line in lines:
            line.pop("digest")
            line["step"] *= 10
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    own = train.page.plots.readout.texts
    train.page.head.compare_menu.chosen.emit("longer")
    qtbot.waitUntil(lambda: "longer" in train.state.others, timeout=20_000)
    shown(explorer)
    kl = train.page.plots.cards[2]
    assert kl.others["longer/vae"][0].tolist() == [200, 400]
    assert kl.others["longer/vae"][1] == pytest.approx(kl._lines["vae", "test"].getData()[1])
    assert kl._lines["vae", "train"].getData()[0].tolist() == [10, 20, 30, 40]
    assert kl.plot.getViewBox().viewRange()[0][1] > 400
    table = train.page.plots.readout
    assert table.texts[:2] == own
    assert len(table.texts) == 4
    assert "longer · VAE" in texts(table)
    assert "dashed: other runs" in texts(table)
    train.page.head.compare_menu.chosen.emit("longer")
    shown(explorer)
    assert kl.others == {}
    assert table.texts == own
    assert kl.plot.getViewBox().viewRange()[0][1] < 50
