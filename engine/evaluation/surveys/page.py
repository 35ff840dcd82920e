"""A form as one web page that needs nothing else: no network, no other file, no program but a browser.

Its parts lie in `assets/survey/`. What respondents and models wrote is data in it, never markup: the browser is told by
a policy to run this one script and to fetch nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from string import Template

from engine.errors import from_os_error
from engine.evaluation.surveys.forms import Form, form_of
from engine.evaluation.surveys.survey import Survey
from engine.storage.files import export_all
from engine.workspace import CHECKOUT

PARTS = CHECKOUT / "assets" / "survey"
_NOT_IN_SCRIPT = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}
"""Characters of JSON that could end a script, written so that they cannot."""


def page_of(form: Form) -> str:
    """The page of a form, as HTML.

    Raises:
        LoomError: a part of it cannot be read.
    """
    style, script = _part("page.css"), _part("page.js")
    # Halves of characters, which no file can hold, become escapes as well.
    data = json.dumps(form.public(), ensure_ascii=True, separators=(",", ":")).translate(_NOT_IN_SCRIPT)
    return Template(_part("page.html")).substitute(
        number=form.number,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        form=data,
    )


def write_pages(folder: Path, survey: Survey, numbers: Iterable[int]) -> list[Path]:
    """Write the pages of the forms of these numbers into a folder, all of them or none; returns the files.

    Raises:
        LoomError: one cannot be written.
    """
    files = {folder / page_name(number): number for number in numbers}

    def write(number: int, path: Path) -> None:
        path.write_text(page_of(form_of(survey, number)), encoding="utf-8", newline="\n")

    export_all((file, partial(write, number)) for file, number in files.items())
    return list(files)


def page_name(form: int) -> str:
    """What the file of a form's page is called."""
    return f"form-{form:03d}.html"


def _part(name: str) -> str:
    path = PARTS / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise from_os_error(error, f"reading {path}") from error


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
