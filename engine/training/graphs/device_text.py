"""The sentences of a training in the memory of its device, where they fit."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.corpus.store import SentenceStore
from engine.corpus.vocabulary import PAD

SHARE = 0.15
"""Of the free memory of a GPU, what its sentences may take: of 80 GB enough for a billion words."""
_BLOCK = 1 << 18


class DeviceText:
    """Word ids of every sentence, and where each begins.

    Args:
        store: on the disk.
        device: where they are copied to.
    """

    def __init__(self, store: SentenceStore, device: torch.device) -> None:
        lengths = np.empty(len(store), dtype=np.int64)
        kind = {2: torch.int16, 4: torch.int32}[store.bytes_of_id]
        self._ids = torch.empty(store.tokens, dtype=kind, device=device)
        begin = 0
        for start in range(0, len(store), _BLOCK):
            stop = min(start + _BLOCK, len(store))
            ids, offsets = store.block(start, stop)
            lengths[start:stop] = np.diff(offsets)
            # torch counts with signed numbers: what is above 32,767 is stored as what it is less 65,536.
            self._ids[begin : begin + len(ids)] = torch.from_numpy(ids.view(f"<i{ids.itemsize}").copy())
            begin += len(ids)
        self._mask = (1 << (8 * self._ids.element_size())) - 1
        self._begins = torch.from_numpy(np.cumsum(lengths) - lengths).to(device)
        self._device = device

    def words(self, rows: Tensor, lengths: Tensor, width: int) -> Tensor:
        """(batch, width) ids of sentences, padded at the right.

        Args:
            rows: (batch,) which sentences.
            lengths: (batch,) their words.
            width: at least the largest of them.
        """
        steps = torch.arange(width, device=self._device)
        places = (self._begins[rows].unsqueeze(1) + steps).clamp_(max=len(self._ids) - 1)
        words = self._ids[places].long() & self._mask
        return words.masked_fill_(steps >= lengths.unsqueeze(1), PAD)


def text_on(store: SentenceStore, device: torch.device) -> DeviceText | None:
    """The sentences on a device, or None where they would take too much of its memory."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        if store.tokens * store.bytes_of_id + len(store) * 8 > SHARE * free:
            return None
    return DeviceText(store, device)
