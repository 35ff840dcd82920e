"""The page of keys: those of the window's actions as they are, and those that single parts of it take themselves."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from PySide6.QtGui import QAction, QKeySequence

_SHORT = 3
"""Signs of a key such as "F12"; longer names without a modifier are of keys that most keyboards lack, as "Undo"."""

Rows = tuple[tuple[str, str], ...]

PARTS: tuple[tuple[str, Rows], ...] = (
    (
        "Going about",
        (
            ("Tab, Shift+Tab", "to the next control as one reads, or the one before"),
            ("Space, Enter", "press the button that has the keyboard"),
            ("Arrow keys", "among tabs and choices, and along a slider"),
            ("Left, Right", "the step between A and B, where nothing else takes them"),
        ),
    ),
    (
        "In the search",
        (
            ("Enter, Shift+Enter", "click the next sentence found, or the one before"),
            ("Ctrl+Enter", "select what was found"),
            ("Down", "into the list of what was found"),
            ("Escape", "clear the search and go to the maps; also from the list and from a map"),
        ),
    ),
    (
        "In the list of what was found or selected",
        (
            ("Up, Down, Page Up, Page Down, Home, End", "click another sentence"),
            ("Enter, Space", "click the sentence again"),
            ("S", "send it, as any row"),
            ("A, B, T", "make it the end A or B, or keep it in the table"),
            ("Ctrl+C", "copy it"),
        ),
    ),
    (
        "On a map",
        (
            ("Arrow keys", "to the next point in that direction; the first press begins at the clicked point"),
            ("Enter, Space", "click the point"),
            ("Shift+Arrow keys", "move the map"),
            ("G, click on empty ground", "guess what the models would say in the middle of the map, or there"),
            ("+, =, −", "zoom in and out"),
            ("Home, 0", "show all points"),
            ("A, B", "the point becomes the end A or B"),
            ("X", "take the point into the selection, or out of it"),
            ("Shift+drag, Shift+click", "add what is inside a box, or the point, to the selection"),
            ("Ctrl+drag, Alt+drag, also a click", "take it out of the selection"),
            ("Shift+Ctrl+drag, Shift+Alt+drag", "keep only what is selected and inside"),
            ("Escape", "let go of the guess or the path, then of the selection, then of what the search has found"),
            ("Menu", "what can be done with the point, as a path to it from the clicked sentence"),
        ),
    ),
    (
        "In a list of sentences",
        (
            ("Up, Down, Page Up, Page Down, Home, End", "to another row"),
            ("1, 2, 3, …", "choose the sentence of that column"),
            (
                "S",
                "send the row: then <b>R</b>econstruct, <b>A</b>, t<b>H</b>rough, <b>B</b>, tra<b>V</b>erse, "
                "ar<b>I</b>thmetic, <b>N</b>eighbours or <b>T</b>able",
            ),
            ("A, B, T", "send the row to A, to B, or to the table"),
            ("Ctrl+C", "copy the row"),
            ("Delete", "remove the row from the table, a sentence from a group, or a saved selection"),
        ),
    ),
    (
        "In a new training",
        (("Escape", "from the text or the settings back to the training; what was chosen stays"),),
    ),
    (
        "In the table of Evaluate",
        (
            ("Arrow keys, Home, End", "to another number"),
            ("Enter, Space", "open what stands behind the number; on a sentence behind it, click that on the maps"),
            ("Escape", "close what is open beside the table"),
        ),
    ),
    (
        "In a field for a sentence",
        (
            ("Enter", "the sentence counts at once"),
            ("Backspace, Delete, Escape", "take a point away"),
            ("Ctrl+V", "put a sentence in its place"),
            ("Ctrl+Z, Ctrl+Shift+Z", "undo and redo what is typed; elsewhere, what was done last"),
        ),
    ),
    (
        "In the beam tree and in token credit",
        (
            ("Left, Right, Up, Down", "to the next word, or to another way"),
            ("Home, End", "to the first word, or to the last"),
        ),
    ),
    (
        "While a survey is taken",
        (
            ("1, Left", "the first sentence, or yes"),
            ("2, Right", "the second sentence, or no"),
            ("0, Down", "can't decide"),
            ("Y, N", "yes, no"),
            ("Backspace, Up", "back to the question before"),
            ("Escape", "break off; what was answered is kept"),
        ),
    ),
)
"""Titles of parts of the window, and in each the keys and what they do, in HTML."""


def page(actions: Iterable[QAction]) -> str:
    """All keys as HTML: the actions' own first, which hold wherever one is."""
    own = tuple((_keys_of(action), _name(action)) for action in actions if action.shortcuts())
    return "".join(_table(title, rows) for title, rows in (("Everywhere", own), *PARTS))


def _name(action: QAction) -> str:
    """What it does; of undo and redo, without what they would do now."""
    name = action.text()
    first = name.partition(": ")[0]
    return escape(first if first in ("Undo", "Redo") else name.rstrip("…"))


_RARE = {f"F{number}" for number in range(13, 36)}
"""Keys that hardly any keyboard has; Qt counts some among the usual ones."""


def _keys_of(action: QAction) -> str:
    native = [each.toString(QKeySequence.SequenceFormat.NativeText) for each in action.shortcuts()]
    usual = [each for each in native if "+" in each or (len(each) <= _SHORT and each not in _RARE)]
    return ", ".join(dict.fromkeys(usual or native))


def _table(title: str, rows: Rows) -> str:
    lines = (f'<tr><td width="190"><b>{escape(keys)}</b></td><td>{does}</td></tr>' for keys, does in rows)
    return f"<h3>{escape(title)}</h3><table cellpadding='3'>{''.join(lines)}</table>"
