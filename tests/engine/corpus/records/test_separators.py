"""What separates the cells of a table: found out, asked, and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.corpus.earlier import command_of
from engine.corpus.prepare import CorpusRequest
from engine.corpus.preview.looking import preview
from engine.corpus.reading import Reading
from engine.corpus.records.tables import table_texts
from engine.corpus.sources import open_source
from engine.errors import UsageError
from tests.engine.corpus.preparing import run, sentences, write_lines
from tests.engine.corpus.records.written_tables import HEADER, ROWS, SAID, by_csv, read


@pytest.mark.parametrize("sign", [";", ",", "|", "\t"])
def test_a_first_line_for_excel_says_what_separates_and_is_no_row(tmp_path: Path, sign: str):
    path = tmp_path / "a.csv"
    path.write_text(f"sep={sign}\n" + by_csv(sign)([HEADER, *ROWS]), "utf-8")
    assert read(path)[0] == SAID


DOUBTFUL = "".join(f"{i};{line[:-1]}, and left.\n" for i, line in enumerate(sentences(30)))
"""Every row has one semicolon and one comma."""


def test_where_two_signs_cut_all_rows_alike_it_is_asked_which(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text(DOUBTFUL, "utf-8")
    with pytest.raises(UsageError, match=r"with commas '0;.*', 'and left.'; with semicolons '0', ") as refused:
        read(path)
    assert refused.value.hint == "Say which with --separator NAME: comma, semicolon."
    reading = Reading(asked=("2",), separator="semicolon")
    found = [text for batch in table_texts(path, reading, tabs=False) for text in batch]
    assert found == [f"{line[:-1]}, and left." for line in sentences(30)]
    assert reading.parted == "semicolon"


def test_of_two_signs_the_one_that_cuts_all_rows_into_more_cells_is_taken(tmp_path: Path):
    path = tmp_path / "a.csv"
    rows = "".join(f"{i};{line[:-1]}, and left.;0.5\n" for i, line in enumerate(sentences(30)))
    path.write_text(rows, "utf-8")
    assert read(path)[0] == [f"{line[:-1]}, and left." for line in sentences(30)]


def test_a_separator_that_is_asked_for_is_used(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("".join(f"{i}|{line}\n" for i, line in enumerate(sentences(30))), "utf-8")
    reading = Reading(separator="bar")
    found = [text for batch in open_source(str(path), (), "bar")(reading) for text in batch]
    assert found == sentences(30)


@pytest.mark.parametrize("name", ["a.jsonl", "demo", "hf:owner/books"])
def test_a_separator_of_what_is_no_table_is_wrong_usage(tmp_path: Path, name: str):
    source = str(tmp_path / name) if name.startswith("a.") else name
    (tmp_path / "a.jsonl").write_text('{"text": "The dog saw us."}\n', "utf-8")
    with pytest.raises(UsageError, match="is no table"):
        open_source(source, (), "comma")


def test_the_separator_is_kept_with_the_corpus_and_told_again(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text(DOUBTFUL, "utf-8")
    run(path, tmp_path / "c", separator="semicolon", column="2", test_fraction=0.0)
    assert "--separator semicolon" in command_of(tmp_path / "c")
    with pytest.raises(UsageError, match="separator was semicolon, now comma"):
        run(path, tmp_path / "c", separator="comma", column="2", test_fraction=0.0)
    with pytest.raises(UsageError, match="Nothing named 'colon'"):
        CorpusRequest(str(path), "c", separator="colon")


def test_a_bar_in_every_line_of_running_text_parts_no_columns(tmp_path):
    lines = [f"{one[:-1]} | {other}" for one, other in zip(sentences(60), sentences(60, 1), strict=True)]
    *_, seen = preview(CorpusRequest(str(write_lines(tmp_path / "verses.txt", lines)), "c", test_fraction=0))
    assert (seen.sentences, seen.separator) == (60, "")
    labelled = [f"{'good' if i % 2 else 'bad'}|{line}" for i, line in enumerate(sentences(60))]
    *_, seen = preview(CorpusRequest(str(write_lines(tmp_path / "labels.txt", labelled)), "c", test_fraction=0))
    assert (seen.sentences, seen.separator) == (60, "bar")
