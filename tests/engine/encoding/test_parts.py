"""A command that was killed or stopped goes on where it was, and the cache is that of an undisturbed one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.encoding import encode as encode_module
from engine.encoding.encode import encode
from engine.encoding.parts import EncodedPart, kept_parts
from engine.errors import Stopped
from engine.events import Progress
from engine.runs.run import Run
from engine.storage.latent_cache import LatentCache
from engine.storage.locks import held
from engine.workspace import Workspace

BLOCK = 16
SHAPES: dict[str, tuple[int, ...]] = {"mu": (3,), "kl": ()}


@pytest.fixture
def workspace(tiny_workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The run `tiny`, encoded in many small blocks."""
    monkeypatch.setattr(encode_module, "BLOCK", BLOCK)
    shutil.copytree(tiny_workspace.root, tmp_path / "workspace")
    made = Workspace(tmp_path / "workspace")
    list(encode(Run.open(made.run("tiny")), made, (), "cpu"))
    made.cache("tiny").rename(made.root / "undisturbed.h5")
    return made


def folder(workspace: Workspace) -> Path:
    return workspace.cache("tiny").with_suffix(".encoding")


def same_as_undisturbed(workspace: Workspace) -> bool:
    with LatentCache.open(workspace.root / "undisturbed.h5") as ours, LatentCache.open(workspace.cache("tiny")) as made:
        return ours.variants == made.variants and all(
            np.array_equal(getattr(ours, name)(variant), getattr(made, name)(variant))
            for variant in ours.variants
            for name in ("mu", "logvar", "nll", "kl", "variance")
        )


def encoded(workspace: Workspace, seed: int = 0) -> list[str]:
    """Encode; returns the stage of every block that was encoded or read."""
    events = encode(Run.open(workspace.run("tiny")), workspace, (), "cpu", seed)
    return [event.stage for event in events if isinstance(event, Progress)]


def stop_after(workspace: Workspace, blocks: int) -> None:
    asked = iter(range(10_000))
    with pytest.raises(Stopped, match="earlier cache"):
        list(encode(Run.open(workspace.run("tiny")), workspace, (), "cpu", should_stop=lambda: next(asked) >= blocks))


def blocks_of(workspace: Workspace) -> int:
    with LatentCache.open(workspace.root / "undisturbed.h5") as cache:
        return -(-cache.n // BLOCK)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a process is forked and killed")
def test_killed_at_any_block_it_goes_on_and_makes_the_same_cache(workspace: Workspace, tmp_path: Path) -> None:
    from tests.stress.children import end, fork, wait_for

    count = blocks_of(workspace)
    assert count > 1
    for kill_at in (1, count - 1, count, count + 1, 2 * count):
        workspace.cache("tiny").unlink(missing_ok=True)

        def work(kill_at: int = kill_at) -> None:
            import os
            import signal

            done = 0
            for event in encode(Run.open(workspace.run("tiny")), workspace, (), "cpu"):
                if isinstance(event, Progress) and event.stage.startswith("encoding"):
                    done += 1
                    if done > kill_at:
                        os.kill(os.getpid(), signal.SIGKILL)

        pid = fork(work)
        code = wait_for(pid, 60)
        if code is None:
            end(pid)
        killed = kill_at < 2 * count
        assert code == (-9 if killed else 0)
        assert workspace.cache("tiny").exists() is not killed
        assert folder(workspace).exists() is killed
        stages = encoded(workspace)
        read = sum(stage.startswith("reading") for stage in stages)
        assert read == (kill_at if killed else 0)
        assert len(stages) == 2 * count
        assert same_as_undisturbed(workspace)
        assert not folder(workspace).exists()


def test_what_was_stopped_goes_on_and_is_not_mixed_with_other_seeds_or_weights(workspace: Workspace) -> None:
    count = blocks_of(workspace)
    stop_after(workspace, count + 1)
    assert len(list(folder(workspace).iterdir())) == 2
    other = encoded(workspace, seed=1)
    assert not [stage for stage in other if stage.startswith("reading")]
    assert not same_as_undisturbed(workspace)  # of another seed
    stop_after(workspace, count + 1)
    assert sum(stage.startswith("reading") for stage in encoded(workspace)) == count + 1
    assert same_as_undisturbed(workspace)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


@pytest.mark.parametrize("damage", [_cut, _flip, _empty, _longer])
def test_of_a_damaged_part_what_is_whole_is_used(workspace: Workspace, damage: Callable[[Path], None]) -> None:
    count = blocks_of(workspace)
    stop_after(workspace, 2 * count - 1)
    for path in folder(workspace).iterdir():
        damage(path)
    stages = encoded(workspace)
    assert len(stages) == 2 * count
    assert same_as_undisturbed(workspace)


def test_while_another_command_encodes_the_same_nothing_is_kept_and_nothing_taken(workspace: Workspace) -> None:
    from multiprocessing import get_context

    count = blocks_of(workspace)
    stop_after(workspace, count)
    before = {path.name: path.read_bytes() for path in folder(workspace).iterdir()}
    spawn = get_context("spawn")
    taken, done = spawn.Event(), spawn.Event()
    other = spawn.Process(target=_hold, args=(folder(workspace), taken, done))
    other.start()
    try:
        assert taken.wait(60)
        assert not [stage for stage in encoded(workspace) if stage.startswith("reading")]
        assert {path.name: path.read_bytes() for path in folder(workspace).iterdir()} == before
    finally:
        done.set()
        other.join()
    assert same_as_undisturbed(workspace)


def _hold(path: Path, taken, done) -> None:  # type: ignore[no-untyped-def]
    with held(path, "encoding"):
        taken.set()
        done.wait(60)


def test_where_nothing_can_be_kept_it_encodes_all_the_same(workspace: Workspace) -> None:
    folder(workspace).write_text("somebody's own file of that name")
    encoded(workspace)
    assert same_as_undisturbed(workspace)


def test_where_the_disk_has_no_room_for_both_nothing_is_kept(tmp_path: Path) -> None:
    cache, free = tmp_path / "run.h5", shutil.disk_usage(tmp_path).free

    def stopped() -> None:
        with kept_parts(cache, {"vae": {"seed": 0}}, 1000) as parts:
            assert parts is not None
            parts.of("vae", SHAPES, [4]).add(block_of(4, 0))
            raise Stopped("stopped")

    with pytest.raises(Stopped):
        stopped()
    (kept,) = cache.with_suffix(".encoding").iterdir()
    assert kept.stat().st_size > 0
    with kept_parts(cache, {"vae": {"seed": 0}}, free) as parts:
        assert parts is None
        assert not kept.exists()  # the cache needs the room


def block_of(count: int, start: int) -> dict[str, np.ndarray]:
    mu = np.arange(3 * count, dtype=np.float32).reshape(count, 3) + start
    return {"mu": mu, "kl": mu.sum(axis=1)}


def test_blocks_come_back_as_they_were_and_only_to_who_asks_for_the_same(tmp_path: Path) -> None:
    sizes, path = [4, 4, 2], tmp_path / "x" / "a.part"
    first = EncodedPart(path, "this", SHAPES, sizes)
    assert list(first.blocks()) == []
    assert not path.parent.exists()  # before there is anything to keep
    for at in range(2):
        first.add(block_of(4, at))
    first.close()
    again = EncodedPart(path, "this", SHAPES, sizes)
    found = list(again.blocks())
    assert len(found) == 2
    for at, block in enumerate(found):
        for name, values in block_of(4, at).items():
            np.testing.assert_array_equal(block[name], values)
    again.add(block_of(2, 2))
    again.close()
    assert len(list(EncodedPart(path, "this", SHAPES, sizes).blocks())) == 3
    assert list(EncodedPart(path, "other", SHAPES, sizes).blocks()) == []
    assert path.stat().st_size == 0
