"""What stands behind a number: its distribution, the sentences of it, and how it differs from the baseline's.

Read from the parts that `evaluate` kept, without torch and without computing a model again.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.corpus.store import Corpus
from engine.errors import LoomError
from engine.evaluation.measures import kept
from engine.evaluation.measures.definitions import DEFINITIONS, HEADLINE_WAY, WAYS
from engine.evaluation.measures.estimating import differences as paired
from engine.evaluation.measures.estimating import numbers
from engine.evaluation.measures.parts import Part, Texts
from engine.evaluation.measures.request import MOST_MIXED, STEPS, Request
from engine.evaluation.measures.result import Difference, Evaluation, Item, Statistic
from engine.evaluation.measures.scores.scoring import OF_DRAWS, Grounds, Known, kl_per_dimension, statistics
from engine.evaluation.measures.selection import Selection, beside_test
from engine.runs.corpus_of_run import corpus_path
from engine.runs.run import Run
from engine.storage.kept_values import Beside
from engine.workspace import Workspace


class Behind:
    """The parts of an evaluation, read when they are asked for and kept until this goes.

    Args:
        run, workspace: what was evaluated, and where it lies.
        evaluation: its result.

    Raises:
        LoomError: the corpus is not there any more.
    """

    def __init__(self, run: Run, workspace: Workspace, evaluation: Evaluation) -> None:
        self._run, self._workspace, self._evaluation = run, workspace, evaluation
        self._corpus = Corpus.open(corpus_path(run, workspace))
        ids, offsets = self._corpus.test.block(0, evaluation.sentences)
        self._sources = Texts(ids.astype(np.int64), offsets)
        self._parts: dict[str, dict[str, Part]] = {}
        self._known: dict[str, Known] = {}
        self._statistics: dict[str, dict[str, Statistic]] = {}
        self._selected: dict[Selection, NDArray[np.bool_]] = {}

    @property
    def evaluation(self) -> Evaluation:
        """Whose parts these are."""
        return self._evaluation

    @property
    def beside(self) -> Beside:
        """The columns that are kept beside the sentences."""
        return beside_test(self._corpus)

    def check(self) -> None:
        """Tell before anything is made of it that some of what was measured is damaged or gone.

        Raises:
            LoomError: it is.
        """
        for each in self._evaluation.variants:
            self.statistics(each.name)

    def over(self, selection: Selection) -> Behind:
        """The same with the numbers of its `evaluation` taken over a selection; nothing is measured again.

        Raises:
            LoomError: no measured sentence is in the selection, it cannot be told, or what was measured is gone.
        """
        whole = self._evaluation
        chosen = self._chosen(selection)
        made = copy(self)
        made._statistics = {}
        made._evaluation = replace(whole, selection=selection.as_json(), selected=int(chosen.sum()))
        variants = []
        for each in whole.variants:
            found = made.statistics(each.name)
            posteriors = made._parts[each.name]["posteriors"].arrays
            mu, logvar = (posteriors[name][chosen].astype(np.float64) for name in ("mu", "logvar"))
            kl = kl_per_dimension(mu, logvar).mean(axis=0)
            taken = {key: found[key] for key in each.numbers if key in found}
            variants.append(replace(each, numbers=numbers(taken, whole.seed), kl_per_dimension=tuple(kl.tolist())))
        made._evaluation = replace(made._evaluation, variants=tuple(variants))
        return made

    def _chosen(self, selection: Selection) -> NDArray[np.bool_]:
        """Which of the sentences are in a selection, found once."""
        if selection not in self._selected:
            self._selected[selection] = selection.chosen(self._corpus, self._evaluation.sentences)
        return self._selected[selection]

    def statistics(self, variant: str) -> dict[str, Statistic]:
        """Every number of a variant as a statistic, by key.

        Raises:
            LoomError: what was measured is gone.
        """
        if variant not in self._statistics:
            evaluation = self._evaluation
            request = Request(
                limit=evaluation.sentences,
                samples=evaluation.samples,
                draws=evaluation.draws,
                pairs=evaluation.pairs,
                beam=evaluation.beam,
                seed=evaluation.seed,
                selection=Selection.from_json(evaluation.selection),
            )
            chosen = self._chosen(request.selection) if request.selection else None
            grounds = Grounds(self._sources, request, chosen)
            if variant not in self._parts:
                self._parts[variant] = self._read(variant, request)
            known = self._known.setdefault(variant, {})
            self._statistics[variant] = statistics(self._parts[variant], grounds, known)
        return self._statistics[variant]

    def differences(self, baseline: str) -> dict[str, dict[str, Difference]]:
        """Every number of every other variant less the baseline's, by variant and key."""
        known = self.statistics(baseline)
        return {
            each.name: paired(self.statistics(each.name), known, self._evaluation.seed)
            for each in self._evaluation.variants
            if each.name != baseline
        }

    def distribution(self, variant: str, key: str) -> NDArray[np.float64]:
        """The number of each item alone, (items that have one,).

        Raises:
            LoomError: there is no such number of this variant, or none of its items has one alone.
        """
        each = self._statistic(variant, key).each
        return each[np.isfinite(each)]

    def items(self, variant: str, key: str, count: int = 50, worst: bool = True) -> tuple[Item, ...]:
        """The sentences, samples or ways of a number, the worst or the best first.

        Where neither way is better, the largest come first as the worst.

        Raises:
            LoomError: as `distribution`.
        """
        statistic = self._statistic(variant, key)
        values = statistic.each
        there = np.flatnonzero(np.isfinite(values))
        rising = (DEFINITIONS[key].better == "higher") == worst
        order = there[np.argsort(values[there] if rising else -values[there], kind="stable")][:count]
        return tuple(self._item(variant, key, int(statistic.items[row]), float(values[row])) for row in order)

    def _item(self, variant: str, key: str, index: int, value: float) -> Item:
        parts, definition = self._parts[variant], DEFINITIONS[key]
        if definition.group == "interpolation":
            first, last = (self._test(int(row)) for row in parts["pairs"].arrays["ends"][index])
            steps = range(index * (STEPS + 1), (index + 1) * (STEPS + 1))
            return Item(index, value, f"{first}\n{last}", tuple(self._made(parts["pairs"], step) for step in steps))
        if definition.group == "generation" and key != "reverse_perplexity":
            return Item(index, value, "", (self._made(parts["draws"], index),))
        back = parts.get(f"back_{definition.way or HEADLINE_WAY}") if key != "reverse_perplexity" else None
        made = (self._made(back, index),) if back is not None and index < back.n else ()
        return Item(index, value, self._test(index), made)

    def _test(self, index: int) -> str:
        vocabulary = self._corpus.vocabulary
        return vocabulary.text(vocabulary.decode(self._corpus.test.ids(index).tolist()))

    def _made(self, part: Part, index: int) -> str:
        assert part.texts is not None
        vocabulary = self._corpus.vocabulary
        return vocabulary.text(vocabulary.decode(part.texts[index]))

    def _statistic(self, variant: str, key: str) -> Statistic:
        found = self.statistics(variant)
        if key not in found:
            raise LoomError(
                f"{DEFINITIONS[key].title if key in DEFINITIONS else key} of single items of "
                f"{self._run.variant(variant).label} was not measured to the end.",
                f"Go on with the evaluation, or: python main.py evaluate {self._run.name}",
            )
        return found[key]

    def _read(self, variant: str, request: Request) -> dict[str, Part]:
        evaluation = self._evaluation
        drawer = kept.drawer(self._run, self._workspace, variant, evaluation.models[variant], evaluation.seed)
        beam: dict[str, object] = {"beam": evaluation.beam}
        n, draws, pairs = evaluation.sentences, evaluation.draws, evaluation.pairs
        wanted: dict[str, tuple[dict[str, object], int, int]] = {
            "posteriors": ({}, n, 1),
            "information": ({"mixture": min(n, MOST_MIXED)}, min(n, MOST_MIXED), 1),
            "weights": ({"samples": evaluation.samples}, n, 1),
            **{f"back_{way}": (beam if way.startswith("beam") else {}, n, 1) for way in WAYS},
            "draws": (beam, draws, 1),
            "language": ({**beam, "draws": draws}, draws, 1),
            "pairs": ({"steps": STEPS}, pairs, STEPS + 1),
        }
        recurrent = evaluation.language_model.get("recurrent")
        if recurrent:
            wanted["recurrent"] = ({**beam, "draws": draws, "judge": recurrent["fingerprint"]}, draws, 1)
        found = {name: drawer.read(name, settings, per) for name, (settings, _, per) in wanted.items()}
        found = {name: part.first(min(part.n, wanted[name][1])) for name, part in found.items() if part.n}
        # Of a complete evaluation each part has all its items, unless fewer were measured anew since.
        gone = evaluation.complete and any(
            name not in found or found[name].n < items for name, (_, items, _) in wanted.items()
        )
        reverse = drawer.read("reverse", {**beam, "draws": draws, "sentences": n})  # as many as have no unknown word
        if reverse.n:
            found["reverse"] = reverse
        elif "reverse_perplexity" in evaluation.variant(variant).numbers:
            gone = True
        if "posteriors" not in found or gone:
            names = [each.name for each in self._run.variants]
            raise LoomError(
                f"What was measured of {variant} is no longer there.", f"Measure it again: {evaluation.command(names)}"
            )
        for name in OF_DRAWS:
            if name in found and found[name].n > found["draws"].n:
                del found[name]  # of samples that are being drawn anew
        return found
