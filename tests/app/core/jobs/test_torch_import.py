"""What is alive is left out of the collector's rounds once, when torch is imported first."""

from __future__ import annotations

import gc

import torch  # noqa: F401

from app.core.jobs.torch_import import import_torch


def test_a_run_that_is_opened_later_freezes_nothing():
    before = gc.get_freeze_count()
    import_torch()
    assert gc.get_freeze_count() == before
    assert gc.isenabled()
