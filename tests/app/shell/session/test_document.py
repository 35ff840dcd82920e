"""Sessions as text: what is written is read again, and nothing else is read."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

import numpy as np
import pytest
from xxhash import xxh3_128

from app.bench.interpolate.state import InterpolateWish
from app.bench.rows import GatheredRow
from app.bench.table.state import TableWish
from app.bench.traverse.state import TraverseWish
from app.core.choice import Choice
from app.core.picks import Numbers, Origin, Pick
from app.core.values import Column
from app.maps.state import MapsWish
from app.shell.choosing import ChoiceWish
from app.shell.session.document import TABLE, Head, Lines, read, rows_in, text_of, wish_types

POINT = Pick("a point", {"vae": (0.1, -2.5)}, "by hand", origin=Origin("novel", 2000))
ROW = GatheredRow(
    "Where\u2028is\x85it?\ud800",
    {"vae": "Here."},
    "greedy",
    ("A", "B"),
    3,
    4,
    Origin("novel"),
    (Column("vae", "VAE", "#56B4E9", 1.0),),
    {"vae": Numbers(np.float32(0.5), math.nan, None, "how", -math.inf)},  # type: ignore[arg-type]
    17,
    POINT,
)
HEAD = Head("/a/b", "novel", 2000, 2000, "c", "m", "Train", "Traverse")
WISHES = {
    "Choice": ChoiceWish(Choice(True, "greedy", 3, 4, 0.5, True, 5)),
    "Maps": MapsWish(Pick("ÄÖ 漢 \n", index=np.int64(3)), "cat", "length", True, False, ("vae",), ("Table",), "label"),  # type: ignore[arg-type]
    "Interpolate": InterpolateWish(POINT, Pick(""), (Pick("x"), POINT), 3, 2, True, True),
    "Traverse": TraverseWish(POINT, False, "principal", False, 3, "steps", 2, {"vae": (1.0, 0.0, -0.5)}),
    TABLE: TableWish((ROW, replace(ROW, step=4))),
}


def written() -> str:
    lines = Lines()
    return text_of(HEAD, lines.features(WISHES), lines.rows(WISHES))


def test_what_is_written_is_read_again():
    found = read(written())
    assert found.head == HEAD
    assert dict(found.wishes) == WISHES
    row = found.wishes[TABLE].rows[0]
    numbers = row.numbers["vae"]
    assert (numbers.log_probability, numbers.input_log_probability) == (0.5, -math.inf)
    assert math.isnan(numbers.kl)
    assert (row.index, row.pick, row.columns) == (ROW.index, ROW.pick, ROW.columns)


def test_every_feature_has_a_default_for_all_that_is_wanted_of_it():
    types = wish_types()
    assert len(types) == 12
    for name, kind in types.items():
        text = text_of(HEAD, [json.dumps({"of": name, "wish": {}})], [])
        assert read(text).wishes[name] == kind()
        assert len({each.name for each in fields(kind)}) == len(fields(kind))


def test_rows_are_lines_that_stay_the_same():
    lines = Lines()
    assert rows_in(written()) == lines.rows(WISHES) == lines.rows(WISHES)


def sealed(head: str, *lines: str) -> str:
    """A document with a digest that holds."""
    first, _, body = text_of(HEAD, lines, []).partition("\n")
    made = {**json.loads(first), **json.loads(head)}
    made.pop("digest")
    digest = xxh3_128(f"{json.dumps(made)}\n{body}".encode()).hexdigest()  # as FORMAT.md says
    return f"{json.dumps({**made, 'digest': digest})}\n{body}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("[]", "no object"),
        ('{"kind": "another"}', "no session"),
        (sealed('{"version": 2}'), "its version is 2"),
        (sealed("{}", "{}").replace("{}", "{ }"), "damaged"),
        (sealed('{"page": "Nowhere"}'), "none that can be"),
        (sealed('{"tab": "Nowhere"}'), "no such page or tab"),
        (sealed("{}", '{"of": "Maps", "wish": {"colour_by": "taste"}}'), "none that can be"),
        (sealed("{}", '{"of": "Interpolate", "wish": {"steps": "many"}}'), "none that can be"),
        (sealed("{}", '{"of": "Interpolate", "wish": null}'), "none that can be"),
        (sealed("{}", '{"row": {"source": "no sentences"}}'), "none that can be"),
        (sealed("{}", "[1]"), "no object"),
        (sealed("{}", "[" * 100_000), "nested too deeply"),
    ],
)
def test_nothing_else_is_read(text, reason):
    with pytest.raises(ValueError, match=reason):
        read(text)


def test_any_sign_that_changes_is_found():
    text = written()
    for at in range(0, len(text), 97):
        damaged = text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]
        with pytest.raises(ValueError, match=r"\w"):
            read(damaged)
