"""Measuring one variant, part by part: what its models make of sentences, draws and ways.

The noise of an item depends on (seed, item) alone, as in the diagnosis, so every variant meets the same draws, and a
sentence the same one however many others are measured.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray

from engine.corpus.store import SentenceStore
from engine.decoding.options import DecodeOptions
from engine.device import cores, each_on_a_core
from engine.diagnostics.importance import log_mean_exp, log_weights
from engine.diagnostics.measuring import sentence_noise
from engine.diagnostics.posterior import BATCH, float64, posteriors
from engine.errors import LoomError, Stopped
from engine.evaluation.measures.definitions import WAYS
from engine.evaluation.measures.parts import NOTHING, Drawer, Part, Texts, joined
from engine.evaluation.measures.request import STEPS, Request
from engine.evaluation.measures.scores.scoring import of_a_way
from engine.events import Event, Progress
from engine.latents.paths import interpolation
from engine.models.objective import reparameterise
from engine.models.sentence_vae import SentenceVAE
from engine.runs.run import Run
from engine.session import Session

WEIGHTED_AT_ONCE = 16
"""Sentences whose importance samples are taken together by one core."""
DECODED_AT_ONCE = 256
"""Rows decoded between two looks at whether to stop."""
KEPT_EVERY = 60.0
"""Seconds after which what was measured is kept, so that no stop loses more."""


@dataclass
class Subject:
    """One variant that is measured.

    Attributes:
        name, label: of the variant.
        session: has its model.
        store: the test sentences.
        drawer: where its parts are kept.
        request: how much of everything.
        should_stop: asked between batches.
        least: items of a part, by name, below which it is not kept, as more that was measured before is there.
        encoded: its posteriors as far as they are known, which are not encoded again.
        seconds: spent in passes of encoder and decoder so far.
    """

    name: str
    label: str
    session: Session
    store: SentenceStore
    drawer: Drawer
    request: Request
    should_stop: Callable[[], bool]
    least: dict[str, int] = field(default_factory=dict)
    encoded: Part = NOTHING
    seconds: float = 0.0

    def keep(self, kind: Kind, found: Part) -> None:
        """Keep what was measured, unless more of it is there."""
        if found.n >= self.least.get(kind.name, 0):
            self.drawer.keep(kind.name, kind.settings, found)

    @property
    def model(self) -> SentenceVAE:
        """Its model."""
        return self.session.model(self.name)


Measure = Callable[[Subject, NDArray[np.int64]], Part]
"""Measures these items of a variant, in this order."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of part.

    Attributes:
        name: of the part.
        doing: for the progress.
        unit: what its items are.
        measure: measures some items.
        at_once: items between two looks at whether to stop.
        settings: what of the request it depends on.
        per_item: sentences that an item has.
    """

    name: str
    doing: str
    unit: str
    measure: Measure
    at_once: int
    settings: dict[str, object]
    per_item: int = 1


def kinds(request: Request) -> dict[str, Kind]:
    """Every kind of part that an evaluation has, by name, in the order of their cost a number."""
    beam: dict[str, object] = {"beam": request.beam}
    found = [
        Kind("posteriors", "encoding", "sentence", _posteriors, 4 * BATCH, {}),
        *(
            Kind(
                f"back_{way}",
                f"giving back, {words}",
                "sentence",
                partial(_given_back, way=way),
                DECODED_AT_ONCE,
                beam if way.startswith("beam") else {},
            )
            for way, words in WAYS.items()
        ),
        Kind("draws", "sampling", "sample", _draws, DECODED_AT_ONCE, beam),
        Kind("pairs", "ways between sentences", "pair", _ways, 32, {"steps": STEPS}, STEPS + 1),
        Kind("weights", "importance samples", "sentence", _weights, WEIGHTED_AT_ONCE * cores(), {
            "samples": request.samples
        }),
    ]  # fmt: skip
    return {each.name: each for each in found}


def load_all(run: Run, names: Iterable[str], step: int, device: str) -> Session:
    """The models that are to be measured.

    Args:
        run: whose.
        names: of the variants.
        step: of their checkpoints.
        device: as `--device` has it.

    Raises:
        LoomError: one of them cannot be loaded.
    """
    session = Session.load(run, device, list(names), step)
    for name, reason in session.failed.items():
        raise LoomError(
            f"{name} cannot be evaluated: {reason}",
            "Leave it out with --variants, restore its files from a copy, or take an earlier --step.",
        )
    return session


def extend(subject: Subject, kind: Kind, n: int, kept: Part) -> Generator[Event, None, Part]:
    """A part with its first `n` items, from what is kept of it and what is measured now.

    Args:
        subject: the variant.
        kind: of the part.
        n: items that are wanted.
        kept: what is there already, from `Drawer.read`.

    Yields:
        Progress.

    Raises:
        Stopped: `should_stop` said so; what was measured until then is kept.
        LoomError: the corpus cannot be read, the models overflow, or the part cannot be kept.
    """
    found, done, last = kept, kept.n, perf_counter()
    fresh: list[Part] = []

    def keep() -> Part:
        """Put together what was measured since, which takes as long as all of it, and keep that."""
        whole = joined([found, *fresh])
        if fresh:
            subject.keep(kind, whole)
        fresh.clear()
        return whole

    while done < n:
        if subject.should_stop():
            keep()
            raise Stopped(
                "Stopped; what was measured is kept.",
                "Give the same command again, without --anew, to go on from there.",
            )
        rows = np.arange(done, min(done + kind.at_once, n))
        began = perf_counter()
        with torch.no_grad():
            fresh.append(kind.measure(subject, rows))
        subject.seconds += perf_counter() - began
        done += len(rows)
        yield Progress(f"{subject.label}: {kind.doing}", done, n, kind.unit)
        if perf_counter() - last > KEPT_EVERY:
            found, last = keep(), perf_counter()
    return keep()


def pair(seed: int, number: int, sentences: int) -> tuple[int, int]:
    """Two different test sentences, drawn by (seed, number of the pair) from so many."""
    first, second = np.random.default_rng([seed, 3, number]).choice(sentences, 2, replace=False)
    return int(first), int(second)


def _posteriors(subject: Subject, rows: NDArray[np.int64]) -> Part:
    model, store = subject.model, subject.store
    mu, logvar = posteriors(model, store, rows)
    noise = sentence_noise(subject.request.seed, "posterior", rows, (model.latent,)).to(mu.device)
    z = reparameterise(mu, logvar, noise)
    nll = torch.empty(len(rows), dtype=torch.float64)
    order = np.argsort(store.lengths[rows], kind="stable")
    for start in range(0, len(rows), BATCH):
        part = order[start : start + BATCH]
        words, lengths = (torch.from_numpy(each).to(mu.device) for each in store.batch(rows[part]))
        nll[part] = float64(model.likelihood(words, lengths, z[torch.from_numpy(part).to(mu.device)]).nll).cpu()
    return Part({"mu": mu.cpu().numpy(), "logvar": logvar.cpu().numpy(), "nll": nll.numpy()})


def _given_back(subject: Subject, rows: NDArray[np.int64], way: str) -> Part:
    model = subject.model
    mu, logvar = _encoded(subject, rows)
    if way.endswith("_z"):
        noise = sentence_noise(subject.request.seed, "posterior", rows, (model.latent,)).to(mu.device)
        mu = reparameterise(mu, logvar, noise)
    search = "beam" if way.startswith("beam") else "greedy"
    return Part({}, _decoded(subject, mu.cpu().numpy(), _options(search, subject.request)))


def _draws(subject: Subject, rows: NDArray[np.int64]) -> Part:
    z = sentence_noise(subject.request.seed, "prior", rows, (subject.model.latent,)).numpy()
    return Part({}, _decoded(subject, z, _options("beam", subject.request)))


def _ways(subject: Subject, rows: NDArray[np.int64]) -> Part:
    """Ways between z ~ q(z|x) of two sentences, written by greedy search: 11 sentences a pair."""
    model, seed = subject.model, subject.request.seed
    ends = np.array([pair(seed, int(number), len(subject.store)) for number in rows])
    flat, where = np.unique(ends, return_inverse=True)
    mu, logvar = _encoded(subject, flat)
    z = reparameterise(mu, logvar, sentence_noise(seed, "posterior", flat, (model.latent,)).to(mu.device)).cpu().numpy()
    where = where.reshape(ends.shape)
    points = np.concatenate([interpolation(z[first], z[last], STEPS) for first, last in where])
    texts = _decoded(subject, points, _options("greedy", subject.request))
    numbers: dict[str, list[float]] = {}
    for row, (first, last) in enumerate(ends.tolist()):
        way = [texts[row * (STEPS + 1) + step] for step in range(STEPS + 1)]
        found = of_a_way(way, subject.store.ids(first).tolist(), subject.store.ids(last).tolist())
        for key, value in found.items():
            numbers.setdefault(key, []).append(value)
    return Part({"ends": ends, **{key: np.array(values) for key, values in numbers.items()}}, texts, STEPS + 1)


def _weights(subject: Subject, rows: NDArray[np.int64]) -> Part:
    model, store, request = subject.model, subject.store, subject.request
    mu, logvar = _encoded(subject, rows)
    order = np.argsort(store.lengths[rows], kind="stable")
    on_cpu = mu.device.type == "cpu"
    decoder = subject.session.decoder(subject.name) if on_cpu else model

    def weigh(part: NDArray[np.int64]) -> torch.Tensor:
        with torch.no_grad():
            words, lengths = (torch.from_numpy(each).to(mu.device) for each in store.batch(rows[part]))
            noise = sentence_noise(request.seed, "weights", rows[part], (request.samples, model.latent)).to(mu.device)
            chosen = torch.from_numpy(part).to(mu.device)
            return log_weights(decoder, words, lengths, mu[chosen], logvar[chosen], noise)

    number = -(-len(rows) // WEIGHTED_AT_ONCE)
    # Dealt out in turns on a processor, so that no core has the long ones; elsewhere alike, so that few are filled up.
    pieces = [order[turn::number] for turn in range(number)] if on_cpu else np.array_split(order, number)
    work = [partial(weigh, piece) for piece in pieces]
    weighed = each_on_a_core(work) if on_cpu else [piece() for piece in work]
    weights = torch.empty((len(rows), request.samples), dtype=torch.float64)
    weights[torch.from_numpy(np.concatenate(pieces))] = torch.cat(weighed)
    return Part({"nll": -log_mean_exp(weights).numpy(), "one_sample": -weights.mean(dim=1).numpy()})


def _encoded(subject: Subject, rows: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
    """mu and logvar (rows, latent) of sentences; those that are known are not encoded again."""
    known = rows < subject.encoded.n
    found = []
    fresh = None if known.all() else posteriors(subject.model, subject.store, rows[~known])
    for position, name in enumerate(("mu", "logvar")):
        values = torch.empty((len(rows), subject.model.latent))
        if known.any():
            values[torch.from_numpy(known)] = torch.from_numpy(subject.encoded.arrays[name][rows[known]])
        if fresh is not None:
            values[torch.from_numpy(~known)] = fresh[position].cpu()
        found.append(values.to(subject.session.device))
    return found[0], found[1]


def _options(search: str, request: Request) -> DecodeOptions:
    return DecodeOptions(method="greedy") if search == "greedy" else DecodeOptions(beam=request.beam)


def _decoded(subject: Subject, z: NDArray[np.float32], options: DecodeOptions) -> Texts:
    encode = subject.session.run.vocabulary.encode
    found: Sequence[Sequence[int]] = [encode(each.words) for each in subject.session.decode(subject.name, z, options)]
    return Texts.of(found)
