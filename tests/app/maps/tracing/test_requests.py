"""What lies along a line over the map of a run, with its real models, against plain computations."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.choice import Choice
from app.core.requests import Answer
from app.maps.tracing import requests
from app.maps.tracing.requests import Question, known_by
from app.maps.tracing.state import Line
from app.run.atlas import Opened
from engine.decoding.options import DecodeOptions
from engine.errors import LoomError
from tests.app.latents import tiny_context


@pytest.fixture
def context(mapped):
    with tiny_context(mapped, "Reconstruct") as made:
        yield made


def asked(context, way, places=0, shown=""):
    """A line from one sentence that lies far out on the map to another one."""
    variant = context.state.columns[0].name
    coords = context.atlas.numbers[variant].coords
    ends = coords[[int(coords[:, 0].argmin()), int(coords[:, 0].argmax())]]
    line = Line(variant, shown or known_by(context.atlas, variant), tuple((float(x), float(y)) for x, y in ends))
    return Question(line, way, places, context.state.usable())


def read(context, question):
    found, ended = [], []
    context.archive.ask("test", lambda opened: requests.read_along(opened, question), found.append, ended.append)
    assert ended == [""]
    assert found[:-1] == [None] * (len(found) - 1)
    return found[-1]


def decoded(context, steps):
    found, ended = [], []
    greedy = Choice(method="greedy")
    work = lambda session: requests.decode(session, steps, greedy, context.place)  # noqa: E731
    context.models.ask("test", work, found.append, ended.append)
    assert ended == [""]
    return {answer.variant: answer for answer in found if isinstance(answer, Answer)}


def says(context, variant, z):
    """What the models say of z, asked of them at once."""
    found, ended = [], []
    context.models.ask(
        "plain",
        lambda session: iter([session.decode(variant, z, DecodeOptions(method="greedy"))]),
        found.append,
        ended.append,
    )
    return [each.text for each in found[0]]


def test_a_line_as_it_is_drawn_has_the_mean_of_the_sentences_around_each_place(context):
    question = asked(context, "drawn", places=7)
    steps, atlas = read(context, question), context.atlas
    coords = atlas.numbers[question.line.variant].coords.astype(float)
    for step, place in enumerate(np.linspace(*question.line.corners, 7)):
        far = np.hypot(*(coords - place).T)
        near = np.argsort(far, kind="stable")[:8]
        assert steps.indices[step] == near[0]
        assert steps.texts[step] == atlas.sentence(int(near[0]))
        weights = 1 / np.maximum(np.square(far[near] / far[near].max()), 1e-12)
        for variant in question.variants:
            mean = weights @ atlas.cache.mu(variant)[near].astype(float) / weights.sum()
            assert steps.z[variant][step] == pytest.approx(mean, abs=1e-4)
    answered = decoded(context, steps)
    for variant in question.variants:
        readings = answered[variant].readings
        assert [each.text for each in readings] == says(context, variant, steps.z[variant])
        assert readings[0].how == "guess from the sentences around, greedy"
        assert np.array(answered[variant].spots) == pytest.approx(atlas.place(variant, steps.z[variant]))


def test_along_sentences_every_model_decodes_the_mean_of_each(context):
    question = asked(context, "sentences")
    steps, atlas = read(context, question), context.atlas
    mu = atlas.cache.mu(question.line.variant).astype(float)
    assert steps.among == atlas.n
    coords = atlas.numbers[question.line.variant].coords
    assert (steps.indices[0], steps.indices[-1]) == (int(coords[:, 0].argmin()), int(coords[:, 0].argmax()))
    assert steps.texts == tuple(atlas.sentence(index) for index in steps.indices)
    walked = [np.linalg.norm(mu[b] - mu[a]) for a, b in zip(steps.indices, steps.indices[1:], strict=False)]
    assert steps.distances == pytest.approx(walked, rel=1e-5)
    answered = decoded(context, steps)
    for variant in question.variants:
        assert steps.z[variant].tolist() == atlas.cache.mu(variant)[list(steps.indices)].tolist()
        assert [each.text for each in answered[variant].readings] == says(context, variant, steps.z[variant])
        assert answered[variant].readings[0].source == "z = μ of the test sentence"
        places = atlas.numbers[variant].coords[list(steps.indices)]
        assert np.array(steps.spots[variant]).tolist() == places.tolist()


def test_a_line_of_another_map_is_refused(context):
    question = asked(context, "drawn", places=3, shown="pca 00000000")
    with pytest.raises(LoomError, match="not there any more"):
        list(requests.read_along(Opened(context.state.columns, "ready", atlas=context.atlas), question))
