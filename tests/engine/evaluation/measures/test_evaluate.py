"""A whole evaluation of a small trained run: against plain loops, stopped, gone on with, extended, read again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.corpus.store import Corpus
from engine.diagnostics.measuring import sentence_noise
from engine.diagnostics.posterior import posteriors
from engine.errors import LoomError, Stopped, UsageError
from engine.evaluation.measures import kept
from engine.evaluation.measures.asked import look_up
from engine.evaluation.measures.behind import Behind
from engine.evaluation.measures.definitions import DEFINITIONS
from engine.evaluation.measures.measuring import pair
from engine.evaluation.measures.recall import recall_or_evaluate
from engine.evaluation.measures.request import Request
from engine.evaluation.measures.result import Evaluation
from engine.evaluation.measures.tables import comparison_table, numbers_table
from engine.events import Done, Event, Note, Progress
from engine.runs.run import Run
from engine.session import Session
from engine.workspace import Workspace

SMALL = Request(limit=30, samples=8, draws=25, pairs=22, beam=3)


def whole(
    run: Run, workspace: Workspace, request: Request = SMALL, **options: object
) -> tuple[Evaluation, list[Event]]:
    events = list(recall_or_evaluate(run, workspace, request, "cpu", **options))  # type: ignore[arg-type]
    assert isinstance(events[-1], Done)
    return Evaluation.from_json(events[-1].result), events


@pytest.fixture(scope="module")
def workspace(tiny_workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy, so that what is kept here is nobody else's."""
    place = tmp_path_factory.mktemp("evaluated")
    shutil.copytree(tiny_workspace.root, place, dirs_exist_ok=True)
    return Workspace(place)


@pytest.fixture(scope="module")
def run(workspace: Workspace) -> Run:
    return Run.open(workspace.run("tiny"))


@pytest.fixture(scope="module")
def evaluated(run: Run, workspace: Workspace) -> Evaluation:
    return whole(run, workspace, replace(SMALL, judge=True))[0]


def plain_nll(session: Session, name: str, ids: list[int], z: np.ndarray) -> float:
    """-log p(x|z) of one sentence, from the model's own score."""
    words = session.run.vocabulary.decode(ids)
    return -session.score(name, session.typed(" ".join(words)), z)


def test_every_number_is_there_with_its_interval(evaluated: Evaluation) -> None:
    assert evaluated.complete
    for variant in evaluated.variants:
        missing = [key for key in DEFINITIONS if key not in variant.numbers]
        assert missing == []
        for key, number in variant.numbers.items():
            if not key.endswith(("_short", "_long")):
                assert number.low is not None, key
                assert number.low <= number.value + 1e-9, key
                assert number.value <= number.high + 1e-9, key
        assert sum(variant.kl_per_dimension) == pytest.approx(variant.numbers["kl"].value)


def test_likelihoods_are_those_of_a_plain_loop(run: Run, workspace: Workspace, evaluated: Evaluation) -> None:
    session, corpus = Session.load(run, "cpu"), Corpus.open(workspace.corpus("tiny"))
    for name in session.variants:
        costs, kls, weighted = [], [], []
        for row in range(SMALL.limit):
            ids = corpus.test.ids(row)
            with torch.no_grad():
                mu, logvar = session.model(name).encode(torch.tensor(ids[None]), torch.tensor([len(ids)]))
            mu, logvar = mu[0].double().numpy(), logvar[0].double().numpy()
            noise = sentence_noise(0, "posterior", np.array([row]), mu.shape)[0].numpy()
            z = (mu + np.exp(0.5 * logvar) * noise).astype(np.float32)
            costs.append(plain_nll(session, name, ids.tolist(), z))
            kls.append(0.5 * (mu**2 + np.exp(logvar) - 1 - logvar).sum())
            logs = []
            for noise in sentence_noise(0, "weights", np.array([row]), (SMALL.samples, len(mu)))[0].double().numpy():
                z = mu + np.exp(0.5 * logvar) * noise
                prior, own = -0.5 * (z**2).sum(), -0.5 * (noise**2).sum() - 0.5 * logvar.sum()
                logs.append(prior - own - plain_nll(session, name, ids.tolist(), z.astype(np.float32)))
            weighted.append(-np.log(np.mean(np.exp(np.array(logs)))))
        numbers = evaluated.variant(name).numbers
        assert numbers["kl"].value == pytest.approx(np.mean(kls), rel=1e-5)
        assert numbers["elbo"].value == pytest.approx(-np.mean(costs) - np.mean(kls), rel=1e-5)
        assert numbers["nll"].value == pytest.approx(np.mean(weighted), rel=1e-5)


def test_reconstructions_samples_and_ways_are_those_of_the_session(
    run: Run, workspace: Workspace, evaluated: Evaluation
) -> None:
    from engine.decoding.options import DecodeOptions

    session, corpus = Session.load(run, "cpu"), Corpus.open(workspace.corpus("tiny"))
    vocabulary = corpus.vocabulary
    for name in session.variants:
        right, known = 0, 0
        for row in range(SMALL.limit):
            words = vocabulary.decode(corpus.test.ids(row).tolist())
            back = session.reconstruct(" ".join(words), [name], DecodeOptions(beam=3))[0].decoded.words
            right += list(back) == words
        train = {tuple(corpus.train.ids(row).tolist()) for row in range(len(corpus.train))}
        for row in range(SMALL.draws):
            z = sentence_noise(0, "prior", np.array([row]), (4,)).numpy()
            known += tuple(vocabulary.encode(session.decode(name, z, DecodeOptions(beam=3))[0].words)) in train
        numbers = evaluated.variant(name).numbers
        assert numbers["exact_beam_mu"].value == pytest.approx(right / SMALL.limit)
        assert numbers["novelty"].value == pytest.approx(1 - known / SMALL.draws)


def test_pairs_are_of_two_sentences_and_do_not_depend_on_how_many_there_are() -> None:
    drawn = [pair(0, number, 50) for number in range(200)]
    assert all(first != last for first, last in drawn)
    assert len(set(drawn)) > 190
    assert drawn != [pair(1, number, 50) for number in range(200)]


def test_the_same_again_is_read_without_measuring(run: Run, workspace: Workspace, evaluated: Evaluation) -> None:
    again, events = whole(run, workspace)
    assert again.as_json() == evaluated.as_json()
    assert not any(isinstance(event, Progress) for event in events)
    assert any(isinstance(event, Note) and "--anew" in event.text for event in events)


def test_a_sentence_is_encoded_once(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.evaluation.measures import measuring

    shutil.copytree(workspace.root, tmp_path, dirs_exist_ok=True)
    place = Workspace(tmp_path)
    run = Run.open(place.run("tiny"))

    asked: list[int] = []

    def noted(model: object, store: object, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        asked.extend(rows.tolist())
        return posteriors(model, store, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(measuring, "posteriors", noted)
    name = run.variants[0].name
    request = replace(SMALL, variants=(name,), seed=5, pairs=2)
    whole(run, place, request, anew=True)
    assert asked[: SMALL.limit] == list(range(SMALL.limit))
    others = asked[SMALL.limit :]  # ends of pairs, which are of the whole test set
    assert all(row >= SMALL.limit for row in others)


def test_more_goes_on_from_less(run: Run, workspace: Workspace, evaluated: Evaluation) -> None:
    from engine.evaluation.measures import measuring

    more = Request(limit=36, samples=8, draws=25, pairs=22, beam=3)
    found, events = whole(run, workspace, more)
    fresh, _ = whole(run, workspace, more, anew=True)
    for ours, theirs in zip(found.variants, fresh.variants, strict=True):
        for key, number in ours.numbers.items():
            expected = theirs.numbers[key]
            if key in ("nll", "perplexity"):  # importance samples taken together with others are rounded differently
                values = (number.value, number.low, number.high)
                assert values == pytest.approx((expected.value, expected.low, expected.high), rel=1e-6)
                number = replace(number, value=expected.value, low=expected.low, high=expected.high)
            assert number == expected
    measured = [event for event in events if isinstance(event, Progress) and "sampling" in event.stage]
    assert measured == []  # no more draws were asked for
    assert measuring.kinds(more)["draws"].settings == {"beam": 3}


def test_stopped_anywhere_it_goes_on_to_the_same_numbers(
    run: Run, workspace: Workspace, evaluated: Evaluation, tmp_path: Path
) -> None:
    place = Workspace(tmp_path)
    for folder in ("corpora", "runs"):
        shutil.copytree(workspace.root / folder, tmp_path / folder)
    stops: list[Stopped] = []
    while True:

        def stop(left: Iterator[int] = iter(range(4 + len(stops)))) -> bool:
            return next(left, None) is None

        try:
            found, _ = whole(Run.open(place.run("tiny")), place, should_stop=stop)
            break
        except Stopped as stopped:
            stops.append(stopped)
            partial = kept.read(place.evaluation("tiny"))
            assert partial is None or not partial.complete
    assert len(stops) >= 3
    assert all("go on from there" in each.hint for each in stops)
    assert [each.numbers for each in found.variants] == [each.numbers for each in evaluated.variants]


def test_partial_results_are_shown_as_such(run: Run, workspace: Workspace, tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    for folder in ("corpora", "runs"):
        shutil.copytree(workspace.root / folder, tmp_path / folder)
    seen = []
    for _ in recall_or_evaluate(Run.open(place.run("tiny")), place, SMALL, "cpu"):
        there = kept.most_thorough(Run.open(place.run("tiny")), place)
        if there is not None:
            seen.append((there.complete, len(there.variants[0].numbers)))
    counts = [count for _, count in seen]
    assert counts == sorted(counts)
    assert not any(complete for complete, _ in seen[:-1])
    assert counts[0] < counts[-1]
    assert seen[-1][0]


def test_other_models_other_text_and_a_damaged_document_are_not_shown(
    run: Run, workspace: Workspace, evaluated: Evaluation, tmp_path: Path
) -> None:
    shutil.copytree(workspace.root, tmp_path, dirs_exist_ok=True)
    place = Workspace(tmp_path)
    path = place.evaluation("tiny")
    assert kept.most_thorough(Run.open(place.run("tiny")), place) is not None
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 5', 1))
    whole_text = path.read_text()
    for text, said in ((whole_text, "was changed"), (whole_text[:2000], "cut off"), ("[]", "does not hold")):
        path.write_text(text)
        with pytest.raises(LoomError, match=said) as told:
            kept.most_thorough(Run.open(place.run("tiny")), place)
        assert told.value.hint.startswith("Make it anew: python main.py evaluate tiny")
    path.write_text(whole_text)
    found, events = whole(Run.open(place.run("tiny")), place)
    assert any(isinstance(event, Note) and "put together anew" in event.text for event in events)
    assert [each.numbers for each in found.variants] == [each.numbers for each in evaluated.variants]


def test_what_was_measured_anew_of_fewer_is_not_what_stands_behind_an_older_result(
    run: Run, workspace: Workspace, evaluated: Evaluation, tmp_path: Path
) -> None:
    shutil.copytree(workspace.root, tmp_path, dirs_exist_ok=True)
    place = Workspace(tmp_path)
    drawer = kept.drawer(run, place, "vae", evaluated.models["vae"], evaluated.seed)
    settings: dict[str, object] = {"beam": evaluated.beam}
    drawer.keep("draws", settings, drawer.read("draws", settings).first(3))
    with pytest.raises(LoomError, match="no longer there"):
        Behind(run, place, evaluated).statistics("vae")
    partial = Behind(run, place, replace(evaluated, complete=False)).statistics("vae")
    assert "elbo" in partial
    assert "forward_perplexity" not in partial


@pytest.mark.parametrize("part", ["back_beam_z", "language", "reverse", "information"])
def test_a_part_that_is_damaged_is_measured_again_and_nothing_else(
    run: Run, workspace: Workspace, evaluated: Evaluation, tmp_path: Path, part: str
) -> None:
    shutil.copytree(workspace.root, tmp_path, dirs_exist_ok=True)
    place = Workspace(tmp_path)
    there = Run.open(place.run("tiny"))
    for file in place.evaluation("tiny").with_suffix("").glob(f"vae.{part}.*"):
        file.write_bytes(file.read_bytes()[:100])
    names = [each.name for each in run.variants]
    with pytest.raises(LoomError, match="of vae is no longer there") as gone:
        Behind(there, place, evaluated).differences(names[-1])
    assert gone.value.hint == f"Measure it again: {evaluated.command(names)}"
    assert "--limit 30 --samples 8 --pairs 22 --draws 25 --beam 3 --seed 0" in evaluated.command(names)
    found, events = whole(there, place)
    assert any(isinstance(event, Note) and "no longer there" in event.text for event in events)
    steps = [event.stage for event in events if isinstance(event, Progress) and ": " in event.stage]
    measured = {stage for stage in steps if not stage.startswith("training text")}
    assert measured == ({"VAE: giving back, beam, z ~ q(z|x)"} if part == "back_beam_z" else set())
    assert [each.numbers for each in found.variants] == [each.numbers for each in evaluated.variants]
    assert Behind(there, place, found).differences(names[-1]) == Behind(run, workspace, evaluated).differences(
        names[-1]
    )


def test_results_of_some_variants_are_found_where_another_has_no_checkpoint(
    run: Run, workspace: Workspace, evaluated: Evaluation, tmp_path: Path
) -> None:
    shutil.copytree(workspace.root, tmp_path, dirs_exist_ok=True)
    place = Workspace(tmp_path)
    shutil.rmtree(place.run("tiny") / "variants" / run.variants[-1].name)
    there = Run.open(place.run("tiny"))
    some = there.variants[:-1]
    assert kept.most_thorough(there, place, variants=some) is None  # the kept one is of all of them
    found, _ = whole(there, place, replace(SMALL, variants=tuple(each.name for each in some)))
    assert kept.most_thorough(there, place, variants=some) == kept.most_thorough(there, place) == found
    with pytest.raises(LoomError):
        kept.most_thorough(there, place, variants=there.variants)


def test_what_stands_behind_a_number(run: Run, workspace: Workspace, evaluated: Evaluation) -> None:
    behind = Behind(run, workspace, evaluated)
    for variant in evaluated.variants:
        for key, number in variant.numbers.items():
            if key == "active_units":
                continue
            alone = behind.distribution(variant.name, key)
            assert len(alone) <= max(number.n, 1)
            if key in ("elbo", "kl", "nll", "exact_beam_z", "length", "largest_jump"):
                assert alone.mean() == pytest.approx(number.value)
    worst = behind.items("vae", "elbo", 5)
    assert [each.value for each in worst] == sorted(behind.distribution("vae", "elbo"))[:5]
    assert all(each.source and each.made for each in worst[:1])
    best = behind.items("vae", "elbo", 5, worst=False)
    assert best[0].value == behind.distribution("vae", "elbo").max()
    assert len(behind.items("vae", "largest_jump", 2)[0].made) == 11
    assert behind.items("vae", "forward_perplexity", 1)[0].source == ""
    with pytest.raises(LoomError, match="was not measured"):
        behind.items("vae", "nonsense")


def test_differences_to_a_baseline(run: Run, workspace: Workspace, evaluated: Evaluation) -> None:
    found = Behind(run, workspace, evaluated).differences("vae")
    assert set(found) == {"autogen-m1"}
    numbers = {each.name: each.numbers for each in evaluated.variants}
    for key, difference in found["autogen-m1"].items():
        expected = numbers["autogen-m1"][key].value - numbers["vae"][key].value
        assert difference.value == pytest.approx(expected, nan_ok=True), key
    table = comparison_table(evaluated, differences=found)
    assert table.columns[2:] == ("VAE", "AutoGen m=1")
    long = numbers_table(evaluated, found)
    assert len(long.rows) == sum(len(each.numbers) for each in evaluated.variants)


@pytest.mark.parametrize(
    "request_", [Request(limit=1), Request(samples=0), Request(draws=1), Request(pairs=0), Request(beam=0)]
)
def test_numbers_that_make_no_sense_are_refused(run: Run, workspace: Workspace, request_: Request) -> None:
    with pytest.raises(UsageError):
        next(iter(recall_or_evaluate(run, workspace, request_, "cpu")))


def test_a_variant_without_a_checkpoint_is_named(run: Run, workspace: Workspace, tmp_path: Path) -> None:
    for folder in ("corpora", "runs"):
        shutil.copytree(workspace.root / folder, tmp_path / folder)
    place = Workspace(tmp_path)
    for checkpoint in (place.run("tiny") / "variants" / "autogen-m1").rglob("step-*"):
        checkpoint.unlink()
    with pytest.raises(LoomError, match="autogen-m1"):
        list(recall_or_evaluate(Run.open(place.run("tiny")), place, SMALL, "cpu"))


def test_stopped_while_measuring_anew_what_was_there_stays(
    run: Run, workspace: Workspace, evaluated: Evaluation, tmp_path: Path
) -> None:
    shutil.copytree(workspace.root, tmp_path, dirs_exist_ok=True)
    place = Workspace(tmp_path)
    made_from = look_up(run, SMALL, evaluated.of).made_from
    stops, ended = 0, False
    while not ended:

        def stop(left: Iterator[int] = iter(range(3 + 5 * stops))) -> bool:
            return next(left, None) is None

        try:
            found, _ = whole(Run.open(place.run("tiny")), place, should_stop=stop, anew=True)
            ended = True
        except Stopped:
            stops += 1
            assert kept.find(place.evaluation("tiny"), made_from) == evaluated
            assert set(Behind(run, place, evaluated).statistics("vae")) == set(evaluated.variant("vae").numbers)
            language = Behind(run, place, evaluated).statistics("vae")["forward_perplexity"]
            assert language.n == evaluated.draws
    assert stops >= 3
    assert found.created >= evaluated.created
    assert [each.numbers for each in found.variants] == [each.numbers for each in evaluated.variants]
