"""What was measured, item by item: extended, kept, read again, and refused where it is damaged."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from engine.evaluation.measures.parts import KEPT, NOTHING, Drawer, Part, Texts, joined

MADE = {"corpus": "c", "model": "m", "seed": 0}


def drawer(folder: Path, **changed: object) -> Drawer:
    return Drawer(folder, "vae", {**MADE, **changed})


def a_part(rows: int, first: int = 0) -> Part:
    numbers = np.arange(first, first + rows, dtype=np.float64)
    sentences = [[4 + row % 3] * (row % 4 + 1) for row in range(2 * first, 2 * (first + rows))]
    return Part({"nll": numbers, "mu": np.outer(numbers, [1, 2]).astype(np.float32)}, Texts.of(sentences), 2)


def same(one: Part, other: Part) -> bool:
    assert one.texts is not None
    assert other.texts is not None
    return (
        all(np.array_equal(one.arrays[name], other.arrays[name]) for name in one.arrays)
        and one.texts.ids.tolist() == other.texts.ids.tolist()
        and one.texts.offsets.tolist() == other.texts.offsets.tolist()
    )


def test_a_part_is_the_same_in_one_go_and_in_pieces() -> None:
    assert same(joined([NOTHING, a_part(3), a_part(1, 3), a_part(3, 4)]), a_part(7))
    assert same(joined([NOTHING, a_part(3)]), a_part(3))
    assert joined([]) is NOTHING
    numbers = joined([Part({"nll": np.arange(2.0)}), Part({"nll": np.arange(3.0)})])
    assert (numbers.arrays["nll"].tolist(), numbers.texts) == ([0, 1, 0, 1, 2], None)
    assert same(a_part(7).first(3), a_part(3))
    assert a_part(7).first(99).n == 7


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    drawer(tmp_path).keep("pairs", {"steps": 10}, a_part(5))
    assert same(drawer(tmp_path).read("pairs", {"steps": 10}, 2), a_part(5))


@pytest.mark.parametrize("changed", [{"model": "n"}, {"corpus": "d"}, {"seed": 1}])
def test_nothing_made_from_something_else_is_read(tmp_path: Path, changed: dict[str, object]) -> None:
    drawer(tmp_path).keep("pairs", {"steps": 10}, a_part(5))
    assert drawer(tmp_path, **changed).read("pairs", {"steps": 10}, 2) is NOTHING
    assert drawer(tmp_path).read("pairs", {"steps": 9}, 2) is NOTHING
    assert drawer(tmp_path).read("draws", {"steps": 10}, 2) is NOTHING


def test_a_damaged_file_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    kept = drawer(tmp_path)
    kept.keep("pairs", {}, a_part(5))
    path = kept.path("pairs", {})
    whole = path.read_bytes()
    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        found = kept.read("pairs", {}, 2)
        assert found is NOTHING or same(found, a_part(5))  # some bytes of a zip archive say nothing
    path.write_bytes(whole[: len(whole) // 2])
    assert kept.read("pairs", {}, 2) is NOTHING


def test_only_the_newest_files_of_a_part_stay(tmp_path: Path) -> None:
    for seed in range(KEPT + 3):
        drawer(tmp_path, seed=seed).keep("pairs", {}, a_part(1))
        time.sleep(0.01)
    assert len(list(tmp_path.glob("vae.pairs.*"))) == KEPT
    assert drawer(tmp_path, seed=0).read("pairs", {}, 2) is NOTHING
    assert drawer(tmp_path, seed=KEPT + 2).read("pairs", {}, 2).n == 1


def test_there_is_no_sentence_beyond_the_last() -> None:
    with pytest.raises(IndexError, match="sentence 1 of 1"):
        Texts.of([[4, 5]])[1]
