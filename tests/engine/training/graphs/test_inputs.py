"""What steps read: the words of the store, the draws of the step, and targets without padding but for what fills up."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.config import ModelConfig, TrainConfig
from engine.corpus.store import Corpus
from engine.models.sentence_vae import Targets
from engine.training.graphs import inputs as module
from engine.training.graphs.device_text import DeviceText
from engine.training.graphs.inputs import Feed, Inputs
from engine.training.graphs.shapes import Shape

CPU = torch.device("cpu")
MODEL = ModelConfig(vocabulary=200, embedding=16, hidden=16, latent=16, dropout=0.5)


@pytest.fixture(params=[True, False], ids=["in memory", "from the disk"])
def feed(request: pytest.FixtureRequest, tiny_corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> Feed:
    if not request.param:
        monkeypatch.setattr(module, "text_on", lambda store, device: None)
    found = Feed(tiny_corpus.train, TrainConfig(word_drop=0.3), MODEL.model_copy(update={"latent": 3}), 12, CPU)
    assert found.on_device == request.param
    return found


def test_inputs_are_the_batch_as_targets_without_padding_have_it(feed: Feed, tiny_corpus: Corpus) -> None:
    rows = np.array([3, 50, 7, 200, 11])
    ids, lengths = tiny_corpus.train.batch(rows)
    width = ids.shape[1] + 2
    inputs = Inputs(Shape(5, width, 5 * (width + 1)), MODEL, 3, CPU)
    feed.fill(inputs, np.arange(5), tiny_corpus.train.lengths[:5].astype(np.int64), 8)  # is overwritten
    feed.fill(inputs, rows, lengths, 9)
    batch, count = inputs.batch, int(lengths.sum()) + 5
    assert torch.equal(batch.words[:, : ids.shape[1]], torch.from_numpy(ids))
    assert not batch.words[:, ids.shape[1] :].any()
    assert batch.lengths.tolist() == lengths.tolist()
    plain, found = Targets.of(batch.words, batch.lengths), batch.targets
    assert found.counted is not None
    assert found.counted.tolist() == [1.0] * count + [0.0] * (len(found.words) - count)
    for name in ("positions", "words", "sentences"):
        assert torch.equal(getattr(found, name)[:count], getattr(plain, name)), name
        assert (getattr(found, name) >= 0).all()
    assert (found.positions < 5 * (width + 1)).all()


def test_draws_depend_on_the_step_alone_and_not_on_the_width(feed: Feed, tiny_corpus: Corpus) -> None:
    rows = np.arange(6)
    lengths = tiny_corpus.train.lengths[rows].astype(np.int64)
    longest = int(lengths.max())
    sizes = (longest, longest + 1, longest)
    first, wide, other = (Inputs(Shape(6, width, 6 * (width + 1)), MODEL, 3, CPU) for width in sizes)
    feed.fill(first, rows, lengths, 4)
    feed.fill(wide, rows, lengths, 4)
    feed.fill(other, rows, lengths, 5)
    assert torch.equal(first.batch.dropped, wide.batch.dropped[:, :longest])
    assert torch.equal(first.batch.noise, wide.batch.noise)
    assert not torch.equal(first.batch.noise, other.batch.noise)
    assert first.batch.noise[:, :3].all()
    assert not first.batch.noise[:, 3:].any()  # dimensions that only widen the model have none
    assert first.batch.kept is not None
    assert 0.4 < float(first.batch.kept[0].float().mean()) < 0.6


def test_large_vocabularies_come_back_as_they_are(tmp_path: object) -> None:
    class Store:
        """Three sentences whose ids need all bits of what they are stored in."""

        bytes_of_id, tokens = 2, 6

        def __len__(self) -> int:
            return 3

        def block(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
            assert (start, stop) == (0, 3)
            return np.array([5, 65_535, 32_768, 4, 40_000, 9], dtype="<u2"), np.array([0, 1, 4, 6])

    text = DeviceText(Store(), CPU)  # type: ignore[arg-type]
    words = text.words(torch.tensor([1, 2, 0]), torch.tensor([3, 2, 1]), 4)
    assert words.tolist() == [[65_535, 32_768, 4, 0], [40_000, 9, 0, 0], [5, 0, 0, 0]]
