"""Operations with loaded models: each result is what its formula gives, and can be made again from its `how`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from engine.decoding.options import DecodeOptions
from engine.errors import LoomError, UsageError
from engine.latents.directions import statistics
from engine.latents.paths import interpolation
from engine.latents.requests import arithmetic, interpolate, neighbours, traverse
from engine.latents.starts import Given
from engine.runs.run import Run
from engine.session import Session
from engine.storage.latent_cache import LatentCache
from engine.workspace import Workspace

A, B, C = "The cat sees the river today.", "My old dog paints a red boat at night.", "A teacher hides some bread again."
GREEDY = DecodeOptions("greedy")


@pytest.fixture(scope="module")
def session(tiny_run: Run) -> Session:
    return Session.load(tiny_run, "cpu")


@pytest.fixture(scope="module")
def cache(tiny_workspace: Workspace) -> Iterator[LatentCache]:
    with LatentCache.open(tiny_workspace.cache("tiny")) as opened:
        yield opened


def mu(session: Session, text: str) -> np.ndarray:
    return session.encode(text)["vae"].mu


def test_a_traversal_decodes_the_sentence_with_one_dimension_set(session: Session, cache: LatentCache) -> None:
    found = traverse(session, cache, A, "dimension", 2, [-2.0, 0.1, 2.0], options=GREEDY)
    assert set(found) == {"vae", "autogen-m1"}
    made = found["vae"]
    expected = np.repeat(mu(session, A)[None], 3, axis=0)
    expected[:, 2] = [-2.0, 0.1, 2.0]
    np.testing.assert_allclose([each.z for each in made.decoded], expected, atol=1e-6)
    assert [each.text for each in made.decoded] == [each.text for each in session.decode("vae", expected, GREEDY)]
    assert made.here == pytest.approx(mu(session, A)[2])
    assert made.how == f'tiny/vae: mu of "{A}", dimension 2 set to -2, 0.1, 2; greedy'


def test_the_most_informative_dimension_is_each_variants_own(session: Session, cache: LatentCache) -> None:
    for name, made in traverse(session, cache, A, options=GREEDY).items():
        kl = statistics(cache, name).kl_per_dimension
        assert made.direction.name == f"dimension {kl.argmax()}"
        assert len(made.decoded) == len(made.values) == 7
    known = {name: statistics(cache, name) for name in session.variants}
    principal = traverse(session, cache, A, "principal", 1, [0.0], known=known, options=GREEDY)["vae"]
    assert principal.direction.position(principal.decoded[0].z) == pytest.approx(0, abs=1e-5)
    assert "principal direction 1 of the test set's mu set to 0" in principal.how


def test_arithmetic_is_that_of_the_means_and_shows_its_parts(session: Session) -> None:
    made = arithmetic(session, A, B, C, ["vae"], GREEDY)["vae"]
    points = [mu(session, text) for text in (A, B, C)]
    np.testing.assert_allclose(made.decoded.z, points[0] - points[1] + points[2], atol=1e-6)
    for part, point in zip(made.parts, points, strict=True):
        np.testing.assert_array_equal(part.z, point)
    assert made.how == f'tiny/vae: a - b + c, a = mu of "{A}", b = mu of "{B}", c = mu of "{C}"; greedy'
    assert arithmetic(session, A, B, B, ["vae"], GREEDY)["vae"].decoded.text == made.parts[0].text


def test_drawn_starts_can_be_drawn_again_from_the_line(session: Session) -> None:
    made = arithmetic(session, A, B, C, ["vae"], GREEDY, sample=True, seed=5)["vae"]
    again = [session.encode(text, ["vae"], True, 5 + i)["vae"].z for i, text in enumerate((A, B, C))]
    np.testing.assert_allclose(made.decoded.z, again[0] - again[1] + again[2], atol=1e-5)
    assert f'b = z ~ q(z|x) of "{B}" with seed 6' in made.how


def test_the_neighbours_of_a_test_sentence_begin_with_itself(session: Session, cache: LatentCache) -> None:
    text = cache.sentence(3)
    for distance in ("euclidean", "cosine", "posterior-kl"):
        for name, made in neighbours(session, cache, text, 4, distance).items():
            assert made.found.indices[0] == 3
            assert made.texts[0] == text
            assert made.found.distances[0] == pytest.approx(0, abs=1e-4)
            every = np.linalg.norm(cache.mu(name) - session.encode(text)[name].mu, axis=1)
            if distance == "euclidean":
                np.testing.assert_array_equal(made.found.indices, np.argsort(every, kind="stable")[:4])
    drawn = neighbours(session, cache, text, 2, "posterior-kl", sample=True)["vae"]
    assert drawn.found.definition == "-log q(z|x_i), nats"
    assert "with seed 0, 2 nearest of" in drawn.how


def test_a_path_goes_through_every_sentence_and_is_measured(session: Session) -> None:
    made = interpolate(session, [A, B, C], 3, options=GREEDY)["vae"]
    points = [mu(session, text) for text in (A, B, C)]
    expected = np.concatenate([interpolation(points[0], points[1], 3), interpolation(points[1], points[2], 3)[1:]])
    np.testing.assert_array_equal([each.z for each in made.decoded], expected)
    assert len(made.smoothness.recovery) == 3
    assert sum(fold.count for fold in made.folds) == 7
    assert "lerp in 3 even steps each through mu of" in made.how
    two = interpolate(session, [A, B], 4, True, ["vae"], GREEDY, True, 2)["vae"]
    assert "slerp in 4 even steps through z ~" in two.how
    ends = [session.encode(text, ["vae"], True, seed)["vae"].z for text, seed in ((A, 2), (B, 3))]
    np.testing.assert_array_equal([each.z for each in two.decoded], interpolation(*ends, 4, True))


def test_points_go_wherever_sentences_go(session: Session, cache: LatentCache) -> None:
    z = np.array([0.1, -0.2, 1 / 3, 2.0], np.float32)
    made = traverse(session, cache, Given(z), "dimension", 0, [1.0], options=GREEDY)["vae"]
    np.testing.assert_array_equal(made.decoded[0].z, [1.0, *z[1:]])
    line = made.how.split("[")[1].split("]")[0]
    np.testing.assert_array_equal(np.array(line.split(","), np.float32), z)  # every digit that matters
    path = interpolate(session, [Given(z, "a point"), A], 2, options=GREEDY)["vae"]
    assert len(path.smoothness.recovery) == 1
    assert "through a point, mu of" in path.how
    own = Given({"vae": z})
    assert neighbours(session, cache, own, 1, "posterior-kl", ["vae"])["vae"].found.definition.startswith("-log q")
    with pytest.raises(UsageError, match="not given for autogen-m1"):
        neighbours(session, cache, own, 1)


def test_an_earlier_checkpoint_is_named(tiny_run: Run) -> None:
    early = Session.load(tiny_run, "cpu", step=20)
    assert arithmetic(early, A, B, C, ["vae"], GREEDY)["vae"].how.startswith("tiny@20/vae: a - b + c")


def test_bad_input_is_refused_in_words(session: Session, cache: LatentCache) -> None:
    for text in ("", " \n", "word " * 300):
        with pytest.raises(LoomError, match=r"no word|at most 200"):
            traverse(session, cache, text)
        with pytest.raises(LoomError, match=r"no word|at most 200"):
            arithmetic(session, A, text, C)
    with pytest.raises(UsageError, match="no dimension 4"):
        traverse(session, cache, A, "dimension", 4)
    for values in ([], [float("nan")], [0.0] * 1002):
        with pytest.raises(UsageError, match="finite positions"):
            traverse(session, cache, A, values=values)
    with pytest.raises(LoomError, match="not a finite"):
        traverse(session, cache, Given(np.full(4, np.nan, np.float32)))
    with pytest.raises(LoomError, match="has 5 numbers; a z of vae has 4"):
        neighbours(session, cache, Given(np.zeros(5, np.float32)))
    with pytest.raises(UsageError, match="no variant 'nope'"):
        neighbours(session, cache, A, variants=["nope"])
    with pytest.raises(UsageError, match="two sentences or more"):
        interpolate(session, [A])
    with pytest.raises(UsageError, match="too long"):
        interpolate(session, [A, B, C], 501)
    with pytest.raises(UsageError, match="0 steps"):
        interpolate(session, [A, B], 0)


def test_sentences_of_unknown_words_and_odd_characters_are_answered(session: Session, cache: LatentCache) -> None:
    odd = 'Zebras "quarrel"\nxylophonically \udcff \U0001f600!'
    made = neighbours(session, cache, odd, 2)["vae"]
    assert len(made.texts) == 2
    assert "\n" not in made.how
    made.how.encode("utf-8")
    assert interpolate(session, [odd, A], 2, options=GREEDY)["vae"].smoothness.recovery[0] < 1
