"""Every format of a table keeps what is in it."""

from __future__ import annotations

import csv
import errno
import html.parser
import io
import json
import math
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import LoomError, UsageError
from engine.evaluation import tables, workbook
from engine.evaluation.tables import (
    TABLE_FORMATS,
    Table,
    checked_format,
    format_of,
    table_text,
    write_table,
    write_tables,
)
from tests.engine.evaluation.rooms import without_room

TABLE = Table(
    name="reconstruction",
    columns=("Input & output", "VAE", "n", "NLL", "kept"),
    rows=(
        ("=1+1", 'a|b, "c"; & % $ # _ { } ~ ^ \\ <unk> `x` *y*', 1, -0.5, True),
        ("[laughs]\nand goes", "", None, float("nan"), None),
        ("+49 or @home, - naïve “日本”", "007", 3, 1234.56789, False),
    ),
    caption="A & B of 100 %",
    notes=("seed 0", "n = 3, m_1 < 2 & more"),
)
EMPTY = Table("empty", ("a", "b"), ())
MISSING = (None, "")


def test_csv_and_tsv_keep_every_cell_as_it_is(tmp_path: Path) -> None:
    for name, separator in (("csv", ","), ("tsv", "\t")):
        path = tmp_path / f"table.{name}"
        write_table(TABLE, path, name)
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.reader(handle, delimiter=separator))
        assert rows == [
            list(TABLE.columns),
            ["=1+1", TABLE.rows[0][1], "1", "-0.5", "True"],
            ["[laughs]\nand goes", "", "", "", ""],
            ["+49 or @home, - naïve “日本”", "007", "3", "1234.56789", "False"],
        ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), st.integers(-(2**60), 2**60)),
        min_size=1,
        max_size=5,
    )
)
def test_csv_and_json_give_back_any_text_and_number(rows: list[tuple[str, int]]) -> None:
    table = Table("any", ("text", "number"), tuple(rows))
    read = list(csv.reader(io.StringIO(table_text(table, "csv"), newline="")))
    assert read[1:] == [[text, str(number)] for text, number in rows]
    document = json.loads(table_text(table, "json"))
    assert [(row["text"], row["number"]) for row in document["rows"]] == rows


def test_json_keeps_types_caption_and_notes(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "t.json", "json")
    document = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert document["columns"] == list(TABLE.columns)
    assert document["caption"] == TABLE.caption
    assert document["notes"] == list(TABLE.notes)
    rows = [tuple(row.values()) for row in document["rows"]]
    assert rows[0] == TABLE.rows[0]
    assert rows[1] == (*TABLE.rows[1][:3], None, None)
    assert rows[2] == TABLE.rows[2]
    infinite = Table("i", ("x",), ((math.inf,),))
    assert json.loads(table_text(infinite, "json"), parse_constant=pytest.fail)["rows"] == [{"x": None}]


def test_parquet_keeps_types_caption_and_notes(tmp_path: Path) -> None:
    import pandas as pd

    write_table(TABLE, tmp_path / "t.parquet", "parquet")
    frame = pd.read_parquet(tmp_path / "t.parquet")
    assert frame.attrs == {"name": TABLE.name, "caption": TABLE.caption, "notes": list(TABLE.notes)}
    assert [str(kind) for kind in frame.dtypes][2:] == ["Int64", "Float64", "boolean"]
    assert list(frame["VAE"]) == [row[1] for row in TABLE.rows]
    assert frame["n"].tolist() == [1, pd.NA, 3]
    assert frame["NLL"].isna().tolist() == [False, True, False]
    assert frame["NLL"][2] == 1234.56789
    write_table(Table("t", ("text", "kl"), (("a", None),)), tmp_path / "none.parquet", "parquet")
    assert str(pd.read_parquet(tmp_path / "none.parquet")["kl"].dtype) == "Float64"  # as where there are numbers


def test_xlsx_keeps_cells_and_takes_no_text_for_a_formula(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    odd = Table(
        "odd", (*TABLE.columns, "odd"), tuple((*row, "bell\a") for row in TABLE.rows), TABLE.caption, TABLE.notes
    )
    write_table(odd, tmp_path / "t.xlsx", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    rows = list(book["table"].iter_rows())
    assert [cell.value for cell in rows[0]] == list(odd.columns)
    assert (rows[1][0].value, rows[1][0].data_type) == ("=1+1", "s")
    assert [cell.value for cell in rows[1][1:]] == [TABLE.rows[0][1], 1, -0.5, True, "bell\ufffd"]
    assert [cell.value in MISSING for cell in rows[2][1:5]] == [True] * 4
    assert [cell.value for cell in rows[3][1:4]] == ["007", 3, 1234.56789]
    assert [row[0].value for row in book["about"].iter_rows()][1:-1] == [TABLE.caption, *TABLE.notes]


def test_texts_from_the_right_say_so_where_a_format_can(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    hebrew = "Windows 11 נפל אתמול בבית!"
    table = Table("t", ("text", "other"), ((hebrew, "Plain."),))
    assert f'<td><div dir="rtl">{hebrew}</div></td>' in table_text(table, "html")
    assert "<td>Plain.</td>" in table_text(table, "html")
    write_table(table, tmp_path / "t.xlsx", "xlsx")
    right, left = openpyxl.load_workbook(tmp_path / "t.xlsx")["table"][2]
    assert (right.value, right.alignment.readingOrder, right.alignment.horizontal) == (hebrew, 2, "right")
    assert left.alignment.readingOrder in (None, 0)
    assert hebrew in table_text(table, "csv")


def test_markdown_cells_come_back_when_the_escapes_are_undone() -> None:
    text = table_text(TABLE, "md")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    plain = [[re.sub(r"\\(.)", r"\1", cell).replace("<br>", "\n") for cell in row] for row in cells]
    assert plain[0] == list(TABLE.columns)
    assert plain[2:] == [
        [*TABLE.rows[0][:2], "1", "-0.5", "True"],
        ["[laughs]\nand goes", "", "", "", ""],
        ["+49 or @home, - naïve “日本”", "007", "3", "1234.57", "False"],
    ]
    assert set(cells[1][2]) == {"-", ":"}
    assert cells[1][2].endswith(":")
    assert "A & B of 100 %" in text.splitlines()[0]
    assert "- seed 0" in text.splitlines()


ODD = (
    "a|b \\\\| \\", "`x` *y* _z_ ~w~ **v**", "<unk> &lt; &amp; &#35; A & B", "$5 and $6^2", "[a](b) ![c](d)", "<b>",
    "007", "1e5", "# no heading", "- no list", "+ none", "1. none", "2) none", "= none", "---", ":-:", "a\nb", "a\r\nb",
    "a\rb", "a\tb", "\x01", "\\", "\\n", "http://a.b/c_d_e", "a  b", "NA", "",
)  # fmt: skip


def test_markdown_is_read_back_as_it_was_by_a_parser() -> None:
    markdown = pytest.importorskip("markdown_it")
    table = Table("odd", ("n | m", "*text*"), tuple(enumerate(ODD)), caption="007 *&lt;*", notes=ODD[:-1])
    read = markdown.MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(table_text(table, "md"))
    kinds = [token.type for token in read]
    cells = [
        (before.type, "".join(one.content for one in token.children).replace("<br>", "\n"))
        for before, token in pairwise(read)
        if token.type == "inline"
    ]
    seen = [re.sub("\r\n?", "\n", text).replace("\t", " ").replace("\x01", "\ufffd") for text in ODD]
    assert [said for kind, said in cells if kind == "th_open"] == ["n | m", "*text*"]
    assert [said for kind, said in cells if kind == "td_open"][1::2] == seen
    assert [said for kind, said in cells if kind == "paragraph_open"] == ["007 *&lt;*", *seen[:-1]]
    assert not {"heading_open", "hr", "ordered_list_open", "code_block", "fence", "blockquote_open"} & set(kinds)
    assert kinds.count("bullet_list_open") == 1
    inline = {one.type for token in read for one in token.children or ()}
    assert inline <= {"text", "text_special", "strong_open", "strong_close", "html_inline"}


def test_html_shows_tabs_and_every_end_of_a_line() -> None:
    text = table_text(Table("t", ("x",), (("a\tb\rc\r\nd\u2028e",),)), "html")
    cells = _Cells()
    cells.feed(text)
    assert cells.found["td"] == ["a\tb\nc\nd\ne"]


@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_what_programs_read_is_kept_to_the_letter(format: str) -> None:
    texts = [text for text in (*ODD, " before", "after ", '"', "a,b", "=1+1", "old\rmac", "\ufffe", "#N/A") if text]
    table = Table("t", ("text", "n"), tuple((text, 0.1) for text in texts))
    text = table_text(table, format)
    read = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if format == "tsv" else ",")
    assert [row[0] for row in read][1:] == texts
    import pandas as pd

    frame = pd.read_csv(io.StringIO(text), sep="\t" if format == "tsv" else ",", keep_default_na=False)
    assert [re.sub("\r\n?", "\n", text) for text in frame["text"]] == [re.sub("\r\n?", "\n", text) for text in texts]


def test_what_a_format_cannot_hold_or_may_be_taken_amiss_is_told(tmp_path: Path) -> None:
    table = Table("t", ("text",), (("=1+1",), ("- no",), ("half \ud83d",), ("bell\a",)))
    told = {format: write_table(table, tmp_path / "t", format) for format in TABLE_FORMATS}
    assert "2 cells. xlsx keeps it text." in told["csv"][1]
    assert told["csv"] == told["tsv"]
    assert "by \ufffd in 1 cell." in told["csv"][0]
    assert told["parquet"] == told["csv"][:1]
    assert "2 cells" in told["xlsx"][0]
    assert told["md"] == told["html"] == told["tex"]
    assert "Control characters" in told["md"][0]
    assert told["json"] == ()
    assert all(write_table(EMPTY, tmp_path / "e", format) == () for format in TABLE_FORMATS)


class _Cells(html.parser.HTMLParser):
    """Collects the text of cells, the caption and the notes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {"th": [], "td": [], "caption": [], "li": []}
        self._in = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in self.found:
            self._in = tag
            self.found[tag].append("")
        elif tag == "br":
            self.found[self._in][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        self._in = "" if tag == self._in else self._in

    def handle_data(self, data: str) -> None:
        if self._in:
            self.found[self._in][-1] += data


def test_html_cells_caption_and_notes_come_back() -> None:
    text = table_text(TABLE, "html")
    cells = _Cells()
    cells.feed(text)
    assert cells.found["th"] == list(TABLE.columns)
    assert cells.found["td"][:5] == [*TABLE.rows[0][:2], "1", "-0.5", "True"]
    assert cells.found["td"][5:10] == ["[laughs]\nand goes", "", "", "", ""]
    assert cells.found["caption"] == [TABLE.caption]
    assert cells.found["li"] == list(TABLE.notes)
    assert '<meta charset="utf-8">' in text


@pytest.mark.parametrize("format", TABLE_FORMATS)
def test_a_table_without_rows_can_be_written(tmp_path: Path, format: str) -> None:
    if format == "xlsx":
        pytest.importorskip("openpyxl")
    write_table(EMPTY, tmp_path / "e", format)
    assert (tmp_path / "e").stat().st_size > 0
    assert os.listdir(tmp_path) == ["e"]


def test_cells_of_several_kinds_and_numbers_of_numpy_are_written(tmp_path: Path) -> None:
    mixed = Table("mixed", ("x", "y"), (("a", np.float32(0.5)), (3, np.int64(2)), (None, None)))
    assert table_text(mixed, "csv") == "x,y\na,0.5\n3,2.0\n,\n"
    write_table(mixed, tmp_path / "m.parquet", "parquet")
    assert json.loads(table_text(mixed, "json"))["rows"][0] == {"x": "a", "y": 0.5}


def test_rows_and_headings_must_fit_together() -> None:
    with pytest.raises(LoomError, match="Row 2 of the table t has 1 cells for 2 columns"):
        Table("t", ("a", "b"), ((1, 2), (1,)))
    with pytest.raises(LoomError, match="same name"):
        Table("t", ("a", "a"), ())


def test_unknown_formats_and_missing_libraries_are_clear_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="'pdf'") as unknown:
        write_table(TABLE, tmp_path / "t.pdf", "pdf")
    assert "csv, tsv, md" in unknown.value.hint
    with pytest.raises(UsageError, match="not text"):
        table_text(TABLE, "parquet")
    monkeypatch.setattr(tables, "find_spec", lambda name: None)
    with pytest.raises(LoomError, match="need the library openpyxl") as missing:
        checked_format("xlsx")
    assert "pip install openpyxl" in missing.value.hint
    assert checked_format("csv") == "csv"


def test_the_format_is_what_was_asked_for_or_the_end_of_the_file_and_never_two(tmp_path: Path) -> None:
    assert format_of(None, None, "md") == "md"
    assert format_of(None, tmp_path / "a.TEX", "md") == "tex"
    assert format_of("csv", tmp_path / "a", "md") == format_of("csv", tmp_path / "a.csv", "md") == "csv"
    assert format_of("csv", tmp_path / "table.txt", "md") == "csv"
    with pytest.raises(UsageError, match=r"--format xlsx and the ending of .*a\.md are two formats"):
        format_of("xlsx", tmp_path / "a.md", "md")
    with pytest.raises(UsageError, match="cannot be written as 'txt'"):
        format_of(None, tmp_path / "a.txt", "md")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("format", TABLE_FORMATS)
@pytest.mark.parametrize("full", [0, 1])
def test_of_several_tables_all_or_none_are_written(tmp_path: Path, format: str, full: int) -> None:
    files = [(tmp_path / "tables" / f"{number}.{format}", TABLE) for number in range(3)]
    remarks = write_tables(files, format)
    assert len(set(remarks)) == len(remarks)
    alone = tmp_path / f"alone.{format}"
    assert set(write_table(TABLE, alone, format)) == set(remarks)
    if format != "xlsx":  # which has the time in it
        assert [path.read_bytes() for path, _ in files] == [alone.read_bytes()] * 3
    before = [path.read_bytes() for path, _ in files]
    files[full][0].unlink()
    files[full][0].symlink_to("/dev/full")
    with pytest.raises(LoomError, match="disk is full"):
        write_tables([(path, EMPTY) for path, _ in files], format)
    there = {path: path.read_bytes() for path in (tmp_path / "tables").iterdir() if not path.is_symlink()}
    assert there == {path: before[number] for number, (path, _) in enumerate(files) if number != full}


def test_a_file_that_the_system_cuts_short_is_told_in_words_and_leaves_the_earlier_one(tmp_path: Path) -> None:
    formats = [format for format in TABLE_FORMATS if format != "xlsx"]  # which needs temporary files, see below
    for format in formats:
        (tmp_path / f"t.{format}").write_text("earlier")
    code = """
import resource, sys
from pathlib import Path
from engine.errors import LoomError
from engine.evaluation.tables import Table, write_table
rows = tuple((f"sentence {row * 7919 % 1009}", row, 1 / (row + 1)) for row in range(400))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
for format in sys.argv[2:]:
    try:
        write_table(Table("t", ("a", "b", "c"), rows), Path(sys.argv[1]) / f"t.{format}", format)
    except LoomError as error:
        print(error.message)
"""
    told = without_room(code, tmp_path, *formats)
    assert told == [f"Writing {tmp_path / f't.{format}'} failed: File too large." for format in formats]
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {f"t.{each}": "earlier" for each in formats}


def test_a_full_disk_is_told_of_an_excel_table_without_a_traceback_beside_it(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_text("earlier")
    code = """
import errno, os, sys
from pathlib import Path
from engine.errors import LoomError
from engine.evaluation.tables import Table, write_table

def full(path, mode="r", *more, **options):
    if path_of(path) == os.path.realpath(sys.argv[1]) and "w" in mode:  # what is opened there has no room
        path = "/dev/full"
    return opened(path, mode, *more, **options)

def path_of(path):
    return os.path.realpath(os.path.dirname(path)) if isinstance(path, (str, Path)) else ""

import builtins, io
opened, builtins.open, io.open = open, full, full
try:
    write_table(Table("t", ("a",), (("b",),)), Path(sys.argv[1]) / "t.xlsx", "xlsx")
except LoomError as error:
    print(error.message)
"""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    assert without_room(code, tmp_path) == [f"The disk is full while writing {tmp_path / 't.xlsx'}."]
    assert [path.read_text() for path in tmp_path.iterdir()] == ["earlier"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), LookupError("IO_ENOSPC")])
def test_a_full_folder_for_temporary_files_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full() -> str:
        raise error

    monkeypatch.setattr("openpyxl.worksheet._writer.create_temporary_file", full)
    monkeypatch.setattr(workbook, "_errors_of_lxml", lambda: (LookupError,))
    monkeypatch.setattr("tempfile.tempdir", "/scratch")
    with pytest.raises(LoomError, match=r"disk is full while making .*t\.xlsx by way of /scratch"):
        write_table(TABLE, tmp_path / "t.xlsx", "xlsx")
    assert os.listdir(tmp_path) == []


def test_tables_do_not_import_pandas_before_they_are_written() -> None:
    code = "import sys, engine.evaluation.tables; print('pandas' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"
