"""Taking a survey in the app: every answer is on the disk at once, and one can go on where one broke off."""

from __future__ import annotations

import pytest

from app.survey.taker import Taker
from engine.evaluation.surveys.forms import form_of
from engine.evaluation.surveys.response import check_response, read_response


class Clock:
    """Seconds that a test lets pass."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def taker(controller, clock):
    return Taker(controller.state, controller, clock)


def test_every_answer_is_kept_at_once(taker, controller, place, clock):
    state = controller.state
    taker.begin()
    assert (state.taking.form.number, state.taking.at) == (3, -1)
    taker.start("  Carol ")
    file = place.response_file(state.taking.response.response)
    assert not file.exists()  # nothing was answered yet
    for number, answer in enumerate(("left", "right", "undecided"), start=1):
        clock.now += 2.5
        taker.answer(answer)
        kept = read_response(file)
        assert (len(kept.answers), kept.finished, kept.respondent) == (number, False, "Carol")
    assert [each.milliseconds for each in kept.answers] == [2500] * 3
    taker.back()
    clock.now += 1
    taker.answer("left")
    assert read_response(file).answers[2].answer == "left"
    assert read_response(file).answers[2].milliseconds == 3500
    while state.taking.at < len(state.taking.form.items):
        taker.answer("right")
    done = read_response(file)
    assert done.finished
    check_response(done, form_of(state.known.survey, 3), "it")
    taker.answer("left")  # there is no question any more
    assert read_response(file) == done
    taker.leave()
    assert state.taking is None
    assert len(state.known.responses) == 3


def test_who_broke_off_goes_on_at_the_first_open_question(taker, controller):
    state = controller.state
    (bob,) = state.known.broken_off
    taker.begin(bob)
    assert (state.taking.form.number, state.taking.at) == (bob.form, 5)
    taker.back()
    assert state.taking.at == 4


def test_answers_of_another_kind_and_without_a_survey_are_ignored(taker, controller):
    taker.answer("left")
    taker.back()
    taker.start("")
    taker.leave()
    assert controller.state.taking is None
    taker.begin()
    taker.start("")
    taker.answer("yes")
    assert controller.state.taking.at == 0


def test_a_disk_that_takes_nothing_is_told_and_the_answers_stay(taker, controller, place):
    taker.begin()
    taker.start("")
    place.responses.rename(place.folder / "away")
    place.responses.write_text("in the way", encoding="utf-8")
    taker.answer("left")
    taking = controller.state.taking
    assert taking.problem
    assert len(taking.response.answers) == 1
    place.responses.unlink()
    (place.folder / "away").rename(place.responses)
    taker.answer("right")
    assert controller.state.taking.problem == ""
    assert len(read_response(place.response_file(taking.response.response)).answers) == 2


def test_answers_that_could_not_be_kept_are_not_lost_with_whoever_leaves(taker, controller, place):
    taker.begin()
    taker.start("")
    place.responses.rename(place.folder / "away")
    place.responses.write_text("in the way", encoding="utf-8")
    taker.answer("left")
    response = controller.state.taking.response
    taker.leave()
    assert controller.problems[0][0] == "Answers of a survey are not kept yet; looking at this page again tries it."
    assert controller.newest("mine", response.model_copy(update={"answers": ()})) == response, (
        "who goes on has them all"
    )
    place.responses.unlink()
    (place.folder / "away").rename(place.responses)
    controller.look()
    assert read_response(place.response_file(response.response)) == response
    assert response in controller.state.known.broken_off
    assert controller._unkept == {}


def test_a_name_that_is_given_later_is_kept_too(taker, controller, place):
    taker.begin()
    taker.start("")
    while controller.state.taking.at < len(controller.state.taking.form.items):
        taker.answer("right")
    while controller.state.taking.at > -1:
        taker.back()
    taker.start("Carol")
    assert read_response(place.response_file(controller.state.taking.response.response)).respondent == "Carol"
