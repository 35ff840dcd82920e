#!/usr/bin/env bash
# CleverCSV 0.8.5: a file of one column of sentences is taken for a table with spaces between its cells.
#
# Behaviour: a column of sentences, with a line that names it, is a valid CSV file of one column; Python's csv module
# writes it so, and reads it again. The detector answers that a space separates the cells, for ten rows as for a
# thousand, though these then have four to nine cells. A caller who takes the answer cuts every sentence into its words. Asked with the separators that occur in the first line alone, it
# is right about tables of two columns and more.
# Seen with sentences of four to nine words:
#   10 rows: ' '; 1000 rows: ' '; two columns: ','
#
# Needs Python 3.11 or newer and pip. Ends with 0 if it is still so, with 1 if it has changed.
set -euo pipefail

python=${PYTHON:-python3}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check clevercsv==0.8.5

cat > "$place/column.py" <<'PYTHON'
import csv
import io
import random
import sys

import clevercsv

draw = random.Random(0)
words = "the cat dog sees likes a red boat house river today and again slowly".split()


def sentences(count):
    return [" ".join(draw.choices(words, k=draw.randint(4, 9))).capitalize() + "." for _ in range(count)]


def found(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    assert list(csv.reader(io.StringIO(text.getvalue()))) == [[str(cell) for cell in row] for row in rows]
    return clevercsv.Detector().detect(text.getvalue()).delimiter


few = found([["text"], *([each] for each in sentences(10))])
many = found([["text"], *([each] for each in sentences(1000))])
two = found([["id", "text"], *enumerate(sentences(100))])
print(f"10 rows: {few!r}; 1000 rows: {many!r}; two columns: {two!r}")
sys.exit(0 if (few, many, two) == (" ", " ", ",") else 1)
PYTHON

"$place/venv/bin/python" "$place/column.py"
