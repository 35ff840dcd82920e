"""Where models run, and in which precision."""

from __future__ import annotations

import torch

from engine.device import choose_device


def test_recurrent_layers_keep_single_precision_on_every_device() -> None:
    before = torch.backends.cudnn.allow_tf32
    try:
        torch.backends.cudnn.allow_tf32 = True  # as torch has it by itself
        assert choose_device("cpu").type == "cpu"
        assert not torch.backends.cudnn.allow_tf32
    finally:
        torch.backends.cudnn.allow_tf32 = before
