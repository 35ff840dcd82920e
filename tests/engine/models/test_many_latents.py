"""The costs of sentences from many z each, against the likelihood of the whole model, sentence by sentence."""

from __future__ import annotations

import pytest
import torch

from engine.models import many_latents
from engine.models.builders import build
from engine.models.many_latents import nll_of_many
from engine.models.unrolled import UnrolledDecoder
from tests.engine.models.test_sentence_vae import CONFIG, OPTIONS, padded


@torch.no_grad()
@pytest.mark.parametrize("logits_at_once", [1, 60, 2**20])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_each_z_of_each_sentence_costs_what_the_model_says(
    options: dict[str, object], logits_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_latents, "LOGITS_AT_ONCE", logits_at_once)
    model = build(CONFIG.model_copy(update=options), seed=3)
    words, lengths = padded([5], [5, 6, 7, 8], [8, 9], [9, 4, 4, 7])
    z = torch.randn((4, 3, model.latent), generator=torch.Generator().manual_seed(1))
    found = nll_of_many(UnrolledDecoder(model), words, lengths, z)
    assert found.shape == (4, 3)
    for row, length in enumerate(lengths.tolist()):
        for copy in range(3):
            alone = model.likelihood(words[row : row + 1, :length], lengths[row : row + 1], z[row, copy][None]).nll
            assert float(found[row, copy]) == pytest.approx(float(alone), rel=1e-5)
