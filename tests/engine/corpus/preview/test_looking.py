"""A look at a text says what preparing it would come to."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from engine.corpus.prepare import CorpusRequest
from engine.corpus.preview.looking import preview
from engine.corpus.store import Corpus
from engine.errors import LoomError, UsageError
from tests.engine.corpus.preparing import run, sentences, write_lines


def mixed(count: int = 400) -> list[str]:
    """Sentences of every fate: some pass, some are too short or too long, some empty, some there twice."""
    rare = [f"The dog saw a wug{i} under the tree." for i in range(40)]
    lines = [*sentences(count), *rare, *["Too short."] * 7, *[" ".join(["long"] * 60) + "."] * 3, *[""] * 5]
    lines += lines[:9]
    random.Random(1).shuffle(lines)
    return lines


def written(place, kind: str, lines: list[str]):
    """The lines as a source of this kind."""
    path = place / f"text{kind}"
    text = "".join(line + "\n" for line in lines)
    if kind == ".txt":
        write_lines(path, lines)
    elif kind == ".txt.gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif kind == ".txt.zst":
        path.write_bytes(zstandard.compress(text.encode()))
    elif kind == ".jsonl":
        path.write_text("".join(json.dumps({"id": i, "text": line}) + "\n" for i, line in enumerate(lines)))
    elif kind == ".csv":
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("id", "text"), *((i, line) for i, line in enumerate(lines))])
    elif kind == ".parquet":
        pq.write_table(pa.table({"id": list(range(len(lines))), "text": lines}), path)
    else:
        path = place / "folder"
        path.mkdir()
        write_lines(path / "a.txt", lines[:200])
        write_lines(path / "b.txt", lines[200:])
        (path / "picture.png").write_bytes(b"\x89PNG")
    return path


@pytest.mark.parametrize("kind", [".txt", ".txt.gz", ".txt.zst", ".jsonl", ".csv", ".parquet", "folder"])
@pytest.mark.parametrize("vocabulary", [30, 20_000])
def test_a_text_that_fits_gives_the_numbers_of_the_prepared_corpus(tmp_path, kind, vocabulary):
    source = written(tmp_path, kind, mixed())
    *_, seen = preview(CorpusRequest(str(source), "made", vocabulary=vocabulary))
    result, _ = run(source, tmp_path / "made", vocabulary=vocabulary)
    assert seen.whole
    for key in ("sentences", "train", "test", "vocabulary", "tokens", "unknown_rate"):
        assert getattr(seen, key) == pytest.approx(result[key]), key
    assert dict(seen.dropped) == result["dropped"]
    assert seen.all_sentences == result["sentences"]

    corpus = Corpus.open(tmp_path / "made")
    known = set(corpus.vocabulary.words)
    for example in seen.examples:
        assert [is_known for _, is_known in example] == [word in known for word, _ in example]
    assert len(seen.examples) == 10


def test_unknown_words_and_copies_are_counted(tmp_path):
    lines = ["The cat saw the old dog.", "The cat saw the old dog.", "The dog saw the zebra today."]
    *_, seen = preview(
        CorpusRequest(str(write_lines(tmp_path / "a.txt", lines)), "made", vocabulary=8, test_fraction=0)
    )
    times = Counter(word for line in lines for word in line.lower().replace(".", " .").split())
    kept = [word for word, _ in sorted(times.items(), key=lambda item: (-item[1], item[0]))[:4]]
    lacking = {word: count for word, count in times.items() if word not in kept}
    assert seen.copies == 1
    assert dict(seen.unknown) == lacking
    assert seen.unknown[0][1] == max(lacking.values())
    assert seen.unknown_rate == pytest.approx(sum(lacking.values()) / sum(times.values()))


def test_of_a_long_text_a_part_is_read_and_the_rest_is_estimated(tmp_path):
    lines = sentences(30_000)
    source = write_lines(tmp_path / "long.txt", lines)
    told = list(preview(CorpusRequest(str(source), "long"), most=5_000))
    seen = told[-1]
    assert not seen.whole
    assert 5_000 <= seen.sentences < 15_000  # whole blocks are read
    assert seen.all_sentences == pytest.approx(30_000, rel=0.05)
    assert seen.share == pytest.approx(seen.sentences / 30_000, rel=0.05)
    assert told[0].sentences <= seen.sentences
    assert list(preview(CorpusRequest(str(source), "long"), most=40_000))[-1].sentences == 30_000


def test_the_columns_are_told_and_another_one_can_be_read(tmp_path):
    path = tmp_path / "reviews.csv"
    lines = sentences(60)
    rows = [{"title": f"A good dog and cat {i}", "review": line} for i, line in enumerate(lines)]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["title", "review"])
        writer.writeheader()
        writer.writerows(rows)
    looking = preview(CorpusRequest(str(path), "reviews"))
    seen = next(looking)
    assert (seen.column, seen.columns, seen.sentences) == ("", ("title", "review"), 0)
    with pytest.raises(UsageError, match=r"title \(“A good dog and cat 0”\); review \(“\w") as refused:
        next(looking)
    assert "--column NAME" in refused.value.hint
    *_, other = preview(CorpusRequest(str(path), "reviews", column="review"))
    assert (other.column, other.columns) == ("review", ("title", "review"))
    read = {" ".join(word for word, _ in example) for example in other.examples}
    assert read <= {line.lower().replace(".", " .") for line in lines}


def test_a_wrong_column_is_an_error_that_leaves_the_columns_to_choose_from(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text("id,review\n" + "".join(f"{i},{line}\n" for i, line in enumerate(sentences(20))))
    told = []
    with pytest.raises(LoomError, match="There is no column 'text'"):
        told.extend(preview(CorpusRequest(str(path), "reviews", column="text")))
    # a generator's results before its error
    looking = preview(CorpusRequest(str(path), "reviews", column="text"))
    assert next(looking).columns == ("id", "review")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b"a\0b" * 100, "is not a text file"),
        ("a.pdf", b"%PDF-1.4", "is of a type that cannot be read"),
        ("a.txt", b"caf\xe9 au lait\n", "is not UTF-8"),
        ("a.txt.gz", b"\x1f\x8b\x08\x00broken", "is damaged or cut off"),
        ("a.parquet", b"PAR1nothing", "cannot be read as Parquet"),
        ("a.jsonl", b"{not json}\n", "is not JSON"),
        ("a.txt", b"Short.\n" * 20, "No sentence of .* is left: 20 shorter than 5 tokens"),
    ],
)
def test_what_cannot_be_read_is_told_with_a_next_step(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LoomError, match=said) as error:
        list(preview(CorpusRequest(str(tmp_path / name), "made")))
    assert error.value.hint


def test_a_folder_without_text_and_a_place_with_nothing_are_told(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(LoomError, match="holds no file of text"):
        list(preview(CorpusRequest(str(tmp_path / "empty"), "made")))
    with pytest.raises(UsageError, match="There is no file or folder"):
        list(preview(CorpusRequest(str(tmp_path / "gone.txt"), "made")))


@pytest.mark.parametrize("given", [("valid", "test"), ("test",), ("valid",), ("valid", "test", "vocabulary")])
def test_parts_that_are_given_have_the_numbers_of_the_prepared_corpus(tmp_path, given):
    lines = sentences(500)
    parts = {
        "train": [*lines[:300], *lines[:5]],
        "valid": [*lines[300:360], *lines[:9], "Too short."],
        "test": [line.replace("dog", "wombat") for line in [*lines[360:], *lines[300:304], *["Short."] * 3]]
        + lines[:4],
    }
    files = {name: str(write_lines(tmp_path / f"{name}.txt", texts)) for name, texts in parts.items()}
    settings = {f"{name}_source": files[name] for name in given if name in files}
    if "vocabulary" in given:
        settings["vocabulary_file"] = str(write_lines(tmp_path / "words.txt", ["the", "dog", "wombat", "saw", "."]))
    *_, seen = preview(CorpusRequest(files["train"], "made", **settings))
    result, _ = run(files["train"], tmp_path / "made", **settings)
    assert seen.problems == {}
    assert (seen.train, seen.vocabulary) == (result["train"], result["vocabulary"])
    assert set(seen.parts) == set(given) - {"vocabulary"}
    for name, part in seen.parts.items():
        assert part.sentences == result[name]
        assert part.unknown_rate == pytest.approx(result["unknown_rates"][name])
        assert dict(part.dropped) == result["dropped_of_parts"][name]
    assert seen.in_two_parts == result["in_two_parts"] != {}
    assert seen.test == (0 if "test" in given else result["test"])


@pytest.mark.parametrize(
    ("key", "name", "text", "said"),
    [
        ("valid", "gone.txt", None, "There is no file or folder"),
        ("test", "a.pdf", "%PDF-1.4", "of a type that cannot be read"),
        ("test", "a.txt", "Short.\n", "No sentence of the test part is left: 1 shorter than 5 tokens"),
        ("vocabulary_file", "w.txt", "a sentence of words\n", "is no word, nor a word and a count"),
        ("vocabulary_file", "w.txt", "wombat\nquokka\n", "No word of the text is in"),
    ],
)
def test_what_is_wrong_with_a_part_is_told_by_its_name_and_the_text_is_seen(tmp_path, key, name, text, said):
    source = write_lines(tmp_path / "train.txt", sentences(60))
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")
    setting = {key if key == "vocabulary_file" else f"{key}_source": str(tmp_path / name)}
    *_, seen = preview(CorpusRequest(str(source), "made", **setting))
    assert set(seen.problems) == {key}
    assert said in seen.problems[key][0]
    assert seen.problems[key][1]
    assert seen.train > 40
    with pytest.raises(LoomError, match=said.replace("(", "\\(")):
        run(source, tmp_path / "made", **setting)


def test_a_long_part_is_read_in_part(tmp_path):
    source = write_lines(tmp_path / "train.txt", sentences(60))
    long = write_lines(tmp_path / "test.txt", sentences(6_000) * 4)
    *_, seen = preview(CorpusRequest(str(source), "made", test_source=str(long)), most=100)
    assert seen.whole
    assert not seen.parts["test"].whole
    assert 100 <= seen.parts["test"].sentences < 24_000
