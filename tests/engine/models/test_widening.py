"""A wider model of zeros and the model itself, trained side by side in float64: the same numbers at every step."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils import clip_grad_norm_

from engine.config import FreeBits, ModelConfig, TrainConfig, Variant
from engine.models.builders import build
from engine.models.sentence_vae import SentenceVAE, Targets
from engine.models.widening import Widening, widened
from engine.training.gradients import gradients
from engine.training.loading import Batch
from tests.engine.models.test_sentence_vae import OPTIONS

CPU = torch.device("cpu")
CONFIG = ModelConfig(vocabulary=23, embedding=5, hidden=7, latent=3)
ALL = [*OPTIONS, {"recognition": (6, 9), "activation": "tanh", "layers": 2, "bidirectional": True, "dropout": 0.5}]


def batch(noise: torch.Tensor) -> Batch:
    lengths = torch.tensor([4, 6, 2])
    words = torch.randint(4, 23, (3, 6)) * (torch.arange(6) < lengths.unsqueeze(1))
    dropped = torch.rand(3, 6) < 0.3
    return Batch(words, lengths, Targets.of(words, lengths), dropped, noise, 15, 3)


def widened_noise(noise: torch.Tensor, latent: int) -> torch.Tensor:
    return torch.cat([noise, noise.new_zeros(len(noise), latent - noise.shape[1])], dim=1)


@pytest.mark.parametrize("options", ALL, ids=str)
@pytest.mark.parametrize("free", [FreeBits(), FreeBits(kind="dimension", nats=0.05)], ids=lambda each: each.kind)
def test_wider_layers_change_no_number(options: dict[str, object], free: FreeBits) -> None:
    config = CONFIG.model_copy(update=options)
    widening = Widening(config, CPU, multiple=8)
    plain = build(config, seed=3).double()
    wide = widening.build(CPU).double()
    narrow: dict[str, torch.nn.Parameter] = dict(plain.named_parameters())
    for name, parameter in wide.named_parameters():
        widening.widen(name, narrow[name].detach(), parameter.data)
    variant, train = Variant(name="x", m=0.5, free_bits=free), TrainConfig(word_drop_to="zero")
    sides = [
        (plain, torch.optim.Adam(plain.parameters(), lr=0.01)),
        (wide, torch.optim.Adam(wide.parameters(), lr=0.01)),
    ]
    for step in range(3):
        noise = torch.randn(3, config.latent, dtype=torch.float64)
        given = batch(noise)
        terms = []
        for model, optimiser in sides:
            own = Batch(
                *(getattr(given, name) for name in ("words", "lengths", "targets", "dropped")),
                widened_noise(noise, model.latent),
                15,
                3,
            )
            found = gradients(model, own, variant, train, 0.5 + step, 0.7, latent=config.latent)
            assert found is not None
            norm = clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad()
            terms.append(torch.cat([found, norm.unsqueeze(0)]))
        torch.testing.assert_close(*terms, rtol=1e-9, atol=1e-9)
    for name, parameter in wide.named_parameters():
        torch.testing.assert_close(widening.narrow(name, parameter), narrow[name].detach(), rtol=1e-7, atol=1e-9)
        without = parameter.detach().clone()
        widening.widen(name, torch.zeros_like(narrow[name]), without)
        assert not without.any(), f"{name} has numbers where nothing was"
    same_names(plain, wide)


def same_names(plain: SentenceVAE, wide: SentenceVAE) -> None:
    assert [name for name, _ in plain.named_parameters()] == [name for name, _ in wide.named_parameters()]


def test_the_sizes_of_the_paper_become_multiples_of_sixteen() -> None:
    wide = widened(ModelConfig(vocabulary=20_001, embedding=300, hidden=500, latent=50, recognition=(500, 400)))
    assert (wide.vocabulary, wide.embedding, wide.hidden, wide.latent) == (20_001, 304, 512, 64)
    assert wide.recognition == (512, 400)
