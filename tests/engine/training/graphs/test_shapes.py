"""The shapes that batches are brought to: every batch fits into its own, and usual ones suffice nearly always."""

from __future__ import annotations

import numpy as np
import pytest

from engine.training.batching import BatchPlan
from engine.training.graphs.shapes import MOST_WIDTHS, Shape, Shapes, widths


@pytest.mark.parametrize(
    ("longest", "spread", "expected"),
    [
        (6, 1.0, [1, 2, 3, 4, 5, 6]),
        (10, 2.0, [2, 6, 10]),  # 1-2, 3-6, 7-14
        (30, 1.3, [1, 2, 3, 5, 7, 10, 14, 19, 26, 30]),
        (14, 2.0, [2, 6, 14]),
        (1, 1.3, [1]),
    ],
)
def test_a_width_is_the_longest_length_of_a_group(longest: int, spread: float, expected: list[int]) -> None:
    assert widths(longest, spread).tolist() == expected


def test_very_many_lengths_share_widths() -> None:
    found = widths(400, 1.0)
    assert len(found) <= MOST_WIDTHS
    assert found[-1] == 400
    assert (np.diff(found) > 0).all()


def test_nearly_every_batch_has_a_usual_shape_and_all_of_them_fit() -> None:
    lengths = np.random.default_rng(0).integers(5, 31, 40_000).astype(np.int16)
    plan, shapes = BatchPlan(lengths, 200, 0, 1.3), Shapes(lengths, 200, 1.3)
    unusual, padded, said, room = 0, 0, 0, 0
    for step in range(plan.batches_per_epoch):
        own = lengths[plan.indices(step)]
        shape = shapes.of(own)
        assert shape.rows == len(own)
        assert shape.width >= own.max()
        assert shape.spoken >= (own + 1).sum()
        unusual += shape not in shapes.usual
        padded, said, room = padded + shape.places, said + int((own + 1).sum()), room + shape.spoken
    assert len(shapes.usual) == len(widths(30, 1.3)[widths(30, 1.3) >= 5])
    assert unusual == 0
    assert said < room < 1.05 * said < padded


def test_one_length_a_batch_leaves_no_place_without_a_word() -> None:
    lengths = np.repeat([4, 6], 50)
    shapes = Shapes(lengths, 10, 1.0)
    assert shapes.usual == [Shape(10, 6, 70), Shape(10, 4, 50)]
    assert shapes.of(np.full(10, 4)) == Shape(10, 4, 50)


def test_a_smaller_batch_and_one_with_more_words_than_usual_have_shapes_of_their_own() -> None:
    lengths = np.concatenate([np.full(9_990, 6), np.full(10, 7)])
    shapes = Shapes(lengths, 100, 1.3)
    usual = shapes.of(np.full(100, 6))
    assert usual in shapes.usual
    assert shapes.of(np.full(99, 6)) == Shape(99, usual.width, 99 * (usual.width + 1))
    crowded = shapes.of(np.full(100, 7))
    assert crowded not in shapes.usual
    assert crowded.spoken == crowded.places
