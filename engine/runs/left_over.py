"""Caches of steps whose checkpoints are gone.

An earlier step that is encoded, or opened in the window, has a cache of its own, `RUN@STEP.h5`. A training deletes its
older checkpoints and leaves caches alone, as the latents in them cannot be made again and may be needed still. So they
are named, by `doctor` and `verify`, and deleted only by who asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.errors import LoomError, from_os_error
from engine.runs.run import Run
from engine.storage.cache_maps import remove_beside
from engine.storage.latent_cache import LatentCache
from engine.storage.locks import held
from engine.storage.maps.map_list import size_beside
from engine.workspace import Workspace

_NAME = re.compile(r"(?P<run>[^@]+)@(?P<step>\d+)")


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A cache whose models are gone: its file, its run, their step, and how large it is in bytes, with its maps."""

    path: Path
    run: str
    step: int
    size: int

    @property
    def detail(self) -> str:
        """Why it is left over."""
        return f"the checkpoints of step {self.step:,} are gone, so nothing answers for its latents; {_size(self.size)}"

    @property
    def mend(self) -> str:
        """How it can be deleted."""
        return f"If nobody needs it: python main.py verify {self.run} --remove-left-over"


def left_over(workspace: Workspace, run: str = "") -> Iterator[LeftOver]:
    """The caches of a run, or of all, whose checkpoints are gone."""
    for path in sorted((workspace.root / "cached_latents").glob("[!.]*@*.h5")):
        named = _NAME.fullmatch(path.stem)
        if named is not None and run in ("", named["run"]):
            found = left_over_cache(path, workspace)
            if found is not None:
                yield found


def left_over_cache(path: Path, workspace: Workspace) -> LeftOver | None:
    """The cache, if it was made by this program of a run that is there, and none of its models is any more.

    A file of that name which holds something else, or the latents of another run, is nobody's business here.
    """
    named = _NAME.fullmatch(path.stem)
    if named is None:
        return None
    name, step = named["run"], int(named["step"])
    with suppress(LoomError, OSError):
        run = Run.open(workspace.run(name))
        with LatentCache.open(path) as cache:
            ours = cache.run == name and cache.corpus_fingerprint == run.settings.corpus.fingerprint
            variants = set(cache.variants)
        there = {each.name for each in run.variants if step in run.checkpoints(each.name).steps()}
        if ours and variants <= {each.name for each in run.variants} and not variants & there:
            return LeftOver(path, name, step, path.stat().st_size + size_beside(path))
    return None


def remove(left: LeftOver, workspace: Workspace) -> bool:
    """Delete a cache that is left over, unless it is not any more; whether it was.

    Raises:
        LoomError: another process writes it, or it cannot be deleted.
    """
    with held(left.path, "removing"):
        if left_over_cache(left.path, workspace) is None:
            return False
        remove_beside(left.path)
        try:
            left.path.unlink()
        except OSError as error:
            raise from_os_error(error, f"removing {left.path}") from error
    with suppress(OSError):  # somebody may have just taken it, and finds nothing
        left.path.with_name(f".{left.path.name}.lock").unlink(missing_ok=True)
    return True


def _size(count: int) -> str:
    return f"{count / 2**20:,.1f} MB"
