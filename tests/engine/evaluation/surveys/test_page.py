"""The web page of a form, in a real browser from a file, as a respondent has it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import LoomError
from engine.evaluation.surveys.forms import Form, form_of
from engine.evaluation.surveys.merging import take_in
from engine.evaluation.surveys.page import page_of, write_pages
from engine.evaluation.surveys.place import Place
from engine.evaluation.surveys.response import check_response, read_response, response_of
from engine.evaluation.surveys.survey import Survey
from tests.engine.evaluation.surveys.browser import CHROMIUM, PATIENCE, Browser
from tests.engine.evaluation.surveys.rooms import TRICKY, a_survey

SURVEY = a_survey(tricky=TRICKY)
SINGLE = a_survey("generation", (("a",), ("b",)), tricky=TRICKY)
FILE = "document.querySelector('textarea').value"

in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed; .ci/run installs it")
Open = Callable[[], Browser]


@pytest.fixture
def browse(tmp_path: Path) -> Iterator[Open]:
    """Browsers that share a profile, one after the other."""
    opened: list[Browser] = []

    def start() -> Browser:
        opened.append(Browser(tmp_path / "profile", tmp_path))
        return opened[-1]

    yield start
    for browser in opened:
        browser.close()


def page(tmp_path: Path, survey: Survey = SURVEY, number: int = 2) -> tuple[Path, Form]:
    form = form_of(survey, number)
    (file,) = write_pages(tmp_path, survey, [number])
    return file, form


def test_it_names_no_model_no_other_file_and_no_address() -> None:
    survey = a_survey(groups=(("autogen-m1", "vae-annealed"), ("vae-annealed", "vae")))
    form = form_of(survey, 1)
    whole = page_of(replace(form, items=()))  # the sentences of these surveys begin with their models
    assert not re.search(r"autogen|annealed|vae|\"turned|trial", whole, re.IGNORECASE)
    assert not re.search(r"(src|href)\s*=|https?://|@import|url\(", whole.replace("link.href = address", ""))
    assert len({item.question.group for item in form.items}) == 3


def test_where_one_page_cannot_be_written_none_is(tmp_path: Path) -> None:
    (tmp_path / "form-003.html").mkdir()
    with pytest.raises(LoomError, match=r"form-003\.html is no regular file"):
        write_pages(tmp_path, SURVEY, range(1, 5))
    assert [path.name for path in tmp_path.iterdir()] == ["form-003.html"]


def test_text_cannot_end_the_script() -> None:
    whole = page_of(form_of(SURVEY, 2))
    assert whole.count("</script>") == 2
    assert "<!--" not in whole
    data = re.search(r'<script type="application/json" id="form">(.*?)</script>', whole, re.DOTALL)
    assert data is not None
    assert json.loads(data[1]) == form_of(SURVEY, 2).public()
    assert "\u2028" not in whole


@in_a_browser
def test_sentences_are_seen_to_the_letter(browse: Open, tmp_path: Path) -> None:
    file, form = page(tmp_path)
    browser = browse()
    browser.open(file)
    browser.run("document.getElementById('start').click()")
    for item in form.items:
        assert browser.run("document.getElementById('sentence').textContent") == item.question.sentence
        words = browser.run("[...document.querySelectorAll('.words')].map((each) => each.textContent)")
        assert tuple(words) == item.shown
        if "שלום" in item.question.sentence:
            assert browser.run("getComputedStyle(document.getElementById('sentence')).direction") == "rtl"
        browser.press("1")
    assert browser.run("document.title") == "Survey, form 2"
    fetched = [
        each["params"]["request"]["url"] for each in browser.told if each["method"] == "Network.requestWillBeSent"
    ]
    assert set(fetched) == {file.as_uri()}
    assert not [each for each in browser.told if each["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]


@in_a_browser
def test_the_keys_answer_and_go_back_and_the_file_is_taken_in(browse: Open, tmp_path: Path) -> None:
    file, form = page(tmp_path)
    browser = browse()
    browser.open(file)
    browser.run("document.getElementById('name').value = 'Zoë \"😀\" \\u007f'")
    browser.press("Enter")
    keys = ["1", "ArrowLeft", "2", "ArrowRight", "0", "ArrowDown"]
    wanted = ["left", "left", "right", "right", "undecided", "undecided"]
    for key in keys:
        browser.press(key)
    assert browser.run("document.getElementById('count').textContent") == "Question 7 of 14"
    browser.press("Backspace")
    assert browser.run("document.querySelector('[aria-pressed=true]').dataset.answer") == "undecided"
    browser.press("ArrowUp")
    browser.press("2", modifiers=2)  # Ctrl+2 is the browser's own
    assert browser.run("document.getElementById('count').textContent") == "Question 5 of 14"
    browser.press("2")
    wanted[4] = "right"
    browser.press("0")
    for _ in form.items[6:]:
        browser.run("document.querySelector('[data-answer=left]').click()")
    assert browser.run("document.getElementById('progress').value") == 14
    response = response_of(browser.run(FILE), "the text")
    check_response(response, form, "the text")
    assert response.finished
    assert response.source == "page"
    assert response.respondent == 'Zoë "😀" \x7f'
    assert [each.answer for each in response.answers] == [*wanted, *["left"] * 8]
    assert [each.question for each in response.answers] == [item.question.id for item in form.items]
    browser.run("document.getElementById('download').click()")
    until = time.monotonic() + PATIENCE
    while not (found := list(tmp_path.glob("answers-*.json"))) and time.monotonic() < until:
        time.sleep(0.05)
    assert read_response(found[0]) == response
    assert response.response in found[0].name
    assert take_in(Place(tmp_path / "mine"), SURVEY, found).responses == (response,)


@in_a_browser
def test_who_breaks_off_goes_on_where_it_was(browse: Open, tmp_path: Path) -> None:
    file, form = page(tmp_path, SINGLE)
    first = browse()
    first.open(file)
    first.run("document.getElementById('start').click()")
    for key in ("y", "n", "1"):
        first.press(key)
    first.open(file)  # loaded anew
    # What a page has stored may reach the next one a moment after it was loaded, which then goes on by itself.
    shown = "(document.getElementById('start') || document.getElementById('count')).textContent"
    first.wait(f"{shown}.includes('uestion 4')")
    first.close()
    second = browse()
    second.open(file)
    second.wait("document.getElementById('start').textContent === 'Go on with question 4'")
    second.press("Enter")
    second.wait("document.getElementById('count').textContent === 'Question 4 of 10'")
    for _ in form.items[3:]:
        second.press("2")
    response = response_of(second.run(FILE), "the text")
    check_response(response, form, "the text")
    assert [each.answer for each in response.answers] == ["yes", "no", "yes", *["no"] * 7]
    # Another form beside it begins empty.
    other, _ = page(tmp_path, SINGLE, 3)
    second.open(other)
    assert second.run("document.getElementById('start').textContent") == "Start"


@in_a_browser
def test_a_browser_that_keeps_nothing_says_so_and_lets_answers_be_saved(browse: Open, tmp_path: Path) -> None:
    file, form = page(tmp_path)
    browser = browse()
    full = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
    browser.ask("Page.addScriptToEvaluateOnNewDocument", source=full)
    browser.open(file)
    browser.run("document.getElementById('start').click()")
    browser.press("1")
    assert "does not keep" in browser.run("document.querySelector('.warning').textContent")
    browser.run("[...document.querySelectorAll('button')].find((each) => each.textContent.startsWith('Save')).click()")
    until = time.monotonic() + PATIENCE
    while not (found := list(tmp_path.glob("answers-*.json"))) and time.monotonic() < until:
        time.sleep(0.05)
    response = read_response(found[0])
    check_response(response, form, "it")
    assert (len(response.answers), response.finished) == (1, False)
