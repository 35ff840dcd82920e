"""A model that is given its weights is what they say, and none are drawn for it before."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from engine.config import ModelConfig
from engine.models.builders import build, build_undrawn
from engine.models.trained import load_weights
from tests.engine.models.test_sentence_vae import CONFIG, OPTIONS


@pytest.fixture(params=OPTIONS, ids=str)
def config(request: pytest.FixtureRequest) -> ModelConfig:
    return CONFIG.model_copy(update=request.param)


@pytest.mark.parametrize("stored", [torch.float32, torch.float16])
def test_a_model_is_what_its_weights_say(config: ModelConfig, stored: torch.dtype) -> None:
    whole, loaded = build(config, seed=3), build_undrawn(config)
    weights = {name: tensor.to(stored) for name, tensor in whole.state_dict().items()}
    load_weights(loaded, weights, "here")
    both = dict(loaded.named_parameters()) | dict(loaded.named_buffers())
    assert both.keys() == (dict(whole.named_parameters()) | dict(whole.named_buffers())).keys()
    for name, tensor in both.items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, weights[name].float() if name in weights else whole.get_buffer(name))


class _Drawn(TorchDispatchMode):
    """Counts what is drawn, whoever asks for it."""

    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += func.overloadpacket in (torch.ops.aten.uniform_, torch.ops.aten.normal_)
        return func(*args, **(kwargs or {}))


def test_nothing_is_drawn_for_it(config: ModelConfig) -> None:
    with _Drawn() as drawn:
        build(config)
    assert drawn.count
    with _Drawn() as drawn:
        build_undrawn(config)
    assert not drawn.count
