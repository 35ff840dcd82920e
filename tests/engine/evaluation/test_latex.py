"""What LaTeX would set otherwise comes back from the source as it was."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evaluation.tables import Table, table_text
from tests.engine.evaluation.test_tables import TABLE

LATEX = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    r"\textasciigrave{}": "`",
    "-{}": "-",
    "'{}": "'",
    ",{}": ",",
    "{[}": "[",
    "{*}": "*",
    **{f"\\{mark}": mark for mark in "&%$#_{}"},
}


def _unescaped(text: str) -> str:
    names = "|".join(map(re.escape, sorted(LATEX, key=len, reverse=True)))
    return re.sub(names, lambda found: LATEX[found[0]], text)


def test_latex_cells_come_back_when_the_escapes_are_undone() -> None:
    text = table_text(TABLE, "tex")
    body = text.split("\\midrule\n")[1].split("\\bottomrule")[0]
    rows = [line.removesuffix(" \\\\") for line in body.splitlines()]
    cells = [[_unescaped(cell.strip()) for cell in re.split(r"(?<!\\)&", row)] for row in rows]
    assert cells == [
        [*TABLE.rows[0][:2], "1", "-0.5", "True"],
        ["[laughs] and goes", "", "", "", ""],
        ["+49 or @home, - naïve “日本”", "007", "3", "1234.57", "False"],
    ]
    assert not any(row.startswith(("[", "*")) for row in rows)
    for needed in ("\\toprule", "\\bottomrule", "\\caption{A \\& B of 100 \\%}", "\\label{tab:reconstruction}"):
        assert needed in text
    assert "% seed 0\n% n = 3, m_1 < 2 & more\n" in text


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("ab \\{}&%$#_~^<>|[*\"'`-,007"), max_size=12))
def test_any_mix_of_special_characters_survives_latex(cell: str) -> None:
    text = table_text(Table("any", ("x",), ((cell,),)), "tex")
    line = text.split("\\midrule\n")[1].split("\n\\bottomrule")[0].removesuffix(" \\\\")
    assert _unescaped(line).strip() == cell.strip()
    # Nothing special is left once the escapes are gone.
    rest = re.sub("|".join(map(re.escape, sorted(LATEX, key=len, reverse=True))), "", line)
    assert not set(rest) & set("\\{}&%$#_~^<>|[*`")
    assert not re.search("--|''|,,", line)


@pytest.mark.parametrize("first", ["[laughs]", "*sighs*", "007", "1e5", "[", "*", "\\\\[2pt]"])
def test_a_row_that_begins_so_is_neither_taken_for_an_argument_nor_for_a_number(first: str) -> None:
    text = table_text(Table("any", ("x", "y"), (("above", "a"), (first, "b"), ("", first))), "tex")
    above, row, below = text.split("\\midrule\n")[1].split("\n\\bottomrule")[0].splitlines()
    assert above.endswith(r" \\")
    assert not row.startswith(("[", "*"))
    assert _unescaped(row.split(" & ")[0]) == first
    assert _unescaped(below.split(" & ")[1].removesuffix(r" \\")) == first


def test_characters_that_stop_tex_are_not_written() -> None:
    text = table_text(Table("any", ("x",), (("bell\a, nul\0, \ufffe, half \ud83d, tab\t, line\u2028end",),)), "tex")
    assert r"bell?, nul?, ?, half ?, tab , line end \\" in text


def test_what_does_not_go_into_a_line_is_set_in_smaller_letters() -> None:
    row = ("word " * 20, "AutoGen m=0.5", "word " * 20, -12.3456, 9.87654, "z = mu, beam 10", 1234, "fiction", 12000)
    headings = ("Input", "Model", "Sentence", "log p(x|z)", "KL", "How", "Test sentence", "Run", "Step")
    text = table_text(Table("wide", headings, (row,)), "tex")
    assert "\\scriptsize\n\\setlength{\\tabcolsep}{3pt}\n\\begin{tabular}" in text
    shares = [float(share) for share in re.findall(r"p\{([\d.]+)\\linewidth\}", text)]
    narrow = sum(max(len(head), len(str(cell))) for head, cell in zip(headings, row, strict=True) if cell != row[0])
    assert sum(shares) + 0.7 * 0.0125 * narrow + 0.5 * 0.032 * len(row) <= 1.01
    assert "scriptsize" not in table_text(TABLE, "tex")


def test_headings_are_stacked_only_where_they_would_not_go_into_a_line() -> None:
    headings = (
        "Score",
        "The paper's people %",
        "[3pt] of all & more",
        *(f"Model {index} better" for index in range(8)),
    )
    row = ("Tokens in place", 31.5789, "AutoGen m=2", *range(8))
    text = table_text(Table("wide", headings, (row,)), "tex")
    head = text.split("\\toprule\n")[1].split("\\midrule")[0]
    inside = re.findall(r"\\begin\{tabular\}\[b\]\{@\{\}([lr])@\{\}\}(.*?)\\end\{tabular\}", head)
    assert len(inside) == len(headings) - 1
    assert [side for side, _ in inside] == ["r", "l", *"r" * 8]
    said = [" ".join(_unescaped(line) for line in lines.split("\\\\")) for _, lines in inside]
    assert said == list(headings[1:])
    alone = table_text(Table("narrow", headings[:3], (row[:3],)), "tex")
    assert "{tabular}[b]" not in alone
    assert "Score & The paper's people \\% & {[}3pt] of all \\& more" in alone


def test_columns_of_long_sentences_are_broken_into_lines_in_latex() -> None:
    long = Table("long", ("a", "b", "c"), (("word " * 20, 1.5, "short"),))
    assert "{p{0.80\\linewidth}rl}" in table_text(long, "tex")


@pytest.mark.parametrize("columns", [2, 4, 6])
def test_a_latex_table_of_long_columns_fits_the_line(columns: int) -> None:
    table = Table("wide", tuple(f"c{index}" for index in range(columns)), (("word " * 20,) * columns,))
    shares = [float(share) for share in re.findall(r"p\{([\d.]+)\\linewidth\}", table_text(table, "tex"))]
    assert len(shares) == columns
    assert 0.7 < sum(shares) + 0.032 * columns <= 1.01


HOW = (
    "BLEU-4 of all sentences together, exponential smoothing; beam 10, z = \N{GREEK SMALL LETTER MU}; bootstrap over 50"
)
DIFFERENCES = ("difference", "difference_low", "difference_high")
NUMBERS = Table(
    "numbers",
    ("variant", "label", "m", "number", "value", "low", "n", "unit", "better", "seed", "how", *DIFFERENCES),
    tuple(
        (
            *(name, name.upper(), 0.5, f"token_accuracy_beam_{at}", at / 7, at / 9, at),
            *(("points", "higher") if at % 2 else ("share", "lower")),
            *(0, f"{HOW} {at}", less, less, less),
        )
        for name, less in (("vae", None), ("autogen-m1", 0.125))
        for at in range(1, 41)
    ),
    "Every number.",
    ("seed 0",),
)
"""As long and as wide as that of `evaluate`."""


def environments(text: str) -> list[str]:
    """The environments that are begun, in turn; all of them and all braces are closed in order."""
    open_ones, begun = [], []
    for sign, name, brace in re.findall(r"\\(begin|end)\{(\w+)\}|((?<!\\)[{}])", text):
        if sign == "begin":
            open_ones.append(name)
            begun.append(name)
        elif sign == "end":
            assert open_ones.pop() == name
        elif brace == "{":
            open_ones.append(brace)
        elif brace == "}":
            assert open_ones.pop() == "{"
    assert not open_ones
    return begun


def test_a_table_that_is_longer_than_a_page_goes_on_from_page_to_page() -> None:
    short, long = (
        table_text(Table("t", ("a", "b"), tuple((f"row {at}", at) for at in range(n)), "C", ("seed 0",)), "tex")
        for n in (20, 120)
    )
    assert environments(short) == ["table", "tabular"]
    assert "% needs \\usepackage{booktabs}, and" in short
    assert environments(long) == ["longtable"]
    assert long.startswith("% needs \\usepackage{booktabs,longtable}, and")
    assert (long.count("\\caption"), long.count("\\label"), long.count("\\endhead")) == (2, 1, 1)
    assert [row for row in long.splitlines() if row.startswith("row ")] == [
        f"row {at} & {at} \\\\" for at in range(120)
    ]
    sentences = tuple(("word " * 60, at) for at in range(12))  # few rows of many lines
    assert environments(
        table_text(Table("t", ("a", "b", "c"), tuple((each[0], *each) for each in sentences)), "tex")
    ) == ["longtable"]


def test_all_numbers_are_set_a_table_for_each_variant_with_lines_along_the_page_where_they_need_it() -> None:
    rows = tuple((*row[:-3], *(None if less is None else less / row[6] for less in row[-3:])) for row in NUMBERS.rows)
    text = table_text(replace(NUMBERS, rows=rows), "tex")
    assert environments(text) == ["longtable", "landscape", "longtable"]
    assert text.startswith("% needs \\usepackage{booktabs,longtable,pdflscape}, and")
    for said in ("Variant vae, label VAE, m 0.5, seed 0.", "\\label{tab:numbers-1}", "\\label{tab:numbers-2}"):
        assert said in text
    upright, across = text.split("\\begin{landscape}")
    for part, columns, room in ((upright, 7, 1.0), (across, 10, 1.5)):  # the first has no differences
        body = [re.split(r"(?<!\\) & ", row) for row in part.splitlines() if row.startswith("token")]
        assert [len(row) for row in body] == [columns] * 40
        assert [_unescaped(row[0]) for row in body] == [f"token_accuracy_beam_{at}" for at in range(1, 41)]
        # All of it goes into a line, and what is broken into lines has room for words.
        (share,) = (float(each) for each in re.findall(r"p\{([\d.]+)\\linewidth\}", part))
        (heading, *_) = (
            row.removesuffix(" \\\\").split(" & ") for row in part.splitlines() if row.startswith("number &")
        )
        narrow = sum(
            max(len(_unescaped(cell)) for cell in column)
            for column in zip(heading, *body, strict=True)
            if column[0] != "how"
        )
        letter = 0.0125 * (0.7 if "\\scriptsize" in part else 0.8)
        assert room * share + letter * narrow + 0.016 * columns <= 1.01 * room
        assert room * share / letter >= 10
    one = table_text(Table("one", NUMBERS.columns, NUMBERS.rows[:1]), "tex")
    assert environments(one) == ["landscape", "table", "tabular"]
