"""The steps that a GPU takes from graphs, taken here without any: term by term those of the learner itself."""

from __future__ import annotations

import gc
import weakref
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from engine.config import FreeBits, KlSchedule, MSchedule, Variant
from engine.corpus.store import Corpus
from engine.errors import LoomError, Stopped
from engine.events import Note
from engine.models import cross_entropy
from engine.models.sentence_vae import Targets
from engine.runs.run import Run
from engine.training.batching import BatchPlan
from engine.training.distributed import Processes
from engine.training.graphs.inputs import Inputs
from engine.training.graphs.stepping import GraphSteps, takes_graphs
from engine.training.graphs.trial import Way
from engine.training.learner import Learner
from engine.training.loading import Batch
from engine.training.lock_step import lock_step
from engine.training.loop import train
from engine.training.schedules import kl_weight, m_at
from tests.conftest import begin_run
from tests.engine.training.test_loop import numbers, stop_after
from tests.engine.training.test_loop_failures import BROKEN

CPU = torch.device("cpu")
MOVING = Variant(
    name="moving",
    m=1.0,
    m_schedule=MSchedule(kind="linear", start=4.0, steps=6),
    kl_schedule=KlSchedule(kind="linear", warmup=5, start=0.1),
    free_bits=FreeBits(kind="dimension", nats=0.02),
)
SHAPES = [
    {"recognition": (9,), "reads_end": True, "variance": "elu", "z_at": "first", "output_bias": False},
    {"cell": "gru", "tied": False, "shared_words": False, "layers": 2, "bidirectional": True},
    {},
]
TWO_WAYS: dict[str, object] = {"layers": 2, "bidirectional": True, "reads_end": True}
PLANS = [
    {"length_spread": 1.5, "word_drop_to": "zero", "word_drop_exactly": True, "clip": 0.0},
    {"length_spread": 1.2, "clip": 0.5},
    {"optimiser": "sgd", "learning_rate": 0.5},
]
CASES = [
    pytest.param(SHAPES[0], PLANS[0], "apart", id="paper"),
    pytest.param(SHAPES[1], PLANS[1], "apart", id="gru"),
    pytest.param(SHAPES[2], PLANS[2], "apart", id="plain"),
    pytest.param(SHAPES[0], PLANS[0], "together", id="paper together"),
    pytest.param(TWO_WAYS, PLANS[1], "apart", id="both ways"),
    pytest.param(TWO_WAYS, PLANS[1], "together", id="both ways together"),
    pytest.param(SHAPES[2], PLANS[2], "together", id="plain together"),
]


def exactly(inputs: Inputs, latent: int) -> Batch:
    """The batch that inputs hold, as a learner gets it: without anything that fills up."""
    given = inputs.batch
    time = int(given.lengths.max())
    words = given.words[:, :time].clone()
    dropped, noise = given.dropped[:, :time].clone(), given.noise[:, :latent].clone()
    tokens = int(given.lengths.sum()) + len(words)
    return Batch(words, given.lengths.clone(), Targets.of(words, given.lengths), dropped, noise, tokens, len(words))


def states(learner: Learner) -> list[torch.Tensor]:
    """Every weight, and all that the optimiser keeps of it."""
    found = [parameter.detach() for parameter in learner.model.parameters()]
    kept = learner.optimiser.state_dict()["state"]
    return found + [value for index in sorted(kept) for _, value in sorted(kept[index].items())]


@pytest.mark.parametrize("in_place", [False, True], ids=["in chunks", "in place"])
@pytest.mark.parametrize(("model", "plan", "way"), CASES)
def test_every_step_is_the_learners_own_term_by_term(
    model: dict[str, object],
    plan: dict[str, object],
    way: Way,
    in_place: bool,
    tiny_corpus: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if in_place:
        monkeypatch.setattr(cross_entropy, "IN_PLACE", {"cpu"})
    run = begin_run(tiny_corpus, tmp_path / "run", ("vae-annealed", MOVING), model, batch=33, **plan)
    graphed, eager = ([Learner(run, variant, CPU) for variant in run.variants] for _ in range(2))
    for learner in [*graphed, *eager]:
        learner.model.double()
    batches = BatchPlan(tiny_corpus.train.lengths, 33, 0, run.settings.train.length_spread)
    steps = GraphSteps(tiny_corpus.train, tiny_corpus.train.lengths, run.settings.model, graphed, CPU, way=way)
    latent, seen, filled = run.settings.model.latent, set(), list[Inputs]()
    fill = steps._feed.fill
    monkeypatch.setattr(steps._feed, "fill", lambda inputs, *rest: (fill(inputs, *rest), filled.append(inputs)))
    with lock_step(CPU) as in_lock_step:
        for step in range(9):
            rows = batches.indices(step)
            before = [learner.sums.clone() for learner in graphed]
            tokens = steps.step(in_lock_step, graphed, rows, step)
            batch = exactly(filled[-1], latent)
            assert tokens == batch.tokens
            seen.add(filled[-1].shape)
            for mine, theirs, sums in zip(graphed, eager, before, strict=True):
                earlier = theirs.sums.clone()
                theirs.step(batch, step)
                torch.testing.assert_close(mine.sums - sums, theirs.sums - earlier, rtol=1e-4, atol=1e-3)
                torch.testing.assert_close(mine.norms, theirs.norms.float(), rtol=1e-5, atol=1e-6)
                twin = steps._twins[mine.variant.name]
                assert float(twin.weight) == pytest.approx(kl_weight(mine.variant.kl_schedule, step))
                assert float(twin.m) == pytest.approx(m_at(mine.variant.m, mine.variant.m_schedule, step))
                assert float(twin._rate) == pytest.approx(mine.rate(step))
    assert len(seen) > 1  # several widths were met
    steps.settle()
    for mine, theirs in zip(graphed, eager, strict=True):
        assert mine._steps == theirs._steps == 9
        assert mine._tokens == theirs._tokens
        for ours, plain in zip(states(mine), states(theirs), strict=True):
            torch.testing.assert_close(ours.double(), plain.double(), rtol=1e-5, atol=1e-6)


class AsksNothing(TorchDispatchMode):
    """Refuses every operation whose result, or its size, Python would have to wait for, which no graph could hold."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        asked = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape} & set(func.tags)
        if func is torch.ops.aten.index.Tensor:  # asks only how many places of a mask are True
            asked = {each for each in args[1] if each is not None and each.dtype == torch.bool}
        assert not asked, f"{func} asks the device"
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(("model", "plan", "way"), CASES)
def test_a_step_asks_the_device_for_nothing(
    model: dict[str, object],
    plan: dict[str, object],
    way: Way,
    tiny_corpus: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cross_entropy, "IN_PLACE", {"cpu"})
    run = begin_run(tiny_corpus, tmp_path / "run", ("vae-annealed", MOVING), {**model, "dropout": 0.2}, **plan)
    learners = [Learner(run, variant, CPU) for variant in run.variants]
    store = tiny_corpus.train
    steps = GraphSteps(store, store.lengths, run.settings.model, learners, CPU, way=way)
    rows = np.argsort(store.lengths, kind="stable")[:32]
    steps.step(lambda given, work: [work(learner) for learner in given], learners, rows, 0)  # makes what is made once
    with AsksNothing():
        steps.step(lambda given, work: [work(learner) for learner in given], learners, rows, 1)
        with pytest.raises(AssertionError, match="_local_scalar_dense"):
            float(learners[0].sums[0])


@pytest.mark.parametrize("way", ["apart", "together"])
def test_graphs_are_let_go_as_soon_as_nobody_has_them(way: Way, tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "run")
    learners = [Learner(run, variant, CPU) for variant in run.variants]
    steps = GraphSteps(tiny_corpus.train, tiny_corpus.train.lengths, run.settings.model, learners, CPU, way=way)
    rows = np.argsort(tiny_corpus.train.lengths, kind="stable")[:32]
    gc.disable()  # which would come too late: graphs must not go while others of their stream are in use
    try:
        steps.step(lambda given, work: [work(learner) for learner in given], learners, rows, 0)
        held = [weakref.ref(captured) for captured in steps._ways.every]
        del steps
        assert all(each() is None for each in held)
    finally:
        gc.enable()


@pytest.fixture(params=["apart", "together"])
def by_graphs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop takes the steps of a GPU, without one."""
    monkeypatch.setattr("engine.training.loop.GraphSteps", partial(GraphSteps, way=request.param))
    monkeypatch.setattr("engine.training.loop.takes_graphs", lambda device, processes, wanted: wanted)


@pytest.mark.usefixtures("by_graphs")
def test_a_run_that_was_stopped_twice_ends_bit_for_bit_like_an_undisturbed_one(
    tiny_corpus: Corpus, tmp_path: Path
) -> None:
    plan = {"steps": 24, "checkpoint_every": 10, "evaluate_every": 8, "log_every": 5, "length_spread": 1.5}
    whole = begin_run(tiny_corpus, tmp_path / "whole", **plan)
    list(train(tiny_corpus, whole, CPU))
    broken = begin_run(tiny_corpus, tmp_path / "broken", **plan)
    for steps_until_stop in (7, 9):
        with pytest.raises(Stopped, match="--resume"):
            list(train(tiny_corpus, Run.open(broken.path), CPU, stop_after(steps_until_stop)))
    list(train(tiny_corpus, Run.open(broken.path), CPU))
    for variant in ("vae", "autogen-m1"):
        first, second = whole.checkpoints(variant).newest(), broken.checkpoints(variant).newest()
        assert first.step == second.step == 24
        assert first.fingerprint == second.fingerprint
        assert numbers(broken, variant) == numbers(whole, variant)
        shapes = {name: tensor.shape for name, tensor in first.weights().items()}
        assert shapes["encoder.to_mu.weight"] == (4, 16)  # on the disk widths are the true ones
        assert shapes["embedding.weight"][1] == 12


@pytest.mark.usefixtures("by_graphs")
def test_the_curve_is_that_of_the_eager_path_and_either_resumes_the_other(tiny_corpus: Corpus, tmp_path: Path) -> None:
    # One length a batch and the longest everywhere: then both paths draw the same on a CPU too.
    def curve(name: str, graphs: bool, then: bool) -> tuple[list[float], Run]:
        run = begin_run(tiny_corpus, tmp_path / name, ("autogen-m1",), steps=20, log_every=1, word_drop=0.0)
        with pytest.raises(Stopped):
            list(train(tiny_corpus, run, CPU, stop_after(10), graphs=graphs))
        list(train(tiny_corpus, Run.open(run.path), CPU, graphs=then))
        return [line["gradient_norm"] for line in numbers(run, "autogen-m1") if line["split"] == "train"], run

    def words(given: list[float]) -> np.ndarray:
        return np.array(given)

    ways = {
        name: curve(name, *given)[0]
        for name, given in {
            "graphs": (True, True),
            "eager": (False, False),
            "first": (True, False),
            "then": (False, True),
        }.items()
    }
    assert len(ways["eager"]) == 20
    # The noise of z differs where widths do, and is next to nothing here beside the words.
    for name in ("graphs", "first", "then"):
        np.testing.assert_allclose(words(ways[name]), words(ways["eager"]), rtol=0.1)


@pytest.mark.usefixtures("by_graphs")
def test_a_variant_that_fails_leaves_the_others_running(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "fails", ("vae", BROKEN), steps=12, log_every=4)
    alone = begin_run(tiny_corpus, tmp_path / "alone", ("vae",), steps=12, log_every=4)
    notes = [event.text for event in train(tiny_corpus, run, CPU) if isinstance(event, Note)]
    list(train(tiny_corpus, alone, CPU))
    assert any(text.startswith("broken was stopped at step 8") for text in notes)
    assert run.checkpoints("vae").newest().step == 12
    assert run.model_fingerprint("vae") == alone.model_fingerprint("vae")


@pytest.mark.usefixtures("by_graphs")
def test_an_encoder_that_goes_ahead_takes_the_learners_own_steps(tiny_corpus: Corpus, tmp_path: Path) -> None:
    run = begin_run(tiny_corpus, tmp_path / "ahead", (Variant(name="ahead", encoder_steps=2),), steps=6)
    other = begin_run(tiny_corpus, tmp_path / "other", (Variant(name="ahead", encoder_steps=2),), steps=6)
    list(train(tiny_corpus, run, CPU))
    list(train(tiny_corpus, other, CPU, graphs=False))
    assert run.model_fingerprint("ahead") == other.model_fingerprint("ahead")


@pytest.mark.usefixtures("by_graphs")
def test_full_memory_is_told_with_what_to_do(
    tiny_corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin_run(tiny_corpus, tmp_path / "full", steps=4)

    def full(*given: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr("engine.training.gradients._descend", full)
    with pytest.raises(LoomError, match="does not hold this training") as caught:
        list(train(tiny_corpus, run, CPU))
    assert "--batch" in caught.value.hint


def test_graphs_are_for_cuda_and_one_process_and_can_be_declined() -> None:
    cuda, alone, two = torch.device("cuda"), Processes(), Processes(0, 2)
    assert takes_graphs(cuda, alone, True)
    assert not takes_graphs(cuda, alone, False)
    assert not takes_graphs(cuda, two, True)
    assert not takes_graphs(CPU, alone, True)
