"""A selection of test sentences, and the numbers over it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.corpus.prepare import CorpusRequest, prepare_corpus
from engine.corpus.store import Corpus
from engine.errors import LoomError, UsageError
from engine.evaluation.measures.behind import Behind
from engine.evaluation.measures.recall import recall_or_evaluate
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.result import Evaluation
from engine.evaluation.measures.selection import Selection
from engine.evaluation.measures.tables import notes
from engine.runs.run import Run
from engine.selections.chosen import Chosen
from engine.selections.conditions import Conditions
from engine.workspace import Workspace
from tests.conftest import write_sentences


@pytest.mark.parametrize(
    ("typed", "least", "most"), [("5-10", 5, 10), ("12-", 12, 0), ("-8", 0, 8), ("7", 7, 7), ("", 0, 0)]
)
def test_ranges_of_tokens(typed: str, least: int, most: int) -> None:
    found = Selection.of(tokens=typed)
    assert found.line == ((Conditions(least=least, most=most),) if typed else ())
    assert Selection.from_json(found.as_json()) == found
    assert bool(found) == bool(typed)


@pytest.mark.parametrize("typed", ["-", "a", "5-4", "5-6-7", "1.5", "0", "-0", "00", "3-0"])
def test_what_is_no_range_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        Selection.of(tokens=typed)


def test_one_typed_line_says_what_is_meant() -> None:
    found = Selection.typed("The dog tokens:5-8 | /^cat/ maps:selected", {}, Chosen("x", 8, 1, "y"))
    assert found.line == (Conditions(("The dog",), least=5, most=8), Conditions(matching=("^cat",)))
    assert found.picked.count == 1
    assert Selection.from_json(found.as_json()) == found
    assert found.describe() == ("with “The dog” of 5 to 8 tokens or matching /^cat/, that were selected on the maps")
    assert not Selection.typed("  | ", {})


def test_the_selection_of_an_earlier_evaluation_is_read() -> None:
    found = Selection.from_json({"containing": ["the", "cat"], "least": 8, "most": 8, "where": [["label", "good"]]})
    assert found.describe() == "with “the” and “cat” of 8 tokens where label is good"


def test_the_sentences_are_those_that_fit(tiny_corpus: Corpus) -> None:
    selection = Selection.of("the cat", "8-9")
    n = len(tiny_corpus.test)
    expected = []
    for row in range(n):
        words = tiny_corpus.vocabulary.decode(tiny_corpus.test.ids(row).tolist())
        expected.append("the cat" in " ".join(words) and 8 <= len(words) <= 9)
    assert selection.chosen(tiny_corpus, n).tolist() == expected
    assert any(expected)
    assert selection.describe() == "with “the cat” of 8 to 9 tokens"


def test_picked_sentences_meet_the_other_conditions_too(tiny_corpus: Corpus) -> None:
    n = len(tiny_corpus.test)
    picked = Chosen.of(np.arange(n) % 2 == 0, tiny_corpus.fingerprint)
    found = Selection.typed("the maps:selected", {}, picked)
    assert Selection.from_json(found.as_json()) == found
    both = Selection.of("the").chosen(tiny_corpus, n) & (np.arange(n) % 2 == 0)
    assert found.chosen(tiny_corpus, n).tolist() == both.tolist()
    assert found.describe() == "with “the” that were selected on the maps"


def test_nothing_selected_is_told(tiny_corpus: Corpus) -> None:
    with pytest.raises(LoomError, match="None of the first 10"):
        Selection.of(tokens="29").chosen(tiny_corpus, 10)
    with pytest.raises(LoomError, match="None of the first 10"):
        Selection.of("zebra").chosen(tiny_corpus, 10)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A corpus from a table, with a label and a number beside each sentence."""
    folder = tmp_path_factory.mktemp("labelled")
    lines = write_sentences(folder / "plain.txt", 120).read_text(encoding="utf-8").splitlines()
    rows = [f"{line},{'good' if 'the' in line else 'bad'},{len(line) % 5}" for line in lines]
    (folder / "table.csv").write_text("text,label,stars\n" + "\n".join(rows) + "\n", encoding="utf-8")
    request = CorpusRequest(source=str(folder / "table.csv"), name="labelled", keep=("label", "stars"))
    list(prepare_corpus(request, folder / "labelled"))
    return Corpus.open(folder / "labelled")


def test_sentences_are_selected_by_what_stands_beside_them(labelled: Corpus) -> None:
    n = len(labelled.test)
    texts = list(labelled.test_texts())
    good = Selection.of(where=["label=good"]).chosen(labelled, n)
    assert good.tolist() == ["the" in text for text in texts]
    stars = Selection.of(where=["stars=2..3", "label=good"])
    assert stars.chosen(labelled, n).tolist() == ["the" in text and len(text) % 5 in (2, 3) for text in texts]
    assert Selection.from_json(stars.as_json()) == stars
    assert stars.describe() == "where stars is 2..3 and label is good"


@pytest.mark.parametrize(
    ("where", "words"),
    [("colour=red", "No column 'colour'"), ("label=green", "No sentence has 'green'"), ("stars=many", "holds numbers")],
)
def test_a_condition_that_means_nothing_is_told(labelled: Corpus, where: str, words: str) -> None:
    with pytest.raises(LoomError, match=words):
        Selection.of(where=[where]).chosen(labelled, 5)


def test_a_condition_needs_columns_and_both_sides(tiny_corpus: Corpus) -> None:
    with pytest.raises(LoomError, match="nothing is kept beside"):
        Selection.of(where=["label=good"]).chosen(tiny_corpus, 5)
    with pytest.raises(UsageError, match="no condition"):
        Selection.of(where=["label"])


def test_numbers_over_a_selection_are_those_of_its_sentences(tiny_workspace: Workspace, tmp_path: Path) -> None:
    shutil.copytree(tiny_workspace.root, tmp_path, dirs_exist_ok=True)
    workspace = Workspace(tmp_path)
    run, corpus = Run.open(workspace.run("tiny")), Corpus.open(workspace.corpus("tiny"))
    small = {"limit": 40, "samples": 2, "draws": 20, "pairs": 30, "beam": 2}

    def found(selection: Selection) -> tuple[Evaluation, list[object]]:
        events: list[object] = list(recall_or_evaluate(run, workspace, Request(selection=selection, **small), "cpu"))
        return Evaluation.from_json(events[-1].result), events  # type: ignore[attr-defined]

    whole, _ = found(Selection())
    selection = Selection.of("the")
    part, events = found(selection)
    assert not [event for event in events if "giving back" in getattr(event, "stage", "")]  # nothing is measured anew
    inside = selection.chosen(corpus, 40)
    assert 2 < inside.sum() < 40
    behind = Behind(run, workspace, whole)
    for key in ("elbo", "kl", "nll", "exact_beam_z", "edit_distance_greedy_mu"):
        assert part.variant("vae").numbers[key].value == pytest.approx(behind.distribution("vae", key)[inside].mean())
        assert part.variant("vae").numbers[key].n == inside.sum()
    tokens = int((corpus.test.lengths[:40][inside] + 1).sum())
    assert f"exp(NLL / tokens), {tokens:,} tokens; " in part.variant("vae").numbers["perplexity"].how
    assert part.variant("vae").numbers["length"] == whole.variant("vae").numbers["length"]
    assert part.variant("vae").numbers["largest_jump"].n < 30
    taken = behind.over(selection)
    assert repr(replace(taken.evaluation, created=part.created)) == repr(part)
    assert taken.items("vae", "nll", 3) == Behind(run, workspace, part).items("vae", "nll", 3)
    assert behind.evaluation == whole
    mu, logvar = (behind._parts["vae"]["posteriors"].arrays[each][inside].astype(float) for each in ("mu", "logvar"))
    kl = (0.5 * (mu**2 + np.exp(logvar) - 1.0 - logvar)).mean(axis=0)
    assert part.variant("vae").kl_per_dimension == pytest.approx(kl.tolist())
    assert f"Over {inside.sum()} of the 40: those with “the”." in " ".join(notes(part))
    chosen = Behind(run, workspace, part).distribution("vae", "elbo")
    assert np.sort(chosen).tolist() == np.sort(behind.distribution("vae", "elbo")[inside]).tolist()
