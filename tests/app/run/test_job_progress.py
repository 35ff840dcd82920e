"""One figure over all stages of making the maps."""

from __future__ import annotations

from app.run.job_progress import JobProgress

LABELS = ("VAE", "AutoGen m=1")


def walk(progress: JobProgress, *stages: str) -> list[float]:
    seen = []
    for stage in stages:
        for done in (0, 5, 10):
            progress.take(stage, done, 10)
            seen.append(progress.fraction)
    return seen


def test_the_figure_grows_over_both_commands_to_the_end():
    encode = ["reading", "writing", *(f"encoding with {label}" for label in LABELS)]
    parts = ("neighbours", "layout", "other sentences", "quality")
    project = ["shared start of the maps", *(f"{label}: {part}" for label in LABELS for part in parts)]
    seen = walk(JobProgress(LABELS), *encode, *project)
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] == 1


def test_what_is_shipped_takes_the_short_way():
    assert walk(JobProgress(LABELS, packaged=True), "reading", "writing", *(f"reading {x}" for x in LABELS))[-1] == 1


def test_what_is_shipped_but_does_not_fit_is_computed_without_running_back():
    progress = JobProgress(LABELS, packaged=True)
    before = walk(progress, "reading", "writing")[-1]
    assert walk(progress, "encoding with VAE")[0] == before
    for label in LABELS:
        last = walk(progress, f"{label}: quality")[-1]
    assert last == 1


def test_maps_that_are_made_at_a_time_are_counted_each_for_itself():
    progress = JobProgress(LABELS, encodes=False)
    seen = walk(progress, "shared start of the maps", "VAE: layout", "AutoGen m=1: layout", "VAE: quality")
    assert seen == sorted(seen)
    assert seen[-1] < 0.9  # of the other map, the rest of the sentences and the quality are to come
    assert walk(progress, "AutoGen m=1: quality")[-1] == 1


def test_stages_are_told_in_words_and_unknown_ones_move_nothing():
    progress = JobProgress(LABELS, encodes=False)
    progress.take("VAE: layout", 0, 10)
    assert progress.words == "Laying out the map of VAE"
    before = progress.fraction
    progress.take("something new", 9, None)
    assert (progress.words, progress.fraction) == ("Something new", before)
