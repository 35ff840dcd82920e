"""Measuring what was not measured before: every number of every variant, first a little of each, then as asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from time import perf_counter

import numpy as np
import torch

from engine.corpus.store import Corpus
from engine.diagnostics.measuring import sentence_noise
from engine.diagnostics.posterior import information
from engine.errors import LoomError
from engine.evaluation.measures import kept
from engine.evaluation.measures.asked import Asked, look_up
from engine.evaluation.measures.estimating import numbers
from engine.evaluation.measures.judge.scoring import RecurrentJudge, make
from engine.evaluation.measures.judge.stored import path_of
from engine.evaluation.measures.measuring import Subject, extend, kinds, load_all
from engine.evaluation.measures.parts import NOTHING, Part, Texts
from engine.evaluation.measures.request import MOST_MIXED, Request
from engine.evaluation.measures.result import Evaluation, VariantResult
from engine.evaluation.measures.scores.judging import Judge, judged, make_judge, reversed_judgement
from engine.evaluation.measures.scores.scoring import Grounds, Known, kl_per_dimension, statistics
from engine.events import Done, Event
from engine.models.objective import reparameterise
from engine.runs.corpus_of_run import find_corpus
from engine.runs.run import Run
from engine.session import Session
from engine.streams import check_file
from engine.workspace import Workspace

FIRST = {"sentence": 40, "sample": 40, "pair": 20}
"""Items of each kind that are measured for the first numbers."""
FIRST_WEIGHTED = 20
"""Sentences whose importance samples are taken for the first numbers; they cost the most by far."""


def evaluate(
    run: Run,
    workspace: Workspace,
    request: Request,
    device: str = "auto",
    should_stop: Callable[[], bool] = lambda: False,
    anew: bool = False,
) -> Iterator[Event]:
    """Evaluate a finished run, or one in training at its newest checkpoint.

    Parts that were measured before with the same weights, text and seed are read and extended. After every stage the
    result so far is kept, `complete` False, which the window shows. What is measured anew takes the place of what was
    there part by part, each once it is as long as that or as was asked for; a complete result stays until the end. A
    recurrent language model that is to be trained comes last, once all other numbers are kept as complete.

    Args:
        run, workspace: what, and where it lies.
        request: how much of everything.
        device: as `--device` has it.
        should_stop: asked between batches.
        anew: measure everything again.

    Yields:
        Progress, Notes, and Done with `Evaluation.as_json` and `seconds`: `all`, and `passes` of encoder and decoder.

    Raises:
        LoomError: the corpus or a checkpoint is missing or damaged, the result could not be kept, or a model gives no
            finite numbers.
        Stopped: `should_stop` said so; the same again goes on from there.
        UsageError: the request makes no sense.
    """
    began = perf_counter()
    corpus = yield from find_corpus(run, workspace)
    asked = look_up(run, request, len(corpus.test))
    wanted = asked.made_from
    path = workspace.evaluation(run.name)
    check_file(path, "Choose a folder you may write to with --workspace DIR.")
    session = load_all(run, asked.models, asked.step, device)
    work = _Work(run, workspace, request, corpus, asked, session, should_stop, anew)
    there = (anew or asked.trains) and kept.is_complete(path, wanted)
    for stage in work.stages():
        yield from stage
        if not there:
            kept.keep(path, run, wanted, work.result(complete=False))
    if asked.trains:
        kept.keep(path, run, wanted, work.result(complete=True))
        yield from work.judge_anew()
        wanted = look_up(run, request, len(corpus.test)).made_from
    found = work.result(complete=True)
    kept.keep(path, run, wanted, found)
    yield Done(found.as_json() | {"seconds": {"all": perf_counter() - began, "passes": work.seconds}})


class _Work:
    """One evaluation under way: its subjects, and the parts of each as far as they have come."""

    def __init__(
        self,
        run: Run,
        workspace: Workspace,
        request: Request,
        corpus: Corpus,
        asked: Asked,
        session: Session,
        should_stop: Callable[[], bool],
        anew: bool,
    ) -> None:
        self._run, self._request, self._corpus = run, request, corpus
        n, models = asked.sentences, asked.models
        self._n, self._step, self._models = n, asked.step, models
        self._session, self._should_stop = session, should_stop
        self._kinds = kinds(request)
        self._wanted = {"sentence": n, "sample": request.draws, "pair": request.pairs}
        self._judge: Judge | None = None
        self._recurrent: RecurrentJudge | None = None
        if asked.judge is not None:
            self._recurrent = RecurrentJudge.of(asked.judge, session.device, str(path_of(run.path)))
        self._facts: dict[str, object] = {}
        ids, offsets = corpus.test.block(0, n)
        chosen = request.selection.chosen(corpus, n) if request.selection else None
        self._anew = anew
        self._grounds = Grounds(Texts(ids.astype(np.int64), offsets), request, chosen)
        self._subjects: dict[str, Subject] = {}
        self._parts: dict[str, dict[str, Part]] = {}
        self._known: dict[str, Known] = {name: {} for name in models}
        for name, fingerprint in models.items():
            drawer = kept.drawer(run, workspace, name, fingerprint, request.seed)
            label = run.variant(name).label
            before = {kind.name: drawer.read(kind.name, kind.settings, kind.per_item) for kind in self._kinds.values()}
            least = {
                kind.name: min(before[kind.name].n, self._wanted[kind.unit]) if anew else 0
                for kind in self._kinds.values()
            }
            self._subjects[name] = Subject(name, label, session, corpus.test, drawer, request, should_stop, least)
            self._parts[name] = dict.fromkeys(before, NOTHING) if anew else before

    @property
    def seconds(self) -> float:
        """Spent in passes of encoder and decoder."""
        return sum(subject.seconds for subject in self._subjects.values())

    def stages(self) -> Iterator[Iterator[Event]]:
        """What is to be done until the next numbers can be shown, stage by stage."""
        yield self._measure("posteriors", self._n)
        yield self._first()
        for name, kind in self._kinds.items():
            yield self._measure(name, self._wanted[kind.unit])

    def _first(self) -> Iterator[Event]:
        """A little of everything."""
        self._judge = yield from make_judge(self._corpus, self._n, self._request.draws)
        self._take_facts()
        for name, kind in self._kinds.items():
            few = FIRST_WEIGHTED if name == "weights" else FIRST[kind.unit]
            yield from self._measure(name, min(few, self._wanted[kind.unit]))

    def judge_anew(self) -> Iterator[Event]:
        """Train the recurrent language model and have it judge the samples, which are all there."""
        if self._judge is None:
            return  # no sentence to judge it on: no number would have a measure
        self._recurrent = yield from make(self._run, self._corpus, self._session.device, self._should_stop)
        self._take_facts()
        for subject in self._subjects.values():
            self._judge_samples(subject, self._parts[subject.name], self._judge)

    def _take_facts(self) -> None:
        if self._judge is not None:
            self._facts = self._judge.facts()
            if self._recurrent is not None:
                self._facts["recurrent"] = self._recurrent.facts(self._judge.tests)

    def _measure(self, name: str, items: int) -> Iterator[Event]:
        for subject in self._subjects.values():
            parts = self._parts[subject.name]
            parts[name] = yield from extend(subject, self._kinds[name], items, parts[name])
            if name == "posteriors":
                subject.encoded = parts[name]
                self._compare(subject, parts)
            elif name == "draws" and self._judge is not None:
                self._judge_samples(subject, parts, self._judge)

    def _compare(self, subject: Subject, parts: dict[str, Part]) -> None:
        """The mutual information: every sentence against the mixture of all."""
        n = min(parts["posteriors"].n, self._n, MOST_MIXED)
        settings = {"mixture": n}
        if self._there(subject, parts, "information", settings).n == n:
            return
        device = subject.session.device
        arrays = parts["posteriors"].first(n).arrays
        mu, logvar = (torch.from_numpy(np.ascontiguousarray(arrays[each])).to(device) for each in ("mu", "logvar"))
        noise = sentence_noise(self._request.seed, "posterior", np.arange(n), (mu.shape[1],)).to(device)
        terms = information(mu, logvar, reparameterise(mu, logvar, noise)).terms.cpu().numpy()
        parts["information"] = Part({"terms": terms})
        subject.drawer.keep("information", settings, parts["information"])

    def _there(self, subject: Subject, parts: dict[str, Part], name: str, settings: Mapping[str, object]) -> Part:
        """What is there of a part that is computed from others; where all is measured anew, of this evaluation only."""
        if not self._anew:
            parts[name] = subject.drawer.read(name, settings)
        return parts.get(name, NOTHING)

    def _judge_samples(self, subject: Subject, parts: dict[str, Part], judge: Judge) -> None:
        draws = parts["draws"].first(min(parts["draws"].n, self._request.draws))
        settings = {**self._kinds["draws"].settings, "draws": draws.n}
        self._of_draws(subject, parts, "language", settings, draws, partial(judged, judge=judge))
        recurrent = self._recurrent
        if recurrent is not None:
            own = {**settings, "judge": recurrent.stored.fingerprint}
            self._of_draws(subject, parts, "recurrent", own, draws, recurrent.judged)
        if draws.n == self._request.draws:
            settings["sentences"] = self._n
            if not self._there(subject, parts, "reverse", settings).n:
                parts["reverse"] = reversed_judgement(draws, judge)
                subject.drawer.keep("reverse", settings, parts["reverse"])

    def _of_draws(
        self,
        subject: Subject,
        parts: dict[str, Part],
        name: str,
        settings: Mapping[str, object],
        draws: Part,
        make: Callable[[Part], Part],
    ) -> None:
        """A part that is computed from samples, unless it is there."""
        if self._there(subject, parts, name, settings).n != draws.n:
            parts[name] = make(draws)
            if draws.n >= subject.least.get("draws", 0):
                subject.drawer.keep(name, settings, parts[name])

    def result(self, complete: bool) -> Evaluation:
        """The numbers of what is there."""
        variants = []
        for name, parts in self._parts.items():
            variant = self._run.variant(name)
            there = {
                part: found.first(self._wanted[self._kinds[part].unit]) if part in self._kinds else found
                for part, found in parts.items()
                if found.n
            }
            chosen = slice(None) if self._grounds.chosen is None else self._grounds.chosen
            mu, logvar = (there["posteriors"].arrays[each][chosen].astype(np.float64) for each in ("mu", "logvar"))
            kl = kl_per_dimension(mu, logvar).mean(axis=0)
            found = statistics(there, self._grounds, self._known[name])
            bad = [key for key in ("elbo", "nll") if key in found and not np.isfinite(found[key].columns).all()]
            if bad:
                raise LoomError(
                    f"At step {self._step:,} {variant.label} gives values that are not finite: its training has "
                    "exploded.",
                    "Give an earlier --step, or leave it out with --variants; train it with a lower learning rate.",
                )
            variants.append(
                VariantResult(
                    name,
                    variant.label,
                    variant.colour,
                    variant.m,
                    numbers(found, self._request.seed),
                    tuple(kl.tolist()),
                )
            )
        request = self._request
        return Evaluation(
            run=self._run.name,
            step=self._step,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            variants=tuple(variants),
            sentences=self._n,
            tokens=int(self._grounds.sources.lengths.sum()) + self._n,
            of=len(self._corpus.test),
            samples=request.samples,
            draws=request.draws,
            pairs=request.pairs,
            beam=request.beam,
            seed=request.seed,
            complete=complete,
            corpus=self._run.settings.corpus.fingerprint,
            models=self._models,
            language_model=self._facts,
            selection=request.selection.as_json(),
            selected=self._n if self._grounds.chosen is None else int(self._grounds.chosen.sum()),
        )
