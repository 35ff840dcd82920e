"""Encoding: every test sentence through every variant, into the latent cache.

A command that was killed or stopped goes on where it was (`parts`).

The packaged demo brings its latents along as numbers; where they fit the text and the weights at hand they are taken
as they are, which makes the first start a matter of seconds. Everything else is computed here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from engine.config import Variant
from engine.corpus.store import Corpus
from engine.encoding.packaged import PACKAGED_SEED, PackagedLatents, packaged_latents
from engine.encoding.parts import EncodedParts, kept_parts
from engine.errors import LoomError, Stopped
from engine.events import Done, Event, Note, Progress
from engine.runs.checkpoint import Checkpoint
from engine.runs.compared import Compared, Present, compared, present
from engine.runs.corpus_of_run import find_corpus
from engine.runs.failures import check_begun
from engine.runs.run import Run
from engine.storage.cache_maps import replacing
from engine.storage.cache_writer import CacheWriter, write_cache
from engine.storage.latent_cache import LatentCache, VariantInfo
from engine.storage.maps.map_list import ASIDE, folder_of
from engine.training.distributed import LostProcessError, Processes
from engine.version import app_version
from engine.workspace import Workspace, naming

if TYPE_CHECKING:
    from engine.models.sentence_vae import SentenceVAE

Read = TypeVar("Read")
BLOCK = 8192
"""Sentences encoded between two writes; sorted by length within, so that little is padded."""


def encode(
    run: Run,
    workspace: Workspace,
    variants: tuple[str, ...] = (),
    device: str = "auto",
    seed: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
    step: int | None = None,
    processes: Processes | None = None,
) -> Iterator[Event]:
    """Write the latents of a run's test set to its cache.

    Variants that are not named keep what the cache holds of them, if it is still theirs.

    Args:
        run: trained, at least in part.
        workspace: where the corpus and the cache lie. A demo corpus that is missing is prepared.
        variants: names; if empty, all that have a checkpoint.
        device: as for `--device`.
        seed: of z ~ q(z|x), drawn once per sentence for `nll`. Packaged latents are taken for that of theirs.
        should_stop: asked between batches.
        step: take the checkpoints of this step, and write to the cache of its own; None for the newest that every
            variant has.
        processes: those that share the work, of which one writes; None for this one alone.

    Yields:
        Progress, and Done with path, sentences, latent, variants, seconds.

    Raises:
        UsageError: there is no such device.
        LoomError: the corpus is missing or another one, a checkpoint cannot be read, the disk is full, the run was
            deleted meanwhile, another process has ended.
        Stopped: `should_stop` said so, in this process or in another one; the earlier cache is untouched.
    """
    began = time.perf_counter()
    there = present(run, step) if not variants else Present(run.select(variants))
    chosen = there.variants
    processes = processes or Processes()
    if device != "auto" and processes.device is None:
        from engine.device import choose_device

        choose_device(device)  # one that is not there is refused also where packaged latents need none
    try:
        if not processes.writes:
            processes.wait()  # process 0 prepares the corpus if need be
        corpus = yield from find_corpus(run, workspace)
        if processes.writes:
            processes.wait()
        # What is missing is told before any work.
        at, checkpoints = _of_now(run, step, lambda at: _checkpoints(run, chosen, at))
        for text in filter(None, (at.note, there.without)):
            yield Note(text)
        models: dict[str, SentenceVAE] = {}
        share = partial(
            _encode_variant,
            models=models,
            corpus=corpus,
            device=device,
            seed=seed,
            should_stop=should_stop,
            processes=processes,
        )
        packaged = packaged_latents(run) if processes.writes and step is None and seed == PACKAGED_SEED else None
        if packaged is not None and not packaged.fits(run, corpus.fingerprint):
            yield Note("The packaged latents do not fit the demo's text on this machine; computing them.", "warning")
            packaged = None
        if not processes.any(packaged is not None):
            at, (checkpoints, loaded) = _of_now(run, step, lambda at: _loaded(run, _checkpoints(run, chosen, at)))
            models.update(loaded)
            weights = [checkpoint.fingerprint for checkpoint in checkpoints.values()]
            processes.check_same(f"{corpus.fingerprint} {weights} {seed}")
            if not processes.writes:
                for variant in chosen:
                    yield from share(variant, lambda **block: None)
        if processes.writes:
            about = partial(_about, run, corpus, device, seed, processes)
            yield from _write(run, chosen, corpus, workspace, packaged, share, about, at, checkpoints, step)
    except LostProcessError as lost:
        lost.hint = "The earlier cache is as it was: start all processes again with the same torchrun command."
        raise
    yield Done(
        {
            "path": str(workspace.cache(run.name, step)),
            "sentences": len(corpus.test),
            "latent": run.settings.model.latent,
            "variants": [variant.name for variant in chosen],
            "seconds": time.perf_counter() - began,
        }
    )


def check_fresh(run: Run, cache: LatentCache, step: int | None = None) -> None:
    """Raise a LoomError unless the cache holds this run's text and models as they are now, or were at a step.

    A variant that has no checkpoint, as one that was stopped before the step, makes nothing out of date. Where none has
    one, that is the error.
    """
    there, at, names = present(run, step), compared(run, step), [each.name for each in run.variants]
    fingerprints = {name: cache.info(name).model_fingerprint for name in cache.variants if name in names}
    fingerprints |= {each.name: run.model_fingerprint(each.name, at.steps[each.name]) for each in there.variants}
    reason = cache.is_stale(fingerprints, run.settings.corpus.fingerprint)
    if reason:
        option = there.option + (f" --step {step}" if step is not None else "")
        raise LoomError(
            f"{cache.path} is out of date: {reason}.", f"Make it anew: python main.py encode {run.name}{option}"
        )


def variant_info(run: Run, variant: Variant, fingerprint: str) -> VariantInfo:
    """What the cache says of a variant; the fingerprint is that of its weights."""
    return VariantInfo(
        name=variant.name,
        label=variant.label,
        colour=variant.colour,
        m=variant.m,
        model_fingerprint=fingerprint,
        position=run.variants.index(variant),
        kl_schedule=variant.kl_schedule.model_dump(mode="json"),
    )


def _write(
    run: Run,
    chosen: tuple[Variant, ...],
    corpus: Corpus,
    workspace: Workspace,
    packaged: PackagedLatents | None,
    share: Callable[..., Iterator[Event]],
    about: Callable[[Checkpoint], Mapping[str, Any]],
    at: Compared,
    checkpoints: Mapping[str, Checkpoint],
    step: int | None,
) -> Iterator[Event]:
    """Write the cache whole: with the packaged latents, or with what `share` puts together of a variant.

    What the earlier cache has besides is taken from it at the very end, while nobody else may write it: another
    command may have added a map, or another variant, meanwhile.
    """
    path = workspace.cache(run.name, step)
    others = tuple(variant for variant in run.variants if variant not in chosen)
    with _earlier(path, run, others) as earlier:
        lost = "" if earlier is not None or not path.exists() else "it is damaged"
    latent = run.settings.model.latent
    made_from = {name: about(checkpoint) for name, checkpoint in checkpoints.items()} if packaged is None else {}
    with (
        kept_parts(path, made_from, 4 * len(made_from) * len(corpus.test) * (2 * latent + 2)) as parts,
        ExitStack() as lock,
        corpus.columns("test") if corpus.kept else nullcontext() as columns,
        write_cache(
            path,
            run=run.name,
            corpus_fingerprint=corpus.fingerprint,
            latent=latent,
            sentences=iter(corpus.test_texts()),
            words=corpus.test.lengths,
            app_version=app_version(),
            columns=columns,
        ) as writer,
    ):
        for variant in chosen:
            info = variant_info(run, variant, checkpoints[variant.name].fingerprint)
            if packaged is not None:
                writer.add_variant(info, **packaged.arrays(variant.name))
                yield Progress(f"reading {variant.label}", len(corpus.test), len(corpus.test), "sentence")
            else:
                writer.start_variant(info)
                yield from share(variant, writer.append, encoded=parts)
        lock.enter_context(replacing(path))
        try:
            run.check_still_there()
        except LoomError:  # nothing would ever ask for the latents of a run that is gone
            if parts is not None:
                parts.remove()
            raise
        with _earlier(path, run, others) as earlier:
            if earlier is not None:
                lost = ", ".join(_keep(writer, earlier, run, chosen, others, at))
        if packaged is not None:
            for variant in chosen:
                if packaged.map_name not in writer.maps(variant.name):
                    writer.add_projection(variant.name, packaged.map_name, *packaged.map(variant.name))
    if lost:
        first = f"python main.py encode {naming(path)}, then " if others else ""  # else only maps can be missing
        yield Note(
            f"Not all of the earlier cache could be kept ({lost}). "
            f"Make what is missing anew: {first}python main.py project {naming(path)}",
            "warning",
        )


def _checkpoints(run: Run, chosen: tuple[Variant, ...], at: Compared) -> dict[str, Checkpoint]:
    for each in chosen:
        check_begun(run, each.name)
    return {each.name: run.checkpoints(each.name).chosen(at.steps.get(each.name)) for each in chosen}


def _loaded(run: Run, checkpoints: dict[str, Checkpoint]) -> tuple[dict[str, Checkpoint], dict[str, SentenceVAE]]:
    """All models at once: a training beside us deletes old checkpoints while the first variant is encoded."""
    import torch

    from engine.models.trained import load_model

    cpu = torch.device("cpu")
    return checkpoints, {name: load_model(run, name, cpu, each.step) for name, each in checkpoints.items()}


def _of_now(run: Run, step: int | None, read: Callable[[Compared], Read]) -> tuple[Compared, Read]:
    """What is compared, and what `read` makes of it; again if a training beside us took a checkpoint away meanwhile."""
    while True:
        at = compared(run, step)
        try:
            return at, read(at)
        except LoomError:
            if compared(run, step) == at:
                raise


def _encode_variant(
    variant: Variant,
    put: Callable[..., None],
    *,
    models: dict[str, SentenceVAE],
    corpus: Corpus,
    device: str,
    seed: int,
    should_stop: Callable[[], bool],
    processes: Processes,
    encoded: EncodedParts | None = None,
) -> Iterator[Event]:
    """Encode the test set block by block, each of several processes every so many batches of it.

    `put` is given the arrays of every block, complete, in each process; in that which keeps what is `encoded`
    also those of an earlier command.
    """
    import torch

    from engine.device import choose_device
    from engine.encoding.batches import batches, encode_batch

    where = processes.device or choose_device(device)
    model = models.pop(variant.name).to(where)
    total, lengths = len(corpus.test), corpus.test.lengths
    shapes: dict[str, tuple[int, ...]] = {"mu": (model.latent,), "logvar": (model.latent,), "nll": (), "kl": ()}
    begin, kept = 0, None
    if encoded is not None:
        kept = encoded.of(variant.name, shapes, [min(BLOCK, total - start) for start in range(0, total, BLOCK)])
        for block in kept.blocks():
            put(**block)
            begin += len(block["mu"])
            yield Progress(f"reading what is encoded with {variant.label}", begin, total, "sentence")
    begin = processes.of_first(begin)
    for start in range(begin, total, BLOCK):
        rows = np.arange(start, min(start + BLOCK, total))
        block = {name: np.zeros((len(rows), *shape), np.float32) for name, shape in shapes.items()}
        random = np.random.default_rng([seed, start])
        noise = random.standard_normal((len(rows), model.latent), dtype=np.float32)
        order = np.argsort(lengths[rows], kind="stable")
        parts = batches(order, lengths[rows], where)
        own, done = parts[processes.rank :: processes.world], start
        found: list[dict[str, torch.Tensor]] = []
        for turn in range(0, len(parts), processes.world):
            if processes.any(should_stop()):
                raise Stopped("Stopped; the earlier cache is as it was.", "Give the same command again to go on.")
            if len(found) < len(own):
                part = own[len(found)]
                found.append(encode_batch(model, *corpus.test.batch(rows[part]), noise[part]))
            done += sum(map(len, parts[turn : turn + processes.world]))
            yield Progress(f"encoding with {variant.label}", done, total, "sentence")
        for name, values in block.items():
            if found:
                values[np.concatenate(own)] = torch.cat([each[name] for each in found]).cpu().numpy()
        # Where another process has encoded a sentence there are zeros here, so the sum is exact.
        processes.add_up([torch.from_numpy(values) for values in block.values()])
        put(**block)
        if kept is not None:
            kept.add(block)


def _about(
    run: Run, corpus: Corpus, device: str, seed: int, processes: Processes, checkpoint: Checkpoint
) -> dict[str, Any]:
    """All that the numbers of a variant follow from."""
    import torch

    from engine.device import choose_device

    return {
        "corpus": corpus.fingerprint,
        "sentences": len(corpus.test),
        "weights": checkpoint.fingerprint,
        "latent": run.settings.model.latent,
        "seed": seed,
        "block": BLOCK,
        "device": (processes.device or choose_device(device)).type,
        "torch": str(torch.__version__),
        "app": app_version(),
    }


@contextmanager
def _earlier(path: Path, run: Run, others: tuple[Variant, ...]) -> Iterator[LatentCache | None]:
    """The cache that is there; None where there is none, or a damaged one in which nothing else is to be kept.

    Raises:
        LoomError: it is damaged, and other variants than those that are encoded may be in it.
    """
    try:
        cache = LatentCache.open(path) if path.exists() else None
    except LoomError as error:
        if others:
            raise _cannot_keep(path, error) from error
        cache = None
    with cache or nullcontext():
        yield cache


def _cannot_keep(path: Path, error: LoomError) -> LoomError:
    return LoomError(
        f"{error.message} So the variants in it that are not encoded now could not be kept; nothing was changed.",
        f"Encode all of them: python main.py encode {naming(path)}",
    )


def _keep(
    writer: CacheWriter,
    earlier: LatentCache,
    run: Run,
    chosen: tuple[Variant, ...],
    others: tuple[Variant, ...],
    at: Compared,
) -> list[str]:
    """Copy what is still the run's: the variants that were not encoded now, and the maps; returns what was left out."""
    if earlier.corpus_fingerprint != writer.corpus_fingerprint or earlier.n != writer.n:
        return [f"all of {variant.name}" for variant in others if variant.name in earlier.variants]
    damaged = bool(earlier.maps.listed.problem)
    lost = [f"the maps beside it, which lie in {folder_of(earlier.path).name}{ASIDE} now"] if damaged else []
    for variant in (*chosen, *others):
        name = variant.name
        step = at.steps.get(name)
        if name not in earlier.variants:
            continue
        if variant in others and (step is None or step not in run.checkpoints(name).steps()):
            lost.append(f"all of {name}, which has no such checkpoint any more")
        elif variant in chosen:
            if earlier.info(name).model_fingerprint == writer.fingerprint(name):
                lost += writer.copy_maps(earlier, name)
        elif earlier.info(name).model_fingerprint == run.model_fingerprint(name, step):
            try:
                lost += writer.copy_from(earlier, [name])
            except LoomError as error:
                raise _cannot_keep(earlier.path, error) from error
        else:
            lost.append(f"all of {name}, which is of other weights now")
    return lost
