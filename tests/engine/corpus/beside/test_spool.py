"""What stands beside the text, read back against the plain list of it: every format, filters, splits and workers."""

from __future__ import annotations

import csv
import gzip
import json
import math
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.corpus import workers
from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.errors import LoomError, UsageError
from engine.events import Note
from engine.storage import columns_writer
from tests.engine.corpus.preparing import run, sentences, write_lines


def divisible(number: int, seed: int = 0) -> list[str]:
    """Sentences that can be told apart when they stand side by side: "a." would be taken for an abbreviation."""
    return [line for line in sentences(2 * number, seed) if not line.endswith(" a.")][:number]


LINES = divisible(120)
LABELS = [("good", "bad", "so so", None)[at % 4] for at in range(len(LINES))]
STARS = [None if at % 7 == 3 else (at * 5 % 11) / 2 for at in range(len(LINES))]
ROWS = list(zip(LINES, LABELS, STARS, strict=True))


def beside(corpus: Corpus) -> dict[str, tuple[Any, ...]]:
    """What is kept beside every sentence, by its words: of its ids, or, if training lacks one, as written."""
    found: dict[str, tuple[Any, ...]] = {}
    for part, store in (("train", corpus.train), ("test", corpus.test)):
        with corpus.columns(part) as columns:
            values = [
                columns.texts(each.name)
                if each.kind == "category"
                else [None if math.isnan(value) else value for value in columns.numbers(each.name).tolist()]
                for each in columns.all
            ]
        for at in range(len(store)):
            words = " ".join(corpus.vocabulary.words[i] for i in store.ids(at))
            if "<unk>" in words:
                assert part == "test"
                words = spelled(corpus.test_texts()[at])
            own = tuple(column[at] for column in values)
            assert found.setdefault(words, own) == own
    return found


def spelled(text: str) -> str:
    return text.lower().replace(".", " .")


def expected(rows: list[tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    return {spelled(text): tuple(values) for text, *values in rows}


def _csv(path: Path) -> None:
    with open(path, "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["text", "label", "stars"])
        writer.writerows(ROWS)


def _tsv(path: Path) -> None:
    spelled = [("NA" if label is None else label, "nan" if s is None else s, text) for text, label, s in ROWS]
    write_lines(path, ["label\tstars\tsentence", *("\t".join(map(str, row)) for row in spelled)])


def _json_lines(path: Path) -> None:
    records = [
        {"text": text, **({} if label is None else {"label": label}), "stars": stars} for text, label, stars in ROWS
    ]
    write_lines(path, map(json.dumps, records))


def _packed(path: Path) -> None:
    _json_lines(path.with_suffix(""))
    path.write_bytes(gzip.compress(path.with_suffix("").read_bytes()))


def _json(path: Path) -> None:
    records = [{"stars": stars, "text": text, "label": label} for text, label, stars in ROWS]
    path.write_text(json.dumps({"data": records}))


def _parquet(path: Path) -> None:
    labels = pa.array(LABELS).dictionary_encode()
    pq.write_table(pa.table({"text": LINES, "label": labels, "stars": STARS}), path, row_group_size=50)


def _workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("text", "label", "stars"), *ROWS]:
        book.worksheets[0].append(row)
    book.save(path)


FORMATS: dict[str, Callable[[Path], None]] = {
    "a.csv": _csv,
    "a.tsv": _tsv,
    "a.jsonl": _json_lines,
    "a.jsonl.gz": _packed,
    "a.json": _json,
    "a.parquet": _parquet,
    "a.xlsx": _workbook,
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_keeps_what_it_has_beside_the_text(tmp_path: Path, name: str) -> None:
    FORMATS[name](tmp_path / name)
    run(tmp_path / name, tmp_path / "c", keep=("label", "stars"), test_fraction=0.3)
    corpus = Corpus.open(tmp_path / "c")
    assert [(each.name, each.kind) for each in corpus.kept] == [("label", "category"), ("stars", "number")]
    assert len(corpus.test) > 10
    assert beside(corpus) == expected(ROWS)


@pytest.mark.parametrize("name", FORMATS)
def test_labels_and_numbers_are_kept_unasked_and_nothing_else_changes(tmp_path: Path, name: str) -> None:
    FORMATS[name](tmp_path / name)
    _, events = run(tmp_path / name, tmp_path / "c")
    run(tmp_path / name, tmp_path / "plain", keep=())
    kept, plain = Corpus.open(tmp_path / "c"), Corpus.open(tmp_path / "plain")
    by_name = {key.split()[0]: value for key, value in beside(kept).items()}
    assert by_name
    assert {each.name for each in kept.kept} == {"label", "stars"}
    assert any("--no-keep" in event.text for event in events if isinstance(event, Note))
    assert kept.fingerprint == plain.fingerprint
    assert not plain.kept
    assert not (plain.path / "columns.h5").exists()
    for file in ("train.ids", "train.offsets", "test.ids", "test.text", "vocabulary.txt"):
        assert (kept.path / file).read_bytes() == (plain.path / file).read_bytes()
    assert plain.settings["version"] == 1
    assert "columns" not in plain.settings


def test_a_label_before_a_tab_is_kept(tmp_path: Path) -> None:
    write_lines(tmp_path / "yelp.txt", [f"{at % 5}\t{line}" for at, line in enumerate(LINES)])
    run(tmp_path / "yelp.txt", tmp_path / "c")
    corpus = Corpus.open(tmp_path / "c")
    assert [(each.name, each.kind) for each in corpus.kept] == [("1", "number")]
    assert beside(corpus) == expected([(line, float(at % 5)) for at, line in enumerate(LINES)])


def test_every_sentence_of_a_record_has_its_values(tmp_path: Path) -> None:
    pairs = [(" ".join(LINES[at : at + 2]), f"author {at // 2 % 4}") for at in range(0, len(LINES), 2)]
    records = [{"review": {"text": text, "by": who}} for text, who in pairs]
    write_lines(tmp_path / "a.jsonl", map(json.dumps, records))
    run(tmp_path / "a.jsonl", tmp_path / "c", column="review.text", keep=("review.by",))
    told = beside(Corpus.open(tmp_path / "c"))
    assert told == expected([(line, f"author {at // 2 % 4}") for at, line in enumerate(LINES)])


def test_texts_of_several_columns_and_of_lists_share_the_values_of_their_record(tmp_path: Path) -> None:
    rows = list(zip(LINES[0::3], LINES[1::3], LINES[2::3], strict=True))
    records = [{"one": a, "more": [b, c], "label": str(at % 3)} for at, (a, b, c) in enumerate(rows)]
    write_lines(tmp_path / "a.jsonl", map(json.dumps, records))
    run(tmp_path / "a.jsonl", tmp_path / "c", column=("one", "more"))
    corpus = Corpus.open(tmp_path / "c")
    assert [(each.name, each.kind) for each in corpus.kept] == [
        ("label", "category")
    ]  # text, though it looks like numbers
    assert beside(corpus) == expected([(line, str(at // 3 % 3)) for at, line in enumerate(LINES)])


@settings(max_examples=25, deadline=None)
@example(seed=3146, fraction=0.5, limit=37, joined=False)  # a word that only the test part has
@given(
    seed=st.integers(0, 10_000),
    fraction=st.sampled_from([0.0, 0.2, 0.5]),
    limit=st.sampled_from([None, 37]),
    joined=st.booleans(),
)
def test_every_sentence_stands_beside_its_own_value(
    tmp_path_factory: pytest.TempPathFactory, seed: int, fraction: float, limit: int | None, joined: bool
) -> None:
    """Each text carries its own number; sentences that are too short or long, empty or no text lie between."""
    folder = tmp_path_factory.mktemp("beside")
    chance = random.Random(seed)
    lines = divisible(150, seed)
    number_of = {line: chance.choice([None, float(at), at / 3]) for at, line in enumerate(lines)}
    noise: list[Any] = ["short one.", " ".join(["word"] * 40) + ".", "", None, 7]
    records = []
    for at in range(0, len(lines), 2):
        one, other = lines[at : at + 2]
        if joined:
            number_of[other] = number_of[one]
            records.append({"text": f"{one} {other}", "n": number_of[one], "name": f"v{number_of[one]}"})
        else:
            records += [{"text": line, "n": number_of[line], "name": f"v{number_of[line]}"} for line in (one, other)]
        if chance.random() < 0.4:
            records.append({"text": chance.choice(noise), "n": -1, "name": "noise"})
    write_lines(folder / "a.jsonl", map(json.dumps, records))
    run(folder / "a.jsonl", folder / "c", keep=("n", "name"), test_fraction=fraction, limit=limit, seed=seed)
    corpus = Corpus.open(folder / "c")
    assert len(corpus.train) + len(corpus.test) == (limit or len(lines))
    every = expected([(line, number_of[line], f"v{number_of[line]}") for line in lines])
    told = beside(corpus)
    assert len(told) == (limit or len(lines))
    assert told == {key: every[key] for key in told}


def test_workers_and_the_forgetting_of_values_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = sentences(9000)
    rows = [(line, f"name {at % 700}", at % 13) for at, line in enumerate(lines)]
    with open(tmp_path / "a.csv", "w", newline="") as handle:
        csv.writer(handle).writerows([("text", "who", "n"), *rows])
    made = {}
    monkeypatch.setattr(workers, "_ALONE", 2000)
    for number in (1, 2):
        target = tmp_path / f"c{number}"
        list(
            prepare_corpus(
                CorpusRequest(str(tmp_path / "a.csv"), target.name, keep=("who", "n")), target, workers=number
            )
        )
        made[number] = (target / "columns.h5").read_bytes()
    assert made[1] == made[2]
    monkeypatch.setattr(columns_writer, "_MOST", 50)
    run(tmp_path / "a.csv", tmp_path / "c", keep=("who", "n"))
    corpus = Corpus.open(tmp_path / "c")
    assert beside(corpus) == expected([(text, who, float(n)) for text, who, n in rows])
    with corpus.columns("train") as columns:
        found = columns.categories("who")
    assert len(found.values) == len(set(found.values)) == 700
    assert found.counts.tolist() == sorted(found.counts.tolist(), reverse=True)
    assert np.array_equal(np.bincount(found.codes), found.counts)


def test_given_parts_have_their_columns_too(tmp_path: Path) -> None:
    rows = [{"text": line, "label": "ab"[at % 2]} for at, line in enumerate(LINES)]
    for name, part in (("train", rows[:60]), ("valid", rows[60:80]), ("test", rows[80:])):
        write_lines(tmp_path / f"{name}.jsonl", map(json.dumps, part))
    given = {f"{name}_source": str(tmp_path / f"{name}.jsonl") for name in ("valid", "test")}
    run(tmp_path / "train.jsonl", tmp_path / "c", **given)
    corpus = Corpus.open(tmp_path / "c")
    with corpus.columns("valid") as columns:
        assert columns.texts("label") == [row["label"] for row in rows[60:80]]
    with corpus.columns("test") as columns:
        assert columns.texts("label", slice(3, 7)) == [row["label"] for row in rows[83:87]]


def test_of_a_folder_files_without_the_column_have_no_values(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_lines(tmp_path / "in" / "a.txt", LINES[:40])
    write_lines(tmp_path / "in" / "b.jsonl", [json.dumps({"text": t, "label": "x"}) for t in LINES[40:80]])
    write_lines(tmp_path / "in" / "c.jsonl", [json.dumps({"text": t, "genre": "y"}) for t in LINES[80:]])
    _, events = run(tmp_path / "in", tmp_path / "c")
    told = beside(Corpus.open(tmp_path / "c"))
    assert told == expected([(t, "x" if 40 <= at < 80 else None) for at, t in enumerate(LINES)])
    assert any("has no column 'label'" in event.text for event in events if isinstance(event, Note))


def test_values_that_are_no_numbers_are_missing_and_told(tmp_path: Path) -> None:
    rows = [(line, "many" if at == 110 else at % 6) for at, line in enumerate(LINES)]
    with open(tmp_path / "a.csv", "w", newline="") as handle:
        csv.writer(handle).writerows([("text", "stars"), *rows])
    _, events = run(tmp_path / "a.csv", tmp_path / "c")
    told = [event.text for event in events if isinstance(event, Note) and event.level == "warning"]
    assert told == ["1 sentences have no number in the column 'stars', as 'many': there it is missing."]
    assert beside(Corpus.open(tmp_path / "c"))[LINES[110].lower().replace(".", " .")] == (None,)


def test_names_codes_and_dates_stay_what_they_are(tmp_path: Path) -> None:
    day = [date(2020, 1, 1 + at % 28) for at in range(len(LINES))]
    code = [f"0{at % 9}10" for at in range(len(LINES))]
    big = [1_234_567_890_123_456_000 + at % 3 for at in range(len(LINES))]
    flag = [at % 2 == 0 for at in range(len(LINES))]
    table = pa.table({"text": LINES, "day": day, "code": code, "big": big, "flag": flag, "where/at": ["å 東京"] * 120})
    pq.write_table(table, tmp_path / "a.parquet")
    keep = ("day", "code", "big", "flag", "where/at")
    run(tmp_path / "a.parquet", tmp_path / "c", keep=keep)
    corpus = Corpus.open(tmp_path / "c")
    assert {each.kind for each in corpus.kept} == {"category"}
    rows = [
        (t, str(d), c, str(b), str(f).lower(), "å 東京")
        for t, d, c, b, f in zip(LINES, day, code, big, flag, strict=True)
    ]
    assert beside(corpus) == expected(rows)


@pytest.mark.parametrize(
    ("keep", "told"),
    [
        (("genre",), "There is no column 'genre'.*there are label, stars"),
        (("text",), "is the text itself"),
        (("label", "label"), "'label' is named twice"),
    ],
)
def test_columns_that_cannot_be_kept_are_refused(tmp_path: Path, keep: tuple[str, ...], told: str) -> None:
    _csv(tmp_path / "a.csv")
    with pytest.raises(LoomError, match=told) as refused:
        run(tmp_path / "a.csv", tmp_path / "c", keep=keep)
    assert refused.value.hint
    assert not (tmp_path / "c").exists()


def test_a_text_without_columns_has_none_to_keep(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.txt", LINES)
    with pytest.raises(UsageError, match="no columns") as refused:
        run(tmp_path / "a.txt", tmp_path / "c", keep=("label",))
    assert "--keep" in refused.value.hint
    (tmp_path / "in").mkdir()
    write_lines(tmp_path / "in" / "a.txt", LINES)
    with pytest.raises(UsageError, match="no columns to keep"):
        run(tmp_path / "in", tmp_path / "c", keep=("label",))
    assert not (tmp_path / "c").exists()


def test_a_damaged_file_of_columns_is_told(tmp_path: Path) -> None:
    _csv(tmp_path / "a.csv")
    run(tmp_path / "a.csv", tmp_path / "c")
    file = tmp_path / "c" / "columns.h5"
    whole = file.read_bytes()
    chance = random.Random(1)
    for _ in range(12):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)
        with pytest.raises(LoomError, match=r"columns\.h5") as refused:
            Corpus.open(tmp_path / "c")
        assert "--replace" in refused.value.hint
    file.unlink()
    with pytest.raises(LoomError, match=r"columns\.h5 is missing"):
        Corpus.open(tmp_path / "c")
