"""Texts that are split already, with or without a vocabulary of their own."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from engine.corpus.store import Corpus
from engine.corpus.tokens import tokenize
from engine.errors import LoomError, UsageError
from engine.events import Note
from engine.storage.digests import changed_files
from tests.engine.corpus.preparing import run, sentences, write_lines

TEXTS = sentences(400)
TRAIN, VALID, TEST = TEXTS[:300], TEXTS[300:350], TEXTS[350:]


def _parts(tmp_path: Path, train: list[str], valid: list[str], test: list[str]) -> dict[str, str]:
    parts = {"train": train, "valid": valid, "test": test}
    return {name: str(write_lines(tmp_path / f"{name}.txt", lines)) for name, lines in parts.items()}


def _given(tmp_path: Path, train: list[str], valid: list[str], test: list[str], **more):
    parts = _parts(tmp_path, train, valid, test)
    settings = {"valid_source": parts["valid"], "test_source": parts["test"], **more}
    return run(parts["train"], tmp_path / "c", **settings)


def _words(corpus: Corpus, part) -> list[str]:
    return [" ".join(corpus.vocabulary.decode(part.ids(i))) for i in range(len(part))]


def test_each_part_is_what_was_given_in_its_order(tmp_path: Path) -> None:
    result, _ = _given(tmp_path, TRAIN, VALID, TEST)
    corpus = Corpus.open(tmp_path / "c")
    assert corpus.valid is not None
    for part, texts in ((corpus.train, TRAIN), (corpus.valid, VALID), (corpus.test, TEST)):
        assert _words(corpus, part) == [" ".join(tokenize(text)) for text in texts]
    assert list(corpus.test_texts()) == TEST
    assert (result["train"], result["valid"], result["test"], result["sentences"]) == (300, 50, 50, 400)
    made = json.loads((tmp_path / "c" / "corpus.json").read_text("utf-8"))
    assert {"valid.ids", "valid.offsets"} <= set(made["digests"])
    assert changed_files(tmp_path / "c", made["digests"], everything=True) == []


def test_the_vocabulary_is_of_the_training_part_and_unknown_words_are_counted_by_part(tmp_path: Path) -> None:
    strange = [text.replace("dog", "wombat").replace("cat", "quokka") for text in TEST]
    result, _ = _given(tmp_path, TRAIN, VALID, strange)
    corpus = Corpus.open(tmp_path / "c")
    counts = Counter(word for text in TRAIN for word in tokenize(text))
    assert set(corpus.vocabulary.words[4:]) == set(counts)
    tokens = [word for text in strange for word in tokenize(text)]
    assert result["unknown_rates"]["test"] == sum(word not in counts for word in tokens) / len(tokens) > 0
    assert result["unknown_rates"]["train"] == 0
    everything = [word for texts in (TRAIN, VALID, strange) for text in texts for word in tokenize(text)]
    assert result["unknown_rate"] == pytest.approx(sum(word not in counts for word in everything) / len(everything))


def test_sentences_of_two_parts_are_reported(tmp_path: Path) -> None:
    test = [*TEST, *TRAIN[:7], TRAIN[0].upper(), *VALID[:3]]
    result, _ = _given(tmp_path, TRAIN, [*VALID, TRAIN[1]], test)
    assert result["in_two_parts"] == {"test and train": 7, "test and valid": 4, "train and valid": 1}


def test_a_vocabulary_that_is_given_is_kept_in_its_order(tmp_path: Path) -> None:
    words = ["<unk>", "<pad>", "wombat", "the\t12", "a 99", "dog", "."]
    file = write_lines(tmp_path / "vocab.txt", words)
    _given(tmp_path, TRAIN, VALID, TEST, vocabulary_file=str(file))
    corpus = Corpus.open(tmp_path / "c")
    assert corpus.vocabulary.words[4:] == ("wombat", "the", "a", "dog", ".")
    known = {"wombat", "the", "a", "dog", "."}
    for part, texts in ((corpus.train, TRAIN), (corpus.test, TEST)):
        expected = [" ".join(word if word in known else "<unk>" for word in tokenize(text)) for text in texts]
        assert _words(corpus, part) == expected


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["a dog", "b c d"], "Line 1 of the vocabulary"),
        (["dog", "cat", "dog"], "'dog' twice, on lines 1 and 3"),
        (["<unk>", ""], "holds no word"),
    ],
)
def test_a_file_that_is_no_vocabulary_is_refused(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(LoomError, match=said):
        _given(tmp_path, TRAIN, VALID, TEST, vocabulary_file=str(write_lines(tmp_path / "v.txt", lines)))
    assert not (tmp_path / "c").exists()


def test_a_test_part_alone_and_a_validation_part_alone(tmp_path: Path) -> None:
    parts = _parts(tmp_path, TRAIN, VALID, TEST)
    run(parts["train"], tmp_path / "t", test_source=parts["test"])
    corpus = Corpus.open(tmp_path / "t")
    assert (len(corpus.train), len(corpus.test), corpus.valid) == (300, 50, None)
    run(parts["train"], tmp_path / "v", valid_source=parts["valid"])
    corpus = Corpus.open(tmp_path / "v")
    assert corpus.valid is not None
    assert len(corpus.train) + len(corpus.test) == 300
    assert 0 < len(corpus.test) < 100


def test_what_cannot_be_meant_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    parts = _parts(tmp_path, TRAIN, VALID, ["Short."])
    with pytest.raises(UsageError, match="same file"):
        run(parts["train"], tmp_path / "c", test_source=parts["train"])
    with pytest.raises(LoomError, match="No sentence of the test part is left: 1 shorter"):
        run(parts["train"], tmp_path / "c", test_source=parts["test"])
    with pytest.raises(UsageError, match="no file or folder"):
        run(parts["train"], tmp_path / "c", valid_source=str(tmp_path / "none.txt"))
    with pytest.raises(LoomError, match=r"none\.txt"):
        run(parts["train"], tmp_path / "c", vocabulary_file=str(tmp_path / "none.txt"))
    assert not (tmp_path / "c").exists()


def test_the_same_command_changes_nothing_and_other_parts_are_refused(tmp_path: Path) -> None:
    _given(tmp_path, TRAIN, VALID, TEST)
    before = (tmp_path / "c" / "corpus.json").read_bytes()
    _given(tmp_path, TRAIN, VALID, TEST)
    assert json.loads(before) == json.loads((tmp_path / "c" / "corpus.json").read_bytes())
    with pytest.raises(UsageError, match=r"test_source was .*test\.txt, now not given"):
        run(tmp_path / "train.txt", tmp_path / "c", valid_source=str(tmp_path / "valid.txt"))


def test_parts_that_are_cut_in_two_ways_are_told_of(tmp_path: Path) -> None:
    cut = [" ".join(tokenize(text)) for text in TEST]
    _, events = _given(tmp_path, TRAIN, VALID, cut)
    assert any("read like the first" in getattr(event, "text", "") for event in events)


@pytest.mark.parametrize("other", ["valid_source", "test_source"])
def test_the_training_part_decides_how_words_are_cut(tmp_path: Path, other: str) -> None:
    train = ["Mr. <unk> did n't see N of the <unk> , he said .", "The <unk> of New York rose N points ."] * 50
    plain = ["Mr. Smith didn't see the man, he said.", "The man of New York, however, isn't there."] * 5
    sources = {name: write_lines(tmp_path / name, lines) for name, lines in (("a.txt", train), ("b.txt", plain))}
    result, events = run(sources["a.txt"], tmp_path / "c", test_fraction=0.0, **{other: str(sources["b.txt"])})
    corpus = Corpus.open(tmp_path / "c")
    assert set(_words(corpus, corpus.train)) == set(train)
    assert result["unknown_rates"]["train"] == pytest.approx(3 / 22)
    assert any("cut into words already" in getattr(event, "text", "") for event in events)
    assert any("read like the first" in getattr(event, "text", "") for event in events)


def test_a_limit_is_that_of_the_training_part(tmp_path: Path) -> None:
    parts = _parts(tmp_path, TRAIN, VALID, TEST)
    for limit in (1, 40, 300, 1000):
        result, _ = run(parts["train"], tmp_path / f"c{limit}", test_source=parts["test"], limit=limit)
        assert (result["train"], result["test"]) == (min(limit, 300), 50)


def test_a_vocabulary_of_another_text_is_refused(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "v.csv", ["word,count", "the,4", "dog,3"])
    with pytest.raises(LoomError, match=r"No word of the text is in .*v\.csv, as in word,count"):
        _given(tmp_path, TRAIN, VALID, TEST, vocabulary_file=str(file))
    for missing in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(UsageError, match="There is no file"):
            _given(tmp_path, TRAIN, VALID, TEST, vocabulary_file=str(missing))


def test_a_column_is_that_of_the_parts_which_are_tables(tmp_path: Path) -> None:
    train, test = tmp_path / "train.jsonl", write_lines(tmp_path / "test.txt", TEST)
    train.write_text("".join(json.dumps({"a": i, "b": text, "c": TEXTS[0]}) + "\n" for i, text in enumerate(TRAIN)))
    result, _ = run(train, tmp_path / "c", column="b", test_source=str(test))
    assert (result["train"], result["test"]) == (300, 50)
    result, _ = run(test, tmp_path / "d", column="b", valid_source=str(train), test_fraction=0.2)
    assert result["valid"] == 300
    with pytest.raises(UsageError, match="has no columns"):
        run(test, tmp_path / "e", column="b", test_source=str(write_lines(tmp_path / "other.txt", VALID)))


@pytest.mark.parametrize("columns", ["genre", "genre,year"])
def test_columns_of_a_part_are_never_put_under_the_names_of_another_ones(tmp_path: Path, columns: str) -> None:
    train = write_lines(tmp_path / "train.txt", TRAIN)
    test, valid = tmp_path / "test.csv", tmp_path / "valid.csv"
    test.write_text("text,label,stars\n" + "".join(f'"{text}",good,{i % 5}\n' for i, text in enumerate(TEST)))
    more = ",1999" if "year" in columns else ""
    valid.write_text(f"text,{columns}\n" + "".join(f'"{text}",news{more}\n' for text in VALID))
    _, events = run(str(train), tmp_path / "c", valid_source=str(valid), test_source=str(test))
    notes = [event.text for event in events if isinstance(event, Note)]
    corpus = Corpus.open(tmp_path / "c")
    decided = {column.name for column in corpus.kept}
    assert decided in ({"label", "stars"}, {"genre"}, {"genre", "year"})
    for part, own in (("test", {"label", "stars"}), ("valid", set(columns.split(",")))):
        with corpus.columns(part) as held:
            for name in decided:
                values = held.numbers(name) if name in ("stars", "year") else held.texts(name)
                missing = {value is None or value != value for value in values}
                assert missing == {name not in own}, (part, name)
    assert any("has no column" in note for note in notes)
