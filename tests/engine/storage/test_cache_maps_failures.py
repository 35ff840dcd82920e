"""Maps of a cache where something goes wrong: damage, kills, full disks, and others who read meanwhile."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.errors import LoomError
from engine.storage.cache_maps import add_projections, delete_projections, remove_beside, rename_projections
from engine.storage.digests import sealed
from engine.storage.latent_cache import LatentCache
from engine.storage.maps.map_list import folder_of, list_of, set_aside
from tests.engine.storage.mapped_caches import (
    VARIANTS,
    Content,
    N,
    cache_at,
    content,
    file_of,
    filled,
    lying_beside,
    no_more_than_listed,
)

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are forked, a disk is mounted")


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    return cache_at(tmp_path / "run.h5", "beside")


def _cut(text: str) -> str:
    return text[: len(text) // 2]


def _emptied(text: str) -> str:
    return ""


def _changed(text: str) -> str:
    return text.replace("umap", "pacm")


def _another_kind(text: str) -> str:
    return json.dumps(sealed({**json.loads(text), "kind": "something-else"}))


def _elsewhere(text: str) -> str:
    document = json.loads(text)
    document["maps"][0]["file"] = "../run.h5"
    return json.dumps(sealed(document))


def _no_list(text: str) -> str:
    return json.dumps(sealed({**json.loads(text), "maps": 3}))


@pytest.mark.parametrize("damage", [_cut, _emptied, _changed, _another_kind, _elsewhere, _no_list])
def test_of_a_damaged_list_the_cache_still_opens_and_no_map_is_changed_before_it_is_gone(
    beside: Path, damage: Callable[[str], str]
) -> None:
    place = list_of(beside)
    place.write_text(damage(place.read_text()))
    with LatentCache.open(beside) as cache:
        assert str(place) in cache.maps.listed.problem
        assert cache.kept_projections("a") == ()
        assert len(cache.mu("a")) == N
    files = lying_beside(beside)
    for change in (
        lambda: delete_projections(beside, "umap"),
        lambda: rename_projections(beside, "umap", "mine"),
        lambda: add_projections(beside, filled(6), "umap"),
    ):
        with pytest.raises(LoomError, match="not known which maps lie beside") as caught:
            change()
        assert "run.maps otherwise" in caught.value.hint
        assert lying_beside(beside) == files  # for whoever has a copy of the list
    set_aside(beside)
    add_projections(beside, filled(6), "umap")
    assert content(beside) == {("a", "umap"): (6, "tsne"), ("b", "umap"): (6, "tsne")}
    assert no_more_than_listed(beside)
    assert {each.name for each in beside.with_name("run.maps.damaged").iterdir()} == files


def test_where_all_beside_a_cache_is_removed_the_files_of_a_damaged_list_are_set_aside(beside: Path) -> None:
    for name in ("run.maps.damaged", "run.maps.damaged2"):
        add_projections(beside, filled(6), "umap")
        list_of(beside).write_text("{")
        names = lying_beside(beside)
        remove_beside(beside)
        assert not lying_beside(beside)
        assert {each.name for each in beside.with_name(name).iterdir()} == names
    add_projections(beside, filled(6), "umap")
    remove_beside(beside)
    assert not lying_beside(beside)
    assert not beside.with_name("run.maps.damaged3").exists()


def test_a_list_of_a_newer_version_is_refused_and_kept(beside: Path) -> None:
    place = list_of(beside)
    place.write_text(json.dumps(sealed({**json.loads(place.read_text()), "version": 2, "maps": "otherwise"})))
    before = place.read_bytes()
    for work in (
        lambda: LatentCache.open(beside),
        lambda: delete_projections(beside, "umap"),
        lambda: add_projections(beside, filled(1), "x"),
    ):
        with pytest.raises(LoomError, match="version 2 of the list of maps; this program reads up to 1") as caught:
            work()
        assert "Update" in caught.value.hint
    assert place.read_bytes() == before


def _remove(place: Path) -> None:
    place.unlink()


def _truncate(place: Path) -> None:
    os.truncate(place, place.stat().st_size // 2)


def _flip(place: Path) -> None:
    with h5py.File(place, "r") as file:
        at = file["variants/a"].id.get_chunk_info(0).byte_offset
    data = bytearray(place.read_bytes())
    data[at + 3] ^= 1
    place.write_bytes(data)


def _reshape(place: Path) -> None:
    with h5py.File(place, "r+") as file:
        del file["variants/a"]
        file["variants/a"] = np.zeros((N - 1, 2))


def _rename_kind(place: Path) -> None:
    with h5py.File(place, "r+") as file:
        file.attrs["kind"] = "something-else"


def _not_finite(place: Path) -> None:
    with h5py.File(place, "r+") as file:
        file["variants/a"][3, 1] = np.nan


@pytest.mark.parametrize("damage", [_remove, _truncate, _flip, _reshape, _rename_kind, _not_finite])
def test_a_damaged_map_is_told_and_the_others_can_be_read(beside: Path, damage: Callable[[Path], None]) -> None:
    place = file_of(beside, "a", "pca")
    damage(place)
    with LatentCache.open(beside) as cache:
        assert "pca" in cache.projections("a")
        with pytest.raises(LoomError, match="the map 'pca' of a") as caught:
            cache.projection("a", "pca")
        assert place.name in caught.value.message
        assert f"python main.py project {beside.stem}" in caught.value.hint
        assert (cache.projection("a", "umap") == 1).all()
    rename_projections(beside, "pca", "my map")
    with LatentCache.open(beside) as cache, pytest.raises(LoomError, match="the map 'my map' of a") as caught:
        cache.projection("a", "my map")
    assert f"python main.py project {beside.stem} --delete 'my map' --variants a" in caught.value.hint
    rename_projections(beside, "my map", "pca")
    rename_projections(beside, "umap", "kept")
    delete_projections(beside, "pca")
    assert content(beside) == {("a", "kept"): (1, "umap"), ("b", "kept"): (1, "umap")}
    assert no_more_than_listed(beside)


CHANGES: dict[str, Callable[[Path], object]] = {
    "add": lambda path: add_projections(path, filled(9), "new"),
    "replace": lambda path: add_projections(path, filled(9), "umap"),
    "rename": lambda path: rename_projections(path, "umap", "renamed"),
    "delete": lambda path: delete_projections(path, "umap"),
    "delete the last": lambda path: delete_projections(path, "pca"),
}


@LINUX
@pytest.mark.parametrize(
    ("where", "change"), [*(("beside", each) for each in CHANGES), ("within", "replace"), ("within", "rename")]
)
def test_whenever_it_is_killed_all_of_a_change_is_there_or_none(where: str, tmp_path: Path, change: str) -> None:
    from tests.stress.children import fork, wait_for
    from tests.stress.steps import Steps, StopAt

    path = cache_at(tmp_path / "run.h5", where)
    given, kept, counted = tmp_path / "given", tmp_path / "kept", tmp_path / "counted"
    given.mkdir()
    if change == "delete the last":
        delete_projections(path, "umap")
    for each in (path, folder_of(path)):
        if each.exists():
            shutil.move(each, given / each.name)
    here = kept / path.name

    def changed(stop_at: StopAt | None) -> tuple[int | None, Content]:
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(given, kept)

        def work() -> None:
            with Steps(kept, stop_at) as steps:
                CHANGES[change](here)
                count = steps.count
            counted.write_text(str(count))

        code = wait_for(fork(work), 60)
        assert here.read_bytes() == (given / path.name).read_bytes()
        return code, content(here)

    before = content(given / path.name)
    code, after = changed(None)
    assert code == 0
    assert after != before
    killed, found = 0, []
    for stop_at in (StopAt(number, late) for number in range(int(counted.read_text())) for late in (False, True)):
        code, left = changed(stop_at)
        assert left in (before, after), stop_at
        killed += code == -9
        found.append(left)
        if left == before:
            CHANGES[change](here)
        else:
            add_projections(here, filled(1), "later")
            delete_projections(here, "later")
        assert content(here) == after
        assert no_more_than_listed(here), stop_at
    assert killed > 5
    assert (found[0], found[-1]) == (before, after)


@LINUX
def test_a_full_disk_leaves_all_maps_as_they_were(tmp_path: Path) -> None:
    """A real one, so that it also meets the list; in a process of its own, with which the mount ends."""
    from tests.stress.children import answer_of
    from tests.stress.full_disk import BOUNDS, Disk

    def work() -> object:
        disk = Disk.mounted(tmp_path / "disk")
        if disk.place is None:
            return "no mounts here"
        path = cache_at(disk.place / "run.h5", "beside")
        before, told = content(path), []
        for pages in range(12):
            for name, change in CHANGES.items():
                disk.leave(pages * BOUNDS)
                try:
                    change(path)
                except LoomError as error:
                    told.append(error.message)
                    if content(path) != before or not no_more_than_listed(path):
                        return f"{name} with {pages} pages left another state"
                disk.make_room()
                if content(path) != before:
                    for each in (path, folder_of(path)):
                        shutil.rmtree(each) if each.is_dir() else each.unlink()
                    path = cache_at(path, "beside")
        return [len(told), sum("disk is full" in each for each in told)]

    answer = answer_of(work, tmp_path / "scratch", 60)
    if answer == "no mounts here":
        pytest.skip(str(answer))
    assert isinstance(answer, list), answer
    assert answer[0] == answer[1] > 5


def _change_all_the_time(path: Path) -> None:
    for number in range(25):
        add_projections(path, filled(number), "umap")
        rename_projections(path, "umap", "other")
        add_projections(path, filled(number + 0.5), "umap")
        delete_projections(path, "other")


def test_who_opens_a_cache_while_its_maps_change_finds_those_of_one_moment(beside: Path) -> None:
    other = multiprocessing.get_context("spawn").Process(target=_change_all_the_time, args=(beside,))
    other.start()
    seen = set()
    try:
        while other.is_alive():
            for state in _states(beside):
                seen.add(state)
    finally:
        other.join()
    assert other.exitcode == 0
    assert len(seen) > 3
    assert content(beside)["a", "umap"] == (24.5, "tsne")


def _states(path: Path) -> Iterator[tuple[tuple[str, float], ...]]:
    """What both variants have alike; they are always changed together."""
    with LatentCache.open(path) as cache:
        states = [
            tuple(
                (name, float(cache.projection(variant, name)[0, 0]))
                for name in cache.kept_projections(variant)
                if name != "pca"
            )
            for variant in VARIANTS
        ]
        assert states[0] == states[1]
        assert states[0]
        yield states[0]
