"""A trained model, from a checkpoint of a run."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.errors import LoomError
from engine.models.builders import build_undrawn
from engine.models.sentence_vae import SentenceVAE
from engine.runs.run import Run


def load_model(run: Run, variant: str, device: torch.device, step: int | None = None) -> SentenceVAE:
    """A variant's newest checkpoint, or that of a step, in evaluation mode.

    Raises:
        LoomError: there is no checkpoint, or it is damaged or of another model.
    """
    checkpoint = run.checkpoints(variant).chosen(step)
    model = build_undrawn(run.settings.model)
    load_weights(model, checkpoint.weights(), str(checkpoint.weights_path))
    return model.to(device).eval()


def load_weights(model: SentenceVAE, weights: dict[str, Tensor], source: str) -> None:
    """Put stored weights (single or half precision) into a model.

    Raises:
        LoomError: names or shapes are not the model's; the first that differs is named.
    """
    expected = model.state_dict()
    for name in sorted(expected.keys() | weights.keys()):
        have, want = weights.get(name), expected.get(name)
        if have is None or want is None or have.shape != want.shape:
            shapes = [tuple(each.shape) if each is not None else "nothing" for each in (have, want)]
            raise LoomError(
                f"{source}: {name} has {shapes[0]} where the model's settings ask for {shapes[1]}.",
                "The checkpoint belongs to another run.json; both must come from the same training.",
            )
    model.load_state_dict(weights)  # half precision becomes single on the way
