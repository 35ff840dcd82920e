"""Tables as people have them, written by the tests and read against the plain list of their sentences."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.corpus.prepare import CorpusRequest
from engine.corpus.preview.looking import preview
from engine.corpus.reading import Reading
from engine.corpus.records.dialects import Dialect, found_dialect
from engine.corpus.records.tables import column_names, looks_like_table, table_texts
from engine.corpus.sources import open_source
from engine.errors import LoomError, UsageError
from tests.engine.corpus.preparing import sentences, write_lines
from tests.engine.corpus.records.written_tables import HEADER, ROWS, SAID, Write, by_csv, read


def with_backslashes(rows: Sequence[Sequence[str]]) -> str:
    """As MySQL and some web tools write it."""
    return "".join(",".join('"' + cell.replace('"', '\\"') + '"' for cell in row) + "\n" for row in rows)


WAYS = {
    "commas": by_csv(","),
    "semicolons": by_csv(";"),
    "bars": by_csv("|"),
    "tabs": by_csv("\t"),
    "all quoted": by_csv(",", quoting=csv.QUOTE_ALL),
    "backslashes": with_backslashes,
}


@pytest.mark.parametrize(("way", "suffix"), [*((way, ".csv") for way in WAYS), ("tabs", ".tsv")])
def test_every_way_to_write_a_table_gives_its_sentences(tmp_path: Path, way: str, suffix: str):
    path = tmp_path / f"a{suffix}"
    path.write_text(WAYS[way]([HEADER, *ROWS]), "utf-8")
    found, reading = read(path)
    assert found == SAID
    assert reading.taken == "text"
    assert not reading.dropped
    told = way in ("semicolons", "bars") or (way, suffix) == ("tabs", ".csv")
    assert any(way in note for note in reading.notes) == told


@pytest.mark.parametrize("way", WAYS)
def test_without_names_the_first_row_is_read_too_and_columns_have_numbers(tmp_path: Path, way: str):
    path = tmp_path / "a.csv"
    path.write_text(WAYS[way](ROWS), "utf-8")
    found, reading = read(path)
    assert found == SAID
    assert (reading.taken, reading.columns) == ("3", ["1", "2", "3", "4"])
    assert any("names no columns" in note for note in reading.notes)


def test_plain_tabs_leave_quotes_where_they_are(tmp_path: Path):
    said = ['"Come here," he said.', 'He said "no".', '"Never" is a word.', "It rains today."]
    path = tmp_path / "a.tsv"
    path.write_text("label\ttext\n" + "".join(f"{i}\t{line}\n" for i, line in enumerate(said)), "utf-8")
    assert read(path)[0] == said


def test_a_separator_within_plain_text_is_refused_with_the_row(tmp_path: Path):
    """It would cut the text off."""
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "".join(f"{i},{line}\n" for i, line in enumerate(SAID[:150])), "utf-8")
    with pytest.raises(LoomError, match=r"100 of the first 100 rows of .*a\.csv have more or fewer cells"):
        read(path)


def test_rows_of_different_widths_without_names_are_refused(tmp_path: Path):
    """They are lines with commas in them, and no table."""
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["We went, and came.", "It rains.", "Yes, we do, I think."] * 40) + "\n", "utf-8")
    with pytest.raises(LoomError, match=r"have from 1 to 3 cells, and no line names the columns") as refused:
        read(path)
    assert ".txt" in refused.value.hint


@pytest.mark.parametrize(
    ("first", "header"),
    [
        (["id", "Review Text", "score (%)"], True),
        (["id", "What did you like about it?", "score"], True),
        (["Unnamed: 0", "#1 String", "score"], True),
        (["", "text", "score"], True),
        (["7", "What he said.", "0.1"], False),
        (["7", "the cat sees us", ""], False),
        (["0", "text", "score"], False),
    ],
)
def test_whether_the_first_line_names_the_columns_is_told_by_what_stands_in_it(
    tmp_path: Path, first: list[str], header: bool
):
    path = tmp_path / "a.csv"
    path.write_text(by_csv(",")([first, *([str(i), line, "1.5"] for i, line in enumerate(SAID))]), "utf-8")
    found, reading = read(path, None if header else "2")
    assert found == (SAID if header else [first[1], *SAID])
    assert reading.taken == (first[1] if header else "2")


def test_tabs_between_cells_that_are_all_in_quotes(tmp_path: Path):
    path = tmp_path / "a.tsv"
    rows = [["id", "text"], *([str(i), line] for i, line in enumerate(sentences(40)))]
    path.write_text(by_csv("\t", quoting=csv.QUOTE_ALL)(rows), "utf-8")
    assert read(path)[0] == sentences(40)


@pytest.mark.parametrize("seed", range(30))
def test_what_the_csv_module_writes_is_read_again_or_refused(tmp_path: Path, seed: int):
    draw = random.Random(seed)
    words = [
        "the",
        "cat,",
        "dog;",
        "a|b",
        'say "no"',
        "it's",
        "3.5",
        "\\o/",
        "(well)",
        "—",
        "quick.",
        "tab\there",
        "$4,000",
    ]
    said = [" ".join(draw.choices(words, k=draw.randint(3, 10))) for _ in range(draw.choice((3, 30, 200)))]
    delimiter, quoting = draw.choice(",;\t|"), draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    path = tmp_path / "a.csv"
    path.write_text(by_csv(delimiter, quoting=quoting)([["n", "text"], *zip(map(str, range(200)), said)]), "utf-8")  # noqa: B905
    assert read(path)[0] == said


PLAIN = sentences(60)


def numbered(rows: Sequence[Sequence[str]], way: Write) -> str:
    """With the numbers of the rows before them, as R writes them, and no name above these."""
    return way([rows[0]]) + way([[str(i), *row] for i, row in enumerate(rows[1:], start=1)])


@pytest.mark.parametrize("sign", [",", "\t", ";"])
@pytest.mark.parametrize("names", [["sentence"], ["sentence", "score"]])
def test_names_of_rows_that_r_writes_are_no_words(tmp_path: Path, sign: str, names: list[str]):
    path = tmp_path / "a.csv"
    rows = [names, *([line, "0.5"][: len(names)] for line in PLAIN)]
    path.write_text(numbered(rows, by_csv(sign, quoting=csv.QUOTE_ALL)), "utf-8")
    assert read(path)[0] == PLAIN
    if len(names) == 1:
        path.write_text(numbered(rows, by_csv(sign)), "utf-8")
        assert read(path)[0] == PLAIN


@pytest.mark.parametrize("titles", ["Survey results\n\n", "# exported by a tool\n# in 2024\n"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_lines_above_a_table_are_told_and_no_rows(tmp_path: Path, titles: str, suffix: str):
    path = tmp_path / f"a{suffix}"
    way = by_csv("," if suffix == ".csv" else "\t")
    path.write_text(titles + way([["id", "text"], *([str(i), line] for i, line in enumerate(PLAIN))]), "utf-8")
    found, reading = read(path)
    assert (found, reading.taken) == (PLAIN, "text")
    assert f"The line “{titles.splitlines()[0]}” above the table of a{suffix} is left out." in reading.notes


def test_empty_cells_at_the_ends_of_rows_do_not_count(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("id,text,,,\n" + "".join(f"{i},{line},,,\n" for i, line in enumerate(PLAIN)), "utf-8")
    assert read(path)[0] == PLAIN
    path.write_text("id,text\n" + "".join(f"{i},{line},\n" for i, line in enumerate(PLAIN)), "utf-8")
    found, reading = read(path)
    assert (found, reading.dropped) == (PLAIN, {})


def test_many_rows_that_are_too_short_are_refused_and_few_are_counted(tmp_path: Path):
    """Their text goes on in the next line, which is then read from the wrong column."""
    path = tmp_path / "a.tsv"
    broken = [line.replace(" ", "\n", 1) for line in PLAIN]
    path.write_text("id\ttext\tlabel\n" + "".join(f"{i}\t{line}\tpos\n" for i, line in enumerate(broken)), "utf-8")
    with pytest.raises(LoomError, match=r"The first such row has fewer: 0 \| "):
        read(path)
    rows = [f"{i}\t{line}\tpos\n" for i, line in enumerate(PLAIN * 3)]
    rows[100] = rows[100].replace(" ", "\n", 1)
    path.write_text("id\ttext\tlabel\n" + "".join(rows), "utf-8")
    found, reading = read(path)
    assert (len(found), reading.dropped) == (179, {"short_row": 2})


def test_rows_that_fit_no_more_further_down_are_refused(tmp_path: Path):
    path = tmp_path / "a.csv"
    rows = [f"{i},{line}\n" for i, line in enumerate(PLAIN * 3)]
    rows += [f"{i},{line[:-1]}, and left.\n" for i, line in enumerate(PLAIN * 10)]
    path.write_text("id,text\n" + "".join(rows), "utf-8")
    with pytest.raises(LoomError, match=r"600 of the first 780 rows of .* have more or fewer cells"):
        read(path)


def test_rows_within_a_cell_are_told(tmp_path: Path):
    path = tmp_path / "a.csv"
    rows = [f"{i},{line}\n" for i, line in enumerate(PLAIN)]
    rows[20] = f'20,"{PLAIN[20]}\n'
    rows[40] = f'40,{PLAIN[40]}"\n'
    path.write_text("id,text\n" + "".join(rows), "utf-8")
    with pytest.raises(LoomError, match=r"A cell of .* has 19 whole rows in it, from “21,"):
        read(path)


def test_line_ends_and_tabs_behind_backslashes_are_such(tmp_path: Path):
    path = tmp_path / "a.csv"
    rows = "".join(f'{i},"{line} He said \\"yes\\".\\nThen\\tall of it \\\\ so."\n' for i, line in enumerate(PLAIN))
    path.write_text("id,text\n" + rows, "utf-8")
    assert read(path)[0] == [f'{line} He said "yes".\nThen all of it \\ so.' for line in PLAIN]


def test_excel_puts_cells_with_a_comma_in_quotes_between_tabs(tmp_path: Path):
    path = tmp_path / "a.txt"
    said = [line if i % 2 else f"{line[:-1]}, and left." for i, line in enumerate(PLAIN)]
    cells = [f'"{line}"' if "," in line else line for line in said]
    path.write_text("id\ttext\n" + "".join(f"{i}\t{cell}\n" for i, cell in enumerate(cells)), "utf-8")
    assert read(path)[0] == said


def test_a_space_behind_a_comma_is_no_part_of_the_next_cell(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("id, text, label\n" + "".join(f'{i}, "{line}", "pos"\n' for i, line in enumerate(PLAIN)), "utf-8")
    assert read(path)[0] == PLAIN


@pytest.mark.parametrize("sign", [";", "|", ","])
def test_a_text_file_of_rows_with_other_signs_is_a_table_too(tmp_path: Path, sign: str):
    path = tmp_path / "a.txt"
    rows = by_csv(sign, quoting=csv.QUOTE_ALL)([["id", "text"], *([str(i), line] for i, line in enumerate(PLAIN))])
    path.write_text(rows, "utf-8")
    assert [text for batch in open_source(str(path))(Reading()) for text in batch] == PLAIN
    write_lines(path, [f"{line[:-1]}, and left." for line in PLAIN])  # a comma in each line, and no names above
    assert len([text for batch in open_source(str(path))(Reading()) for text in batch]) == len(PLAIN)


def test_a_few_rows_that_are_too_wide_are_left_out_and_counted(tmp_path: Path):
    path = tmp_path / "a.csv"
    lines = [f"{i},The dog saw house {i}." for i in range(200)]
    lines[150] = "150,The dog, the cat."
    path.write_text("\n".join(["id,text", *lines]) + "\n", "utf-8")
    found, reading = read(path)
    assert found == [f"The dog saw house {i}." for i in range(200) if i != 150]
    assert reading.dropped == {"wide_row": 1}


def test_where_several_columns_hold_text_it_is_asked_which(tmp_path: Path):
    path = tmp_path / "stories.csv"
    names = ["title", *(f"sentence{i}" for i in range(1, 6))]
    rows = [[f"The story {i}", *SAID[i : i + 5]] for i in range(20)]
    path.write_text(by_csv(",")([names, *rows]), "utf-8")
    reading = Reading()
    with pytest.raises(UsageError, match=r"title \(“The story 0”\); sentence1 \(“.*”\); sentence2") as refused:
        list(table_texts(path, reading, tabs=False))
    assert "--column NAME" in refused.value.hint
    assert reading.columns == names
    assert read(path, "sentence3")[0] == SAID[2:22]


def test_one_column_is_read_with_its_commas(tmp_path: Path):
    said = ["The dog, the cat and I.", "We went home, then slept.", 'She said, "No", and left.']
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["text", *said]) + "\n", "utf-8")
    assert read(path)[0] == said


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
@pytest.mark.parametrize("header", [True, False])
def test_a_text_file_of_rows_with_tabs_is_a_table(tmp_path: Path, name: str, header: bool):
    import gzip

    path = tmp_path / name
    rows = [f"{i % 5}\t(S (NP) (VP))\t{line}" for i, line in enumerate(sentences(80))]
    data = "\n".join(["label\tparse\tsentence", *rows] if header else rows).encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    column = None if header else "3"
    found = [
        text
        for batch in open_source(str(path), [column] if column else [])(Reading(asked=(column,) if column else ()))
        for text in batch
    ]
    assert found == sentences(80)


def test_text_with_a_tab_here_and_there_is_no_table():
    assert looks_like_table(["a\tb c", "d\te f"])
    assert not looks_like_table(["The dog\tsaw us.", "The cat did not.", "It rained."])
    assert not looks_like_table(["The dog\tsaw us."])
    assert not looks_like_table([])


def test_a_quote_that_is_not_closed_far_behind_the_first_lines_is_told_with_its_line(tmp_path: Path):
    path = tmp_path / "a.csv"
    lines = [f'{i},"The dog saw house {i}."' for i in range(3000)]
    lines[2500] = '2500,"The dog saw'
    path.write_text("\n".join(["id,text", *lines]) + "\n", "utf-8")
    with pytest.raises(LoomError, match="from line 2502, is not proper CSV"):
        read(path)


def test_what_is_found_out_is_told_in_words():
    assert found_dialect(["a|b", "c|d"], tabs=False) == Dialect("|", True)
    assert Dialect("|", True).words == "bars (|) separate the cells"
    assert found_dialect(["a,b", '1,"x \\"y\\", z"', '2,"v"'], tabs=False) == Dialect(",", True, True)
    assert "quotes in cells are written" in Dialect(",", True, True).words
    assert Dialect("").words == "there is one column"


def test_columns_of_one_name_are_counted_among_themselves(tmp_path):
    lines = sentences(60)
    rows = "".join(f"{i},{lines[2 * i]},{lines[2 * i + 1]}\n" for i in range(30))
    path = tmp_path / "twice.csv"
    path.write_text("id,text,text\n" + rows, "utf-8")
    with pytest.raises(UsageError, match=r"text \(“.*text \(2\) \(“"):
        list(preview(CorpusRequest(str(path), "c")))
    for column, first in (("text", 0), ("text (2)", 1)):
        *_, seen = preview(CorpusRequest(str(path), "c", column=column, test_fraction=0))
        assert seen.sentences == 30
        assert " ".join(word for word, _ in seen.examples[0]) == lines[first].lower().replace(".", " .")
    with pytest.raises(LoomError, match=r"There is no column 'text \(3\)' .* are id, text, text \(2\)"):
        list(preview(CorpusRequest(str(path), "c", column="text (3)")))


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("text,label,label", ["text", "label", "label (2)"]),
        ("text,label,label,label", ["text", "label", "label (2)", "label (3)"]),
        ("label,label,label (2)", ["label", "label (3)", "label (2)"]),
    ],
)
def test_counted_names_are_those_of_no_other_column(header, names):
    assert column_names([header.split(","), ["a b", "c d", "e f", "g h"][: len(names)]]) == names


def test_the_same_label_in_two_columns_of_the_first_row_is_no_name(tmp_path):
    lines = sentences(30)
    path = tmp_path / "labels.csv"
    path.write_text("".join(f"yes,{'yes' if i % 2 else 'no'},{line}\n" for i, line in enumerate(lines, 1)), "utf-8")
    *_, seen = preview(CorpusRequest(str(path), "c", test_fraction=0))
    assert (seen.sentences, seen.column) == (30, "3")


def test_a_text_of_lines_that_could_be_rows_is_read_and_told(tmp_path: Path):
    """A comma in a line of a poem makes no row; lines that have as many cells as rows are told of, if they are few."""
    poem = "I loved this film.\nThe plot, as always, is simple.\nSee it soon with your friends."
    doubtful = "I loved this film.\nThe plot is old, and it is simple.\nSee it soon with your friends."
    for text, told in ((poem, False), (doubtful, True)):
        path = tmp_path / "a.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "label"), *((line, "good") for line in PLAIN), (text, "good")])
        found, reading = read(path)
        assert found == [*PLAIN, text]
        assert any("lines in it that could be rows, “The plot is old" in note for note in reading.notes) == told


def test_a_number_that_is_asked_for_is_a_place_where_one_stands_above_numbers(tmp_path: Path):
    """As AG News comes: no names, a class from 1 to 4, a title, a text; the first row is of class 3."""
    path = tmp_path / "ag.csv"
    rows = [(str((2 + i) % 4 + 1), f"News {i}", line) for i, line in enumerate(PLAIN)]
    path.write_text(by_csv(",", quoting=csv.QUOTE_ALL)(rows), "utf-8")
    assert rows[0][0] == "3"
    assert read(path, "3")[0] == PLAIN
    assert column_names([["3", "text"], ["one", "two"]], ["3"]) == ["3", "text"]  # above words it may be a name


def test_a_label_in_the_first_row_is_none_of_the_names(tmp_path: Path):
    path = tmp_path / "a.csv"
    rows = [("pos", "Great movie"), *((("neg", "pos")[i % 2], line) for i, line in enumerate(PLAIN))]
    path.write_text(by_csv(",")(rows), "utf-8")
    assert read(path)[0] == ["Great movie", *PLAIN]
    # The names once more, where two tables were put together, are names.
    head = ["label", "text"]
    assert column_names([head, ["pos", "A long sentence of a film."], head, ["neg", "Another one of it."]]) == head
