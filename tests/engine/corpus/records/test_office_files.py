"""Texts in Excel workbooks and Word documents, as the programs that people use write them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl import Workbook, load_workbook

from engine.corpus.reading import Reading
from engine.corpus.sources import open_source
from engine.errors import LoomError, UsageError

TEXTS = [f"The dog saw {i} of the old houses." for i in range(30)]


def _read(path: Path, *asked: str) -> tuple[list[str], Reading]:
    reading = Reading(asked=asked)
    return [text for batch in open_source(str(path), asked)(reading) for text in batch], reading


def _book(path: Path, rows: list[list[object]], **sheets: list[list[object]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for title, more in sheets.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(row)
    book.save(path)
    return path


def test_the_column_of_sentences_of_a_workbook_is_read(tmp_path: Path) -> None:
    rows = [["id", "review"], *([i, text] for i, text in enumerate(TEXTS)), [31, None], [32, 5]]
    texts, reading = _read(_book(tmp_path / "a.xlsx", rows, Empty=[]))
    assert texts == TEXTS
    assert (reading.taken, reading.columns) == ("review", ["id", "review"])
    assert reading.dropped == {"not_text": 2}
    assert reading.done == reading.total == (tmp_path / "a.xlsx").stat().st_size


def test_titles_empty_rows_and_missing_names_do_no_harm(tmp_path: Path) -> None:
    rows = [
        ["My favourite reviews"],
        [None, None],
        ["id", "text"],
        [1, TEXTS[0]],
        [None, None],
        [2, TEXTS[1]],
        [3, TEXTS[2]],
    ]
    texts, reading = _read(_book(tmp_path / "a.xlsx", rows))
    assert texts == TEXTS[:3]
    assert any("“My favourite reviews” above the table" in note for note in reading.notes)
    texts, reading = _read(_book(tmp_path / "b.xlsx", [[i, text] for i, text in enumerate(TEXTS)]))
    assert texts == TEXTS
    assert reading.taken == "2"
    assert _read(_book(tmp_path / "c.xlsx", [[text] for text in TEXTS]))[0] == TEXTS


def test_a_formula_gives_its_last_value_and_wrong_dimensions_hide_no_row(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", [["text"], *([text] for text in TEXTS)])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert '<dimension ref="A1:A31"' in sheet
    parts["xl/worksheets/sheet1.xml"] = sheet.replace('ref="A1:A31"', 'ref="A1:A2"').encode()
    with zipfile.ZipFile(path, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)
    assert load_workbook(path, read_only=True).active.max_row == 2
    assert _read(path)[0] == TEXTS


def test_several_sheets_or_columns_are_asked_about(tmp_path: Path) -> None:
    rows = [["text"], *([text] for text in TEXTS)]
    with pytest.raises(UsageError, match="several sheets with rows: Sheet, More"):
        _read(_book(tmp_path / "a.xlsx", rows, More=rows))
    two = _book(tmp_path / "b.xlsx", [["one", "two"], *([text, text[::-1]] for text in TEXTS)])
    with pytest.raises(UsageError, match="Several columns"):
        _read(two)
    assert _read(two, "one")[0] == TEXTS
    assert len(_read(two, "one", "two")[0]) == 2 * len(TEXTS)
    with pytest.raises(LoomError, match="no column 'three'"):
        _read(two, "three")


def test_the_paragraphs_of_a_document_are_read(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("A title of it all", 1)
    document.add_paragraph("The dog saw the house. The cat saw it too there.")
    document.add_paragraph("")
    document.add_paragraph("We met in the garden. It rained all day.", style="List Bullet")
    document.add_table(2, 2).cell(0, 0).text = "not this"
    path = tmp_path / "a.docx"
    document.save(str(path))
    texts, reading = _read(path)
    assert [text for text in texts if text] == [
        "A title of it all",
        "The dog saw the house.",
        "The cat saw it too there.",
        "We met in the garden.",
        "It rained all day.",
    ]
    assert any("tables of a.docx are left out (1)" in note for note in reading.notes)
    with pytest.raises(UsageError, match="has no columns"):
        open_source(str(path), ["text"])


def test_all_words_in_view_are_read_and_none_that_were_deleted(tmp_path: Path) -> None:
    words = nsdecls("w")
    document = Document()
    paragraph = document.add_paragraph("The ")
    run = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
    for element in (
        f'<w:ins {words} w:id="1" w:author="A">{run.format("old ")}</w:ins>',
        f'<w:del {words} w:id="2" w:author="A"><w:r><w:delText>young </w:delText></w:r></w:del>',
        f'<w:moveFrom {words} w:id="3" w:author="A">{run.format("cat ")}</w:moveFrom>',
        f'<w:smartTag {words} w:element="animal">{run.format("dog")}</w:smartTag>',
        f"<w:hyperlink {words}>{run.format(' slept')}</w:hyperlink>",
        f"<w:r {words}><w:noBreakHyphen/><w:tab/><w:t>in it.</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(element))
    control = "<w:sdtContent><w:p><w:r><w:t>It was late there.</w:t></w:r></w:p></w:sdtContent>"
    document.element.body.insert(1, parse_xml(f"<w:sdt {words}>{control}</w:sdt>"))
    path = tmp_path / "a.docx"
    document.save(str(path))
    assert [text for text in _read(path)[0] if text] == ["The old dog slept- in it.", "It was late there."]


@pytest.mark.parametrize("suffix", [".xlsx", ".docx"])
def test_damaged_files_and_other_ones_under_the_name_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    whole = _book(tmp_path / "whole.xlsx", [["text"], *([text] for text in TEXTS)])
    Document().save(str(tmp_path / "whole.docx"))
    data = (tmp_path / f"whole{suffix}").read_bytes()
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "nothing")
    for content in (data[: len(data) // 2], b"plain text\n", other.read_bytes(), whole.read_bytes()[::-1]):
        path.write_bytes(content)
        with pytest.raises(LoomError, match="cannot be read as"):
            _read(path)
    with pytest.raises(UsageError, match=f"There is no file or folder {tmp_path / 'none'}"):
        open_source(str(tmp_path / f"none{suffix}"))
    (tmp_path / f"a{suffix}.gz").write_bytes(b"x")
    with pytest.raises(UsageError, match="compact itself"):
        _read(tmp_path / f"a{suffix}.gz")


def test_what_office_writes_beside_an_open_file_is_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    _book(folder / "a.xlsx", [["text"], *([text] for text in TEXTS)])
    (folder / "~$a.xlsx").write_bytes(b"\x05owner")
    assert _read(folder)[0] == TEXTS


def test_damage_within_a_workbook_is_told_as_such(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", [["text"], *([text] for text in TEXTS * 20)])
    data = bytearray(path.read_bytes())
    hints = []
    for place in range(100, len(data) - 100, max(1, len(data) // 40)):
        changed = data.copy()
        changed[place] ^= 255
        changed[place + 1] ^= 255
        path.write_bytes(changed)
        try:
            _read(path)
        except LoomError as error:
            hints.append(error.hint)
    assert len(hints) > 5
    assert all(hints)


def test_a_word_document_under_the_name_of_a_workbook_is_refused(tmp_path: Path) -> None:
    Document().save(str(tmp_path / "a.xlsx"))
    with pytest.raises(LoomError, match=r"is no Excel workbook|cannot be read") as refused:
        _read(tmp_path / "a.xlsx")
    assert "save the sheet as CSV" in refused.value.hint


def test_formulas_without_a_saved_value_are_refused_by_their_cells(tmp_path):
    rows: list[list[object]] = [["id", "text"], *([i, text] for i, text in enumerate(TEXTS))]
    for row in (3, 5, 7, 9):
        rows[row - 1][1] = '="The dog saw "&"the old house."'
    path = _book(tmp_path / "formulas.xlsx", rows)
    with pytest.raises(LoomError, match=r"formulas of which no value is saved: B3, B5, B7 and 1 more") as error:
        _read(path)
    assert "save it there" in error.value.hint
