"""Hard sentences through every format, read back by what people use: pandas, pyarrow, openpyxl, TeX, a browser.

TeX and the browser are of the system; without them their tests are skipped.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from engine.evaluation.latex import latex_escape
from engine.evaluation.tables import Table, table_text, write_table
from tests.engine.evaluation.test_latex import NUMBERS

HARD = (
    "=1+1", "+49 30 1234", "- no", "-1", "@home", '=HYPERLINK("http://x.y","z")', 'she said "no"',
    "it's, well, 'fine'", "two\nlines", "😀 👨\u200d👩\u200d👧 smile", "שלום עולם!", "مرحبا", "a|b",
    "||", "*sighs*", "**b** __c__", "[3pt]", "[laughs]", "#N/A", "#REF!", "007", "1e5", "NA", "null",
    "TRUE", "2020-01-01", "\\newpage", "% comment", "$x$ & ~ ^ _ { } #", "``quoted''", "<unk>",
    "<b>bold</b> &amp;", "--- ---", "日本語の文。", "naïve café œuvre ß", "“curly” ‘quotes’ … – —",
    "\\\\[2pt]", "x\u0302 \u03bc \u2264 \u2192 \u22121", "?` !`", "«guillemets» ¿qué?",
    "3 × 4 ½ ² °C €5", "thin\u2009space", "zero\u200bwidth", "a;b",
)  # fmt: skip
TABLE = Table(
    "hard", ("Sentence", "n", "[3pt] #"), tuple((text, n, text) for n, text in enumerate(HARD)), "A % of _ & #"
)


@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_pandas_and_pyarrow_read_every_sentence_to_the_letter(tmp_path: Path, format: str) -> None:
    from pyarrow import csv as arrow

    path = tmp_path / f"t.{format}"
    write_table(TABLE, path, format)
    separator = "\t" if format == "tsv" else ","
    assert pd.read_csv(path, sep=separator, keep_default_na=False, dtype=str)["Sentence"].tolist() == list(HARD)
    parsing = arrow.ParseOptions(delimiter=separator, newlines_in_values=True)
    typed = arrow.ConvertOptions(column_types={"Sentence": "string"}, strings_can_be_null=False)
    assert arrow.read_csv(path, parse_options=parsing, convert_options=typed)["Sentence"].to_pylist() == list(HARD)


def test_a_long_csv_with_newlines_is_read_beyond_a_block(tmp_path: Path) -> None:
    from pyarrow import csv as arrow

    rows = tuple((f'line {n}\nand "{"word " * 20}"', n) for n in range(12_000))
    write_table(Table("long", ("text", "n"), rows), tmp_path / "t.csv", "csv")
    assert (tmp_path / "t.csv").stat().st_size > 2**20
    parsing = arrow.ParseOptions(newlines_in_values=True)
    read = arrow.read_csv(tmp_path / "t.csv", parse_options=parsing)
    assert list(zip(read["text"].to_pylist(), read["n"].to_pylist(), strict=True)) == list(rows)
    assert list(pd.read_csv(tmp_path / "t.csv").itertuples(index=False, name=None)) == list(rows)


def test_parquet_and_json_keep_every_sentence(tmp_path: Path) -> None:
    from pyarrow import parquet

    write_table(TABLE, tmp_path / "t.parquet", "parquet")
    write_table(TABLE, tmp_path / "t.json", "json")
    assert parquet.read_table(tmp_path / "t.parquet")["Sentence"].to_pylist() == list(HARD)
    assert [row["Sentence"] for row in json.loads((tmp_path / "t.json").read_text("utf-8"))["rows"]] == list(HARD)


def test_excel_keeps_every_sentence_text(tmp_path: Path) -> None:
    import openpyxl

    write_table(TABLE, tmp_path / "t.xlsx", "xlsx")
    cells = [row[0] for row in openpyxl.load_workbook(tmp_path / "t.xlsx")["table"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == list(HARD)
    assert {cell.data_type for cell in cells} == {"s"}
    from_right = {cell.value: cell.alignment.readingOrder for cell in cells}
    assert (from_right["שלום עולם!"], from_right["مرحبا"], from_right["a|b"]) == (2, 2, 0)
    assert pd.read_excel(tmp_path / "t.xlsx", keep_default_na=False, dtype=str)["Sentence"].tolist() == list(HARD)


def test_pandas_reads_the_html(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "t.html", "html")
    (read,) = pd.read_html(tmp_path / "t.html", keep_default_na=False, converters={0: str}, encoding="utf-8")
    said = [" ".join(str(text).split()) for text in read["Sentence"]]
    assert said == [" ".join(text.split()) for text in HARD]


def test_a_spreadsheet_that_is_given_html_is_told_what_is_text() -> None:
    text = table_text(Table("t", ("a", "b"), (("=1+1", 2), ("x", None), ("007", "TRUE"))), "html")
    told = re.findall(r"<td([^>]*)>([^<]*)</td>", text)
    assert [(html.unescape(said), 'mso-number-format:"\\@"' in how) for how, said in told] == [
        ("=1+1", True), ("2", False), ("x", False), ("", False), ("007", True), ("TRUE", True),
    ]  # fmt: skip


def test_a_browser_shows_every_sentence(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here")
    write_table(TABLE, tmp_path / "t.html", "html")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    page = subprocess.run(
        [*command, "--dump-dom", (tmp_path / "t.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)[::3]
    shown = [html.unescape(re.sub(r"</?div[^>]*>", "", cell).replace("<br>", "\n")) for cell in cells]
    assert shown == list(HARD)
    assert '<div dir="rtl">שלום עולם!</div>' in page


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex", "lualatex"])
def test_latex_compiles(tmp_path: Path, engine: str) -> None:
    if shutil.which(engine) is None:
        pytest.skip(f"no {engine} here")
    fonts = "\\usepackage[T1]{fontenc}" if engine == "pdflatex" else ""
    packages = f"\\usepackage{{booktabs,longtable,pdflscape}}{fonts}"
    source = f"\\documentclass{{article}}{packages}\\begin{{document}}\n\\listoftables\n"
    for start in range(0, len(HARD), 15):  # a float is no longer than a page
        rows = TABLE.rows[start : start + 15]
        part = Table(f"hard{start}", TABLE.columns, rows, f"{TABLE.caption} שלום {start}", TABLE.notes)
        source += table_text(part, "tex")
    source += table_text(NUMBERS, "tex") + table_text(Table("long", TABLE.columns, 4 * TABLE.rows, "שלום"), "tex")
    (tmp_path / "t.tex").write_text(f"{source}\\end{{document}}\n", encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    for _ in range(2):  # the list of tables is there the second time
        made = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=250, check=False)
        assert made.returncode == 0, made.stdout.decode(errors="replace")[-1500:]
    assert (tmp_path / "t.pdf").stat().st_size > 1000
    if engine == "pdflatex" and shutil.which("pdftotext"):
        said = subprocess.check_output(["pdftotext", "-layout", "t.pdf", "-"], cwd=tmp_path, text=True)
        for text in ("=1+1", "*sighs*", "[3pt]", "#N/A", "007", "<unk>", "||", "\\newpage", "% comment"):
            assert text in said, text


def test_what_pdflatex_cannot_set_is_told_and_stops_nothing(tmp_path: Path) -> None:
    assert latex_escape("日本 a") == "日本 a"
    assert latex_escape("é μ − ≤") == "é \\ensuremath{\\mu} \\ensuremath{-} \\ensuremath{\\leq}"
    assert latex_escape("e\u0301") == "é"
    assert latex_escape("a\u200bb\u2009c") == "ab c"
    told = write_table(Table("t", ("x",), (("日本",), ("é",))), tmp_path / "t.tex", "tex")
    assert told[0].startswith("pdfLaTeX sets ? for signs that it does not know, in 1 cell.")
    assert "UTFviii@undefined@err" in (tmp_path / "t.tex").read_text(encoding="utf-8")
    assert "UTFviii" not in table_text(Table("t", ("x",), (("é",),)), "tex")


def test_the_clipboards_text_is_read_by_lines_and_tabs() -> None:
    rows: list[Any] = list(csv.reader(io.StringIO(table_text(TABLE, "tsv"), newline=""), delimiter="\t"))
    assert [row[0] for row in rows[1:]] == list(HARD)
