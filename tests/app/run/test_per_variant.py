"""What is found once for each variant of the open run."""

from __future__ import annotations

from app.core.state import ExplorerState
from app.run.context import Context
from app.run.per_variant import PerVariant
from engine.errors import LoomError
from tests.app.fakes import answering, fake_atlas, opened


def kept_of(asked: list[tuple[str, ...]], fails: str = "") -> tuple[Context, PerVariant]:
    context = Context(ExplorerState(run="demo"), answering(None), fake_atlas(), answering(opened()))

    def work_of(variants):
        def work(opened):
            asked.append(variants)
            for variant in variants:
                yield None
                if variant == fails:
                    raise LoomError("It cannot be found.", "Try again.")
                yield variant, f"of {variant}"

        return work

    return context, PerVariant(context, "things", work_of)


def test_each_variant_is_asked_for_once_and_again_of_other_maps(qapp):
    asked: list[tuple[str, ...]] = []
    context, kept = kept_of(asked)
    changes: list[bool] = []
    kept.changed.connect(lambda: changes.append(True))
    kept.want(("vae",))
    kept.want(("vae",))
    kept.want(("vae", "autogen-m1"))
    assert asked == [("vae",), ("autogen-m1",)]
    assert (kept.of("vae"), kept.of("autogen-m1"), kept.of("other")) == ("of vae", "of autogen-m1", None)
    assert len(changes) == 2
    assert not kept.awaited
    context.atlas = fake_atlas()
    kept.want(("vae",))
    assert asked[-1] == ("vae",)
    assert kept.of("autogen-m1") is None


def test_nothing_is_asked_without_maps_and_what_goes_wrong_is_told(qapp):
    asked: list[tuple[str, ...]] = []
    context, kept = kept_of(asked, fails="vae")
    told: list[str] = []
    kept.failed.connect(told.append)
    maps, context.atlas = context.atlas, None
    kept.want(("vae",))
    assert asked == []
    context.atlas = maps
    kept.want(("vae",))
    assert len(told) == 1
    assert "It cannot be found." in told[0]
    assert kept.of("vae") is None
