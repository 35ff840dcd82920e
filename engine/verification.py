"""Whether the files of a workspace still hold what was written, file by file, and what makes the damaged ones anew.

Everything is read, also what was found right before: the digests of corpora, the fingerprints of weights and of
optimisers' states, the digests of language models, the checksums of caches, the seals of diagnoses, evaluations and
surveys. A file of an earlier version that has no digest is told as not covered.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from engine.corpus.earlier import command_of, how_to_prepare_anew
from engine.corpus.store import FILES, Corpus, read_description
from engine.corpus.vocabulary import CAPITALS
from engine.diagnostics import kept as diagnoses
from engine.encoding.packaged import packaged_files, packaged_latents
from engine.errors import LoomError, Stopped, from_os_error
from engine.evaluation.measures import kept as evaluations
from engine.evaluation.measures import parts as parts_kept
from engine.evaluation.measures.judge.stored import path_of as judge_of
from engine.evaluation.measures.judge.stored import read as read_judge
from engine.evaluation.surveys.place import open_survey, place_of, survey_names, taken_in
from engine.events import Done, Event, Progress
from engine.maps.kept_maps import METHODS
from engine.runs.checkpoint import CheckpointFolder
from engine.runs.corpus_of_run import how_to_prepare
from engine.runs.left_over import left_over_cache
from engine.runs.metrics import all_sealed, damaged_lines, log_damage
from engine.runs.packed import stored
from engine.runs.run import Run
from engine.storage.digests import SEAL, changed_files
from engine.storage.files import read_json, settle_all
from engine.storage.latent_cache import LatentCache, blocks
from engine.storage.locks import is_held
from engine.storage.maps.map_list import ASIDE, list_of
from engine.workspace import Workspace, naming


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a file, or of a part of one.

    Attributes:
        file: which.
        state: "whole"; "not covered" (nothing seen, but there is no digest to see it by); "missing" (a checkpoint whose
            training was killed looks like this); "left over" (a cache whose checkpoints are gone, or maps without a
            cache); "damaged".
        detail: what is wrong, or what was looked at.
        mend: how to make it anew, and from what; "" where nothing is wrong.
    """

    file: Path
    state: str
    detail: str = ""
    mend: str = ""


def verify(workspace: Workspace, name: str = "", should_stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
    """Read every file of a workspace, or those of one name.

    Args:
        workspace: whose corpora, runs and caches are read. The packaged run is one of them.
        name: of a corpus, a run or both; "" for all.
        should_stop: asked between two files.

    Yields:
        Progress, and Done with `files` (a list of objects with the fields of `Verdict`) and `damaged`, their number.

    Raises:
        LoomError: there is nothing of that name.
        Stopped: `should_stop` said so.
    """
    if not workspace.root.is_dir():
        raise LoomError(
            f"There is no workspace {workspace.root}.", "Name the folder of your runs with --workspace DIR."
        )
    for kind in ("corpora", "runs"):
        settle_all(workspace.root / kind)
    looks = list(_looks(workspace, name))
    if name and not looks:
        raise LoomError(
            f"There is neither a corpus nor a run nor a cache named {name!r} in {workspace.root}.",
            "Leave the name out to verify all there is.",
        )
    found: list[Verdict] = []
    for number, (title, look) in enumerate(looks):
        yield Progress(f"reading {title}", number, len(looks), "part")
        if should_stop():
            raise Stopped("Stopped; nothing was changed.", "Give the same command again.")
        try:
            found += look()
        except OSError as error:  # a disk that fails, or no permission: the other files are still read
            found.append(
                _damaged(Path(getattr(error, "filename", None) or title), from_os_error(error, f"reading {title}"))
            )
    yield Progress("reading", len(looks), len(looks), "part")
    damaged = sum(verdict.state == "damaged" for verdict in found)
    yield Done({"files": [{**asdict(each), "file": str(each.file)} for each in found], "damaged": damaged})


def _looks(workspace: Workspace, name: str) -> Iterator[tuple[str, Callable[[], list[Verdict]]]]:
    """Everything there is to look at, with a title: corpora, then runs variant by variant, then caches."""
    runs = [each for each in _folders(workspace.root / "runs") if name in ("", each.name)]
    if name in ("", "demo") and "demo" not in [each.name for each in runs] and "demo" in workspace.run_names():
        runs.insert(0, workspace.run("demo"))
    for path in _folders(workspace.root / "corpora"):
        if name in ("", path.name):
            yield f"corpus {path.name}", partial(_corpus, path, workspace)
    for path in runs:
        yield f"run {path.name}", partial(_run, path)
        for variant in sorted({*_variants_of(path), *(each.name for each in _folders(path / "variants"))}):
            yield f"run {path.name}, {variant}", partial(_variant, path / "variants" / variant, path)
        if judge_of(path).exists():
            yield f"recurrent language model of {path.name}", partial(_judge, path)
        if packaged_files(path):
            yield f"packaged latents of {path.name}", partial(_packaged, path)
    for path in sorted((workspace.root / "cached_latents").glob("[!.]*.h5")):
        if name in ("", path.stem.partition("@")[0]):
            yield f"cache {path.stem}", partial(_cache, path, workspace)
    for folder in _folders(workspace.root / "cached_latents"):
        cache = folder.with_name(f"{folder.name.rpartition('.maps')[0]}.h5")
        of_none = f".maps{ASIDE}" in folder.name or (folder.suffix == ".maps" and not cache.exists())
        if of_none and name in ("", cache.stem.partition("@")[0]):
            yield f"maps of {cache.stem}", partial(_maps_alone, folder, cache)
    for path in sorted((workspace.root / "cached_latents").glob("[!.]*.diagnosis.json")):
        run = path.name.removesuffix(".diagnosis.json")
        if name in ("", run):
            yield f"diagnosis of {run}", partial(_document, path, diagnoses.read)
    evaluated = (workspace.root / "cached_latents").glob("[!.]*.evaluation*")  # a document, its parts, or both
    for path in sorted({each.parent / f"{each.name.removesuffix('.json')}.json" for each in evaluated}):
        run = path.name.removesuffix(".evaluation.json")
        if name in ("", run):
            yield f"evaluation of {run}", partial(_evaluation, path)
    for survey in survey_names(workspace):
        if name in ("", survey):
            yield f"survey {survey}", partial(_survey, workspace, survey)


def _variants_of(path: Path) -> list[str]:
    """The variants that a run should have; none where that cannot be read, which is told of the run."""
    try:
        return [variant.name for variant in Run.open(path).variants]
    except LoomError:
        return []


def _folders(path: Path) -> list[Path]:
    return sorted(each for each in path.glob("[!.]*") if each.is_dir())


def _corpus(path: Path, workspace: Workspace) -> list[Verdict]:
    description = path / "corpus.json"
    again = _how_to_prepare(path, workspace)
    try:
        settings = read_description(path)
        expected = settings.get("digests") or {}
        changed = changed_files(path, expected, everything=True)
        if not changed:
            Corpus.open(path)
    except LoomError as error:
        named = [each for each in FILES if each in error.message] or ["corpus.json"]
        return [Verdict(path / max(named, key=len), "damaged", error.message, again)]
    if not expected:
        return [Verdict(description, "not covered", "an earlier version wrote no digests; only sizes were looked at")]
    state = {each: "damaged" if each in changed else "whole" for each in FILES if each in expected}
    wrong = "it does not hold what was written"
    return [Verdict(description, "whole")] + [
        Verdict(path / each, state[each], wrong if state[each] == "damaged" else "", again if each in changed else "")
        for each in state
    ]


def _how_to_prepare(path: Path, workspace: Workspace) -> str:
    """The command that makes a corpus anew: from its own description, or else from a run that was trained on it."""
    if command_of(path):
        return how_to_prepare_anew(path)
    for name in workspace.run_names():
        with suppress(LoomError):  # told of the run itself
            run = Run.open(workspace.run(name))
            if run.settings.corpus.name == path.name:
                return f"Prepare it again: {how_to_prepare(run)} --replace"
    return how_to_prepare_anew(path)


def _run(path: Path) -> list[Verdict]:
    try:
        Run.open(path)
    except LoomError as error:
        named = next((each for each in ("vocabulary.txt", CAPITALS) if each in error.message), "run.json")
        return [Verdict(path / named, "damaged", error.message, error.hint or "Restore it from a copy.")]
    known = ("whole", "") if _is_sealed(path / "run.json") else ("not covered", "it has no digest")
    words = [each for each in ("vocabulary.txt", CAPITALS) if (path / each).exists()]
    return [Verdict(path / "run.json", *known), *(Verdict(path / each, "whole") for each in words)]


def _is_sealed(description: Path) -> bool:
    try:
        document = read_json(description, "a description")
    except LoomError:
        return False
    return isinstance(document, dict) and isinstance(document.get(SEAL), str)


def _variant(folder: Path, run: Path) -> list[Verdict]:
    found = []
    checkpoints = CheckpointFolder(folder)
    if not folder.is_dir():
        mend = "Copy the run's whole folder again, or train it anew."
        return [Verdict(folder, "damaged", "the folder of this variant is missing", mend)]
    trained = is_held(run)  # checkpoints come and go; what is gone when it is read was not damaged
    for step in [] if trained else checkpoints.undescribed_steps():
        mend = "If its training was killed, train with --resume goes on. Else restore it from a copy."
        found.append(Verdict(folder / f"step-{step:09d}.json", "missing", "its weights are there, and not used", mend))
    for step in checkpoints.steps():
        description = folder / f"step-{step:09d}.json"
        try:
            checkpoint = checkpoints.at(step)
        except LoomError as error:
            if description.exists():
                found.append(_damaged(description, error))
            continue
        if not _is_sealed(description):
            found.append(Verdict(description, "not covered", "it has no digest"))
        weights = _read(checkpoint.weights_path, checkpoint.weights)
        if trained and not description.exists():
            continue
        found.append(weights)
        if checkpoint.optimiser_path.exists():
            known = checkpoint.optimiser_fingerprint is not None
            found.append(_read(checkpoint.optimiser_path, checkpoint.optimiser, known))
    terms, sentences = stored(folder / "metrics.jsonl"), stored(folder / "probe.jsonl")
    if checkpoints.steps() or terms.exists():
        found.append(_log(terms, run))
    if sentences.exists():
        found.append(_log(sentences, run))
    return found


def _log(path: Path, folder: Path) -> Verdict:
    """A log: its lines have digests of their own, and its settings say at which steps there are some."""
    try:
        return _read_log(path, folder)
    except OSError as error:
        return _damaged(path, from_os_error(error, f"reading {path}"))


def _read_log(path: Path, folder: Path) -> Verdict:
    lines = damaged_lines(path)
    detail = f"line {', '.join(map(str, lines[:8]))} cannot be read or was changed" if lines else ""
    if path.name.startswith("metrics.jsonl"):
        with suppress(LoomError):  # which is told of the run itself
            detail = log_damage(Run.open(folder), path.parent.name)
    if detail:
        left_out = "Restore it from a copy. What cannot be read is left out of curves, and no model depends on it."
        return Verdict(path, "damaged", detail, left_out)
    if path.exists() and not all_sealed(path):
        return Verdict(path, "not covered", "an earlier version wrote lines without digests")
    return Verdict(path, "whole")


def _packaged(run: Path) -> list[Verdict]:
    """The latents beside a run; without them, `encode` computes them."""
    files = packaged_files(run)
    try:
        latents = packaged_latents(Run.open(run))
    except LoomError as error:
        return [_damaged(each, error) for each in files]
    known = latents is not None and latents.covered
    return [
        Verdict(each, "whole" if known else "not covered", "" if known else "no digest of it is known")
        for each in files
    ]


def _judge(run: Path) -> list[Verdict]:
    """The recurrent language model of a run; without it, samples have one judge less."""
    return [_read(judge_of(run), lambda: read_judge(Run.open(run)))]


def _read(path: Path, read: Callable[[], Any], known: bool = True) -> Verdict:
    try:
        read()
    except LoomError as error:
        return _damaged(path, error)
    return Verdict(path, "whole") if known else Verdict(path, "not covered", "an earlier version wrote no digest")


def _damaged(path: Path, error: LoomError) -> Verdict:
    return Verdict(path, "damaged", error.message, error.hint or "Restore it from a copy.")


def _cache(path: Path, workspace: Workspace) -> list[Verdict]:
    encode = f"Make it anew from the run and its corpus: python main.py encode {naming(path)}"
    project = f"python main.py project {naming(path)}"
    try:
        with LatentCache.open(path) as cache:
            for rows in blocks(cache.n):
                cache.sentences(rows)
            cache.words()
            if (columns := cache.columns) is not None:
                for column in columns.all:
                    (columns.categories if column.kind == "category" else columns.numbers)(column.name)
            for variant in cache.variants:
                for read in (cache.mu, cache.logvar, cache.nll, cache.kl):
                    for rows in blocks(cache.n):
                        read(variant, rows)
                cache.kept_per_dimension(variant)
            covered, problem, lost = cache.covered, cache.maps.listed.problem, _lost_maps(cache)
    except LoomError as error:
        return [Verdict(path, "damaged", error.message, encode)]
    maps = {
        file: Verdict(file, "damaged", f"its maps cannot be read: {', '.join(names)}", _map_anew(project, names[0]))
        if names
        else Verdict(file, "whole")
        for file, names in lost.items()
    }
    if problem:
        mend = f"Put a copy of it back, or name the folder {list_of(path).parent.name} otherwise and make the maps anew"
        maps[list_of(path)] = Verdict(list_of(path), "damaged", problem, f"{mend}: {project}")
    elif list_of(path).exists():
        maps[list_of(path)] = Verdict(list_of(path), "whole")
    left, own = left_over_cache(path, workspace), maps.pop(path, None)
    if own is None or own.state == "whole":
        own = Verdict(path, "whole")
        if left is not None:
            own = Verdict(path, "left over", left.detail, left.mend)
        elif not covered:
            own = Verdict(path, "not covered", "an earlier version wrote its sentences without a checksum")
    return [own, *maps.values()]


def _maps_alone(folder: Path, cache: Path) -> list[Verdict]:
    if folder.suffix == ".maps":
        mend = f"Put {cache.name} back beside it, or delete the folder."
        return [Verdict(folder, "left over", "the cache that these maps lay beside is gone", mend)]
    return [
        Verdict(folder, "left over", "their list was damaged when the latents were made anew", "Delete the folder.")
    ]


def _map_anew(command: str, lost: str) -> str:
    if (name := lost.rpartition(" of ")[0]) in METHODS:  # as a map of the usual settings is called
        return f"Make them anew from the latents in the cache: {command} --method {name}"
    return f"Delete them: {command} --delete {shlex.quote(name)}, and make them anew as they were made."


def _lost_maps(cache: LatentCache) -> dict[Path, list[str]]:
    """The files of the maps of a cache, and what cannot be read of each: "umap of vae"."""
    lost: dict[Path, list[str]] = {}
    for variant in cache.variants:
        for name in cache.projections(variant):
            unread = lost.setdefault(cache.maps.file_of(variant, name), [])
            try:
                cache.projection(variant, name)
                cache.projection_settings(variant, name)
            except LoomError:
                unread.append(f"{name} of {variant}")
    return lost


def _document(path: Path, read: Callable[[Path], object]) -> list[Verdict]:
    """A sealed document of results."""
    try:
        read(path)
    except LoomError as error:
        return [_damaged(path, error)]
    return [Verdict(path, "whole") if _is_sealed(path) else Verdict(path, "not covered", "it has no digest")]


def _evaluation(path: Path) -> list[Verdict]:
    """The results of an evaluation, and what was measured for them."""
    again = "Delete this file: what it held is measured again where it is needed."
    parts = sorted(path.with_suffix("").glob("[!.]*.npz"))
    found = [
        Verdict(part, "whole") if parts_kept.is_whole(part) else Verdict(part, "damaged", "its seal is broken", again)
        for part in parts
    ]
    return [*(_document(path, evaluations.read) if path.exists() else ()), *found]


def _survey(workspace: Workspace, name: str) -> list[Verdict]:
    """A survey and the responses to it."""
    try:
        place, survey = open_survey(workspace, name)
    except LoomError as error:
        return [_damaged(place_of(workspace, name).survey_file, error)]
    return [
        Verdict(place.survey_file, "whole"),
        *(
            _damaged(file, found) if isinstance(found, LoomError) else Verdict(file, "whole")
            for file, found in taken_in(place, survey)
        ),
    ]
