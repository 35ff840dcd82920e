"""What is said of collapse, and that every number of `diagnose` is told with its trap."""

from __future__ import annotations

import math

import pytest

from app.core.values import Column
from app.diagnosis import words
from app.diagnosis.state import Estimate, Known
from engine.cli.diagnosis import ROWS
from engine.diagnostics.report import judge_by_kl
from tests.app.diagnosis.results import estimate, result, variant
from tests.app.fakes import COLUMNS


def test_every_number_of_the_command_is_there_with_a_meaning():
    ours = {number.key for number in words.NUMBERS}
    assert {key for _, key, _ in ROWS} <= ours
    whole = result()["variants"]["vae"]
    assert {key for key, value in whole.items() if isinstance(value, dict) and "value" in value} == ours
    for number in words.NUMBERS:
        meaning = words.meaning_of(number, result())
        assert meaning.endswith(".")
        assert 20 < len(meaning) < 160
        assert "{" not in meaning


def test_meanings_name_what_their_number_depends_on():
    meanings = {number.key: words.meaning_of(number, result(threshold=0.25)) for number in words.NUMBERS}
    assert f"{math.log(60):.2f} (ln N)" in meanings["mutual_information"]
    assert "first 6 sentences" in meanings["nll"]
    assert "K = 10" in meanings["nll"]
    assert "more than 0.25" in meanings["active_units"]


@pytest.mark.parametrize(("kl", "said"), [(0.02, "next to nothing (KL 0.02)"), (3.5, "at most 33 kinds of sentence")])
def test_an_estimate_says_that_it_is_one_and_why_and_what_to_try(kl, said):
    given = Estimate(judge_by_kl(kl), kl, "A larger m (--variants autogen-m2)", "The KL is small.")
    found = words.finding_of_estimate(given)
    assert "(estimate)" in found.title
    assert said in found.text
    assert found.text.endswith("Try a larger m.")
    assert "A larger m: The KL is small." in found.details
    assert "--" not in found.text + found.details


def test_the_diagnosis_takes_the_place_of_the_estimate_with_the_numbers_that_its_window_says():
    known = Known(
        {
            "vae": Estimate("weak", 3.4),
            "autogen-m1": Estimate("healthy", 16.9),
            "other": Estimate("collapsed", 0.1),
        }
    )
    deaf = result()
    deaf["variants"]["autogen-m1"] = variant("AutoGen m=1", 17.25, "collapsed", "A smaller m")
    found = words.findings(known, deaf)
    assert found["vae"].title == "Weak"
    assert f"{math.exp(3.5):,.0f} kinds" in found["vae"].text
    assert (found["autogen-m1"].verdict, found["autogen-m1"].title) == ("collapsed", "Collapsed")
    assert "does not notice whose z it gets (KL 17.2)" in found["autogen-m1"].text
    assert "Measured over 60 test sentences." in found["vae"].details
    assert found["other"].title == "Collapsed (estimate)"
    assert words.findings(known, None)["autogen-m1"].verdict == "healthy"


def test_values_are_shown_with_their_interval_and_a_minus_that_is_one():
    number = {each.key: each for each in words.NUMBERS}
    assert words.shown(number["elbo"], estimate(-33.456, 0.25)) == ("−33.46", "−33.71 to −33.21")
    assert words.shown(number["kl_share"], estimate(0.0952, 0.01)) == ("9.5%", "8.5 to 10.5")
    assert words.shown(number["active_units"], estimate(6, 1)) == ("6", "5 to 7")
    assert words.shown(number["mutual_information"], estimate(-0.001, 0.003)) == ("0.00", "0.00 to 0.00")


def test_the_table_for_programs_has_every_number_of_every_variant():
    header, lines = words.long_table(result())
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    assert len(rows) == 2 * len(words.NUMBERS)
    (found,) = [row for row in rows if (row["variant"], row["number"]) == ("vae", "swap_loss")]
    assert (found["value"], found["low"], found["high"], found["n"]) == (15.5, 15.4, 15.6, 60)
    assert (found["run"], found["step"], found["model"], found["verdict"]) == ("demo", 40, "VAE", "weak")


def test_the_text_for_the_clipboard_is_a_table_with_the_report_beneath():
    lines = words.as_text(result(), "").splitlines()
    assert lines[0].split("\t") == ["demo, step 40", "VAE", "AutoGen m=1"]
    assert lines[1].split("\t") == ["Verdict", "weak", "healthy"]
    assert "KL\t3.50 (3.40 to 3.60)\t17.25 (17.15 to 17.35)" in lines
    assert "One finding of VAE." in lines
    assert "A larger m (--variants autogen-m2). The KL is 3.5 nats." in lines


def test_progress_never_runs_back_over_the_stages_that_diagnose_reports():
    names, effort, come = ["VAE", "VAE + annealing"], (3.0, 1.0), []
    for name in names:
        for part in ("swapping z", "importance samples"):
            come += [words.fraction(names, f"{name}: {part}", done, 20, effort) for done in (0, 10, 20)]
    assert come == pytest.approx(
        [0, 3 / 16, 6 / 16, 6 / 16, 7 / 16, 8 / 16, 8 / 16, 11 / 16, 14 / 16, 14 / 16, 15 / 16, 1]
    )
    assert words.fraction(names, "reading", 3, 10, effort) is None
    assert words.stage_in_words("reading") == "Reading the text"


def test_columns_keep_their_colour_and_unknown_ones_their_name():
    assert words.labels(COLUMNS, ["autogen-m1", "gone"]) == [COLUMNS[1], Column("gone", "gone", "")]
