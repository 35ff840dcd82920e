"""Merging: every sitting counts once, and what cannot count is refused with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import LoomError
from engine.evaluation.surveys.forms import form_of
from engine.evaluation.surveys.merging import kept, merged, take_in
from engine.evaluation.surveys.place import Place
from engine.evaluation.surveys.response import answered, write_response
from tests.engine.evaluation.surveys.rooms import a_survey, respond

SURVEY = a_survey()


def at(saved: str) -> dict[str, object]:
    return {"saved": f"2026-01-01T{saved}:00+00:00"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "mine")


def sent(tmp_path: Path, name: str, response: object) -> Path:
    path = tmp_path / "sent" / name
    write_response(path, response)  # type: ignore[arg-type]
    return path


def test_good_files_are_taken_in_whatever_the_others_are(place: Place, tmp_path: Path) -> None:
    good = respond(SURVEY, 1, lambda item: "first")
    short = respond(SURVEY, 2, lambda item: "second", answers=5)
    other = respond(a_survey(seed=9), 1, lambda item: "first")
    files = [sent(tmp_path, "1.json", good), sent(tmp_path, "2.json", short), sent(tmp_path, "3.json", other)]
    cut = sent(tmp_path, "4.json", respond(SURVEY, 4, lambda item: "first"))
    cut.write_text(cut.read_text(encoding="utf-8")[:100], encoding="utf-8")
    taken = take_in(place, SURVEY, [*files, cut])
    assert {each.response for each in taken.responses} == {good.response, short.response}
    assert [(file, error.message.split(" ", 1)[1][:15]) for file, error in taken.refused] == [
        (files[2], "answers another"),
        (cut, "is cut off or n"),
    ]
    now = kept(place, SURVEY)
    assert (len(now.responses), now.unfinished, now.refused) == (2, 1, ())


def test_the_same_file_twice_counts_once(place: Place, tmp_path: Path) -> None:
    response = respond(SURVEY, 1, lambda item: "first")
    one, copy = sent(tmp_path, "a.json", response), sent(tmp_path, "a (1).json", response)
    first = take_in(place, SURVEY, [one, copy])
    assert (len(first.responses), first.again) == (1, (copy,))
    again = take_in(place, SURVEY, [one])
    assert (again.responses, again.again) == ((), (one,))
    assert len(kept(place, SURVEY).responses) == 1


def test_of_two_states_of_a_sitting_the_later_one_counts_in_any_order(place: Place, tmp_path: Path) -> None:
    early = respond(SURVEY, 1, lambda item: "first", answers=3).model_copy(update=at("10:00"))
    form, late = form_of(SURVEY, 1), early
    for item in form.items[3:]:
        late = answered(late, form, item.question.id, "left", 10)
    late = late.model_copy(update=at("11:00"))
    files = [sent(tmp_path, "early.json", early), sent(tmp_path, "late.json", late)]
    taken = take_in(place, SURVEY, files)
    assert (taken.responses, taken.newer, taken.again) == ((late,), (late.response,), ())
    assert take_in(place, SURVEY, files[:1]).again == (files[0],)
    assert kept(place, SURVEY).responses == (late,)
    pairs = [(Path("late"), late), (Path("early"), early)]
    assert merged(pairs).responses == merged(pairs[::-1]).responses == (late,)


def test_two_people_may_have_the_same_form(place: Place, tmp_path: Path) -> None:
    files = [sent(tmp_path, f"{n}.json", respond(SURVEY, 1, lambda item: "first")) for n in range(2)]
    assert len(take_in(place, SURVEY, files).responses) == 2


def test_a_file_that_was_damaged_in_the_folder_is_told(place: Place, tmp_path: Path) -> None:
    take_in(place, SURVEY, [sent(tmp_path, "1.json", respond(SURVEY, 1, lambda item: "first"))])
    (file,) = place.response_files()
    file.write_text(file.read_text(encoding="utf-8").replace("left", "right", 1), encoding="utf-8")
    found = kept(place, SURVEY)
    assert found.responses == ()
    assert "was changed" in found.refused[0][1].message


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a file where the folder would be", encoding="utf-8")
    file = sent(tmp_path, "1.json", respond(SURVEY, 1, lambda item: "first"))
    with pytest.raises(LoomError):
        take_in(Place(tmp_path / "mine"), SURVEY, [file])


def test_where_one_response_cannot_be_written_none_is(place: Place, tmp_path: Path) -> None:
    early = respond(SURVEY, 1, lambda item: "first", answers=3).model_copy(update=at("10:00"))
    take_in(place, SURVEY, [sent(tmp_path, "early.json", early)])
    late = answered(early, form_of(SURVEY, 1), form_of(SURVEY, 1).items[3].question.id, "left", 10)
    others = [respond(SURVEY, number, lambda item: "first") for number in (2, 3)]
    files = [sent(tmp_path, f"{each.response}.json", each) for each in (late.model_copy(update=at("11:00")), *others)]
    in_the_way = place.response_file(others[1].response)
    in_the_way.mkdir()
    with pytest.raises(LoomError, match="no regular file"):
        take_in(place, SURVEY, files)
    assert kept(place, SURVEY).responses == (early,)
    in_the_way.rmdir()
    taken = take_in(place, SURVEY, files)
    assert (len(taken.responses), taken.newer, taken.again) == (3, (late.response,), ())
