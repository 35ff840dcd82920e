"""What README, card and help say that the demo's models do, against what they do."""

from __future__ import annotations

import itertools
import re
import shlex
from pathlib import Path

import pytest
import zstandard
from typer.testing import CliRunner

from engine.cli.app import app
from engine.encoding.encode import encode
from engine.latents.requests import arithmetic, interpolate
from engine.runs.run import Run
from engine.session import Session
from engine.workspace import CHECKOUT, PACKAGED_DEMO, Workspace
from tests.story.__main__ import EVERYDAY, given_back

README = (CHECKOUT / "README.md").read_text("utf-8")
CARD = (PACKAGED_DEMO / "README.md").read_text("utf-8")
WAYS = Path(__file__).with_name("ways.txt")
_WRITTEN = re.compile(
    r"^\| (?P<said>[A-Z].*[.?!]) \| (?P<vae>.*) \| (?P<annealed>.*) \| (?P<m1>.*) \| (?P<m2>.*) \|$", re.M
)
SLOW = {"train", "encode", "project", "diagnose", "evaluate", "report", "table", "curves", "verify"}
EXAMPLES = {
    command.callback.__name__: " ".join((command.callback.__doc__ or "").split("Example: python main.py ")[1].split())
    for command in app.registered_commands
    if command.callback is not None
}
QUERIES = {name: text for name, text in EXAMPLES.items() if name not in SLOW and text.split()[1:2] == ["demo"]}
"""The commands that ask the demo's models or its latents, with the example of their help."""


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.load(Run.open(PACKAGED_DEMO), "cpu")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One in which the demo was opened."""
    workspace = Workspace(tmp_path_factory.mktemp("claims"))
    for _ in encode(Run.open(PACKAGED_DEMO), workspace):
        pass
    return workspace


def test_every_sentence_of_the_card_is_written_as_it_says(session: Session) -> None:
    rows = list(_WRITTEN.finditer(CARD))
    assert len(rows) >= 6
    for row in rows:
        written = {made.variant: made.decoded.text for made in session.reconstruct(row["said"])}
        names = {"vae": "vae", "annealed": "vae-annealed", "m1": "autogen-m1", "m2": "autogen-m2"}
        assert {group: written[name] for group, name in names.items()} == {group: row[group] for group in names}


def test_the_everyday_sentences_tell_the_story_that_the_card_counts(session: Session) -> None:
    counted = given_back(session, EVERYDAY.read_text("utf-8").splitlines())
    told = re.findall(r"^\| [^|]+ \|(?: [\d.]+ % \|){3} ([\d.]+) % \| ([\d.]+) % \|$", CARD, re.M)
    assert len(told) == len(counted) == 4
    for each, (exact, kept) in zip(counted.values(), told, strict=True):
        one = 100 / 40  # a sentence more or less, where a processor rounds in another way
        assert 100 * each.exact == pytest.approx(float(exact), abs=one)
        assert 100 * each.kept == pytest.approx(float(kept), abs=one)
    rising = list(counted.values())
    for less, more in itertools.pairwise(rising):
        assert less.kl < more.kl
        assert less.exact <= more.exact
        assert less.kept < more.kept


def told(pattern: str) -> tuple[str, ...]:
    """What the README's ten minutes tell, by the groups of a pattern."""
    found = re.search(pattern, " ".join(README.split()))
    assert found is not None, pattern
    return found.groups()


SAID = r'"([^"]+)" comes back as "([^"]+)" from the VAE, as "([^"]+)" with annealing, and as it is from both AutoGen'
WAY = r'type "([^"]+)" and "([^"]+)", .* AutoGen m=1 says "([^"]+)" and "([^"]+)" on its way, the VAE "([^"]+)"\.'
SUM = r'"([^"]+)" − "([^"]+)" \+ "([^"]+)" gives "([^"]+)"'


def test_the_sentence_of_the_readme_comes_back_as_it_says(session: Session) -> None:
    said, *written = told(SAID)
    assert [made.decoded.text for made in session.reconstruct(said)] == [*written, said, said]


def test_the_way_of_the_readme_goes_by_what_it_names(session: Session) -> None:
    first, last, *between, leaps = told(WAY)
    made = interpolate(session, [first, last], variants=["vae", "autogen-m1"])
    said = {name: [each.text for each in way.decoded] for name, way in made.items()}
    places = [said["autogen-m1"].index(each) for each in (first, *between, last)]
    assert places == sorted(places)
    assert leaps in said["vae"]


def test_all_ways_between_sentences_of_the_readme_read_as_sentences_in_three_variants(session: Session) -> None:
    """A person has read what stands in `ways.txt`; a sentence that is not among them goes there once it was read."""
    examples = sorted({told(SAID)[0], *told(WAY)[:2], *told(SUM)})
    assert len(examples) == 6
    read = set(WAYS.read_text("utf-8").splitlines())
    unread = []
    for ends in itertools.combinations(examples, 2):
        made = interpolate(session, ends, variants=["vae", "vae-annealed", "autogen-m1"])
        unread += [each.text for way in made.values() for each in way.decoded if each.text not in read]
    assert len(unread) <= 4, unread  # of 495: a processor that rounds in another way may say another one


def test_the_sum_of_the_readme_comes_out_and_is_the_windows_first_example(session: Session) -> None:
    from app.bench.arithmetic.words import SUMS

    a, b, c, said = told(SUM)
    assert (SUMS[0].a, SUMS[0].b, SUMS[0].c) == (a, b, c)
    made = arithmetic(session, a, b, c)
    assert made["autogen-m2"].decoded.text == said


def test_sums_and_concepts_give_what_the_card_says(session: Session, workspace: Workspace) -> None:
    from app.bench.arithmetic.words import CONTRASTS, SUMS
    from engine.latents.concept_groups import Group
    from engine.latents.concept_requests import concept_apply, concept_of
    from engine.storage.latent_cache import LatentCache

    names = ["autogen-m1", "autogen-m2"]
    for each in SUMS:
        made = arithmetic(session, each.a, each.b, each.c)
        written = " | ".join(made[name].decoded.text for name in names)
        assert f'| "{each.a}" − "{each.b}" + "{each.c}" | {written} |' in CARD
    with LatentCache.open(workspace.cache("demo")) as cache:
        for contrast in CONTRASTS:
            groups = [Group(searches=tuple(side.split(" | "))) for side in (contrast.with_, contrast.without)]
            found = concept_of(session, cache, *groups, names, 100)
            moved = concept_apply(session, found, [contrast.subject], [1.0])
            written = " | ".join(moved[name][0].decoded[0].text for name in names)
            words = f"{contrast.with_} − {contrast.without}".replace(" |", ",")
            assert f'| "{contrast.subject}" + ({words}) | {written} |' in CARD


def test_the_bounds_of_the_card_are_those_over_all_test_sentences(workspace: Workspace) -> None:
    from engine.storage.latent_cache import LatentCache

    told = re.findall(r"^\| [^|]+ \| (\d) \| (\S+) \| (\S+) \| (\S+) \| (\S+) % \| (\d+) of 32 \|$", CARD, re.M)
    with LatentCache.open(workspace.cache("demo")) as cache:
        assert f"Over the {cache.n:,} test sentences" in CARD
        assert len(told) == len(cache.variants) == 4
        for name, (m, elbo, reconstruction, kl, share, units) in zip(cache.variants, told, strict=True):
            said, stored = -float(cache.nll(name).mean()), cache.mean_kl(name)
            objective = (1 + float(m)) * said - stored
            found = (said - stored, said, stored, -100 * stored / objective)
            assert found == pytest.approx([float(each) for each in (elbo, reconstruction, kl, share)], abs=0.051)
            assert cache.active_units(name) == int(units)


def test_the_numbers_of_the_readme_are_those_of_the_models(workspace: Workspace) -> None:
    from engine.storage.latent_cache import LatentCache

    with LatentCache.open(workspace.cache("demo")) as cache:
        first, last = ((f"{cache.mean_kl(name):.1f} nats", cache.active_units(name)) for name in ("vae", "autogen-m2"))
        text = " ".join(README.split())
        assert f"The VAE stores little: {first[0]}, in {first[1]} of its 32 dimensions." in text
        assert f"up to {cache.mean_kl('autogen-m2'):.0f} nats in {last[1]} dimensions" in text
        assert f"of the same {cache.n:,} sentences" in text


def test_every_sentence_of_the_examples_is_of_the_text() -> None:
    from app.bench.arithmetic.words import CONTRASTS, SUMS

    with zstandard.open(PACKAGED_DEMO / "sentences.txt.zst", "rt", encoding="utf-8") as file:
        sentences = set(file.read().splitlines())
    asked = [each for sum_ in SUMS for each in (sum_.a, sum_.b, sum_.c)] + [each.subject for each in CONTRASTS]
    assert set(asked) <= sentences


@pytest.mark.parametrize("name", QUERIES)
def test_the_example_of_a_commands_help_works(
    workspace: Workspace, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where it may write what it is asked for
    ended = CliRunner().invoke(app, [*shlex.split(QUERIES[name]), "--workspace", str(workspace.root)])
    assert ended.exit_code == 0, ended.output
    assert "Not in the vocabulary" not in ended.output


def test_all_commands_that_ask_the_demo_are_among_them() -> None:
    assert len(QUERIES) == 11
